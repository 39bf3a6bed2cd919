"""API reference, "Schema Endpoints"; decisions.md, "Schema" and, for bulk loading, "SQL"."""

from __future__ import annotations

from helios_magic.emulator.request import Answer, Answerer, Request, Rooms
from helios_magic.engine.face import Limits
from helios_magic.engine.sequences import shown
from helios_magic.errors import ValidationError
from helios_magic.models.sql import MAX_TIMEOUT_MS, LoadResult
from helios_magic.models.tables import CheckInfo, ColumnInfo, ForeignKeyInfo, IndexInfo, TableInfo, TableList
from helios_magic.schema import Column, Table

MAX_IDEMPOTENCY_KEY = 255


def list_all(rooms: Rooms, request: Request) -> Answer:
    schema = rooms.engine.describe(request.database.id, request.query["branch"])
    return Answer(TableList(tables=[_table(table) for table in schema.tables]))


def load(rooms: Rooms, request: Request) -> Answer:
    """One transaction; a repeated `Idempotency-Key` answers the first load's count and adds nothing."""
    key = request.call.headers.get("idempotency-key")
    if key is not None and not 0 < len(key) <= MAX_IDEMPOTENCY_KEY:
        raise ValidationError(
            f"the Idempotency-Key has {len(key)} characters",
            hint=f"A key has 1 to {MAX_IDEMPOTENCY_KEY} characters.",
            details={"field": "Idempotency-Key", "expected": f"1 to {MAX_IDEMPOTENCY_KEY} characters", "got": key},
        )
    inserted = rooms.engine.load(
        request.database.id,
        request.query["branch"],
        request.path["name"],
        request.body,
        request.query["mode"],
        # A load has no timeout of its own: it may take as long as the longest query.
        Limits(MAX_TIMEOUT_MS, request.call.cancellation),
        idempotency_key=key,
    )
    return Answer(LoadResult(table=request.path["name"], inserted=inserted))


def _table(table: Table) -> TableInfo:
    return TableInfo(
        name=table.name,
        schema=table.schema,
        kind="view" if table.kind == "view" else "table",
        columns=[_column(table, column) for column in table.columns],
        indexes=[index.name for index in table.indexes],
        foreign_keys=[
            ForeignKeyInfo(
                name=key.name,
                columns=list(key.columns),
                references=key.references,
                references_columns=list(key.references_columns),
                on_delete=key.on_delete,
                on_update=key.on_update,
            )
            for key in table.foreign_keys
        ],
        row_count_estimate=table.rows,
        size_bytes=table.bytes,
        comment=table.comment,
        index_details=[
            IndexInfo(
                name=index.name,
                columns=list(index.columns),
                unique=index.unique,
                primary=index.primary,
                definition=index.definition,
            )
            for index in table.indexes
        ],
        checks=[CheckInfo(name=check.name, condition=check.condition) for check in table.checks],
        definition=table.query,
    )


def _column(table: Table, column: Column) -> ColumnInfo:
    references = None
    for key in table.foreign_keys:
        if column.name in key.columns:
            references = f"{key.references}.{key.references_columns[key.columns.index(column.name)]}"
            break
    alone = (column.name,)
    return ColumnInfo(
        name=column.name,
        type=column.type,
        nullable=column.nullable,
        primary_key=column.name in table.primary_key,
        unique=alone in table.unique or table.primary_key == alone,
        default=shown(column.default) if column.default is not None else None,
        references=references,
        identity=column.identity,
        generated=column.generated,
        comment=column.comment,
    )


ENDPOINTS: dict[str, Answerer] = {"tables": list_all, "load": load}
