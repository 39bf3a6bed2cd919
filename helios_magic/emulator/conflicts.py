"""Conflicts of a merge as JSON, and the 409 that carries them, for the branch endpoints and for `MERGE BRANCH`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from helios_magic.emulator import rows
from helios_magic.engine.face import SPACE_OF, Merged, MergeOrder
from helios_magic.errors import MergeConflictError
from helios_magic.models.branches import Conflict

if TYPE_CHECKING:
    import pyarrow as pa

#: Conflicts of rows, which a strategy settles; what is left are constraints and definitions.
_OF_ROWS = {"modify_modify", "delete_modify", "modify_delete", "add_add", "cardinality"}


def refusal(order: MergeOrder, merged: Merged) -> MergeConflictError:
    """409 MERGE_CONFLICT: what stands against the merge, and how to settle it."""
    count = sum(merged.counts.values())
    what = "1 conflict" if count == 1 else f"{count:,} conflicts"
    return MergeConflictError(
        f"merging “{order.source}” into “{order.target}” meets {what}; nothing was changed",
        hint=_hint(order, merged),
        details={
            "source": order.source,
            "target": order.target,
            "strategy": order.strategy,
            "conflicts": listed(merged),
            "counts": dict(merged.counts),
            "truncated": merged.truncated,
        },
    )


def listed(merged: Merged) -> list[Conflict]:
    """The conflicts as the contract shows them."""
    found = merged.conflicts
    keys = _objects([each.key for each in found])
    bases, targets, sources = (_objects([getattr(each, side) for each in found]) for side in _SIDES)
    return [
        Conflict(
            table=each.table,
            kind=each.kind,
            key=key or {},
            columns=list(each.columns),
            base=base,
            target=target,
            source=source,
        )
        for each, key, base, target, source in zip(found, keys, bases, targets, sources, strict=True)
    ]


_SIDES = ("base", "target", "source")


def _objects(tables: list[pa.Table | None]) -> list[dict[str, Any] | None]:
    """The one row of each table; tables of one shape are converted together."""
    import pyarrow as pa

    found: list[dict[str, Any] | None] = [None] * len(tables)
    alike: dict[str, list[int]] = {}
    for place, table in enumerate(tables):
        if table is not None:
            alike.setdefault(table.schema.to_string(truncate_metadata=False), []).append(place)
    for places in alike.values():
        together = pa.concat_tables([tables[place] for place in places])
        for place, row in zip(places, rows.to_objects(together), strict=True):
            found[place] = row
    return found


def _hint(order: MergeOrder, merged: Merged) -> str:
    by_hand = f"Change “{order.source}” or “{order.target}” so that they agree, and merge again."
    keys = [
        each.key.column(0)[0].as_py() for each in merged.conflicts if each.kind == "schema" and each.key is not None
    ]
    if any(str(key).startswith(SPACE_OF) for key in keys):
        by_hand += " Vectors agree once they are embedded by one model on both: %helios embed TABLE.COLUMN --again."
    of_rows = sum(count for kind, count in merged.counts.items() if kind in _OF_ROWS)
    if not of_rows:
        return by_hand
    settle = (
        f"Settle them one by one with `resolutions`, or all at once: strategy target-wins keeps "
        f"“{order.target}”, source-wins takes “{order.source}”."
    )
    rest = sum(merged.counts.values()) - of_rows
    return settle if not rest else f"{settle} {rest} are of constraints or definitions, and no strategy settles them."
