"""Settings: where a value comes from, what is refused and how it is said, and that no secret ever shows."""

from __future__ import annotations

import copy
import os
import pickle
import traceback
from pathlib import Path

import pytest

from helios_magic.errors import UsageError
from helios_magic.settings import SETTINGS, Secret, config_path, look_up, resolve

TOKEN = "hdb_live_3f9a7c55e0d1"


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for setting in SETTINGS:
        monkeypatch.delenv(setting.variable, raising=False)
    path = tmp_path / "config.toml"
    monkeypatch.setenv("HELIOS_CONFIG", str(path))
    return path


def write(path: Path, text: str, mode: int = 0o600) -> None:
    path.write_text(text)
    path.chmod(mode)


def test_argument_over_environment_over_file_over_default(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert look_up("database").source == "default"
    assert resolve("database") == "default"
    write(config, 'database = "from-file"\n')
    assert (look_up("database").value, look_up("database").source) == ("from-file", "file")
    monkeypatch.setenv("HELIOS_DATABASE", "from-environment")
    assert resolve("database") == "from-environment"
    assert resolve("database", "from-argument") == "from-argument"


def test_defaults_are_the_documented_ones() -> None:
    assert resolve("target") == "local"
    assert resolve("branch") == "main"
    assert resolve("timeout") == 30.0
    assert resolve("token") is None
    assert resolve("memory_limit") is None
    assert resolve("store").is_absolute()


def test_an_unknown_setting_is_named_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"no setting “databse”\. Did you mean database\?"):
        resolve("databse")


@pytest.mark.parametrize(
    ("name", "variable", "value"),
    [
        ("timeout", "HELIOS_TIMEOUT", "soon"),
        ("timeout", "HELIOS_TIMEOUT", "0"),
        ("timeout", "HELIOS_TIMEOUT", "601"),
        ("timeout", "HELIOS_TIMEOUT", "nan"),
        ("database", "HELIOS_DATABASE", "My_DB"),
        ("memory_limit", "HELIOS_MEMORY_LIMIT", "lots"),
    ],
)
def test_a_bad_value_names_setting_source_and_known_values(
    name: str, variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(UsageError) as caught:
        resolve(name)
    assert name in caught.value.message
    assert variable in caught.value.message
    assert value in caught.value.message
    assert caught.value.hint is not None
    assert caught.value.hint.startswith("Known values: ")


def test_a_bad_token_is_refused_without_showing_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELIOS_TOKEN", f"{TOKEN} {TOKEN}")
    with pytest.raises(UsageError) as caught:
        resolve("token")
    assert TOKEN not in str(caught.value)
    assert "HELIOS_TOKEN" in caught.value.message


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_token_in_a_file_that_others_read_is_refused(config: Path, mode: int) -> None:
    write(config, f'token = "{TOKEN}"\n', mode)
    with pytest.raises(UsageError, match=f"mode {mode:04o}") as caught:
        resolve("token")
    assert TOKEN not in str(caught.value)
    assert caught.value.hint == f"Close it first: chmod 600 {config}"


def test_a_token_in_a_private_file_is_read_and_hidden(config: Path) -> None:
    write(config, f'token = "{TOKEN}"\n')
    found = look_up("token")
    assert found.source == "file"
    assert found.value.reveal() == TOKEN
    assert TOKEN not in repr(found)


def test_a_file_without_secrets_may_be_read_by_others(config: Path) -> None:
    write(config, 'branch = "dev"\ntimeout = 5\n', 0o644)
    assert resolve("branch") == "dev"
    assert resolve("timeout") == 5.0


def test_a_broken_file_is_named_and_not_quoted(config: Path) -> None:
    write(config, f"token = {TOKEN}\n")
    with pytest.raises(UsageError) as caught:
        resolve("branch")
    assert str(config) in caught.value.message
    shown = "".join(traceback.format_exception(caught.value))
    assert TOKEN not in shown


def test_an_unknown_key_in_the_file_is_refused(config: Path) -> None:
    write(config, 'brnch = "dev"\n')
    with pytest.raises(UsageError, match="Did you mean branch"):
        resolve("branch")


def test_every_setting_has_help_and_its_own_variable() -> None:
    variables = [setting.variable for setting in SETTINGS]
    assert len(set(variables)) == len(variables)
    assert all(setting.help.endswith(".") for setting in SETTINGS)
    assert {"HELIOS_URL", "HELIOS_TOKEN", "HELIOS_DATABASE", "HELIOS_BRANCH"} <= set(variables)


def test_the_configuration_file_has_a_place_without_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HELIOS_CONFIG")
    assert config_path().name == "config.toml"
    assert config_path().parent.name == "helios-magic"


def test_no_printing_of_a_secret_shows_it() -> None:
    secret = Secret(TOKEN)
    shown = [repr(secret), str(secret), f"{secret}", f"{secret!r:>40}", f"{secret:>40}", "%s" % secret]  # noqa: UP031
    shown += [repr([secret]), repr({"token": secret}), str(dir(secret)), repr(getattr(secret, "__dict__", None))]
    assert not any(TOKEN in text for text in shown)
    with pytest.raises(TypeError):
        vars(secret)


def test_no_copy_or_pickle_of_a_secret_carries_it() -> None:
    secret = Secret(TOKEN)
    assert copy.copy(secret) is secret
    assert copy.deepcopy({"token": secret})["token"] is secret
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError, match="not pickled") as caught:
            pickle.dumps({"token": secret}, protocol)
        assert TOKEN not in str(caught.value)


def test_a_secret_does_not_change() -> None:
    with pytest.raises(AttributeError):
        Secret(TOKEN)._read = lambda: "x"
    assert Secret(TOKEN) == Secret(TOKEN) != Secret("other")
    assert not Secret("")
