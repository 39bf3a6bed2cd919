"""Questions before something is written or lost: asked where someone can answer, else a refusal that says the mend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from IPython.core.error import StdinNotImplementedError

from helios_magic.display.branch import MAIN
from helios_magic.errors import UsageError
from helios_magic.magics.failures import Scene, happened

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from helios_magic.magics.workbench import Workbench

_YES = {"y", "yes"}


def confirm(shell: InteractiveShell, question: str, *, refused: str, mend: str) -> None:
    """Ask, and go on only after y or yes.

    Raises UsageError: with `mend` where nobody can be asked (nbconvert, scripts, Run All of a job), and without it
    after any other answer.
    """
    answer = _answer(shell, f"{question} [y/N] ")
    if answer is None:
        raise UsageError(refused, hint=mend)
    if answer.strip().lower() not in _YES:
        raise UsageError("Nothing was done: you did not say yes.", hint=mend)


def protect_main(workbench: Workbench, statements: Sequence[str], branch: str | None, *, yes: bool) -> None:
    """Ask before statements that write to main, where `protect_main` is set."""
    if yes or not is_protected(workbench):
        return
    on = branch or workbench.session.branch
    if any(_writes_to_main(statement, on) for statement in statements):
        _ask("This cell writes to main.", workbench)


def protect_main_from(what: str, workbench: Workbench, branch: str | None, *, yes: bool) -> None:
    """The same for what always writes: `what` is the sentence, `This merge writes to main.`"""
    if not yes and (branch or workbench.session.branch) == MAIN and is_protected(workbench):
        _ask(what, workbench)


def _ask(what: str, workbench: Workbench) -> None:
    try:
        confirm(
            workbench.shell,
            f"{what} Go on?",
            refused=f"{what[:-1]}, and protect_main is set.",
            mend="Work on a branch: %helios branch create NAME --use\nOr say that you mean main: --yes",
        )
    except UsageError as error:
        happened(error, Scene(workbench.where(MAIN)))
        raise


def is_protected(workbench: Workbench) -> bool:
    """Whether a cell is asked about before it writes to main: `%config` first, then the setting."""
    chosen: bool | None = workbench.preferences.protect_main
    if chosen is not None:
        return chosen
    from helios_magic.settings import resolve

    return bool(resolve("protect_main"))


def _writes_to_main(statement: str, on: str) -> bool:
    from helios_magic.errors import QueryError
    from helios_magic.sqltext.branch_statement import MergeBranch, branch_kind, branch_statement
    from helios_magic.sqltext.scanner import UnclosedError
    from helios_magic.sqltext.writes import writes

    try:
        if branch_kind(statement) is None:
            return on == MAIN and writes(statement)
        order = branch_statement(statement)
    except (QueryError, UnclosedError):
        # The engine refuses it, and says where.
        return False
    if not isinstance(order, MergeBranch):
        return False
    target = order.target or (MAIN if on == order.source else on)
    return target == MAIN


def _answer(shell: InteractiveShell, prompt: str) -> str | None:
    """What was typed; None where nobody can be asked."""
    import sys

    in_kernel = hasattr(shell, "kernel")
    if not in_kernel and not getattr(sys.stdin, "isatty", lambda: False)():
        return None
    try:
        return input(prompt)
    except (StdinNotImplementedError, EOFError, OSError):
        return None
