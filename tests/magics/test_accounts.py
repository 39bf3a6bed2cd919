"""`%helios login | logout | whoami | signup`, `connect`, `disconnect`; and that no secret stays in a cell."""

from __future__ import annotations

import secrets
import sys
from pathlib import Path

import pytest

from helios_magic.errors import UsageError
from helios_magic.magics.account_subcommands import TIERS
from helios_magic.magics.grammar import parse
from helios_magic.magics.requests import DatabasesCreate, Disconnect, Login, Logout, Signup, Whoami
from helios_magic.magics.secret_cells import SecretInCellError
from tests.client.served import serve
from tests.magics.conftest import Notebook


@pytest.fixture
def password(monkeypatch: pytest.MonkeyPatch) -> str:
    made = secrets.token_urlsafe(12)
    monkeypatch.setenv("ADAS_PASSWORD", made)
    return made


@pytest.fixture
def ada(notebook: Notebook, password: str) -> Notebook:
    """A notebook in memory, where an account was made beside the owner's."""
    notebook.ok("%helios signup ada@example.com --password-env ADAS_PASSWORD")
    return notebook


def test_lines_become_requests() -> None:
    assert parse("login") == Login()
    assert parse("login a@x.org --at work --database shop --keep --password-env P") == Login(
        "a@x.org", "work", "shop", keep=True, password_env="P"
    )
    assert (parse("logout"), parse("whoami"), parse("disconnect")) == (Logout(), Whoami(), Disconnect())
    assert parse("signup a@x.org --at https://x.io") == Signup("a@x.org", "https://x.io")
    assert parse("databases create shop --tier team --use") == DatabasesCreate("shop", "team", use=True)


def test_the_tiers_are_the_contracts() -> None:
    from typing import get_args

    from helios_magic.models.databases import Tier

    assert get_args(Tier) == TIERS


def test_an_account_from_signup_to_logout(ada: Notebook) -> None:
    assert ada.ok("%helios whoami").printed == "The owner of this store, at :memory:.\n"
    said = ada.ok("%helios login ada@example.com --password-env ADAS_PASSWORD").printed
    assert said.startswith("ada@example.com, signed in until ")
    assert "No database yet: %helios databases create NAME --use" in said
    assert "%helios databases create NAME" in ada.fails("%helios status").printed
    made = ada.ok("%helios databases create ada-shop --use").printed
    assert made == "Made database ada-shop, free, us-east-1, and now in it.\n"
    ada.ok("%helios sql CREATE TABLE t (a int)")
    (status,) = ada.ok("%helios status").displayed
    assert "account   ada@example.com, signed in until " in status["text/plain"]
    assert ada.ok("%helios whoami").printed.startswith("ada@example.com, signed in until ")
    said = ada.ok("%helios logout").printed
    assert said == (
        "ada@example.com is signed out; the token is no longer good. You are the owner of this store again.\n"
    )
    (databases,) = ada.ok("%helios databases").displayed
    assert "ada-shop" not in databases["text/plain"]
    assert "You did not sign in here" in ada.fails("%helios logout").printed


