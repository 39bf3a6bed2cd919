"""The version, apart from the package's face so that lower rooms can say it without importing the rooms above."""

from __future__ import annotations

__version__ = "0.1.0"
