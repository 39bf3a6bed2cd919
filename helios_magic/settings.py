"""Every setting in one table, and where its value comes from.

A value is looked for in this order: the argument, the environment variable, the configuration file, the keyring (the
token only, and only if the `keyring` package is installed), the default.  The configuration file is TOML, one key per
setting, at `config_path()`, and one table for each profile: a target's name with what goes with it (`profiles`).
"""

from __future__ import annotations

import os
import re
import stat
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, overload

from helios_magic.errors import UsageError

APPLICATION = "helios-magic"
#: Names another configuration file than the one in the user's configuration folder.
CONFIG_VARIABLE = "HELIOS_CONFIG"
_PROFILES = "profiles"
_TARGETS = frozenset({"local", ":memory:"})


class Secret:
    """A value that only `reveal()` shows: no repr, str, format, vars, pickle or copy has it.

    >>> Secret("hdb_live_x")
    Secret(…)
    """

    __slots__ = ("_read",)
    _read: Callable[[], str]

    def __init__(self, value: str) -> None:
        # A closure: a debugger or `vars` that walks attributes finds a function, not the value.
        object.__setattr__(self, "_read", lambda: value)

    def reveal(self) -> str:
        """The value itself; use it at once, and keep it in no variable that a traceback could show."""
        return self._read()

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("a Secret does not change")

    def __bool__(self) -> bool:
        return bool(self.reveal())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self.reveal() == other.reveal()

    def __hash__(self) -> int:
        return hash((Secret, self.reveal()))

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Secret:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a Secret is not pickled: read the token again where it is needed")


@overload
def hidden(value: str | Secret) -> Secret: ...
@overload
def hidden(value: str | Secret | None) -> Secret | None: ...
def hidden(value: str | Secret | None) -> Secret | None:
    """The value as a Secret.

    A function that takes a password rebinds its argument with this first: a verbose traceback prints the variables
    of every frame.
    """
    return Secret(value) if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting.  `parse` takes what a source holds and raises ValueError, saying which values are known."""

    name: str
    default: Any
    help: str
    variable: str
    parse: Callable[[Any], Any]
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Resolved:
    """A setting's value, and the source it was found in (`argument`, `environment`, `file`, `keyring`, `default`)."""

    value: Any
    source: str


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a text that is not empty")
    return value.strip()


def _token(value: Any) -> Secret:
    if isinstance(value, Secret):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"[\x21-\x7e]+", value.strip()):
        raise ValueError("a token such as hdb_live_… , on one line and without blanks")
    return Secret(value.strip())


