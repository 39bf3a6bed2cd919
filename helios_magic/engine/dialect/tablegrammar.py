"""The grammar of tables: columns, constraints and LIKE, read from the words of CREATE TABLE and ALTER TABLE.

Read here and not by the parser, which knows other dialects' tables too, and loses or refuses parts of PostgreSQL's.
Expressions, types and queries within are the parser's, at their own places in the text.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from helios_magic.engine.dialect.failures import SYNTAX, Refusal, unsupported
from helios_magic.engine.dialect.fragments import Reader
from helios_magic.engine.dialect.typed import Node
from helios_magic.sqltext import Token

_RULES = frozenset(
    {"constraint", "not", "null", "check", "default", "generated", "unique", "primary", "references", "deferrable",
     "initially", "collate", "storage", "compression"}
)  # fmt: skip
_SERIALS = {
    "serial": "int4", "serial4": "int4", "bigserial": "int8", "serial8": "int8", "smallserial": "int2",
    "serial2": "int2",
}  # fmt: skip
_LIKE = ("comments", "compression", "constraints", "defaults", "generated", "identity", "indexes", "statistics",
         "storage")  # fmt: skip
_ACTIONS = (("cascade",), ("restrict",), ("set", "null"), ("set", "default"), ("no", "action"))


@dataclass(slots=True)
class Reference:
    """What a foreign key points at, and what becomes of it."""

    schema: str
    table: str
    columns: tuple[str, ...]
    place: int
    full: bool = False
    on_delete: str = "NO ACTION"
    on_update: str = "NO ACTION"


@dataclass(slots=True)
class Rule:
    """One constraint, default or identity, of a column or of the table.

    `kind`: not null, null, default, identity, generated, check, unique, primary, references, collate.
    """

    kind: str
    place: int
    name: str | None = None
    columns: tuple[str, ...] = ()
    expression: Node | None = None
    reference: Reference | None = None
    options: dict[str, object] = field(default_factory=dict)
    always: bool = False
    deferrable: bool = False
    deferred: bool = False
    valid: bool = True
    index: str | None = None
    """The index that becomes the constraint (USING INDEX)."""


@dataclass(slots=True)
class ColumnPart:
    """A column as it is written; `kind` is its type's tree, or `serial` the integer type of a serial."""

    name: str
    place: int
    kind: Node | None
    serial: str | None
    rules: list[Rule]


@dataclass(slots=True)
class LikePart:
    """LIKE another table, with what is included beside names, types and NOT NULL."""

    schema: str
    table: str
    place: int
    included: frozenset[str]


Part = ColumnPart | Rule | LikePart


def parts(words: Reader) -> list[Part]:
    """What stands between the brackets of CREATE TABLE."""
    words.expect("(")
    found: list[Part] = []
    while not words.symbol(")"):
        if found:
            words.expect(",")
        if words.take("like"):
            found.append(_like(words))
        elif is_constraint(words):
            found.append(constraint(words))
        else:
            found.append(column(words))
    return found


def is_constraint(words: Reader) -> bool:
    """Whether a table's constraint comes next; a quoted word is a column's name."""
    return words.at("constraint", "check", "unique", "primary", "foreign", "exclude", "not")


def column(words: Reader) -> ColumnPart:
    place = words.place
    name = words.identifier()
    if words.done or words.is_symbol(",", ")"):
        raise words.unexpected()
    serial = _SERIALS.get(words.peek_name())
    kind = None
    if serial is not None:
        words.next()
    else:
        kind = words.kind(_RULES)
    rules: list[Rule] = []
    while not (words.done or words.is_symbol(",", ")")):
        _column_rule(words, rules)
    return ColumnPart(name, place, kind, serial, rules)


def _column_rule(words: Reader, rules: list[Rule]) -> None:
    place = words.place
    name = words.identifier() if words.take("constraint") else None
    if words.at("not") and words.at("deferrable", after=1):
        _defer(words, rules)
        return
    if words.take("deferrable") or words.take("initially"):
        words.back()
        _defer(words, rules)
        return
    if words.take("not", "null"):
        _no_inherit(words)
        rules.append(Rule("not null", place, name))
    elif words.take("null"):
        rules.append(Rule("null", place, name))
    elif words.take("default"):
        rules.append(Rule("default", place, name, expression=words.expression(_ends_default)))
    elif words.take("generated"):
        rules.append(_generated(words, place, name))
    elif words.take("references"):
        rules.append(Rule("references", place, name, reference=_reference(words)))
    elif words.take("collate"):
        at = words.place
        if words.name()[-1].lower() not in ("c", "posix", "default", "ucs_basic"):
            raise unsupported("this collation", place=at)
    elif words.take("storage") or words.take("compression"):
        words.next()  # how bytes are kept is the engine's own
    else:
        rules.append(_key_or_check(words, place, name, of_column=True))


def constraint(words: Reader) -> Rule:
    """A table's constraint, with its name where it has one."""
    place = words.place
    name = words.identifier() if words.take("constraint") else None
    if words.take("foreign", "key"):
        columns = words.columns()
        if not words.take("references"):
            raise words.unexpected()
        rule = Rule("references", place, name, columns, reference=_reference(words))
    elif words.take("not", "null"):
        rule = Rule("not null", place, name, (words.identifier(),))
        _no_inherit(words)
    else:
        rule = _key_or_check(words, place, name, of_column=False)
    rules = [rule]
    while words.at("deferrable", "initially", "not", "no"):
        if words.take("not", "valid"):
            if rule.kind not in ("check", "references", "not null"):
                raise Refusal(SYNTAX, f"{rule.kind.upper()} constraints cannot be marked NOT VALID", place=place)
            rule.valid = False
        elif words.take("no", "inherit"):
            continue
        else:
            _defer(words, rules)
    return rule


