"""The %helios and %%helios magics: a thin face over Session.

`register` costs a notebook a few milliseconds: what runs SQL is imported by the first statement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_NAME = "helios"
_LOADED = "_helios_magic"


def register(shell: InteractiveShell) -> None:
    """`%load_ext helios_magic`; loading twice is loading once."""
    from helios_magic.magics.extension import Extension

    if getattr(shell, _LOADED, None) is None:
        extension = Extension(shell, _NAME)
        extension.register()
        setattr(shell, _LOADED, extension)


def unregister(shell: InteractiveShell) -> None:
    """`%unload_ext helios_magic`: close the session and put everything back as it was."""
    extension: Any = getattr(shell, _LOADED, None)
    if extension is not None:
        extension.unregister()
        delattr(shell, _LOADED)
