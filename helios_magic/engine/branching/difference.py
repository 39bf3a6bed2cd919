"""What two branches differ in, state against state."""

from __future__ import annotations

from helios_magic.engine.database import Database
from helios_magic.engine.face import Page, TableDifference
from helios_magic.engine.limits import Guard
from helios_magic.engine.plans import Plans
from helios_magic.errors import NotBuiltError


def differences(
    database: Database, branch: str, against: str, page: Page, guard: Guard, plans: Plans
) -> list[TableDifference]:
    raise NotBuiltError("diff")