def test_a_wrong_password_and_a_taken_address(ada: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WRONG", "not the password")
    failed = ada.fails("%helios login ada@example.com --password-env WRONG").printed
    assert "AUTH_REQUIRED" in failed
    assert "not the password" not in failed
    assert ada.ok("%helios whoami").printed.startswith("The owner")
    assert "exists already" in ada.fails("%helios signup ada@example.com --password-env WRONG").printed


def test_a_server_elsewhere(bare: Notebook, password: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELIOS_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("HELIOS_STORE", str(tmp_path / "store"))
    bare.ok("%load_ext helios_magic")
    assert bare.ok("%helios disconnect").printed == "There is no session to end.\n"
    with serve() as server:
        (tmp_path / "config.toml").write_text(f'[profiles.work]\ntarget = "{server.url}"\ntoken_env = "WORK"\n')
        assert "WORK, which is not set" in bare.fails("%helios connect work").printed
        made = bare.ok("%helios signup ada@example.com --at work --password-env ADAS_PASSWORD").printed
        assert made.endswith("Sign in: %helios login ada@example.com --at work\n")
        bare.ok("%helios login ada@example.com --at work --password-env ADAS_PASSWORD")
        assert bare.ok("%helios logout").printed == "ada@example.com is signed out; the token is no longer good.\n"
        assert "needs a token" in bare.fails(f"%helios connect {server.url}").printed
        monkeypatch.setenv("WORK", "of another server")
        unknown = bare.fails("%helios connect work").printed
        assert "%helios login NAME@EXAMPLE.COM --at work" in unknown
        assert "Authorization" not in unknown
        monkeypatch.setenv("WORK", server.token)
        said = bare.ok("%helios connect work").printed
        assert said == f"Connected to work ({server.url}), database default, branch main.\n"
        assert bare.ok("%helios whoami").printed == "Whoever the token in WORK belongs to, at work.\n"
        (status,) = bare.ok("%helios status").displayed
        assert server.url in status["text/plain"]
        assert bare.ok("%helios disconnect").printed.startswith("Disconnected from work. ")


def test_where_nobody_can_be_asked_the_mend_is_said(notebook: Notebook) -> None:
    assert "--password-env NAME" in notebook.fails("%helios login ada@example.com").printed
    assert "%helios login NAME@EXAMPLE.COM" in notebook.fails("%helios login").printed
    assert "NOPE is not set" in notebook.fails("%helios login a@x.org --password-env NOPE").printed


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ("login ada@example.com hunter2-hunter2", "hunter2-hunter2"),
        ("login ada@example.com --password hunter2-hunter2", "hunter2-hunter2"),
        ("login ada@example.com --password=hunter2-hunter2", "hunter2-hunter2"),
        ("login ada@example.com --password-env hunter2-hunter2", "hunter2-hunter2"),
        ("signup ada@example.com hunter2-hunter2", "hunter2-hunter2"),
        ("connect https://x.io hdb_live_abcdefghijkl", "hdb_live_abcdefghijkl"),
        ("connect https://x.io --token hdb_live_abcdefghijkl", "hdb_live_abcdefghijkl"),
        ("connect https://x.io --token-env hdb_live_abcdefghijkl", "hdb_live_abcdefghijkl"),
        ("connect https://x.io other-server-token", "other-server-token"),
        ("use whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
    ],
)
def test_a_secret_in_a_cell_is_refused_and_forgotten(notebook: Notebook, line: str, secret: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(line)
    assert secret not in str(caught.value)
    printed = notebook.fails(f"%helios {line}").printed
    assert "not belong in a cell" in printed
    assert secret not in printed
    assert notebook.ok("_i").value == "# withheld by helios-magic: a secret stood here"
    assert secret not in notebook.ok("%history").printed
    assert secret not in repr(notebook["In"])


@pytest.mark.parametrize(
    ("cell", "secret"),
    [
        ("import helios_magic as h\nh.connect('https://x.io', token='{}')", "hdb_live_abcdefghijklmnopqrst-_v"),
        ("headers = {{'Authorization': 'Bearer {}'}}", "hdb_live_abcdefghijklmnopqrst"),
        ("f'{} and {{1}}'", "hdb_live_abcdefghijklmnopqrst"),
        ("def f(secret='{}'):\n    return secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
    ],
)
def test_a_secret_in_the_python_of_a_cell_is_refused_and_forgotten(notebook: Notebook, cell: str, secret: str) -> None:
    failed = notebook.fails("never = 1\n" + cell.format(secret))
    assert isinstance(failed.error, SecretInCellError)
    assert "not belong in a cell" in failed.printed
    assert secret not in failed.printed
    assert "never" not in notebook.shell.user_ns
    assert notebook.ok("_i").value == "# withheld by helios-magic: a secret stood here"
    assert secret not in repr(notebook["In"])


def test_what_only_speaks_of_tokens_runs(notebook: Notebook) -> None:
    assert notebook.ok("'hdb_live_xxxxxxxxxxxx', 'tokens begin with hdb_live_'").error is None
    assert notebook.ok("%helios sql SELECT 'hdb_live_abcdefghijklmnopqrst' AS t").value["t"][0].startswith("hdb_live_")
    notebook.ok("%unload_ext helios_magic")
    assert notebook.ok("'hdb_live_abcdefghijklmnopqrst'").value == "hdb_live_abcdefghijklmnopqrst"


def test_targets_databases_and_variables_are_completed(
    notebook: Notebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HELIOS_CONFIG", str(tmp_path / "config.toml"))
    (tmp_path / "config.toml").write_text('[profiles.work]\ntarget = "https://x.io"\n')
    monkeypatch.setenv("WORK_TOKEN", "x")
    known = notebook.shell.Completer

    def offered(line: str) -> list[str]:
        from IPython.core.completer import provisionalcompleter

        with provisionalcompleter():
            return [found.text for found in known.completions(line, len(line))]

    assert offered("%helios connect w") == ["work"]
    assert offered("%helios connect ") == ["local", ":memory:", "work"]
    assert offered("%helios connect work --token-env WORK_T") == ["WORK_TOKEN"]
    assert offered("%helios login --at wo") == ["work"]
    assert offered("%helios use def") == ["default"]
    assert offered("%helios databases ") == ["create"]
    assert "login" in offered("%helios log")


def test_a_kept_token_is_found_by_the_next_connect_and_gone_after_logout(
    bare: Notebook, password: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A keyring of the test's own in the place of the system's.
    (tmp_path / "keyring.py").write_text(
        "kept = {}\n"
        "def get_password(service, name): return kept.get((service, name))\n"
        "def set_password(service, name, value): kept[service, name] = value\n"
        "def delete_password(service, name): del kept[service, name]\n"
    )
    monkeypatch.setenv("HELIOS_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.delenv("HELIOS_TOKEN", raising=False)
    bare.ok("%load_ext helios_magic")
    with serve() as server:
        bare.ok(f"%helios signup ada@example.com --at {server.url} --password-env ADAS_PASSWORD")
        sign_in = f"%helios login ada@example.com --at {server.url} --password-env ADAS_PASSWORD --keep"
        monkeypatch.setitem(sys.modules, "keyring", None)
        assert "pip install keyring" in bare.fails(sign_in).printed
        monkeypatch.delitem(sys.modules, "keyring")
        monkeypatch.syspath_prepend(tmp_path)
        bare.ok(sign_in)
        bare.ok("%helios databases create ada-shop --use")
        bare.ok("%helios disconnect")
        bare.ok(f"%helios connect {server.url} --database ada-shop")
        assert "of the keyring" in bare.ok("%helios whoami").printed
        bare.ok("%helios logout")
        assert "needs a token" in bare.fails(f"%helios connect {server.url} --database ada-shop").printed
    sys.modules.pop("keyring", None)
