"""A real kernel, and all that leaves it: messages of every kind, history, command lines, stores."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

from tests.contract.serving import serving


def said(client: BlockingKernelClient, code: str, replies: list[str]) -> list[dict[str, object]]:
    """All messages that a cell leaves, but the repetition of its own text; `replies` are typed into its boxes."""
    request, messages = client.execute(code, allow_stdin=True), []
    for reply in replies:
        messages.append(client.get_stdin_msg(timeout=60))
        client.input(reply)
    while True:
        message = client.get_iopub_msg(timeout=60)
        if message["parent_header"].get("msg_id") == request:
            if message["msg_type"] != "execute_input":
                messages.append(message)
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                return [*messages, client.get_shell_msg(timeout=60)]


@pytest.mark.skipif(sys.platform == "win32", reason="ps and grep")
def test_no_secret_leaves_a_kernel(tmp_path: Path) -> None:
    password, signing, other = (secrets.token_urlsafe(18) for _ in range(3))
    literal = "hdb_live_" + secrets.token_urlsafe(32)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HELIOS_")}
    environment |= {"IPYTHONDIR": str(tmp_path / "ipython"), "HOME": str(tmp_path), "OTHER": "hdb_live_" + other}
    with serving("--store", str(tmp_path / "store")) as server:
        manager, client = start_new_kernel(env=environment)
        try:
            at, messages = server.url, []
            for code, replies in [
                ("%load_ext helios_magic\nimport helios_magic, logging\nlogging.basicConfig(level=0)", []),
                (f"%helios signup ada@example.com --at {at}", [password, password]),
                (f"%helios login ada@example.com --at {at}", [password]),
                ("%helios databases create shop --use", []),
                ("%helios webhooks create http://127.0.0.1:9/x --event branch.created", [signing]),
                ("%helios webhooks\n%helios branch create b\n%helios status\n%helios whoami", []),
                (f"%helios login ada@example.com {password}", []),
                (f"%helios webhooks create http://127.0.0.1:9/x --secret {signing}", []),
                (f"%helios connect {at} --token {literal}", []),
                (f"session = helios_magic.connect('{at}', token='{literal}')", []),
                ("%xmode Verbose", []),
                (f"%helios connect {at} --token-env OTHER", []),
                (f"import os\nhelios_magic.connect('{at}', token=os.environ['OTHER']).sql('SELECT 1')", []),
                ("%whos\n%history -n\nIn", []),
                ("%helios logout", []),
            ]:
                messages += said(client, code, replies)
            running = subprocess.run(["ps", "axww", "-o", "args"], capture_output=True, text=True, check=True).stdout
        finally:
            client.stop_channels()
            manager.shutdown_kernel()
    everything = json.dumps(messages, default=str)
    assert "signed in until" in everything
    assert "wh_" in everything
    assert "is signed out" in everything
    assert {message["msg_type"] for message in messages}.isdisjoint({"comm_open", "comm_msg"})
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    history = next(path for path in files if path.name == "history.sqlite")
    assert b"withheld by helios-magic" in history.read_bytes()
    for secret in (password, signing, literal, other, server.token):
        assert secret not in everything
        assert secret not in running
        holders = {path.name for path in files if secret.encode() in path.read_bytes()}
        # The owner's token has its file; a signing secret has to be known to sign.
        assert holders <= {"token"} if secret == server.token else holders <= {"helios.sqlite3", "helios.sqlite3-wal"}
        assert not holders or secret in (server.token, signing)
