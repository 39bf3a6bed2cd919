"""`helios lab` in a real JupyterLab in a real browser: the first tutorial runs, and nothing leaves the machine."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parent.parent
_FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
_RUN_ALL = """async () => {
  const panel = window.jupyterapp.shell.currentWidget;
  await panel.sessionContext.ready;
  for (let index = 0; index < panel.content.widgets.length; index++) {
    panel.content.activeCellIndex = index;
    await window.jupyterapp.commands.execute('notebook:run-cell');
  }
  return panel.content.widgets.filter(cell => cell.model.type === 'code').map(cell => ({
    tags: cell.model.getMetadata('tags') || [], source: cell.model.sharedModel.source,
    outputs: cell.model.outputs.toJSON(),
  }));
}"""


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[str]:
    """The address of `helios lab` on a fresh folder, with a store and settings of its own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path),
        "HELIOS_STORE": str(tmp_path / "store"),
        "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
        "JUPYTER_DATA_DIR": str(tmp_path / "data"),
    }
    options = ["--no-browser", "--allow-root", f"--port={port}", "--ServerApp.port_retries=0"]
    options += ["--IdentityProvider.token=", "--LabApp.expose_app_in_browser=True"]
    command = [sys.executable, "-m", "helios_magic", "lab", str(tmp_path / "tutorials"), *options]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(f"{address}/api", process, tmp_path / "log")
        yield address
    finally:
        process.terminate()
        process.wait(20)
    # JupyterLab went with it: nobody listens any more.
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"helios lab does not answer:\n{log.read_text()[-3000:]}")


@pytest.fixture
def page() -> Iterator[Any]:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium is installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=_FLAGS.split())
        yield browser.new_page(viewport={"width": 1300, "height": 1600})
        browser.close()


def test_the_first_tutorial_runs_in_jupyterlab(lab: str, page: Any) -> None:
    left: list[str] = []
    page.on("request", lambda request: left.append(request.url) if "127.0.0.1" not in request.url else None)
    page.goto(lab)
    page.wait_for_function("() => window.jupyterapp?.shell?.currentWidget?.sessionContext", timeout=60_000)
    assert page.url.endswith("/00-quickstart.ipynb")
    cells = page.evaluate(_RUN_ALL)
    for cell in cells:
        errors = [output for output in cell["outputs"] if output["output_type"] == "error"]
        assert bool(errors) == ("raises-exception" in cell["tags"]), cell
    page.wait_for_selector(".hm-o table", state="attached")
    assert page.locator(".hm-o .hm-chip").count() > 5
    assert [url for url in left if not url.startswith(("data:", "blob:"))] == []
