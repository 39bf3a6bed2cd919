"""A real kernel: what a front end receives, and what an interrupt does."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

SLOW = "SELECT sum(a.n * b.n) FROM generate_series(1, 1000000) a(n), generate_series(1, 1000000) b(n)"
_ANSI = re.compile(r"\x1b\[[\d;]*m")


@dataclass
class Answer:
    """What one execute request brought."""

    status: str = ""
    result: dict[str, str] = field(default_factory=dict)
    displayed: list[dict[str, str]] = field(default_factory=list)
    stream: str = ""
    error: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)


class Kernel:
    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self.manager = manager
        self.client = client

    def run(self, code: str, interrupt_after: float | None = None, replies: Sequence[str] | None = None) -> Answer:
        """Run a cell.  `replies` are typed when it asks; None is a front end that cannot be asked, as nbconvert."""
        answer = Answer()
        request = self.client.execute(code, allow_stdin=replies is not None)
        for reply in replies or ():
            answer.asked.append(self.client.get_stdin_msg(timeout=30)["content"]["prompt"])
            self.client.input(reply)
        due = None if interrupt_after is None else time.monotonic() + interrupt_after
        while True:
            if due is not None and time.monotonic() >= due:
                self.manager.interrupt_kernel()
                self.interrupted_at, due = time.monotonic(), None
            try:
                message = self.client.get_iopub_msg(timeout=0.05 if due else 60)
            except Exception:
                if due is None:
                    raise
                continue
            if message["parent_header"].get("msg_id") != request:
                continue
            content = message["content"]
            match message["msg_type"]:
                case "execute_result":
                    answer.result = content["data"]
                case "display_data" | "update_display_data":
                    answer.displayed.append(content["data"])
                case "stream":
                    answer.stream += content["text"]
                case "error":
                    answer.error = content
                case "status" if content["execution_state"] == "idle":
                    answer.status = self.client.get_shell_msg(timeout=30)["content"]["status"]
                    return answer


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel()
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        kernel = Kernel(manager, client)
        assert kernel.run("%load_ext helios_magic\n%helios connect :memory:").status == "ok"
        yield kernel
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()


def test_a_result_comes_in_both_forms(kernel: Kernel) -> None:
    answer = kernel.run("%%helios sql\nSELECT 1 AS one, NULL::text AS none")
    assert answer.status == "ok"
    assert "hm-o" in answer.result["text/html"]
    assert answer.result["text/plain"].splitlines()[:2] == [" one  none", "int4  text"]
    assert set(answer.result) == {"text/html", "text/plain"}


def test_an_error_is_structured_and_leaves_the_kernel_usable(kernel: Kernel) -> None:
    answer = kernel.run("%%helios sql\nSELECT nothing_there\nFROM (SELECT 1 AS one) AS t")
    assert answer.status == "error"
    assert answer.error["ename"] == "QueryError"
    shown = "\n".join(answer.error["traceback"])
    assert shown.startswith("\x1b[1m")
    assert "Traceback" not in shown
    lines = _ANSI.sub("", shown).splitlines()
    assert lines[2] == "  2 | SELECT nothing_there"
    assert lines[3] == "    |        ^^^^^^^^^^^^^"
    assert kernel.run("%helios sql SELECT 1 AS one").status == "ok"


@pytest.mark.parametrize(
    "cell", [f"%%helios sql\n{SLOW}", f"%%helios explain --analyze\n{SLOW}", f"%helios sql {SLOW}"]
)
def test_an_interrupt_stops_the_statement(kernel: Kernel, cell: str) -> None:
    answer = kernel.run(cell, interrupt_after=1.0)
    assert time.monotonic() - kernel.interrupted_at < 5
    assert answer.status == "error"
    (line,) = (_ANSI.sub("", line) for line in answer.error["traceback"])
    assert re.fullmatch(r"Stopped after (\d\.\d s|\d+ ms)\. On main\.", line)
    after = kernel.run("%helios sql SELECT 1 AS one")
    assert after.status == "ok"
    assert "1 row" in after.result["text/plain"]


def test_an_interrupted_write_does_not_claim_to_know(kernel: Kernel) -> None:
    kernel.run("%helios sql CREATE TABLE written (n int8)")
    answer = kernel.run(f"%%helios sql\nINSERT INTO written {SLOW}", interrupt_after=1.0)
    assert "It may have finished just before" in answer.error["traceback"][0]
    assert "   0\n" in kernel.run("%helios sql SELECT count(*) AS n FROM written").result["text/plain"]


def test_progress_clears_itself(kernel: Kernel) -> None:
    kernel.run(
        "from pathlib import Path\nimport tempfile\n"
        "path = Path(tempfile.mkdtemp()) / 'many.csv'\n"
        "path.write_text('id,name\\n' + ''.join(f'{n},{\"x\" * 40} {n}\\n' for n in range(1_500_000)))"
    )
    answer = kernel.run("%helios load path many --mode create")
    assert answer.status == "ok", answer.error
    assert "1,500,000 rows loaded into many" in answer.result["text/plain"]
    if answer.displayed:
        assert "rows/s" in answer.displayed[0]["text/plain"]
        assert answer.displayed[-1] == {"text/plain": ""}


def test_the_kernel_completes_magic_lines(kernel: Kernel) -> None:
    for code, among in (
        ("%helios ba", "batch"),
        ("%%helios sql --t", "--timeout"),
        ("x = %helios explain --an", "--analyze"),
    ):
        kernel.client.complete(code, len(code))
        content = kernel.client.get_shell_msg(timeout=10)["content"]
        assert among in content["matches"]
        assert code[content["cursor_start"] : content["cursor_end"]] == code.split()[-1]


@pytest.fixture
def protected(kernel: Kernel) -> Iterator[Kernel]:
    kernel.run("%helios sql CREATE TABLE IF NOT EXISTS kept (n int)\n%config HeliosMagic.protect_main = True")
    yield kernel
    kernel.run("%config HeliosMagic.protect_main = None")


def test_a_write_to_a_protected_main_is_asked_about(protected: Kernel) -> None:
    asked = protected.run("%%helios sql\nINSERT INTO kept VALUES (1)", replies=["yes"])
    assert asked.asked == ["This cell writes to main. Go on? [y/N] "]
    assert "1 row inserted into kept" in asked.result["text/plain"]
    for reply in ("", "n", "yesterday"):
        refused = protected.run("%%helios sql\nINSERT INTO kept VALUES (2)", replies=[reply])
        assert (refused.status, refused.error["ename"]) == ("error", "UsageError")
        assert "Nothing was done: you did not say yes." in "\n".join(refused.error["traceback"])
    alone = protected.run("%%helios sql\nINSERT INTO kept VALUES (3)")
    assert "This cell writes to main, and protect_main is set." in "\n".join(alone.error["traceback"])
    answer = protected.run("%helios sql SELECT n FROM kept", replies=[])
    assert (answer.asked, answer.status) == ([], "ok")
    assert "1 row" in answer.result["text/plain"]


def test_deleting_what_is_only_there_is_asked_about(kernel: Kernel) -> None:
    kernel.run("%helios branch create draft\n%helios sql --branch draft CREATE TABLE only_there (n int)")
    kept = kernel.run("%helios branch delete draft", replies=["no"])
    assert kept.asked[0].startswith("draft has what main has not: ")
    assert kept.asked[0].endswith(". Delete it all the same? [y/N] ")
    assert kept.status == "error"
    gone = kernel.run("%helios branch delete draft", replies=["y"])
    assert gone.displayed[0]["text/plain"].startswith("Deleted draft")


def test_the_kernel_completes_branches(kernel: Kernel) -> None:
    kernel.run("%helios branch create feature/completed")
    code = "%%helios sql --branch feat"
    began = time.monotonic()
    kernel.client.complete(code, len(code))
    content = kernel.client.get_shell_msg(timeout=10)["content"]
    assert content["matches"] == ["feature/completed"]
    assert time.monotonic() - began < 5


def test_a_password_is_typed_into_a_box_and_kept_nowhere(kernel: Kernel) -> None:
    password = "typed-" + "into-a-box"
    kernel.run("%load_ext helios_magic\n%helios connect :memory:")
    differs = kernel.run("%helios signup ada@example.com", replies=[password, password + "x"])
    assert differs.error["evalue"].startswith("The two passwords differ; no account was made.")
    made = kernel.run("%helios signup ada@example.com", replies=[password, password])
    assert made.asked == ["A password for ada@example.com, 8 characters or more: ", "The same password again: "]
    answer = kernel.run("%helios login", replies=["ada@example.com", password])
    assert answer.asked == ["Email: ", "Password of ada@example.com: "]
    assert "ada@example.com, signed in until" in answer.stream
    kept = kernel.run("%history -g -l 5\nprint(repr(In), repr(Out), {**globals()})").stream
    assert "%helios login" in kept
    assert password not in kept + made.stream + answer.stream
    assert "--password-env NAME" in str(kernel.run("%helios login ada@example.com").error)
