"""A result as a table, in HTML and in text."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helios_magic.display import result, values
from helios_magic.display.footer import Where
from helios_magic.display.result import ResultTable
from tests.display.reading import read, unseen

REVIEWS = Where("feature/reviews", "shop", 12.3)


def table(**changes: Any) -> ResultTable:
    fields: dict[str, Any] = {
        "names": ["id", "customer", "body"],
        "types": ["int8", "text", "text"],
        "columns": [[12480, 12479, None], ["Zoë Müller", "ليلى حدّاد", ""], ["Keeps\nhot", None, "<b>x</b>"]],
        "total": 12480,
        "where": REVIEWS,
        "name": "latest",
    }
    return ResultTable(**(fields | changes))


def one(value: Any, type_name: str = "text") -> ResultTable:
    return ResultTable(["v"], [type_name], [[value]], 1, Where("main"))


def test_text_is_aligned_and_says_what_it_does_not_show() -> None:
    assert result.text(table()) == (
        "   id  customer    body\n"
        " int8  text        text\n"
        "────────────────────────────\n"
        "12480  Zoë Müller  Keeps↵hot\n"
        "12479  ليلى حدّاد   NULL\n"
        " NULL  ''          <b>x</b>\n"
        "12,480 rows, 3 shown · 12 ms · shop · feature/reviews · as latest"
    )


def test_html_says_the_same() -> None:
    root = read(result.html(table()))
    heads = [(b.text, i.text) for b, i in zip(root.find("b")[:3], root.find("i")[:3], strict=True)]
    assert heads == [("id", "int8"), ("customer", "text"), ("body", "text")]
    rows = [[cell.text for cell in row.find("td")] for row in root.find("tr")[1:]]
    assert rows == [
        ["1", "12480", "Zoë Müller", "Keeps↵hot"],
        ["2", "12479", "ليلى حدّاد", "NULL"],
        ["3", "NULL", "'' empty", "<b>x</b>"],
    ]
    footer = root.find(cls="hm-f")[0].text
    assert footer == "feature/reviews12,480 rows, 3 shown12 msas latest shop"
    assert root.find(cls="hm-o")[0].attributes["style"] == "--h:165"


def test_null_and_the_words_for_it_never_look_alike() -> None:
    root = read(result.html(table(columns=[[1, 2], [None, "NULL"], ["", "''"]], total=2)))
    null, word = (row.find("td")[2] for row in root.find("tr")[1:])
    assert null.find(cls="hm-n")
    assert not word.find(cls="hm-n")
    lines = result.text(table(columns=[[1, 2], [None, "NULL"], ["", "x"]], total=2)).split("\n")
    assert lines[3].split() == ["1", "NULL", "''"]
    assert lines[4].split() == ["2", "'NULL'", "x"]


def test_numbers_stand_right_and_text_follows_its_own_direction() -> None:
    first = read(result.html(table())).find("tr")[2].find("td")
    assert "hm-r" in first[1].classes
    assert first[2].attributes["dir"] == "auto"


def test_no_rows_keep_their_columns() -> None:
    empty = table(columns=[[], [], []], total=0, name=None)
    root = read(result.html(empty))
    assert [b.text for b in root.find("b")[:3]] == ["id", "customer", "body"]
    assert "No rows." in root.text
    assert result.text(empty).endswith("0 rows · 12 ms · shop · feature/reviews")


def test_a_cut_result_says_so_even_without_its_footer() -> None:
    cut = table(total=10_000, found=14_602, name=None)
    for shown in (result.text(cut, with_footer=False), read(result.html(cut, with_footer=False)).text):
        assert "10,000 of 14,602 rows, 3 shown" in shown
        assert "stopped at your limit" in shown


def test_rows_that_a_write_returned() -> None:
    assert result.text(table(total=3, affected="3 rows inserted", name=None)).endswith(
        "3 rows inserted · 12 ms · shop · feature/reviews"
    )


def test_main_is_grey() -> None:
    root = read(result.html(table(where=Where("main"))))
    assert "hm-main" in root.find(cls="hm-o")[0].classes
    assert "style" not in root.find(cls="hm-o")[0].attributes


def test_text_keeps_to_a_terminal_and_names_the_columns_left_out() -> None:
    shown = result.text(table(), columns=20)
    assert max(map(len, shown.split("\n")[:6])) <= 20
    assert "1 more column: body" in shown


@pytest.mark.parametrize(
    ("value", "type_name", "shown"),
    [
        (True, "bool", "true"),
        (12480, "int8", "12480"),
        (0.1, "float8", "0.1"),
        (0.10000000149011612, "float4", "0.1"),
        (1e300, "float8", "1e300"),
        (float("nan"), "float8", "NaN"),
        (float("-inf"), "float8", "-Infinity"),
        (Decimal("1E+3"), "numeric(10,2)", "1000"),
        (Decimal("19.90"), "numeric(10,2)", "19.90"),
        (dt.datetime(2026, 11, 22, 18, 4, 7), "timestamp", "2026-11-22 18:04:07"),  # noqa: DTZ001
        (dt.datetime(2026, 11, 22, 18, 4, 7, tzinfo=dt.UTC), "timestamptz", "2026-11-22 18:04:07+00"),
        (dt.date(2026, 11, 22), "date", "2026-11-22"),
        (dt.time(18, 4), "time", "18:04:00"),
        (dt.timedelta(days=-1, seconds=1), "interval", "-1 days 00:00:01"),
        (uuid.UUID(int=7), "uuid", "00000000-0000-0000-0000-000000000007"),
        (b"\x00\xff", "bytea", "\\x00ff"),
        ([1, None, 3], "int4[]", "[1, NULL, 3]"),
        (['a"b', "NULL"], "text[]", '["a\\"b", "NULL"]'),
        ([0.25] * 384, "vector(384)", "[0.25, 0.25, 0.25, 0.25, …] 384 dimensions"),
        ('{"a": 1}', "jsonb", '{"a": 1}'),
    ],
)
def test_values_by_type(value: Any, type_name: str, shown: str) -> None:
    assert values.text(value, type_name) == shown


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</td></table></style><script>",
    "</script>${`x`}",
    '" onmouseover="alert(1)',
    "' onfocus='alert(1)",
    "user\u202egnp.exe",
    "zero\u200bwidth",
    "line\u2028separator\u2029",
    "\x1b[31mred\x1b[0m\x07",
    "lone \ud800 surrogate",
    "tag \U000e0041\U000e0042",
    "hangul filler \u3164",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_inert_and_seen(text: str) -> None:
    hostile = ResultTable([text], [text], [[text, text * 50]], 2, Where(text, text, 1.0), name="v")
    html = result.html(hostile)
    root = read(html)
    assert not unseen(html)
    assert not unseen(result.text(hostile))
    assert "<script" not in html
    assert "onerror=alert" not in html.replace("onerror=alert(1)&gt;", "")
    html.encode("utf-8")
    assert root.find(cls="hm-f")


@given(st.text())
def test_any_text_is_one_cell(text: str) -> None:
    root = read(result.html(one(text)))
    (row,) = root.find("tbody")[0].find("tr")
    assert len(row.find("td")) == 2
    assert not unseen(result.text(one(text)).replace("\u200d", "").replace("\u200c", "")) or "\U0001f3f4" in text


def test_emoji_and_scripts_keep_their_joiners() -> None:
    for text in ("👩‍🔬 Dr. Ana Prado", "می‌خواهم", "क्‍ष", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"):
        assert f">{text}</td>" in result.html(one(text))


def test_a_long_value_is_cut_and_says_how_long_it_is() -> None:
    html = result.html(one("x" * 2114))
    cell = read(html).find("tbody")[0].find("td")[1]
    assert len(cell.text) == 201
    assert (cell.attributes["title"] or "").endswith("(2,114 characters)")
    assert len(html) < 8_000


def test_the_style_is_small_and_repeats_nothing() -> None:
    html = result.html(table())
    assert html.count("<style>") == 1
    style = html[html.index("<style>") : html.index("</style>")]
    assert len(style) < 5_000
    assert "http" not in style


def test_every_jupyterlab_variable_has_a_fallback() -> None:
    import re

    from helios_magic.display.style import style

    for part in (None, "table", "plan", "error"):
        css = style(part)  # type: ignore[arg-type]
        assert re.findall(r"var\(--jp-[\w-]+\)", css) == []
        defined = set(re.findall(r"(--[a-z0-9]+):", css)) | {"--h"}
        used = set(re.findall(r"var\((--(?!jp)[a-z0-9-]+)", css))
        assert used <= defined, used - defined
