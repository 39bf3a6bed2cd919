"""Reads our HTML the way a browser would, and finds in it what must not be there."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"br", "circle", "path", "rect", "ellipse", "img", "meta", "link", "input"}
_ALLOWED = {
    "b", "bdi", "br", "circle", "code", "details", "div", "ellipse", "g", "i", "li", "ol", "p", "path", "pre", "rect",
    "span", "style", "summary", "svg", "table", "tbody", "td", "text", "th", "thead", "title", "tr", "ul",
}  # fmt: skip


@dataclass
class Element:
    tag: str
    attributes: dict[str, str | None]
    children: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(child if isinstance(child, str) else child.text for child in self.children if not _style(child))

    @property
    def classes(self) -> set[str]:
        return set((self.attributes.get("class") or "").split())

    def find(self, tag: str | None = None, cls: str | None = None) -> list[Element]:
        found = []
        for child in self.children:
            if isinstance(child, Element):
                if (tag is None or child.tag == tag) and (cls is None or cls in child.classes):
                    found.append(child)
                found.extend(child.find(tag, cls))
        return found


def _style(child: Element | str) -> bool:
    return isinstance(child, Element) and child.tag == "style"


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("root", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        self.open[-1].children.append(element)
        if tag not in _VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].children.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def read(html: str) -> Element:
    """The tree; fails on markup that is not closed in order, or on anything we never write."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == [reader.root], f"never closed: {[element.tag for element in reader.open[1:]]}"
    for element in reader.root.find():
        assert element.tag in _ALLOWED, element.tag
        for name in element.attributes:
            assert name in {
                "class", "style", "title", "dir", "scope", "aria-label", "aria-hidden", "role", "viewbox", "cx", "cy",
                "r", "d", "rx", "ry", "width", "height", "x", "y", "text-anchor", "aria-valuemin", "aria-valuemax",
                "aria-valuenow", "open", "tabindex", "transform", "colspan",
            }, name  # fmt: skip
    return reader.root


def unseen(text: str) -> list[str]:
    """Characters that a reader would not see, or that would turn what follows around."""
    kinds = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    return [f"U+{ord(c):04X}" for c in text if unicodedata.category(c) in kinds and c != "\n"]
