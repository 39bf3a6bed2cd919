"""A catalogue in FROM: its columns as PostgreSQL types them, and the DuckDB text of its rows."""

from __future__ import annotations

from helios_magic.engine.dialect.pgcatalog import contents, rows, standard, system
from helios_magic.engine.dialect.pgcatalog.objects import Objects, objects
from helios_magic.engine.dialect.typed import quoted
from helios_magic.schema import Schema

Columns = tuple[tuple[str, str], ...]


def relation(schema: Schema, place: str, name: str) -> tuple[Columns, str] | None:
    """The columns (name, type) and rows of `place.name`; None where it is no catalogue that is kept here."""
    made = system.relations().get((place, name))
    if made is None:
        return None
    known = objects(schema)
    # What has no contents has no rows in any branch: there are no triggers, policies, subscriptions … here.
    fill = (contents if place == "pg_catalog" else standard).CONTENTS.get(name)
    if name == "pg_stat_user_tables":
        return made.columns, _live(known, made.columns)
    return made.columns, rows.table(made.columns, list(fill(known)) if fill is not None else [])


def _live(known: Objects, columns: Columns) -> str:
    """pg_stat_user_tables: rows are counted, nothing else is."""
    listed = [
        {"relid": relation.oid, "schemaname": table.schema, "relname": table.name, "seq_scan": 0, "seq_tup_read": 0,
         "n_tup_ins": 0, "n_tup_upd": 0, "n_tup_del": 0, "n_tup_hot_upd": 0, "n_dead_tup": 0, "n_live_tup": 0,
         "n_mod_since_analyze": 0, "n_ins_since_vacuum": 0, "vacuum_count": 0, "autovacuum_count": 0,
         "analyze_count": 0, "autoanalyze_count": 0}
        for relation, table in known.tables("rm")
    ]  # fmt: skip
    body = rows.table(columns, listed)
    if not listed:
        return body
    counts = " UNION ALL ".join(
        f"SELECT {relation.oid} AS _of, count(*) AS _n FROM {quoted(table.schema)}.{quoted(table.name)}"
        for relation, table in known.tables("rm")
    )
    return f"(SELECT _s.* REPLACE (_c._n AS n_live_tup) FROM {body} AS _s JOIN ({counts}) AS _c ON _s.relid = _c._of)"
