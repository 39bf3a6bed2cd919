"""`branch` and what stands under it: a request and the workbench in, the cell's value out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from helios_magic.display import commands, conflicts, merged
from helios_magic.display import diff as differences
from helios_magic.display.quantities import counted
from helios_magic.errors import HeliosError, MergeConflictError, NotBuiltError, UsageError
from helios_magic.magics import requests
from helios_magic.magics.asking import confirm, is_protected, protect_main_from
from helios_magic.magics.drawings import Drawing
from helios_magic.magics.failures import Scene, happened, interruptible
from helios_magic.magics.workbench import Workbench
from helios_magic.models.branches import BranchDeleted

if TYPE_CHECKING:
    from helios_magic.models.branches import Branch, BranchList, MergeResult, Resolution
    from helios_magic.session import Session
    from helios_magic.session.differences import Differences

_AFTER_A_MERGE = "It may have finished just before: look at the branches before you merge again."


def tree(request: requests.Branch, workbench: Workbench) -> BranchList:
    """Where one is, and all branches."""
    from helios_magic.display import tree as display

    with _on(workbench):
        listed = workbench.session.branches()
    shown = display.Tree(listed, workbench.where(), datetime.now().astimezone(), is_protected(workbench))
    workbench.drawings.remember(listed, Drawing(display.html(shown), display.text(shown)))
    return listed


def create(request: requests.BranchCreate, workbench: Workbench) -> None:
    """Make a branch, and go there with --use."""
    with _on(workbench, request.parent):
        made = workbench.session.create_branch(request.name, request.parent, use=request.use)
    if workbench.preferences.feedback:
        where = workbench.where()
        workbench.show(
            merged.created_html(made, where, here=request.use), merged.created_text(made, where, here=request.use)
        )


def use(request: requests.BranchUse, workbench: Workbench) -> None:
    """Go to another branch."""
    with _on(workbench):
        workbench.session.use_branch(request.name)
    if workbench.preferences.feedback:
        workbench.tell(f"Now on branch {workbench.session.branch}, database {workbench.session.database}.")


def diff(request: requests.BranchDiff, workbench: Workbench) -> Differences:
    """What one branch has against another."""
    session = workbench.session
    branch, against = sides_of(request.sides, session.branch)
    with _on(workbench, branch), interruptible(workbench.shell, workbench.where(branch)):
        found = session.diff(branch, against, table=request.table, limit=request.limit or None)
    where = workbench.where(branch)
    drawing = Drawing(differences.html(found.answer, where), differences.text(found.answer, where))
    workbench.drawings.remember(found, drawing)
    return found


def merge(request: requests.BranchMerge, workbench: Workbench) -> MergeResult:
    """Merge, or say what a merge would do; conflicts are shown before the cell fails."""
    session = workbench.session
    strategy = _strategy(request)
    if not request.dry_run:
        protect_main_from("This merge writes to main.", workbench, request.into, yes=request.yes)
    after = "" if request.dry_run else _AFTER_A_MERGE
    with _on(workbench, request.into), interruptible(workbench.shell, workbench.where(request.into), after):
        settled = _settled(request, workbench)
        try:
            result = session.merge(
                request.name, request.into, strategy=strategy, dry_run=request.dry_run, resolutions=settled
            )
        except MergeConflictError as error:
            show_conflicts(error, workbench)
            raise
    workbench.drawings.remember(result, _drawn(result, workbench))
    return result


def delete(request: requests.BranchDelete, workbench: Workbench) -> None:
    """Delete a branch, after a question where something would be lost."""
    session = workbench.session
    with _on(workbench, request.name):
        if not request.force:
            _ask_before_loss(request.name, workbench)
        moved_to = session.delete_branch(request.name)
    if workbench.preferences.feedback:
        gone, where = BranchDeleted(name=request.name, deleted=True), workbench.where()
        workbench.show(merged.deleted_html(gone, where), merged.deleted_text(gone, where))
        if moved_to is not None:
            workbench.tell(f"You stood on it. Now on branch {moved_to}, which it was made from.")


def sides_of(text: str | None, current: str) -> tuple[str, str | None]:
    """Branch and against: `A..B` is B against A, a side left out is the current branch; None: against its parent."""
    if text is None:
        return current, None
    against, dots, branch = text.partition("..")
    if not dots:
        return text, None
    if not against and not branch:
        raise UsageError(".. names no branch.", hint="Write A..B: what B has and A has not.")
    return branch or current, against or current


def _strategy(request: requests.BranchMerge) -> str:
    """The strategy, with `--take` read as the one that settles all conflicts of rows."""
    if request.take is None:
        return request.strategy or "three-way"
    sides = {"source": "theirs", request.name: "theirs", "target": "ours", request.into: "ours"}
    if request.take not in sides:
        raise UsageError(
            f"--take does not know “{request.take}”.",
            hint=f"Write --take {request.name} or --take {request.into} (or source, target).",
        )
    if request.strategy is not None and request.strategy not in ("three-way", "three_way", "manual"):
        raise UsageError(f"--take and --strategy {request.strategy} do not go together.", hint="Write one of the two.")
    return sides[request.take]


def _settled(request: requests.BranchMerge, workbench: Workbench) -> list[Resolution]:
    if not request.settle:
        return []
    from helios_magic.session.settling import resolutions

    return resolutions(request.settle, workbench.session.merge(request.name, request.into, dry_run=True))


def _drawn(result: MergeResult, workbench: Workbench) -> Drawing:
    where = workbench.where(result.target)
    if result.merged:
        return Drawing(merged.merge_html(result, where), merged.merge_text(result, where))
    preview = conflicts.of_result(result)
    return Drawing(conflicts.html(preview, where), conflicts.text(preview, where))


def show_conflicts(error: MergeConflictError, workbench: Workbench) -> None:
    """The conflicts as a table above the error, which can only be text in a notebook."""
    preview = conflicts.of_details(error.details)
    if preview is not None:
        where = workbench.where(preview.target)
        workbench.show(conflicts.html(preview, where), conflicts.text(preview, where))
        error.details["hint"] = "Each is shown above, with what settles it."


def _ask_before_loss(name: str, workbench: Workbench) -> None:
    """Ask before a branch goes that has what its parent, or where it was merged, has not."""
    from helios_magic.session.finding import check_branch

    session = workbench.session
    record = check_branch(session.client, name)
    if record.parent is None or record.ahead == 0 or record.status == "merged":
        return
    lost = _only_here(session, record)
    if lost:
        what = f"{name} has what {record.parent} has not: {lost}."
        confirm(
            workbench.shell,
            f"{what} Delete it all the same?",
            refused=what,
            mend=f"Merge it first: {commands.merge(name, record.parent)}\n"
            f"Or lose it: {commands.branch('delete', name, '--force')}",
        )


def _only_here(session: Session, record: Branch) -> str:
    """What a merge into its parent would bring there; empty where that is nothing."""
    try:
        preview = session.merge(record.name, record.parent or "main", dry_run=True)
    except NotBuiltError:
        return counted(record.ahead, "write")
    parts = [merged.numbers_text(preview.changes)] if preview.changes is not None else []
    parts += [counted(_count(preview), "conflict with it", "conflicts with it")] if preview.conflicts else []
    return ", ".join(filter(None, parts))


def _count(result: MergeResult) -> int:
    """All conflicts, of which the answer lists the first."""
    return sum(result.counts.values()) if result.counts else len(result.conflicts)


@contextmanager
def _on(workbench: Workbench, branch: str | None = None) -> Iterator[None]:
    """Errors say where they happened."""
    where = workbench.where(branch)
    try:
        yield
    except HeliosError as error:
        happened(error, Scene(where))
        raise
