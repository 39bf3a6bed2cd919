"""A notebook in this process: a real IPython shell, cells run through `run_cell`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config


@dataclass(frozen=True)
class Ran:
    """What running a cell left: its value, its error, what it printed, and what it displayed."""

    value: Any
    error: BaseException | None
    printed: str
    displayed: list[dict[str, str]]
    text: str
    html: str


class Notebook:
    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell

    def run(self, cell: str) -> Ran:
        """Run a cell; its error, if any, is in `error`, as the user saw it in `printed`."""
        with capture_output() as captured:
            result = self.shell.run_cell(cell, store_history=True)
        bundle: dict[str, str] = {}
        if result.result is not None:
            bundle, _ = self.shell.display_formatter.format(result.result)  # type: ignore[union-attr]
        return Ran(
            result.result,
            result.error_in_exec or result.error_before_exec,
            captured.stdout + captured.stderr,
            [output.data for output in captured.outputs],
            bundle.get("text/plain", ""),
            bundle.get("text/html", ""),
        )

    def ok(self, cell: str) -> Ran:
        """Run a cell that must not fail."""
        ran = self.run(cell)
        assert ran.error is None, ran.printed
        return ran

    def fails(self, cell: str) -> Ran:
        """Run a cell that must fail; what the user saw is in `printed`."""
        ran = self.run(cell)
        assert ran.error is not None
        assert "Traceback" not in ran.printed
        return ran

    def __getitem__(self, name: str) -> Any:
        return self.shell.user_ns[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self.shell.user_ns[name] = value


@pytest.fixture(scope="session")
def shell() -> Iterator[InteractiveShell]:
    config = Config()
    config.HistoryManager.enabled = False
    made = InteractiveShell.instance(config=config, colors="nocolor")
    yield made
    InteractiveShell.clear_instance()


@pytest.fixture
def bare(shell: InteractiveShell) -> Iterator[Notebook]:
    """A notebook without the extension."""
    known = set(shell.user_ns)
    shell.config.pop("HeliosMagic", None)
    yield Notebook(shell)
    shell.run_line_magic("unload_ext", "helios_magic")
    # `shell.reset` would do, and would collect garbage twice per test.
    for name in set(shell.user_ns) - known:
        del shell.user_ns[name]
    shell.user_ns["_oh"].clear()


@pytest.fixture
def notebook(bare: Notebook) -> Notebook:
    """A notebook connected to a private in-memory HeliosDB."""
    bare.ok("%load_ext helios_magic")
    bare.ok("%helios connect :memory:")
    return bare


@pytest.fixture
def shop(notebook: Notebook) -> Notebook:
    """… with a table `users` of three rows."""
    notebook.ok(
        "%%helios batch\n"
        "CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL, email text, balance numeric(10,2));\n"
        "INSERT INTO users VALUES (1, 'Zoë', 'zoe@example.com', 19.90), (2, 'ليلى', NULL, 0), (3, 'Tom', '', 7.5);"
    )
    return notebook
