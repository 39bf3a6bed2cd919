"""`status`, `databases`, `use`: what there is where you are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helios_magic.display import lists, status
from helios_magic.display.quantities import count, counted, duration, size
from helios_magic.magics import requests
from helios_magic.magics.accounts import described
from helios_magic.magics.workbench import Workbench

if TYPE_CHECKING:
    from helios_magic.session import Status


def show_status(request: requests.Status, workbench: Workbench) -> None:
    """The target, its server, as whom, what it holds, what is left of the limits, and how fast it answers."""
    now = workbench.session.status()
    place = _place(now)
    facts = [
        ("target", now.target),
        *([("place", place)] if place != now.target else []),
        ("account", described(now.account)),
        ("database", f"{now.database}, {now.tier}, {now.region}"),
        (
            "holds",
            ", ".join(
                (
                    counted(now.tables, "table"),
                    counted(now.branches, "branch", "branches"),
                    size(now.storage_bytes),
                )
            ),
        ),
        ("limits", _limits(now)),
        ("latency", duration(now.round_trip_ms)),
    ]
    if now.server is not None:
        server = f"{now.server.url}, process {now.server.pid}, version {now.server.version}, shared on this machine"
        facts.insert(2, ("server", server))
    where = workbench.where()
    workbench.show(status.html("Connected", facts, where), status.text("Connected", facts, where))


def databases(request: requests.Databases, workbench: Workbench) -> None:
    """The account's databases as a list."""
    from helios_magic.display import catalog

    listing = catalog.databases(workbench.session.databases(), workbench.where())
    workbench.show(lists.html(listing), lists.text(listing))


def create_database(request: requests.DatabasesCreate, workbench: Workbench) -> None:
    """Make a database, and go there if that was asked for."""
    made = workbench.session.client.create_database(request.name, request.tier, request.region)
    if request.use:
        workbench.session.use(made.name)
    if workbench.preferences.feedback:
        here = ", and now in it" if request.use else f": %helios use {made.name}"
        workbench.tell(f"Made database {made.name}, {made.tier}, {made.region}{here}.")


def use(request: requests.Use, workbench: Workbench) -> None:
    """Go on in another database."""
    workbench.session.use(request.database)
    if workbench.preferences.feedback:
        workbench.tell(f"Now in database {workbench.session.database}, branch {workbench.session.branch}.")


def _place(now: Status) -> str:
    from helios_magic.session.opening import shortened

    address = shortened(now.address)
    return address if now.place == "server" else f"{address}, in this process"


def _limits(now: Status) -> str:
    if now.limit is None:
        return "none reported"
    local = now.limit.reset.astimezone()
    return f"{count(now.limit.remaining)} of {count(now.limit.limit)} left this minute, more from {local:%H:%M:%S} on"
