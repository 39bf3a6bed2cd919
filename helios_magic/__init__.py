"""helios-magic: HeliosDB in notebooks and scripts, with a whole local HeliosDB bundled.

>>> import helios_magic
>>> session = helios_magic.connect(":memory:")
>>> session.sql("SELECT 1 AS one")
   one
0    1

In a notebook: ``%load_ext helios_magic``, then ``%%helios sql``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from helios_magic.version import __version__

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from helios_magic.errors import HeliosError
    from helios_magic.session import Session, connect

__all__ = ["HeliosError", "Session", "__version__", "connect", "load_ipython_extension"]


def __getattr__(name: str) -> Any:
    """Import the public names when they are first used: a notebook that only loads the magic pays for nothing."""
    if name in {"connect", "Session"}:
        from helios_magic import session

        return getattr(session, name)
    if name == "HeliosError":
        from helios_magic.errors import HeliosError

        return HeliosError
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def load_ipython_extension(shell: InteractiveShell) -> None:
    """`%load_ext helios_magic`"""
    from helios_magic.magics import register

    register(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """`%unload_ext helios_magic`"""
    from helios_magic.magics import unregister

    unregister(shell)
