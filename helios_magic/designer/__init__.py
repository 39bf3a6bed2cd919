"""The designer: prose → representation → `schema` → DDL of four dialects, with a forecast."""

from __future__ import annotations

from helios_magic.designer.offline import OfflineDesigner
from helios_magic.designer.representation import Designer, Representation

__all__ = ["Designer", "OfflineDesigner", "Representation"]
