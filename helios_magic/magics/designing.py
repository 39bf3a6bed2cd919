"""`schema` and what stands under it: prose in, a design out; pictures; differences of structure."""

from __future__ import annotations

import fnmatch
import re
from pathlib import Path
from typing import TYPE_CHECKING

from helios_magic.display import designed
from helios_magic.display.quantities import counted
from helios_magic.errors import HeliosError, UsageError
from helios_magic.magics import requests
from helios_magic.magics.asking import protect_main_from
from helios_magic.magics.drawings import Drawing
from helios_magic.magics.failures import Scene, happened, interruptible
from helios_magic.magics.workbench import Workbench

if TYPE_CHECKING:
    from helios_magic.display.entities import Entities
    from helios_magic.models.branches import BranchDiff
    from helios_magic.models.tables import Design
    from helios_magic.session.applying import Applied
    from helios_magic.session.differences import Differences

_GOES_ON = re.compile(
    r"\s*(?:please\s+)?(?:now\s+|then\s+)?(?:add|also|and|extend|include|additionally|remove|drop|delete)\b",
    re.IGNORECASE,
)
_DEFAULT_BRANCH = "design"


def generate(request: requests.SchemaGenerate, workbench: Workbench) -> Design:
    """A design, shown; made on a branch where that was asked."""
    if request.apply and request.dialect != "postgresql":
        raise UsageError(
            f"--apply makes tables here, where {request.dialect}'s DDL does not run.",
            hint="Leave out --dialect, or leave out --apply.",
        )
    if request.branch is not None and not request.apply:
        raise UsageError("--branch says where --apply makes the tables, and there is no --apply.", hint="Add --apply.")
    former = _former(request, workbench)
    branch = request.branch or _DEFAULT_BRANCH
    if request.apply:
        protect_main_from("This cell makes tables on main.", workbench, branch, yes=request.yes)
    where = workbench.where(branch if request.apply else None)
    try:
        with interruptible(workbench.shell, where):
            design = workbench.session.client.generate_schema(request.text, request.dialect, former=former)
            workbench.design = design
            made = _made(design, branch, workbench) if request.apply else ()
    except HeliosError as error:
        happened(error, Scene(where))
        raise
    before = None if former is None else {table.name for table in former.tables}
    added = None if before is None else tuple(each.name for each in design.tables if each.name not in before)
    shown = designed.Designed(design, request.dialect, where, added, made)
    workbench.drawings.remember(design, Drawing(designed.html(shown), designed.text(shown)))
    return design


def erd(request: requests.SchemaErd, workbench: Workbench) -> None:
    """The picture of a branch, or of the last design."""
    from helios_magic.display import entities

    where = workbench.where(request.branch)
    if request.design:
        drawn = entities.of_design(_last(workbench))
    else:
        try:
            drawn = entities.of_branch(workbench.session.tables(request.branch))
        except HeliosError as error:
            happened(error, Scene(where))
            raise
    also: tuple[str, ...] = ("the last design",) if request.design else ()
    if request.pattern is not None:
        drawn = _like(drawn, request.pattern)
    if request.write is not None:
        also = (*also, _written(drawn, Path(request.write).expanduser(), force=request.force))
    workbench.show(designed.picture_html(drawn, where, also), designed.picture_text(drawn, where, also))


def diff(request: requests.SchemaDiff, workbench: Workbench) -> Differences:
    """What differs in structure; rows are not compared."""
    from helios_magic.display import diff as differences
    from helios_magic.magics.branching import sides_of
    from helios_magic.session.differences import Differences

    session = workbench.session
    branch, against = sides_of(request.sides, session.branch)
    where = workbench.where(branch)
    try:
        with interruptible(workbench.shell, where):
            answer = session.diff(branch, against, limit=1).answer
    except HeliosError as error:
        happened(error, Scene(where))
        raise
    found = Differences(_structure(answer))
    workbench.drawings.remember(
        found, Drawing(differences.html(found.answer, where), differences.text(found.answer, where))
    )
    return found


def _structure(answer: BranchDiff) -> BranchDiff:
    from msgspec.structs import replace

    tables = [replace(each, inserted=0, updated=0, deleted=0, rows=[]) for each in answer.tables if each.schema]
    return replace(answer, tables=tables, rows=0)


def _former(request: requests.SchemaGenerate, workbench: Workbench) -> Design | None:
    if request.more and request.new:
        raise UsageError("--more and --new do not go together.", hint="Write one of the two.")
    if request.more:
        return _last(workbench)
    return workbench.design if not request.new and _GOES_ON.match(request.text) else None


def _last(workbench: Workbench) -> Design:
    if workbench.design is None:
        raise UsageError("Nothing was designed in this session yet.", hint="Begin with %%helios schema generate.")
    return workbench.design


def _made(design: Design, branch: str, workbench: Workbench) -> tuple[str, ...]:
    """What was made, in words."""
    from helios_magic.session.applying import apply

    applied = apply(workbench.session, design, branch)
    facts = [f"Made on {'the new branch ' if applied.new else ''}{applied.branch}: {_counts(applied)}"]
    if applied.branch != "main":
        facts.append(f"%helios branch merge {applied.branch} brings it to main")
    return tuple(facts)


def _counts(applied: Applied) -> str:
    parts = [counted(len(applied.tables), "table")] if applied.tables else []
    parts += [f"{counted(len(applied.columns), 'column')} of tables that were there"] if applied.columns else []
    return " and ".join(parts) or "nothing, all of it was there"


def _like(drawn: Entities, pattern: str) -> Entities:
    wanted = pattern if re.search(r"[*?]", pattern) else f"*{pattern}*"
    names = [each.name for each in drawn.entities if fnmatch.fnmatchcase(each.name.lower(), wanted.lower())]
    if not names:
        raise UsageError(f"No table is called like “{pattern}”.", hint="%helios tables lists them.")
    return drawn.only(names)


def _written(drawn: Entities, path: Path, *, force: bool) -> str:
    """The file's text by its ending; never over a file without being told."""
    from helios_magic.display import erd as picture

    if path.suffix not in {".svg", ".mmd", ".md"}:
        raise UsageError(f"--write does not know “{path.suffix}”.", hint="Known: .svg, .mmd, .md.")
    if path.exists() and not force:
        raise UsageError(f"{path} is there already.", hint="Add --force to write over it.")
    if path.suffix == ".svg":
        written = picture.svg(drawn, alone=True)
    else:
        written = picture.mermaid(drawn)
        written = f"```mermaid\n{written}```\n" if path.suffix == ".md" else written
    try:
        path.write_text(written, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.", hint="Choose another path.") from None
    return f"written to {path}"
