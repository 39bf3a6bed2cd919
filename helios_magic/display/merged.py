"""What was done with branches, each in one sentence: merged, made, deleted."""

from __future__ import annotations

from helios_magic.display import footer, signs
from helios_magic.display.branch import chip, frame, source_hue
from helios_magic.display.characters import plain
from helios_magic.display.footer import Where
from helios_magic.display.markup import escape, icon
from helios_magic.display.quantities import counted, duration
from helios_magic.display.style import style
from helios_magic.models.branches import BranchCreated, BranchDeleted, MergeChanges, MergeResult, TableChanges

#: Tables that a merge names; the others are counted.
_TABLES = 12


def merge_text(result: MergeResult, where: Where) -> str:
    """`Merged feature/x into main: + 35 ~ 9 − 3 rows in 2 tables`, then a line per table.

    For a merge that was done; one that met conflicts, or was only tried, is for `display.conflicts`.
    """
    source, target = plain(result.source), plain(result.target)
    if already(result):
        lines = [f"{target} is already up to date with {source}: nothing to merge"]
    else:
        lines = [f"Merged {source} into {target}{_colon(result)}{_numbers_text(result.changes)}"]
        lines += [f"  {plain(table.table)}  {_of_table(table)}" for table in _tables(result.changes)]
        lines += [f"  {_more(result.changes)}"] if _more(result.changes) else []
    return "\n".join([*lines, footer.text(_timed(result, where), "", also=_how(result))])


def merge_html(result: MergeResult, where: Where) -> str:
    source = chip(result.source, degrees=source_hue(result.source, result.target))
    target = chip(result.target)
    rows = ""
    if already(result):
        sentence = f"{target} <b>is already up to date with</b> {source}<b>: nothing to merge</b>"
    else:
        numbers = _numbers_html(result.changes)
        sentence = f"<b>Merged</b> {source} <b>into</b> {target}{_colon(result)}{numbers}"
        rows = "".join(
            f'<p><bdi dir="auto">{escape(table.table)}</bdi>&ensp;'
            f"{signs.html(table.inserted, table.updated, table.deleted)}{_schema_words(table)}</p>"
            for table in _tables(result.changes)
        )
        rows += f"<p>{_more(result.changes)}</p>" if _more(result.changes) else ""
    return _card(result.target, sentence, rows, footer.html(_timed(result, where), "", also=_how(result)))


def already(result: MergeResult) -> bool:
    """Whether there was nothing to bring."""
    return result.merged and result.changes is not None and not result.changes.tables and not result.changes.rows


def created_text(made: BranchCreated, where: Where, *, here: bool = False) -> str:
    """`Made feature/x from main in 48 µs`; `here` where one goes on working on it."""
    stands = ", and now on it" if here else ""
    sentence = f"Made {plain(made.name)} from {plain(made.parent)} in {_took(made.creation_time_us)}{stands}"
    return f"{sentence}\n{footer.text(where, '')}"


def created_html(made: BranchCreated, where: Where, *, here: bool = False) -> str:
    sentence = (
        f"{'<b>Now on</b>' if here else '<b>Made</b>'} {chip(made.name)} "
        f'<span class="hm-q">{"made " if here else ""}from</span> {chip(made.parent)} '
        f'<span class="hm-q">in {_took(made.creation_time_us)}</span>'
    )
    return _card(where.branch if not here else made.name, sentence, "", footer.html(where, ""))


def deleted_text(deleted: BranchDeleted, where: Where) -> str:
    """`Deleted feature/x`, and how long it took where that was measured."""
    return f"Deleted {plain(deleted.name)}\n{footer.text(where, '')}"


def deleted_html(deleted: BranchDeleted, where: Where) -> str:
    return _card(where.branch, f"<b>Deleted</b> {chip(deleted.name)}", "", footer.html(where, ""))


def numbers_text(changes: MergeChanges) -> str:
    """`+ 35 ~ 9 − 3 rows in 2 tables, 1 change of schema`"""
    rows = signs.text(*_sums(changes))
    return _phrase(changes, rows)


def numbers_html(changes: MergeChanges) -> str:
    return _phrase(changes, signs.html(*_sums(changes)))


def _phrase(changes: MergeChanges, rows: str) -> str:
    of_rows = sum(1 for table in changes.tables if table.inserted or table.updated or table.deleted)
    schema = sum(len(table.schema) for table in changes.tables)
    many = sum(_sums(changes)) != 1
    parts = [f"{rows} {'rows' if many else 'row'} in {counted(of_rows, 'table')}"] if rows else []
    parts += [counted(schema, "change of schema", "changes of schema")] if schema else []
    return ", ".join(parts)


def _sums(changes: MergeChanges) -> tuple[int, int, int]:
    return (
        sum(table.inserted for table in changes.tables),
        sum(table.updated for table in changes.tables),
        sum(table.deleted for table in changes.tables),
    )


def _numbers_text(changes: MergeChanges | None) -> str:
    return "" if changes is None else numbers_text(changes)


def _numbers_html(changes: MergeChanges | None) -> str:
    return "" if changes is None else numbers_html(changes)


def _colon(result: MergeResult) -> str:
    return ": " if result.changes is not None and _numbers_text(result.changes) else ""


def _how(result: MergeResult) -> tuple[str, ...]:
    """What kind of merge it was, for the footer."""
    if already(result):
        return ()
    if result.fast_forward:
        return ("fast-forward, no rows were copied",)
    # By the branches' names: nobody knows whose “ours” is.
    taken = {"ours": f"conflicts keep {result.target}", "theirs": f"conflicts take {result.source}"}
    return (taken.get(result.strategy, result.strategy),)


def _timed(result: MergeResult, where: Where) -> Where:
    return Where(where.branch, where.database, result.merge_time_us / 1000)


def _tables(changes: MergeChanges | None) -> list[TableChanges]:
    return [] if changes is None or len(changes.tables) < 2 else changes.tables[:_TABLES]


def _more(changes: MergeChanges | None) -> str:
    hidden = 0 if changes is None else len(changes.tables) - _TABLES
    return counted(hidden, "more table") if hidden > 0 else ""


def _of_table(table: TableChanges) -> str:
    rows = signs.text(table.inserted, table.updated, table.deleted)
    return ", ".join([*([rows] if rows else []), *map(plain, table.schema)])


def _schema_words(table: TableChanges) -> str:
    words = ", ".join(escape(change) for change in table.schema)
    return f"{', ' if table.inserted or table.updated or table.deleted else ''}{words}" if words else ""


def _took(microseconds: float) -> str:
    return f"{microseconds:.0f} µs" if microseconds < 999.5 else duration(microseconds / 1000)


def _card(branch: str, sentence: str, below: str, foot: str) -> str:
    return (
        f"<div {frame(branch)}>{style('branches')}"
        f'<div class="hm-m"><div><span class="hm-ok">{icon("ok")}</span> {sentence}</div>{below}</div>{foot}</div>'
    )
