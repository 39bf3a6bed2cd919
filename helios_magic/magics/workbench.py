"""One shell's side of the magics: its session, its settings, its frames, and how outputs are shown."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from traitlets import TraitError

from helios_magic.display.footer import Where
from helios_magic.magics.drawings import Drawing, Drawings
from helios_magic.magics.frames import Frames
from helios_magic.magics.known_names import ASKED, KnownNames, targets, variables
from helios_magic.magics.preferences import HeliosMagic

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from IPython.core.interactiveshell import InteractiveShell

    from helios_magic.magics.subcommand import Completes
    from helios_magic.models.tables import Design
    from helios_magic.session import Session


class Workbench:
    """What the actions work with.  The session is opened by the first statement that needs one."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self.preferences = _preferences(shell)
        self.frames = Frames(lambda: self.preferences.displaylimit, lambda: self.preferences.feedback)
        self._session: Session | None = None
        self.design: Design | None = None
        """The last design, on which another description may go on."""
        self._local: Mapping[str, Any] = {}
        self.drawings = Drawings(shell)
        self._names = {kind: KnownNames(ask) for kind, ask in ASKED.items()}

    @property
    def variables(self) -> Mapping[str, Any]:
        """The notebook's variables, and before them those of the function that a line magic stands in."""
        return ChainMap(cast("dict[str, Any]", self._local), cast("dict[str, Any]", self.shell.user_ns))

    @contextmanager
    def inside(self, local: Mapping[str, Any] | None) -> Iterator[None]:
        """Look up variables in the caller's scope too, for as long as its magic runs."""
        before, self._local = self._local, local or {}
        try:
            yield
        finally:
            self._local = before

    def lines_before(self, body: str) -> int:
        """How many lines of the running cell stand above the body of its magic.

        One is the magic's own; IPython takes blank lines above it away, and another magic may stand there.
        """
        history = self.shell.history_manager
        cell = history.input_hist_raw[-1].rstrip() if history is not None else ""
        above = cell.removesuffix(body.rstrip())
        return above.count("\n") if "%%" in above and above.endswith("\n") and above != cell else 1

    @property
    def connected(self) -> bool:
        return self._session is not None

    @property
    def session(self) -> Session:
        """The session; without one, the default target's, and one line that says where."""
        if self._session is None:
            self.connect()
            if self.preferences.feedback:
                self.tell(self.connected_line())
        assert self._session is not None  # noqa: S101 - connect() either sets it or raises
        return self._session

    def connect(self, target: str | None = None, **chosen: Any) -> Session:
        """Open a session; the one before is closed once the new one is open."""
        from helios_magic.session import connect

        opened = connect(target, notice=self.tell, **chosen)
        self.adopt(opened)
        return opened

    def connected_line(self) -> str:
        """`Connected to local (~/.local/share/helios-magic/store), database default, branch main.`"""
        from helios_magic.session.opening import shortened

        session = self.session
        address = "" if session.address == session.target else f" ({shortened(session.address)})"
        target = shortened(session.target)
        return f"Connected to {target}{address}, database {session.database}, branch {session.branch}."

    def adopt(self, session: Session) -> None:
        """Go on with a session that was opened elsewhere; the one before is closed."""
        before, self._session = self._session, session
        if before is not None and before is not session:
            before.close()

    def close(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None

    def where(self, branch: str | None = None, duration_ms: float | None = None) -> Where:
        session = self.session
        return Where(branch or session.branch, session.database, duration_ms)

    def known_names(self, kind: Completes) -> Sequence[str]:
        """What completion offers of one kind, at once, as far as it is known; opens no session."""
        if kind == "target":
            return targets()
        if kind == "variable":
            return variables()
        names = self._names.get(kind)
        return () if self._session is None or names is None else names.of(self._session)

    def frame(self, rows: pa.Table, drawing: Drawing) -> pd.DataFrame:
        """Rows as a DataFrame that is shown as it was drawn, until it is changed."""
        from helios_magic.client.frames import to_frame
        from helios_magic.display.result import ResultTable

        made = to_frame(rows)
        self.frames.remember(made, rows, ResultTable((), (), (), rows.num_rows, self.where()), drawing)
        return made

    def keep(self, name: str, value: Any) -> None:
        """Put a value into the notebook's variables."""
        self.shell.push({name: value})  # type: ignore[no-untyped-call]

    def tell(self, line: str) -> None:
        """One line of text."""
        print(line)

    def show(self, html: str, text: str) -> None:
        """One output, in both forms."""
        from IPython.display import display

        display({"text/html": html, "text/plain": text}, raw=True)  # type: ignore[no-untyped-call]


def _preferences(shell: InteractiveShell) -> HeliosMagic:
    """The settings of the shell's configuration; a value that `%config` has refused before stays refused."""
    try:
        return HeliosMagic(parent=shell)
    except TraitError as refused:
        print(f"The settings of HeliosMagic are left at their defaults: {refused}")
        return HeliosMagic()
