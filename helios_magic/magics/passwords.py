"""Asking for what must not stand in a cell."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from IPython.core.error import StdinNotImplementedError

from helios_magic.errors import UsageError
from helios_magic.settings import Secret

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def ask_secret(shell: InteractiveShell, prompt: str, variable: str | None, *, option: str) -> Secret:
    """The secret that an environment variable holds, or that is typed into a box which shows and keeps nothing.

    Raises UsageError: a variable that is not set; nobody who could be asked (nbconvert, scripts); an empty answer.
    `option` is the one that names a variable.
    """
    if variable is not None:
        return from_environment(variable)
    import getpass

    try:
        typed = getpass.getpass(prompt) if _can_ask(shell) else None
    except (StdinNotImplementedError, EOFError, OSError):
        typed = None
    if typed is None:
        raise UsageError(
            "Nobody can be asked here for what must not stand in a cell.",
            hint=f"Set it in the environment, and name the variable: {option} NAME",
        )
    if not typed:
        raise UsageError("Nothing was done: nothing was typed.", hint="Run it again.")
    return Secret(typed)


def ask_line(shell: InteractiveShell, prompt: str, *, mend: str) -> str:
    """One line that may be seen.  Raises UsageError with `mend` where nobody can be asked, or nothing is typed."""
    try:
        typed = input(prompt).strip() if _can_ask(shell) else ""
    except (StdinNotImplementedError, EOFError, OSError):
        typed = ""
    if not typed:
        raise UsageError("An email address is needed.", hint=mend)
    return typed


def from_environment(variable: str) -> Secret:
    """What an environment variable holds.  Raises UsageError where it is not set."""
    text = os.environ.get(variable)
    if not text:
        raise UsageError(
            f"The environment variable {variable} is not set.",
            hint=f"Set it before Jupyter starts: export {variable}=…",
        )
    return Secret(text)


def _can_ask(shell: InteractiveShell) -> bool:
    return hasattr(shell, "kernel") or bool(getattr(sys.stdin, "isatty", lambda: False)())
