"""API reference, `POST /schema/generate`; decisions.md, "Schema"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from helios_magic.emulator.request import Answer, Answerer, Request, Rooms
from helios_magic.errors import ValidationError
from helios_magic.models.tables import Design, DesignedTable, DesignRequest, Relationship

if TYPE_CHECKING:
    from helios_magic.designer import Designer, Representation


def generate(rooms: Rooms, request: Request) -> Answer:
    """A design from prose; its DDL was run in a scratch database before it is answered.  The branch stays as it is."""
    from helios_magic.designer import ddl, forecast, proof, tables
    from helios_magic.engine.scratch import run_in_scratch

    body: DesignRequest = request.body
    designer = _designer(body.dialect)
    design = designer.design(body.description, _former(body.former))
    designed = tables.build(design)
    script = ddl.write(designed, body.dialect)
    proved = proof.prove(script, run_in_scratch)
    expected = forecast.forecast(design, designed)
    texts = {definition.name: definition.ddl for definition in (*script.tables, *script.indexes)}
    data = Design(
        tables=[
            DesignedTable(name=table.name, ddl=texts[table.name], columns=ddl.columns(table, body.dialect))
            for table in designed.schema.tables
        ],
        relationships=[
            Relationship(from_=link.from_, to=link.to, type=link.kind, through=link.through, reason=link.reason)
            for link in tables.links(design, designed)
        ],
        indexes=[
            {
                "name": index.name,
                "table": table.name,
                "columns": list(index.columns),
                "unique": index.unique,
                "reason": designed.reasons[index.name],
                "ddl": texts[index.name],
            }
            for table in designed.schema.tables
            for index in table.indexes
        ],
        capacity_forecast=expected.shown(),
        capacity_assumptions=[
            {
                "table": each.table,
                "rows_per_day": each.rows_per_day,
                "bytes_per_row": each.bytes_per_row,
                "basis": each.basis,
            }
            for each in expected.growth
        ],
        constraints=[{"name": key.name, "table": key.table, "ddl": key.ddl} for key in script.keys],
        notes=[*design.assumptions, *script.notes, *(f"nothing was read from “{text}”" for text in design.unread)],
        proof=proved,
        generator=designer.label,
        representation=msgspec.to_builtins(design),
    )
    failure = getattr(designer, "failure", None)
    return Answer(data, meta={"generator": designer.label, **({"model_failed": failure} if failure else {})})


def _designer(dialect: str) -> Designer:
    """With a model where the settings name one, else offline."""
    from helios_magic.designer import OfflineDesigner, ddl, proof, tables
    from helios_magic.designer.asking import ModelDesigner
    from helios_magic.engine.scratch import run_in_scratch
    from helios_magic.providers.chat import Chat, ChatFailedError

    chat = Chat.of_settings()
    if chat is None:
        return OfflineDesigner()

    def prove(design: Representation) -> None:
        proof.prove(ddl.write(tables.build(design), dialect), run_in_scratch)

    return ModelDesigner(chat.complete, chat.model, prove, (ChatFailedError,))


def _former(data: dict[str, Any] | None) -> Any:
    """The former design, checked: what a caller sends back must still be one."""
    from helios_magic.designer.former import checked
    from helios_magic.designer.representation import Representation

    if data is None:
        return None
    try:
        return checked(msgspec.convert(data, Representation))
    except (msgspec.ValidationError, ValueError) as error:
        raise ValidationError(
            f"“former” is no design: {error}",
            hint="Send the `representation` of a former answer as it came.",
            details={"field": "former", "expected": "the representation of a former answer", "got": str(error)[:80]},
        ) from None


ENDPOINTS: dict[str, Answerer] = {"generate_schema": generate}
