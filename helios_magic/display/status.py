"""One line, or a few facts: connected where, on which branch."""

from __future__ import annotations

from collections.abc import Sequence

from helios_magic.display import footer
from helios_magic.display.branch import frame
from helios_magic.display.characters import pad, plain, width
from helios_magic.display.footer import Where
from helios_magic.display.markup import escape
from helios_magic.display.style import style


def text(heading: str, facts: Sequence[tuple[str, str]], where: Where) -> str:
    """A heading, then `name  value` lines."""
    size = max((width(name) for name, _ in facts), default=0)
    lines = [f"  {pad(name, size)}  {plain(value)}" for name, value in facts]
    return "\n".join([plain(heading), *lines, footer.text(where, "")])


def html(heading: str, facts: Sequence[tuple[str, str]], where: Where) -> str:
    rows = "".join(
        f'<p><span class="hm-k">{escape(name)}</span><bdi><code>{escape(value)}</code></bdi></p>'
        for name, value in facts
    )
    return (
        f"<div {frame(where.branch)}>{style()}"
        f'<div class="hm-m"><b>{escape(heading)}</b>{rows}</div>{footer.html(where, "")}</div>'
    )
