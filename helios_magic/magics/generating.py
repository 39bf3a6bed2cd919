"""`codegen types`, `rest` and `graphql`: sources shown, and written where that is asked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from helios_magic.display import sources
from helios_magic.errors import HeliosError, UsageError
from helios_magic.magics import requests
from helios_magic.magics.asking import confirm
from helios_magic.magics.drawings import Drawing
from helios_magic.magics.failures import Scene, happened, interruptible
from helios_magic.magics.workbench import Workbench

if TYPE_CHECKING:
    from collections.abc import Callable

    from helios_magic.client import Client
    from helios_magic.models.code import File

#: What a file of types is called where only a folder is given.
_FILES = {
    "typescript": "types.ts", "python": "models.py", "go": "models.go", "rust": "models.rs", "java": "Models.java",
    "csharp": "Models.cs", "kotlin": "Models.kt", "swift": "Models.swift", "prisma": "schema.prisma",
}  # fmt: skip
Made = TypeVar("Made")


class Sources(dict[str, str]):
    """Generated files: their paths, `/` between folders, and what is in them."""


def types(request: requests.CodegenTypes, workbench: Workbench) -> Sources:
    """A type for a row of each table, in one file."""
    made = _asked(
        workbench,
        request.branch,
        lambda client, branch: client.generate_types(
            request.tables, request.language, style=request.style, branch=branch
        ),
    )
    folder, name = Path(), _FILES[request.language]
    if request.write is not None:
        at = Path(request.write).expanduser()
        if at.is_dir() or request.write.endswith("/"):
            folder = at
        else:
            folder, name = at.parent, at.name
    return _shown(Sources({name: made[request.language]}), name, request, folder, workbench)


def rest(request: requests.CodegenRest, workbench: Workbench) -> Sources:
    """A REST API as files."""
    chosen = request.operations or ("create", "read", "update", "delete", "list")
    made = _asked(
        workbench,
        request.branch,
        lambda client, branch: client.generate_rest(
            request.tables,
            operations=chosen,
            authentication="none" if request.open else "bearer",
            branch=branch,
        ),
    )
    return _application(made.files, "app/main.py", request, workbench)


def graphql(request: requests.CodegenGraphql, workbench: Workbench) -> Sources:
    """A GraphQL API as files; its schema is the one to begin with."""
    made = _asked(
        workbench,
        request.branch,
        lambda client, branch: client.generate_graphql(
            request.tables,
            include_mutations=request.mutations,
            include_subscriptions=request.subscriptions,
            branch=branch,
        ),
    )
    return _application(made.files, "app/schema.graphql", request, workbench)


def _asked(workbench: Workbench, branch: str | None, ask: Callable[[Client, str], Made]) -> Made:
    session = workbench.session
    where = workbench.where(branch)
    try:
        with interruptible(workbench.shell, where):
            return ask(session.client, branch or session.branch)
    except HeliosError as error:
        happened(error, Scene(where))
        raise


def _application(
    made: list[File], first: str, request: requests.CodegenRest | requests.CodegenGraphql, workbench: Workbench
) -> Sources:
    files = Sources({file.path: file.content for file in made})
    folder = Path() if request.write is None else Path(request.write).expanduser()
    return _shown(files, first if first in files else next(iter(files)), request, folder, workbench)


def _shown(files: Sources, first: str, request: requests.Codegen, folder: Path, workbench: Workbench) -> Sources:
    facts: tuple[str, ...] = ()
    if request.write is not None:
        facts = (_written(files, folder, workbench, force=request.force),)
    shown = sources.Shown(files, first, workbench.where(request.branch), facts)
    workbench.drawings.remember(files, Drawing(sources.html(shown), sources.text(shown)))
    return files


def _written(files: Sources, folder: Path, workbench: Workbench, *, force: bool) -> str:
    """Write them; over what is there, and is something else, only where that was said."""
    targets = {_inside(folder, path): source for path, source in files.items()}
    there = [str(target) for target, source in targets.items() if _holds_something_else(target, source)]
    if there and not force:
        listed = ", ".join(there[:3]) + (f" and {len(there) - 3} more" if len(there) > 3 else "")
        confirm(
            workbench.shell,
            f"{listed} {'is' if len(there) == 1 else 'are'} there already. Write over?",
            refused=f"{listed} {'is' if len(there) == 1 else 'are'} there already.",
            mend="Add --force to write over, or choose another place.",
        )
    try:
        for target, source in targets.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(source, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{folder} cannot be written to: {error.strerror}.", hint="Choose another place.") from None
    return f"written to {folder / next(iter(files)) if len(files) == 1 else folder}"


def _inside(folder: Path, path: str) -> Path:
    """Where a file goes.  A server that names a place outside the folder is not followed there."""
    target = folder / path
    if not target.resolve().is_relative_to(folder.resolve()):
        raise UsageError(f"The server names a file outside {folder}: {path}", hint="Nothing was written.")
    return target


def _holds_something_else(target: Path, source: str) -> bool:
    if not target.exists():
        return False
    try:
        return target.read_text(encoding="utf-8") != source
    except (OSError, UnicodeDecodeError):
        return True
