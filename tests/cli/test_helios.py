"""The command `helios`, as a user runs it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from helios_magic.cli.lab import copy_tutorials, tutorials
from helios_magic.version import __version__
from tests.contract.serving import serving


def helios(*arguments: str, without: str | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run to the end; `without` a package, as if it were not installed."""
    hide = f"sys.modules[{without!r}] = None; " if without else ""
    code = f"import sys; {hide}from helios_magic.cli import main; sys.exit(main(sys.argv[1:]))"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HELIOS_")}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env={**kept, **environment},
    )


def test_version_and_help() -> None:
    assert helios("--version").stdout == f"helios-magic {__version__}\n"
    overview = helios("help").stdout
    assert helios().stdout == overview
    for command in ("serve", "lab", "status"):
        assert f"    {command}" in overview
    assert "--tls-self-signed" in helios("help", "serve").stdout
    assert helios("brew").returncode == 2


def test_the_installed_command_is_the_module() -> None:
    script = Path(sys.executable).with_name("helios")
    if not script.exists():
        pytest.skip("not installed")
    assert subprocess.run([script, "--version"], capture_output=True, text=True).stdout.endswith(f"{__version__}\n")


def refused(*arguments: str, without: str | None = None) -> str:
    done = helios("serve", *arguments, without=without)
    assert done.returncode in {1, 2}
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.stderr


def test_a_port_in_use_is_said_with_the_mend() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        said = refused("--memory", "--port", str(port))
    assert f"127.0.0.1:{port} is in use by another program" in said
    assert "--port 0" in said


def test_what_cannot_be_served_is_said_with_the_mend(tmp_path: Path) -> None:
    assert "no port" in refused("--memory", "--port", "70000")
    assert "does not know the address" in refused("--memory", "--host", "no.such.host.invalid")
    assert "go together" in refused("--memory", "--tls-cert", "cert.pem")
    assert "no file" in refused("--memory", "--tls-cert", "no.pem", "--tls-key", "no.pem")
    (tmp_path / "bad.pem").write_text("no certificate")
    bad = str(tmp_path / "bad.pem")
    assert "certificate cannot be used" in refused("--memory", "--port", "0", "--tls-cert", bad, "--tls-key", bad)
    assert "makes its own" in refused("--memory", "--tls-self-signed", "--tls-cert", bad, "--tls-key", bad)
    missing = refused("--memory", "--port", "0", "--tls-self-signed", without="cryptography")
    assert "pip install 'helios-magic[tls]'" in missing
    assert helios("serve", "--memory", "--store", "x").returncode == 2


def test_a_store_in_use_names_the_server_that_has_it(tmp_path: Path) -> None:
    with serving("--store", str(tmp_path)) as server:
        said = refused("--port", "0", "--store", str(tmp_path))
        assert f"is in use by process {server.process.pid} (helios serve)" in said
        status = helios("status", "--store", str(tmp_path)).stdout
        assert f"by process {server.process.pid} (helios serve)" in status
        assert helios("status", "--token", "--store", str(tmp_path)).stdout == f"{server.token}\n"
        assert server.token not in status
    assert "in use  no" in helios("status", HELIOS_STORE=str(tmp_path)).stdout


def test_status_of_a_store_that_is_not_made_yet(tmp_path: Path) -> None:
    assert "not made yet" in helios("status", "--store", str(tmp_path / "none")).stdout
    token = helios("status", "--token", "--store", str(tmp_path / "none"))
    assert token.returncode == 1
    assert "has no token yet" in token.stderr
    assert not (tmp_path / "none").exists()


def test_a_memory_store_is_gone_after_the_end() -> None:
    with serving("--memory") as server:
        assert server.store.is_dir()
        assert server.url.startswith("http://127.0.0.1:")
        assert server.stop(with_signal=signal.SIGINT) == 0
        assert not server.store.exists()


def test_in_a_terminal_it_says_where_it_answers_and_shows_no_secret(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "helios_magic", "serve", "--port", "0", "--store", str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    lines = [process.stdout.readline()]
    while not lines[-1].startswith("Ctrl-C"):
        lines.append(process.stdout.readline())
    process.terminate()
    out, err = process.communicate(timeout=15)
    said = "".join(lines) + out
    assert lines[0].startswith("HeliosDB answers at http://127.0.0.1:")
    for needed in (str(tmp_path), str(tmp_path / "token"), "helios_magic.connect(", "curl ", "/docs"):
        assert needed in said
    assert (tmp_path / "token").read_text().strip() not in said + err
    assert (process.returncode, err) == (0, "")


def test_what_it_says_of_a_self_signed_server_runs_as_it_stands(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "helios_magic", "serve", "--port", "0", "--store", str(tmp_path)]
    with subprocess.Popen([*command, "--tls-self-signed"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline()]
        while not lines[-1].startswith("Ctrl-C"):
            lines.append(process.stdout.readline())
        at = next(number for number, line in enumerate(lines) if line.startswith("  Python"))
        script = f"{lines[at][11:]}session = {lines[at + 1].strip()}\nprint(session.run('SELECT 1 AS one').table)"
        asked = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
        curl = lines[at + 2][11:] + lines[at + 3]
        answered = subprocess.run(["sh", "-c", curl], capture_output=True, text=True) if shutil.which("curl") else None
        process.terminate()
    assert asked.returncode == 0, asked.stderr
    assert answered is None or '"success":true' in answered.stdout, answered.stderr


def test_lab_opens_jupyterlab_on_a_copy(tmp_path: Path) -> None:
    done = helios("lab", str(tmp_path / "lab"), "--version")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("4.")
    names = {path.name for path in tutorials().glob("*.ipynb")}
    assert names <= {path.name for path in (tmp_path / "lab").iterdir()}


def test_lab_without_jupyterlab_says_the_mend(tmp_path: Path) -> None:
    done = helios("lab", str(tmp_path), without="jupyterlab")
    assert done.returncode == 2
    assert "pip install 'helios-magic[lab]'" in done.stderr


def test_changed_tutorials_are_never_overwritten_and_others_are_renewed(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    for name, text in (("a.ipynb", "1"), ("b.ipynb", "1"), ("data/c.csv", "1"), (".ipynb_checkpoints/a.ipynb", "1")):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(text)
    target.mkdir()
    (target / "b.ipynb").write_text("the user's own")
    assert copy_tutorials(source, target) == [Path("a.ipynb"), Path("data/c.csv")]
    assert copy_tutorials(source, target) == []
    (target / "data/c.csv").write_text("changed by the user")
    for name in ("a.ipynb", "b.ipynb", "data/c.csv"):
        (source / name).write_text("2")
    assert copy_tutorials(source, target) == [Path("a.ipynb")]
    assert (target / "a.ipynb").read_text() == "2"
    assert (target / "b.ipynb").read_text() == "the user's own"
    assert (target / "data/c.csv").read_text() == "changed by the user"
