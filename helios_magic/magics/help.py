"""`%helios help`: the grammar's own tables, printed."""

from __future__ import annotations

from helios_magic.errors import UsageError
from helios_magic.magics.grammar import usage
from helios_magic.magics.subcommand import Subcommand
from helios_magic.magics.subcommands import BY_NAME, COMING, SUBCOMMANDS


def overview() -> str:
    """Every subcommand in a line; what is not built yet is named as such."""
    size = max(map(len, [*BY_NAME, *COMING]))
    lines = ["HeliosDB in this notebook. %helios on one line, %%helios with SQL on the lines below it.", ""]
    lines += [f"  {subcommand.name:<{size}}  {subcommand.summary}" for subcommand in SUBCOMMANDS]
    lines += ["", "Coming, not built yet:"]
    lines += [f"  {name:<{size}}  {summary}" for name, summary in COMING.items()]
    lines += ["", "%helios help sql says more of one. Settings: %config HeliosMagic"]
    return "\n".join(lines)


def page(name: str, part: str | None = None) -> str:
    """One subcommand in full: usage, arguments, options, notes, an example; and those under it, a line for each."""
    if name in COMING:
        return f"{name}: {COMING[name]} Coming, not built yet."
    if name not in BY_NAME:
        import difflib

        near = difflib.get_close_matches(name, [*BY_NAME, *COMING], n=1)
        raise UsageError(
            f"%helios has no subcommand “{name}”.",
            hint=f"Did you mean {near[0]}?" if near else "%helios help lists them.",
        )
    subcommand = BY_NAME[name] if part is None else _under(BY_NAME[name], part)
    lines = [subcommand.summary, "", f"  {usage(subcommand)}"]
    if subcommand.under:
        size = max(len(each.name) for each in subcommand.under)
        lines += [
            *(f"  {usage(each)}" for each in subcommand.under),
            "",
            *(f"  {each.name:<{size}}  {each.summary}" for each in subcommand.under),
            "",
            f"%helios help {subcommand.under[0].name} says more of one.",
        ]
    rows = [(argument.placeholder, argument.help) for argument in subcommand.arguments]
    rows += [
        (f"{option.flag} {option.placeholder}".rstrip(), _described(option.help, option.choices))
        for option in subcommand.options
    ]
    if rows:
        size = max(len(name) for name, _ in rows)
        lines += ["", *(f"  {name:<{size}}  {text}" for name, text in rows)]
    if subcommand.notes:
        lines += ["", *subcommand.notes]
    if subcommand.example:
        lines += ["", *(f"  {line}" for line in subcommand.example.split("\n"))]
    return "\n".join(lines)


def _under(subcommand: Subcommand, word: str) -> Subcommand:
    found = subcommand.find(word)
    if found is None:
        known = ", ".join(each.word for each in subcommand.under)
        raise UsageError(
            f"%helios {subcommand.name} has no subcommand “{word}”.",
            hint=f"It has {known}." if known else f"%helios help {subcommand.name} shows what it takes.",
        )
    return found


def _described(text: str, choices: tuple[str, ...]) -> str:
    return f"{text} ({', '.join(choices)})" if choices else text