def _database(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", value):
        raise ValueError("1 to 63 of a–z, 0–9 and -, no - at either end")
    return value


def _path(value: Any) -> Path:
    if not isinstance(value, (str, os.PathLike)) or not os.fspath(value):
        raise ValueError("the path of a folder")
    return Path(value).expanduser()


def _seconds(value: Any, most: int = 600) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = 0.0
    if isinstance(value, bool) or not 0 < number <= most:
        raise ValueError(f"seconds, more than 0 and at most {most}")
    return number


def _seconds_of_a_day(value: Any) -> float:
    return _seconds(value, most=86_400)


def _few(value: Any) -> int:
    if isinstance(value, bool) or not re.fullmatch(r"[1-9]\d{0,3}", str(value).strip()):
        raise ValueError("a number from 1 to 9999")
    return int(value)


def _memory(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"(?i)\d+(\.\d+)?\s*(k|m|g|t)i?b|\d+%", value.strip()):
        raise ValueError("a size such as 512MB, 4GB, 1.5GiB, or a share of the memory such as 50%")
    return value.strip()


def _yes_or_no(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    known = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    if not isinstance(value, str) or value.strip().lower() not in known:
        raise ValueError("true or false (1, yes, on; 0, no, off)")
    return known[value.strip().lower()]


def _key(value: Any) -> Secret:
    if isinstance(value, Secret):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"[\x21-\x7e]+", value.strip()):
        raise ValueError("a key on one line and without blanks")
    return Secret(value.strip())


def _web_address(value: Any) -> str:
    """Without a name and password in it: the address is shown, and they would be too."""
    if not isinstance(value, str) or not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", value.strip()):
        raise ValueError("an address such as https://api.openai.com/v1, without name, password, ? and #")
    return value.strip().rstrip("/")


def _lengths(value: Any) -> dict[str, int]:
    """`nomic-embed-text=768, mxbai-embed-large=1024`"""
    named: dict[str, int] = {}
    for part in value.split(",") if isinstance(value, str) else [""]:
        match = re.fullmatch(r"\s*(?P<name>[^\s=,]+)\s*=\s*(?P<length>\d{1,5})\s*", part)
        if match is None or not 0 < int(match["length"]) <= 16_000:
            raise ValueError("names with their dimensions, such as nomic-embed-text=768, mxbai-embed-large=1024")
        named[match["name"]] = int(match["length"])
    return named


def _data_folder() -> Path:
    import platformdirs

    return platformdirs.user_data_path(APPLICATION) / "store"


def _models_folder() -> Path:
    import platformdirs

    return platformdirs.user_data_path(APPLICATION) / "models"


@dataclass(frozen=True, slots=True)
class Profile:
    """`[profiles.NAME]` of the configuration file: where to, and as whom.

    `token` is what stands there itself (the file must be yours alone), `token_env` the environment variable that has
    it; without either the token is looked for as for any target.
    """

    name: str
    target: str
    token: Secret | None = None
    token_env: str | None = None
    database: str | None = None
    branch: str | None = None


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "target",
        "local",
        'Where to connect: "local" (the store in your data folder), ":memory:" (private, gone at exit), the path of a '
        "store, or https://… for a server.",
        "HELIOS_URL",
        _text,
    ),
    Setting("token", None, "The token of a remote server.", "HELIOS_TOKEN", _token, secret=True),
    Setting("database", "default", "The database to work in.", "HELIOS_DATABASE", _database),
    Setting("branch", "main", "The branch to work on.", "HELIOS_BRANCH", _text),
    Setting("store", _data_folder, "The folder of the local store.", "HELIOS_STORE", _path),
    Setting("timeout", 30.0, "Seconds until a query is stopped.", "HELIOS_TIMEOUT", _seconds),
    Setting(
        "memory_limit", None, "How much memory the local engine may use, such as 4GB.", "HELIOS_MEMORY_LIMIT", _memory
    ),
    Setting(
        "slow_query", 1.0, "Seconds from which a local server notes a query as slow.", "HELIOS_SLOW_QUERY", _seconds
    ),
    Setting(
        "close_idle",
        600.0,
        "Seconds without a request after which a local server lets go of a database's engine, until the next one.",
        "HELIOS_CLOSE_IDLE",
        _seconds_of_a_day,
    ),
    Setting(
        "open_databases",
        16,
        "How many databases a local server keeps open beside those in use; each takes some 12 MB.",
        "HELIOS_OPEN_DATABASES",
        _few,
    ),
    Setting(
        "protect_main",
        False,
        "Whether a notebook's cell is asked about before it writes to main.  Scripts are not: they say what they mean.",
        "HELIOS_PROTECT_MAIN",
        _yes_or_no,
    ),
    Setting("models", _models_folder, "The folder of installed embedding models.", "HELIOS_MODELS", _path),
    Setting(
        "embedding_url",
        None,
        "A provider of embeddings with OpenAI's API, such as https://api.openai.com/v1.  Texts are sent there.",
        "HELIOS_EMBEDDING_URL",
        _web_address,
    ),
    Setting("embedding_key", None, "The provider's key.", "HELIOS_EMBEDDING_KEY", _key, secret=True),
    Setting(
        "embedding_models",
        dict,
        "Further models of the provider with their dimensions, such as nomic-embed-text=768.",
        "HELIOS_EMBEDDING_MODELS",
        _lengths,
    ),
    Setting(
        "chat_url",
        None,
        "A provider of chat models with OpenAI's API, which designs schemas.  Descriptions are sent there.",
        "HELIOS_CHAT_URL",
        _web_address,
    ),
    Setting("chat_model", None, "The model to ask there, such as gpt-4o-mini.", "HELIOS_CHAT_MODEL", _text),
    Setting("chat_key", None, "The provider's key.", "HELIOS_CHAT_KEY", _key, secret=True),
    Setting("chat_timeout", 60.0, "Seconds until a model is not waited for.", "HELIOS_CHAT_TIMEOUT", _seconds),
)
BY_NAME: dict[str, Setting] = {setting.name: setting for setting in SETTINGS}


def config_path() -> Path:
    """The configuration file, there or not: `HELIOS_CONFIG`, or config.toml in the user's configuration folder."""
    if named := os.environ.get(CONFIG_VARIABLE):
        return Path(named).expanduser()
    import platformdirs

    return platformdirs.user_config_path(APPLICATION) / "config.toml"


def resolve(name: str, argument: Any = None, *, host: str | None = None) -> Any:
    """The value of a setting; None where nothing says one.  See `look_up`."""
    return look_up(name, argument, host=host).value


def look_up(name: str, argument: Any = None, *, host: str | None = None) -> Resolved:
    """The value of a setting and its source.

    `host` names the server a token is for; the keyring keeps one token per host (service "helios-magic").
    Raises UsageError for an unknown setting, an unreadable configuration file, or a value that cannot be understood:
    it names the setting, the source and the known values, and never shows a secret.
    """
    setting = _setting(name)
    if argument is not None:
        return Resolved(_parse(setting, argument, f"the argument {name}"), "argument")
    if text := os.environ.get(setting.variable):
        return Resolved(_parse(setting, text, f"the environment variable {setting.variable}"), "environment")
    path = config_path()
    kept = _config(path)
    if name in kept:
        return Resolved(_parse(setting, kept[name], f"{path}"), "file")
    if setting.secret and host and (found := _from_keyring(host)):
        return Resolved(_parse(setting, found, "the keyring"), "keyring")
    return Resolved(setting.default() if callable(setting.default) else setting.default, "default")


