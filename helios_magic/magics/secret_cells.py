"""A token, password or secret written into a cell: refused, and not kept in the history either."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from IPython.core.error import InputRejected

from helios_magic.errors import UsageError

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

#: HeliosDB's own tokens, and the secrets of Standard Webhooks.
_LITERAL = re.compile(r"\bhdb_[a-z]+_\w{6,}|\bwhsec_[\w+/=-]{8,}")
#: The same at the beginning of a text, as long as they are.
_WHOLE = re.compile(r"(?:[Bb]earer )?(?:hdb_[a-z]+_[\w-]{16,}|whsec_[\w+/=-]{16,}).*", re.DOTALL)
_OPTIONS = {
    "--token": "token",
    "--api-key": "token",
    "--password": "password",
    "--passwd": "password",
    "--secret": "secret",
}
_MENDS = {
    "token": "Set it in the environment before Jupyter starts, and name the variable: --token-env HELIOS_TOKEN",
    "password": "Leave it out, and a box asks for it that nobody saves; or name an environment variable that has it: "
    "--password-env NAME",
    "secret": "Name an environment variable that has it: --secret-env NAME; without it a box asks that nobody saves.",
}
_PYTHON_MENDS = {
    "token": "Set it in the environment before Jupyter starts; HELIOS_TOKEN is found without being named, any other is "
    'os.environ["NAME"].  Or sign in: %helios login',
    "secret": 'Set it in the environment before Jupyter starts: os.environ["NAME"]',
}
_WITHHELD = "# withheld by helios-magic: a secret stood here"


class SecretInCellError(UsageError):
    """A secret stands in the cell, or what `may_be` one.  The message shows nothing of it."""

    mends: ClassVar[Mapping[str, str]] = _MENDS

    def __init__(self, kind: str, *, may_be: bool = False) -> None:
        saved = "it would be saved with the notebook"
        message = f"A {kind} does not belong in a cell: {saved}."
        if may_be:
            message = f"The last word may be a {kind}, which does not belong in a cell: {saved}."
        quoted = "\nA name with blanks is written in quotes." if may_be else ""
        hint = f"{self.mends[kind]}\nTake it out of the cell; %history has it no longer.{quoted}"
        super().__init__(message, hint=hint)


class SecretInPythonError(SecretInCellError, InputRejected):
    """A token or a signing secret stands in a cell's Python; IPython does not run the cell."""

    mends: ClassVar[Mapping[str, str]] = _PYTHON_MENDS


class PythonCells(ast.NodeTransformer):
    """Looks at the Python of each cell before it runs: `helios_magic.connect(url, token="hdb_live_…")` is refused.

    Only what can be nothing else counts: a text that begins with a token or signing secret.  Magics look at their
    own lines.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        found = _WHOLE.fullmatch(node.value) if isinstance(node.value, str) else None
        if found is not None:
            withhold(self._shell, found[0])
            raise SecretInPythonError("secret" if "whsec_" in found[0] else "token")
        return node


def refuse_literals(text: str) -> None:
    """Raise SecretInCellError where a text holds something that can only be a token or a secret."""
    found = _LITERAL.search(text)
    if found is not None:
        raise SecretInCellError("secret" if found[0].startswith("whsec_") else "token")


def refuse_option(flag: str) -> None:
    """Raise SecretInCellError for an option that would hold one: `--password`."""
    if flag in _OPTIONS:
        raise SecretInCellError(_OPTIONS[flag])


def withhold(shell: InteractiveShell, line: str) -> None:
    """Take the running cell, which `line` stands in, out of `In`, `_i…`, %history and the history's file."""
    history = shell.history_manager
    if history is None or not all(word in history.input_hist_raw[-1] for word in line.split()):
        return  # a cell that is not kept anyway
    count, raw = shell.execution_count, history.input_hist_raw[-1]
    number = next((n for n in (count, count - 1) if shell.user_ns.get(f"_i{n}") == raw), count)
    history.input_hist_raw[-1] = history.input_hist_parsed[-1] = history._i00 = _WITHHELD
    shell.user_ns[f"_i{number}"] = _WITHHELD
    with history.db_input_cache_lock:
        history.db_input_cache = [
            (line, _WITHHELD, _WITHHELD) if line == number else (line, source, raw)
            for line, source, raw in history.db_input_cache
        ]
        if history.enabled:
            with history.db:
                history.db.execute("PRAGMA secure_delete = ON")
                history.db.execute(
                    "UPDATE history SET source = ?, source_raw = ? WHERE session = ? AND line = ?",
                    (_WITHHELD, _WITHHELD, history.session_number, number),
                )
