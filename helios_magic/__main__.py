"""`python -m helios_magic` is `helios`."""

from __future__ import annotations

import sys

from helios_magic.cli import main

if __name__ == "__main__":
    sys.exit(main())