def _setting(name: str) -> Setting:
    if name not in BY_NAME:
        import difflib

        near = difflib.get_close_matches(name, BY_NAME, n=1)
        guess = f" Did you mean {near[0]}?" if near else ""
        raise UsageError(f"There is no setting “{name}”.{guess}", hint=f"Known settings: {', '.join(BY_NAME)}.")
    return BY_NAME[name]


def _parse(setting: Setting, value: Any, source: str) -> Any:
    try:
        return setting.parse(value)
    except ValueError as refusal:
        shown = "" if setting.secret else f" “{value}”"
        raise UsageError(
            f"The setting {setting.name}{shown}, from {source}, cannot be understood.", hint=f"Known values: {refusal}."
        ) from None


def _config(path: Path) -> Mapping[str, Any]:
    """The configuration file's settings; refused when it holds a secret that others may read."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            kept = tomllib.load(file)
    except FileNotFoundError:
        return {}
    except OSError as problem:
        raise UsageError(f"The configuration file {path} cannot be read: {problem.strerror or problem}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        # The parser's own message may quote the line, and the line may hold the token.
        raise UsageError(
            f"The configuration file {path} is no valid TOML.", hint='Write one `name = "value"` per line.'
        ) from None
    for name in kept:
        if name != _PROFILES:
            _setting(name)
    exposed = os.name == "posix" and stat.S_IMODE(mode) & 0o077
    if exposed and _holds_secret(kept):
        raise UsageError(
            f"{path} holds a token, and other users may read it (mode {stat.S_IMODE(mode):04o}).",
            hint=f"Close it first: chmod 600 {path}",
        )
    return kept


def _holds_secret(kept: Mapping[str, Any]) -> bool:
    tables = kept.get(_PROFILES)
    profiles = tables.values() if isinstance(tables, dict) else ()
    places = [kept, *(each for each in profiles if isinstance(each, dict))]
    return any(setting.secret and setting.name in place for setting in SETTINGS for place in places)


def profiles() -> dict[str, Profile]:
    """The profiles of the configuration file, by name.  Raises UsageError for one that cannot be understood."""
    path = config_path()
    tables = _config(path).get(_PROFILES, {})
    if not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
        raise UsageError(
            f"The profiles in {path} cannot be understood.",
            hint='Write a table for each: [profiles.work], target = "…"',
        )
    return {name: _profile(name, table, path) for name, table in tables.items()}


def _profile(name: str, table: Mapping[str, Any], path: Path) -> Profile:
    if name in _TARGETS:
        raise UsageError(f"A profile in {path} is called {name}, as a target is.", hint="Give it another name.")
    fields = ("target", "token", "token_env", "database", "branch")
    for key in table:
        if key not in fields:
            raise UsageError(
                f"The profile {name} in {path} has an unknown key “{key}”.", hint=f"Known: {', '.join(fields)}."
            )
    if "target" not in table:
        raise UsageError(f"The profile {name} in {path} has no target.", hint='Write target = "https://…" in it.')
    source = f"the profile {name} in {path}"
    read = {key: _parse(BY_NAME[key], table[key], source) for key in table if key in BY_NAME}
    variable = table.get("token_env")
    if variable is not None and not isinstance(variable, str):
        raise UsageError(f"token_env in {source} is no text.", hint='Write token_env = "NAME_OF_THE_VARIABLE".')
    return Profile(name, token_env=variable, **read)


def _from_keyring(host: str) -> str | None:
    try:
        found = _keyring().get_password(APPLICATION, host)
    except Exception:
        # Not installed, locked or broken, whatever it raises: a source without the value.
        return None
    return found if isinstance(found, str) and found else None


def keep_in_keyring(host: str, token: Secret | None) -> None:
    """Keep a host's token for later sessions; None takes it away.

    Raises UsageError where there is no keyring to keep it in; taking away from none is nothing to say.
    """
    try:
        keyring = _keyring()
        if token is not None:
            keyring.set_password(APPLICATION, host, token.reveal())
        elif keyring.get_password(APPLICATION, host):
            keyring.delete_password(APPLICATION, host)
    except Exception as problem:
        if token is None:
            return
        missing = isinstance(problem, ImportError)
        raise UsageError(
            "The token cannot be kept: there is no keyring." if missing else "The keyring did not take the token.",
            hint="pip install keyring" if missing else "See what is wrong with it: python -m keyring diagnose",
        ) from None


def _keyring() -> Any:
    import importlib

    return importlib.import_module("keyring")
