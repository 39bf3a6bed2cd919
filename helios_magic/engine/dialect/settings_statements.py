"""SHOW and SET of the few settings that change no result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect import sequences
from helios_magic.engine.dialect.failures import Refusal, nearest, unsupported
from helios_magic.engine.dialect.plan import Plan
from helios_magic.engine.dialect.settings import HARMLESS, SETTINGS
from helios_magic.engine.dialect.typed import literal, quoted
from helios_magic.sqltext import Token

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder

#: How PostgreSQL spells the settings whose names are not all in lower case.
_SHOWN = {"timezone": "TimeZone", "datestyle": "DateStyle", "intervalstyle": "IntervalStyle"}


def resolve(binder: Binder, tree: exp.Expression, tokens: list[Token]) -> Plan:
    """SHOW name, SET name = value; what would change results is 0A000."""
    words = [token for token in tokens if token.text != ";"]
    verb = words[0].name
    if verb == "create" and any(word.name == "sequence" for word in words[1:3]):
        return sequences.create(binder, words)
    if verb == "create":
        from helios_magic.engine.dialect.ddl import extension

        return extension(binder, words)
    if verb not in ("show", "set") or len(words) < 2:
        what = " ".join(token.text for token in words[:2]).upper()
        raise unsupported(what, place=None)
    rest = words[2:] if words[1].name in ("session", "local") else words[1:]
    if len(rest) > 2 and rest[1].text == ".":
        rest = [rest[0]._replace(text=f"{rest[0].text}.{rest[2].text}"), *rest[3:]]
    name, values = rest[0].name, [token for token in rest[1:] if token.text not in ("=", ",") and token.name != "to"]
    if name == "time" and values and values[0].name == "zone":
        name, values = "timezone", values[1:]
    if verb == "set" and name in ("constraints", "role", "transaction", "authorization", "characteristics"):
        hint = "A foreign key that is DEFERRABLE INITIALLY DEFERRED is checked at the end of a batch."
        raise unsupported(f"SET {name.upper()}", hint=hint if name == "constraints" else None)
    if name not in SETTINGS and name not in HARMLESS:
        raise Refusal("42704", f'unrecognized configuration parameter "{name}"', hint=nearest(name, SETTINGS))
    if verb == "show":
        return Plan(
            "show",
            "SHOW",
            [f"SELECT {literal(SETTINGS.get(name, ''))} AS {quoted(_SHOWN.get(name, name))}"],
            binder,
            returns_rows=True,
            columns=[_SHOWN.get(name, name)],
            types=["text"],
        )
    value = ", ".join(token.text.strip("'\"") for token in values)
    if (
        name not in HARMLESS
        and value.lower() not in (SETTINGS[name].lower(), "public", "default", "utf-8", "utc", "etc/utc", "iso")
    ) or (name == "timezone" and value.lower() not in ("utc", "etc/utc", "default")):
        raise unsupported(f"SET {name} = {value}", hint=f"It is {SETTINGS.get(name, 'fixed')} here.")
    return Plan("show", "SET", ["SELECT 1 WHERE false"], binder)
