"""What can be written, construct by construct: templates of expressions by the kind of their value."""

from __future__ import annotations

from tests.dialect.differential.features import dates, documents, numbers, texts

EXPRESSIONS: dict[str, dict[str, tuple[str, ...]]] = {
    **numbers.EXPRESSIONS,
    **texts.EXPRESSIONS,
    **dates.EXPRESSIONS,
    **documents.EXPRESSIONS,
}
