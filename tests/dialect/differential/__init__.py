"""Generated statements, run beside a real PostgreSQL server; every difference is a fault of ours.

`features/` says what can be written, `grammar.py` draws statements from it, `servers.py` runs them on both sides,
`verdict.py` compares the answers, `shrinking.py` makes a difference small and `report.py` counts.  By hand:

    python -m tests.dialect.differential --statements 50000 --seed 1
"""

from __future__ import annotations

import os

SEED = int(os.environ.get("HELIOS_DIFFERENTIAL_SEED", "4"))
"""The seed of the suite's run; another one in the environment makes another run."""
