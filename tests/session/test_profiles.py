"""Profiles of the configuration file: a target's name with what goes with it."""

from __future__ import annotations

from pathlib import Path

import pytest

import helios_magic
from helios_magic.errors import UsageError
from helios_magic.session.wanted import wanted
from helios_magic.settings import SETTINGS, Profile, Secret, profiles, resolve
from tests.client.served import serve

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


def test_a_profile_is_a_table_of_the_file(config: Path) -> None:
    assert profiles() == {}
    write(config, 'branch = "dev"\n[profiles.work]\ntarget = "https://db.example.com"\ntoken_env = "WORK"\n')
    assert profiles() == {"work": Profile("work", "https://db.example.com", token_env="WORK")}
    assert resolve("branch") == "dev"


def test_arguments_come_before_the_profile_and_the_profile_before_the_environment(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(config, '[profiles.work]\ntarget = "https://x.io"\ndatabase = "shop"\nbranch = "dev"\ntoken_env = "WORK"\n')
    monkeypatch.setenv("HELIOS_DATABASE", "other")
    monkeypatch.setenv("WORK", TOKEN)
    asked = wanted("work", None, None, None)
    assert (asked.target, asked.place, asked.database, asked.branch, asked.chosen) == (
        "work", "https://x.io", "shop", "dev", True,
    )  # fmt: skip
    assert asked.token == Secret(TOKEN)
    assert asked.account is not None
    assert (asked.account.source, asked.account.variable) == ("profile", "WORK")
    named = wanted("work", Secret("hdb_live_other0"), "mine", "main")
    assert (named.database, named.branch, named.token) == ("mine", "main", Secret("hdb_live_other0"))
    assert wanted("https://y.io", None, None, None).database == "other"
    monkeypatch.setenv("HELIOS_URL", "work")
    assert wanted(None, None, None, None).place == "https://x.io"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[profiles.work]\nbranch = "x"\n', "The profile work in .* has no target"),
        ('[profiles.work]\ntarget = "https://x"\nurl = "x"\n', "unknown key “url”"),
        ('[profiles.work]\ntarget = "https://x"\ndatabase = "No"\n', "setting database “No”, from the profile work"),
        ('[profiles.work]\ntarget = "https://x"\ntoken_env = 3\n', "token_env in the profile work .* is no text"),
        ('[profiles.local]\ntarget = "https://x"\n', "is called local, as a target is"),
        ('profiles = "work"\n', "cannot be understood"),
        ('[profiles]\nwork = "https://x"\n', "cannot be understood"),
    ],
)
def test_what_is_wrong_with_a_profile_is_said(config: Path, text: str, said: str) -> None:
    write(config, text)
    with pytest.raises(UsageError, match=said):
        profiles()


def test_a_name_that_is_nearly_a_profile_makes_no_store(config: Path, tmp_path: Path) -> None:
    write(config, '[profiles.work]\ntarget = "https://x.io"\n')
    with pytest.raises(UsageError, match="no profile “wrok”") as caught:
        helios_magic.connect("wrok")
    assert caught.value.hint == "Did you mean work? For a folder of that name write ./wrok."
    assert wanted("./wrok", None, None, None).place == "./wrok"


def test_a_token_in_a_profile_needs_a_private_file(config: Path) -> None:
    text = f'[profiles.work]\ntarget = "https://x.io"\ntoken = "{TOKEN}"\n'
    write(config, text, 0o644)
    with pytest.raises(UsageError, match="mode 0644") as caught:
        profiles()
    assert TOKEN not in str(caught.value)
    write(config, text)
    assert profiles()["work"].token == Secret(TOKEN)
    assert TOKEN not in repr(profiles())


def test_a_variable_that_is_not_set_is_named(config: Path) -> None:
    write(config, '[profiles.work]\ntarget = "https://x.io"\ntoken_env = "WORK_TOKEN"\n')
    with pytest.raises(UsageError, match="takes its token from WORK_TOKEN, which is not set"):
        helios_magic.connect("work")


def test_sessions_by_a_profile_and_by_email_and_password(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve() as server:
        write(config, f'[profiles.work]\ntarget = "{server.url}"\ntoken_env = "WORK"\n')
        monkeypatch.setenv("WORK", server.token)
        with helios_magic.connect("work") as session:
            assert (session.target, session.address, session.account.source) == ("work", server.url, "profile")
        password = Secret("correct horse battery")
        from helios_magic.session import sign_in, sign_up

        assert sign_up("ada@example.com", password, "work").email == "ada@example.com"
        with sign_in("ada@example.com", password, "work") as session:
            assert (session.account.email, session.database) == ("ada@example.com", "default")
            session.client.create_database("ada-shop")
        with sign_in("ada@example.com", password, server.url) as session:
            assert session.database == "ada-shop"
            assert session.status().account.email == "ada@example.com"
            session.logout()
            with pytest.raises(UsageError, match="closed"):
                session.sql("SELECT 1")
        with helios_magic.connect("work") as session:
            session.login("ada@example.com", password)
            assert (session.account.email, session.database) == ("ada@example.com", "ada-shop")
