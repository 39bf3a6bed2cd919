"""The rows of pg_catalog that are the same in every branch: access methods, roles, the database, settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from helios_magic.engine.dialect.pgcatalog import system
from helios_magic.engine.dialect.pgcatalog.objects import VECTOR_EXTENSION, Objects

Rows = Iterator[dict[str, Any]]
METHODS = {"btree": 403, "hash": 405, "gist": 783, "gin": 2742, "spgist": 4000, "brin": 3580}
_HANDLERS = {"btree": "bthandler", "hash": "hashhandler", "gist": "gisthandler", "gin": "ginhandler",
             "spgist": "spghandler", "brin": "brinhandler"}  # fmt: skip


def pg_am(known: Objects) -> Rows:
    yield {"oid": system.HEAP, "amname": "heap", "amhandler": "heap_tableam_handler", "amtype": "t"}
    for name, oid in METHODS.items():
        yield {"oid": oid, "amname": name, "amhandler": _HANDLERS[name], "amtype": "i"}


def pg_collation(known: Objects) -> Rows:
    for oid, name, provider, locale in (
        (100, "default", "d", None),
        (950, "C", "c", "C"),
        (951, "POSIX", "c", "POSIX"),
    ):
        yield {"oid": oid, "collname": name, "collnamespace": system.PG_CATALOG, "collowner": system.OWNER,
               "collprovider": provider, "collisdeterministic": True, "collencoding": -1, "collcollate": locale,
               "collctype": locale}  # fmt: skip


def pg_database(known: Objects) -> Rows:
    yield {"oid": system.DATABASE, "datname": known.schema.database or "helios", "datdba": system.OWNER, "encoding": 6,
           "datlocprovider": "c", "datistemplate": False, "datallowconn": True, "dathasloginevt": False,
           "datconnlimit": -1, "datfrozenxid": 0, "datminmxid": 1, "dattablespace": 1663, "datcollate": "C",
           "datctype": "C"}  # fmt: skip


def pg_roles(known: Objects) -> Rows:
    yield {"rolname": system.OWNER_NAME, "rolsuper": False, "rolinherit": True, "rolcreaterole": False,
           "rolcreatedb": False, "rolcanlogin": True, "rolreplication": False, "rolconnlimit": -1,
           "rolpassword": "********", "rolbypassrls": False, "oid": system.OWNER}  # fmt: skip


def pg_user(known: Objects) -> Rows:
    yield {"usename": system.OWNER_NAME, "usesysid": system.OWNER, "usecreatedb": False, "usesuper": False,
           "userepl": False, "usebypassrls": False, "passwd": "********"}  # fmt: skip


def pg_language(known: Objects) -> Rows:
    for oid, name in ((12, "internal"), (13, "c"), (14, "sql")):
        yield {"oid": oid, "lanname": name, "lanowner": system.OWNER, "lanispl": False, "lanpltrusted": name == "sql",
               "lanplcallfoid": 0, "laninline": 0, "lanvalidator": 0}  # fmt: skip


def pg_tablespace(known: Objects) -> Rows:
    for oid, name in ((1663, "pg_default"), (1664, "pg_global")):
        yield {"oid": oid, "spcname": name, "spcowner": system.OWNER}


def pg_extension(known: Objects) -> Rows:
    yield {"oid": VECTOR_EXTENSION, "extname": "vector", "extowner": system.OWNER, "extnamespace": system.PUBLIC,
           "extrelocatable": True, "extversion": "0.8.0"}  # fmt: skip


def pg_settings(known: Objects) -> Rows:
    from helios_magic.engine.dialect.settings import SETTINGS

    names = {"datestyle": "DateStyle", "timezone": "TimeZone", "intervalstyle": "IntervalStyle"}
    for name, value in sorted(SETTINGS.items()):
        yield {"name": names.get(name, name), "setting": value, "context": "user", "vartype": "string",
               "source": "default", "boot_val": value, "reset_val": value, "pending_restart": False,
               "category": "Client Connection Defaults", "short_desc": ""}  # fmt: skip


CONTENTS: dict[str, Callable[[Objects], Rows]] = {
    made.__name__: made
    for made in (
        pg_am, pg_collation, pg_database, pg_extension, pg_language, pg_roles, pg_settings, pg_tablespace, pg_user,
    )
}  # fmt: skip
