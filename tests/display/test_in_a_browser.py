"""Contrast, measured in a real browser: in both themes, under JupyterLab's variables and on a page of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tests.display.gallery import outputs

pytestmark = pytest.mark.browser

_LIGHT = {
    "--jp-layout-color1": "#fff", "--jp-ui-font-color0": "#000", "--jp-ui-font-color1": "rgba(0,0,0,.87)",
    "--jp-brand-color1": "#1976d2", "--jp-error-color1": "#d32f2f", "--jp-warn-color1": "#f57c00",
    "--jp-success-color1": "#388e3c",
}  # fmt: skip
_DARK = {
    "--jp-layout-color1": "#212121", "--jp-ui-font-color0": "#fff", "--jp-ui-font-color1": "rgba(255,255,255,.87)",
    "--jp-brand-color1": "#2196f3", "--jp-error-color1": "#f44336", "--jp-warn-color1": "#ff9800",
    "--jp-success-color1": "#4caf50",
}  # fmt: skip
#: For every piece of text: its contrast against what is painted behind it.
_MEASURE = """() => {
  const canvas = new OffscreenCanvas(1, 1), paint = canvas.getContext('2d', {willReadFrequently: true});
  const pixel = colours => {
    paint.clearRect(0, 0, 1, 1);
    for (const colour of colours) { paint.fillStyle = colour; paint.fillRect(0, 0, 1, 1); }
    return [...paint.getImageData(0, 0, 1, 1).data];
  };
  const linear = v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => [r, g, b].map(v => linear(v / 255))
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement, text = walk.currentNode.data.trim();
    if (!text || element.closest('style') || element.closest('.hm-vh')) continue;
    const behind = [];
    for (let up = element; up; up = up.parentElement) behind.unshift(getComputedStyle(up).backgroundColor);
    const back = light(pixel(behind)), front = light(pixel([...behind, getComputedStyle(element).color]));
    found.push([text, (Math.max(back, front) + .05) / (Math.min(back, front) + .05)]);
  }
  return found;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium is installed")
    from playwright.sync_api import sync_playwright

    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=flags)
        yield opened
        opened.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("inside", ["jupyterlab", "page", "vscode"])
def test_every_text_can_be_read(browser: Any, scheme: str, inside: str) -> None:
    variables = "".join(f"{name}:{value};" for name, value in (_LIGHT if scheme == "light" else _DARK).items())
    body = {
        "jupyterlab": f"<body data-jp-theme-light={'true' if scheme == 'light' else 'false'} style='{variables}'>",
        "page": "<body>",
        "vscode": f"<body class=vscode-{scheme}>",
    }[inside]
    # Inside an application its theme decides, whatever the system prefers.
    system = scheme if inside == "page" else ("dark" if scheme == "light" else "light")
    page = browser.new_page(color_scheme=system)
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.set_content(f"<!doctype html><meta charset=utf-8>{body}{''.join(outputs())}")
    measured = page.evaluate(_MEASURE)
    page.close()
    assert len(measured) > 100
    assert [(text, round(contrast, 2)) for text, contrast in measured if contrast < 4.5] == []
    assert requests == []
