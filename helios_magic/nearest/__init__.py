"""Vectors to the nearest vectors: arrays in, arrays out.

Exact up to tens of thousands; above, inverted lists, and a number of probes that was measured to find what is exact.
Nothing here knows of databases, branches or requests.
"""

from __future__ import annotations

from helios_magic.nearest.metrics import Metric
from helios_magic.nearest.rows import Found, Rows

__all__ = ["Found", "Metric", "Rows"]