def _key_or_check(words: Reader, place: int, name: str | None, *, of_column: bool) -> Rule:
    if words.take("check"):
        rule = Rule("check", place, name, expression=words.bracketed())
        _no_inherit(words)
        if words.at("not") and words.at("enforced", after=1):
            raise unsupported("a constraint that is NOT ENFORCED", place=words.place)
        words.take("enforced")
        return rule
    if words.take("exclude"):
        raise unsupported("an EXCLUDE constraint", place=place)
    if words.take("primary", "key"):
        rule = Rule("primary", place, name)
    elif words.take("unique"):
        rule = Rule("unique", place, name)
        if words.take("nulls", "not", "distinct"):
            hint = "A unique index has it: CREATE UNIQUE INDEX … ON table (…) NULLS NOT DISTINCT."
            raise unsupported("NULLS NOT DISTINCT of a constraint", place=place, hint=hint)
        words.take("nulls", "distinct")
    else:
        raise words.unexpected()
    if not of_column and words.take("using", "index"):
        rule.index = words.identifier()
        return rule
    if not of_column:
        rule.columns = words.columns()
    if words.at("include"):
        raise unsupported("INCLUDE of further columns in a key", place=words.place)
    if words.take("with"):
        words.brackets()  # storage parameters of the index
    if words.take("using", "index", "tablespace"):
        words.identifier()
    return rule


def _no_inherit(words: Reader) -> None:
    words.take("no", "inherit")  # there is no inheritance


def _defer(words: Reader, rules: list[Rule]) -> None:
    """[NOT] DEFERRABLE, INITIALLY DEFERRED or IMMEDIATE, of the constraint before it."""
    place = words.place
    if not rules or rules[-1].kind not in ("references", "unique", "primary", "check"):
        raise words.unexpected() if not rules else Refusal(SYNTAX, "misplaced DEFERRABLE clause", place=place)
    rule = rules[-1]
    if words.take("not", "deferrable"):
        if rule.deferred:
            raise Refusal(SYNTAX, "constraint declared INITIALLY DEFERRED must be DEFERRABLE", place=place)
        return
    if words.take("not", "valid") or words.take("not"):
        raise Refusal(SYNTAX, "syntax error", place=place)
    if words.take("deferrable"):
        rule.deferrable = True
    elif words.take("initially", "deferred"):
        rule.deferrable = rule.deferred = True
    elif not words.take("initially", "immediate"):
        raise words.unexpected()
    if rule.kind != "references" and rule.deferrable:
        raise unsupported("a deferrable key or check", place=place, hint="Foreign keys can be deferrable.")


def _generated(words: Reader, place: int, name: str | None) -> Rule:
    always = words.take("always")
    if not always and not words.take("by", "default"):
        raise words.unexpected()
    if not words.take("as"):
        raise words.unexpected()
    if words.take("identity"):
        options = identity_options(words) if words.is_symbol("(") else {}
        return Rule("identity", place, name, options=options, always=always)
    if not always:
        raise Refusal(SYNTAX, "for a generated column, GENERATED ALWAYS must be specified", place=place)
    rule = Rule("generated", place, name, expression=words.bracketed())
    if not words.take("stored"):
        words.take("virtual")
    return rule


def identity_options(words: Reader) -> dict[str, object]:
    """START, INCREMENT and the others of an identity column's sequence, in brackets."""
    from helios_magic.engine.dialect.sequences import read_option

    words.expect("(")
    options: dict[str, object] = {}
    while not words.symbol(")"):
        at = words.place
        if words.take("sequence", "name"):
            raise unsupported("a name for an identity column's sequence", place=at)
        option, value = read_option(words)
        if option in options:
            raise Refusal(SYNTAX, "conflicting or redundant options", place=at)
        options[option] = value
    return options


def _reference(words: Reader) -> Reference:
    place = words.place
    names = words.name()
    if len(names) > 2:
        raise unsupported("a name in three parts", place=place)
    schema, table = names if len(names) == 2 else ("public", names[0])
    reference = Reference(schema, table, words.columns() if words.is_symbol("(") else (), place)
    if words.take("match"):
        mode = words.next()
        if mode.name == "partial":
            raise unsupported("MATCH PARTIAL", place=mode.start)
        if mode.name not in ("full", "simple"):
            raise words.refusal(mode)
        reference.full = mode.name == "full"
    while words.take("on"):
        event = words.next()
        if event.name not in ("delete", "update"):
            raise words.refusal(event)
        action = next((a for a in _ACTIONS if words.take(*a)), None)
        if action is None:
            raise words.unexpected()
        if words.is_symbol("("):
            raise unsupported("ON DELETE SET of some of the columns", place=words.place)
        if event.name == "delete":
            reference.on_delete = " ".join(action).upper()
        else:
            reference.on_update = " ".join(action).upper()
    return reference


def _like(words: Reader) -> LikePart:
    place = words.place
    names = words.name()
    schema, table = names[-2:] if len(names) > 1 else ("public", names[0])
    included: set[str] = set()
    while words.at("including", "excluding"):
        adding = words.next().name == "including"
        option = words.next()
        named = set(_LIKE) if option.name == "all" else {option.name}
        if not named <= set(_LIKE):
            raise words.refusal(option)
        included = included | named if adding else included - named
    return LikePart(schema, table, place, frozenset(included))


def _ends_default(token: Token) -> bool:
    return token.kind == "word" and token.name in _RULES
