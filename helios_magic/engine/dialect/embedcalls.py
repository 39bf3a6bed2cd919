"""helios_embed(model, text): a text as a vector of the model's length."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helios_magic.engine.dialect.conversion import coerce
from helios_magic.engine.dialect.failures import UNDEFINED_FUNCTION, Refusal, nearest
from helios_magic.engine.dialect.typed import Node, base_of, is_string, literal, place_of, sql
from helios_magic.models.embedding import canonical, lengths

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder


def _embed(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    """The model is a constant: its length is the value's type."""
    if len(arguments) != 2:
        told = ", ".join(base_of(value) for value in arguments)
        hint = "Write helios_embed('all-MiniLM-L6-v2', column)."
        raise Refusal(
            UNDEFINED_FUNCTION, f"function helios_embed({told}) does not exist", place=place_of(node), hint=hint
        )
    model, text = arguments
    if not is_string(node.expressions[0]):
        raise Refusal(
            "22023",
            "the model of helios_embed is a constant",
            place=place_of(node),
            hint="Write its name between quotes: the vector's length depends on it.",
        )
    name = canonical(node.expressions[0].name)
    known = lengths()
    if name not in known:
        hint = nearest(name, known) or f"Known: {', '.join(known)}."
        raise Refusal("22023", f'no embedding model is named "{name}"', place=place_of(model), hint=hint)
    call = f"CAST(pg_embed({literal(name)}, {{0}}) AS FLOAT[{known[name]}])".replace("{0}", "\0")
    call = call.replace("{", "{{").replace("}", "}}").replace("\0", "{0}")
    return sql(call, coerce(binder, text, "text"), pg=f"vector({known[name]})")


FUNCTIONS = {"helios_embed": _embed}
