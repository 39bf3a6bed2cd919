"""What a plan's steps are called in plain words; the engine's own word follows.

Both spellings of the field are known: `Seq Scan` and `SEQ_SCAN`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from helios_magic.models.sql import PlanNode

_WORDS = {
    "seqscan": "Read all of {table}",
    "tablescan": "Read all of {table}",
    "indexscan": "Find in {table}",
    "indexonlyscan": "Find in {table}",
    "columndatascan": "Read kept rows",
    "dummyscan": "One row, no table",
    "emptyresult": "Nothing to read",
    "functionscan": "Make rows",
    "result": "Compute",
    "projection": "Compute columns",
    "filter": "Filter",
    "hashjoin": "Hash join",
    "mergejoin": "Merge join",
    "piecewisemergejoin": "Merge join",
    "iejoin": "Range join",
    "asofjoin": "Nearest-match join",
    "nestedloop": "Join row by row",
    "nestedloopjoin": "Join row by row",
    "blockwisenljoin": "Join row by row",
    "crossproduct": "Pair every row",
    "positionaljoin": "Join by position",
    "leftdelimjoin": "Join per value",
    "rightdelimjoin": "Join per value",
    "delimscan": "Read distinct values",
    "hashgroupby": "Group",
    "perfecthashgroupby": "Group",
    "partitionedaggregate": "Group",
    "hashaggregate": "Group",
    "groupaggregate": "Group",
    "aggregate": "Aggregate all rows",
    "ungroupedaggregate": "Aggregate all rows",
    "simpleaggregate": "Aggregate all rows",
    "orderby": "Sort",
    "sort": "Sort",
    "topn": "Sort and limit",
    "topnsort": "Sort and limit",
    "limit": "Limit",
    "streaminglimit": "Limit",
    "limitpercent": "Limit",
    "window": "Window",
    "windowagg": "Window",
    "streamingwindow": "Window",
    "union": "Append",
    "append": "Append",
    "except": "Except",
    "intersect": "Intersect",
    "cte": "Keep rows of {cte}",
    "ctescan": "Read kept rows of {cte}",
    "recursivecte": "Repeat",
    "reccte": "Repeat",
    "recctescan": "Read kept rows",
    "recursivectescan": "Read kept rows",
    "unnest": "Unnest",
    "insert": "Insert into {table}",
    "batchinsert": "Insert into {table}",
    "update": "Update {table}",
    "delete": "Delete from {table}",
    "mergeinto": "Merge into {table}",
    "createtableas": "Create {table}",
    "batchcreatetableas": "Create {table}",
}
_TABLE_KEYS = ("table", "relation name", "relation")
_CTE_KEYS = ("cte name", "cte")
_NOTE_KEYS = (
    "conditions", "condition", "hash cond", "join filter", "filters", "filter", "index cond", "index",
    "groups", "group key", "order by", "order", "sort key", "top", "limit", "expression", "expressions",
)  # fmt: skip
_NOTE_CHARACTERS = 90
_PARTS = re.compile(r'"(?:[^"]|"")*"|[^."]+')
#: `#0`: the engine's place of a column, which means nothing to its reader.
_PLACES = re.compile(r"(^|, )#\d+(?=,|$)")


def describe(node: PlanNode) -> tuple[str, str]:
    """`("Read all of orders", "Seq Scan, placed_at > '2026-11-01'")`"""
    details = {_plain_key(key): value for key, value in node.details.items()}
    template = _WORDS.get("".join(character for character in node.node_type.lower() if character.isalpha()))
    engine_word = node.node_type.replace("_", " ").strip()
    engine_word = engine_word.title() if engine_word.isupper() else engine_word
    note = _first(details, _NOTE_KEYS)
    if template is None:
        return engine_word, note
    title = template.format(table=_name(details, _TABLE_KEYS), cte=_name(details, _CTE_KEYS)).replace(
        " of the table", ""
    )
    if engine_word.lower() in title.lower():
        return title, note
    return title, ", ".join(part for part in (engine_word, note) if part)


def _name(details: dict[str, Any], keys: Iterable[str]) -> str:
    """The table without the places around it, and without quotes: `shop.public."order"` → `order`."""
    parts = _PARTS.findall(_first(details, keys))
    if not parts:
        return "the table"
    last: str = parts[-1]
    return last[1:-1].replace('""', '"') if last.startswith('"') else last


def _first(details: dict[str, Any], keys: Iterable[str]) -> str:
    for key in keys:
        value = details.get(key)
        if value:
            words = ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
            words = _PLACES.sub("", " ".join(words.split())).strip(", ")
            if not words:
                continue
            return words if len(words) <= _NOTE_CHARACTERS else words[: _NOTE_CHARACTERS - 1] + "…"
    return ""


def _plain_key(key: str) -> str:
    return key.strip("_").replace("_", " ").lower()
