"""Generated code: each file with its words told apart, the one to begin with open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from helios_magic.display import colours, footer
from helios_magic.display.branch import frame
from helios_magic.display.footer import Where
from helios_magic.display.markup import escape, icon
from helios_magic.display.quantities import count, counted
from helios_magic.display.style import style


@dataclass(frozen=True, slots=True)
class Shown:
    """Files by their paths; `first` is open, `facts` stand below."""

    files: Mapping[str, str]
    first: str
    where: Where
    facts: tuple[str, ...] = ()


def html(shown: Shown) -> str:
    if len(shown.files) == 1:
        body = _source(shown.first, shown.files[shown.first])
    else:
        body = "".join(_file(path, source, path == shown.first) for path, source in shown.files.items())
    foot = footer.html(shown.where, *_said(shown), also=shown.facts)
    return f"<div {frame(shown.where.branch, 'hm-br hm-de')}>{style('design')}{body}{foot}</div>"


def text(shown: Shown) -> str:
    strong, rest = _said(shown)
    foot = footer.text(shown.where, strong + rest, also=shown.facts)
    if len(shown.files) == 1:
        return f"{shown.files[shown.first]}\n{foot}"
    listed = [f"{path}  {counted(_lines(source), 'line')}" for path, source in shown.files.items()]
    return "\n".join([*listed, "", f"# {shown.first}", shown.files[shown.first], foot])


def _file(path: str, source: str, is_open: bool) -> str:
    lines = f"<span>{counted(_lines(source), 'line')}</span>"
    return (
        f'<details{" open" if is_open else ""}><summary class="hm-dg">{icon("right")}<b>{escape(path)}</b>{lines}'
        f"</summary>{_source(path, source)}</details>"
    )


def _source(path: str, source: str) -> str:
    return f'<pre class="hm-dd" tabindex="0" aria-label="{escape(path)}">{colours.of_file(path, source)}</pre>'


def _said(shown: Shown) -> tuple[str, str]:
    if len(shown.files) == 1:
        lines = _lines(shown.files[shown.first])
        return count(lines), " line" if lines == 1 else " lines"
    return count(len(shown.files)), " files"


def _lines(source: str) -> int:
    return source.count("\n")
