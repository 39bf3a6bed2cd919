"""`%config HeliosMagic.…`: the names JupySQL's users know.  A change takes effect with the next cell."""

from __future__ import annotations

from typing import Any

from traitlets import Bool, Float, Int, TraitError, observe
from traitlets.config import Configurable

_LONGEST = 600.0


class Seconds(Float[Any, Any]):
    """A time limit; checked where it is set, so that `%config` can name what is wrong."""

    def validate(self, obj: Any, value: Any) -> Any:
        checked = super().validate(obj, value)
        if not 0 < checked <= _LONGEST:
            raise TraitError(f"timeout is in seconds, more than 0 and at most {_LONGEST:.0f}, not {checked:g}")
        return checked


class HeliosMagic(Configurable):
    """What the magics do when a line does not say."""

    autolimit = Int(0, min=0, help="Keep at most this many rows of a result (0: all). --limit says otherwise.").tag(
        config=True
    )
    displaylimit = Int(
        10, min=0, allow_none=True, help="Show this many rows of a result (0 or None: as many as a page bears, 1,000)."
    ).tag(config=True)
    feedback = Int(1, min=0, max=2, help="0: only results; 1 and 2: footers, changes and where you are connected.").tag(
        config=True
    )
    autopandas = Bool(True, help="Results are pandas DataFrames; without this and autopolars, pyarrow Tables.").tag(
        config=True
    )
    autopolars = Bool(False, help="Results are polars DataFrames.").tag(config=True)
    timeout = Seconds(
        None, allow_none=True, help="Seconds until a statement is stopped (None: the session's own, 30)."
    ).tag(config=True)

    protect_main = Bool(
        None,
        allow_none=True,
        help="Ask before a cell writes to main (None: the setting protect_main, HELIOS_PROTECT_MAIN, decides).",
    ).tag(config=True)

    @observe("autopandas")
    def _pandas_chosen(self, change: Any) -> None:
        if change["new"]:
            self.autopolars = False

    @observe("autopolars")
    def _polars_chosen(self, change: Any) -> None:
        if change["new"]:
            self.autopandas = False
        elif not self.autopandas:
            self.autopandas = True
