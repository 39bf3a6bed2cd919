"""A language and the tables become a source: names are settled here, the template writes them down."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from helios_magic.codegen.languages.compiled import go_tag
from helios_magic.codegen.languages.language import Language, quoted
from helios_magic.codegen.languages.prisma import action, is_found, prisma_attributes, prisma_type
from helios_magic.codegen.languages.python import calls, column_type
from helios_magic.codegen.languages.typescript import property_name
from helios_magic.codegen.naming import Names, type_words, words
from helios_magic.codegen.shapes import Field, Relation, Shape
from helios_magic.schema import Enum

if TYPE_CHECKING:
    import jinja2


@dataclass(frozen=True, slots=True)
class Member:
    """A column in a type: `bare` is its type when it is there."""

    name: str
    type: str
    bare: str
    field: Field
    renamed: bool
    """Whether the name differs from the column's."""


@dataclass(frozen=True, slots=True)
class Link:
    """A relation with the names that both sides have in the language."""

    name: str
    back: str
    relation: Relation
    target: str
    members: tuple[str, ...]
    target_members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """A table as a type.  `wide`: it has more members than can be handed over at once."""

    name: str
    shape: Shape
    members: tuple[Member, ...]
    wide: bool
    links: tuple[Link, ...] = ()

    def member(self, column: str) -> Member:
        return next(each for each in self.members if each.field.column == column)

    def names_of(self, columns: Iterable[str]) -> tuple[str, ...]:
        return tuple(self.member(column).name for column in columns)


@dataclass(frozen=True, slots=True)
class Enumeration:
    """An enum type; `labels` are identifiers with their texts."""

    name: str
    enum: Enum
    labels: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Named:
    """All that was named: the tables' types by label, and the enum types by their own name."""

    models: dict[str, Model]
    enums: dict[str, Enumeration]

    @property
    def kinds(self) -> set[str]:
        return {member.field.kind for model in self.models.values() for member in model.members}


def name_all(language: Language, shapes: Sequence[Shape], endings: Sequence[str] = ()) -> Named:
    """Types, members and relations with their names.  With `endings`, a type's name is free with each of them too."""
    names = Names(language.reserved | language.builtins, "{}Row")
    named = {shape.label: names.take(_type_name(language, shape), endings) for shape in shapes}
    enums = {field.enum.name: field.enum for shape in shapes for field in shape.fields if field.enum is not None}
    enumerations = {
        name: _enumeration(language, enum, names.take(language.type_name(_words(language, name))))
        for name, enum in enums.items()
    }
    models = {shape.label: _model(language, shape, enumerations, named[shape.label]) for shape in shapes}
    return Named(_linked(language, models), enumerations)


def emit(language: Language, shapes: Sequence[Shape]) -> str:
    """The source of all the types."""
    named = name_all(language, shapes)
    used = {member.type for model in named.models.values() for member in model.members}
    text = (
        templates()
        .get_template(language.template)
        .render(
            models=named.models,
            enums=tuple(named.enums.values()),
            enum_names={name: each.name for name, each in named.enums.items()},
            kinds=named.kinds,
            imports=sorted({line for part, line in language.imports.items() if any(part in each for each in used)}),
            quote=language.quote,
        )
    )
    return text.strip("\n") + "\n"


@cache
def templates() -> jinja2.Environment:
    """Templates of sources: nothing is HTML, and an unknown name is a bug."""
    import jinja2

    from helios_magic.codegen.languages.bytecode import Compiled

    made = jinja2.Environment(  # noqa: S701 - sources are not HTML
        loader=jinja2.ChoiceLoader(
            [jinja2.PackageLoader(f"helios_magic.codegen.{room}") for room in ("languages", "applications")]
        ),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        bytecode_cache=Compiled(),
        optimized=False,  # filters differ between overlays: none may run while a template is compiled
    )
    made.filters |= {"property": property_name, "go_tag": go_tag, "quoted": quoted, "calls": calls}
    made.filters |= {"column_type": column_type, "prisma_type": prisma_type, "prisma_attributes": prisma_attributes}
    made.filters |= {"is_found": is_found, "action": action}
    return made


def _words(language: Language, name: str) -> list[str]:
    return words(name, ascii_only=language.ascii_only)


def _type_name(language: Language, shape: Shape) -> str:
    before = [] if shape.schema == "public" else _words(language, shape.schema)
    return language.type_name([*before, *type_words(shape.name, ascii_only=language.ascii_only)])


def _enumeration(language: Language, enum: Enum, name: str) -> Enumeration:
    names = Names(language.reserved, language.escape)
    return Enumeration(
        name, enum, tuple((names.take(language.label(_words(language, label))), label) for label in enum.labels)
    )


def _model(language: Language, shape: Shape, enums: dict[str, Enumeration], own: str) -> Model:
    names = Names(language.reserved | ({own} if language.own_name_is_taken else set()), language.escape)
    members = []
    for field in shape.fields:
        wanted = field.column
        if not language.keeps_names(wanted):
            wanted = language.member(_words(language, wanted))
        name = names.take(wanted)
        bare = _bare(language, field, enums)
        kind = language.optional.format(bare) if field.nullable else bare
        members.append(Member(name, kind, bare, field, name != field.column))
    wide = language.widest is not None and len(shape.fields) > language.widest
    return Model(own, shape, tuple(members), wide)


def _linked(language: Language, models: dict[str, Model]) -> dict[str, Model]:
    """The models with their relations, named beside the members."""
    links: dict[tuple[str, str], str] = {}
    for label, model in models.items():
        names = Names(language.reserved, language.escape)
        for member in model.members:
            names.take(member.name)
        for relation in model.shape.relations:
            links[label, relation.name] = names.take(language.member(_words(language, relation.name)))
    return {
        label: replace(
            model,
            links=tuple(
                Link(
                    links[label, relation.name],
                    links[relation.target, relation.back],
                    relation,
                    models[relation.target].name,
                    model.names_of(relation.columns),
                    models[relation.target].names_of(relation.target_columns),
                )
                for relation in model.shape.relations
            ),
        )
        for label, model in models.items()
    }


def _bare(language: Language, field: Field, enums: dict[str, Enumeration]) -> str:
    if field.enum is not None:
        name = enums[field.enum.name].name
    elif field.kind in ("numeric", "int8") and not field.fits_a_double:
        name = language.types.get(f"wide {field.kind}", language.types[field.kind])
    else:
        name = language.types[field.kind]
    for _ in range(field.depth):
        name = language.array.format(f"({name})" if " | " in name else name)
    return name
