"""What loading the extension changes in a shell, and how it is all put back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from IPython.core.magic import needs_local_scope, no_var_expand

from helios_magic.magics.completion import matcher
from helios_magic.magics.failures import Renderer, interruptible
from helios_magic.magics.secret_cells import PythonCells, SecretInCellError, withhold
from helios_magic.magics.workbench import Workbench

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


class Extension:
    """The magics in one shell."""

    def __init__(self, shell: InteractiveShell, name: str) -> None:
        self.shell = shell
        self.name = name
        self.workbench = Workbench(shell)
        self._renderer = Renderer(shell)
        self._matcher = matcher(name, self.workbench.known_names)
        self._python_cells = PythonCells(shell)
        #: What `%config` lists; IPython declares it as a list of shells.
        self._configurables: list[Any] = cast("list[Any]", shell.configurables)

    def register(self) -> None:
        self.shell.register_magic_function(self._function(), "line_cell", self.name)
        self._configurables.append(self.workbench.preferences)
        self.workbench.frames.register(self.shell)
        self._renderer.register()
        self.shell.ast_transformers.append(self._python_cells)
        self.shell.Completer.custom_matchers.append(self._matcher)

    def unregister(self) -> None:
        self.workbench.close()
        self._renderer.unregister()
        self.workbench.frames.unregister(self.shell)
        self.workbench.drawings.forget()
        if self._python_cells in self.shell.ast_transformers:
            self.shell.ast_transformers.remove(self._python_cells)
        matchers = self.shell.Completer.custom_matchers
        if self._matcher in matchers:
            matchers.remove(self._matcher)
        if self.workbench.preferences in self._configurables:
            self._configurables.remove(self.workbench.preferences)
        for kind in ("line", "cell"):
            self.shell.magics_manager.magics[kind].pop(self.name, None)

    def _function(self) -> Any:
        workbench = self.workbench

        # Braces and $ belong to SQL; IPython would expand them into the text.
        @no_var_expand
        @needs_local_scope
        def helios(line: str, cell: str | None = None, local_ns: dict[str, Any] | None = None) -> Any:
            """HeliosDB in this notebook: `%helios help` lists what it does."""
            from helios_magic.magics.actions import perform
            from helios_magic.magics.grammar import parse

            with workbench.inside(local_ns), interruptible(workbench.shell):
                try:
                    request = parse(line, cell)
                except SecretInCellError:
                    withhold(workbench.shell, line)
                    raise
                return perform(request, workbench)

        return helios
