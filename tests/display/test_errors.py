"""Errors: cause, the user's own lines with the word marked, the mend, the place."""

from __future__ import annotations

import pytest

from helios_magic.display import errors
from helios_magic.display.characters import width
from helios_magic.display.errors import Excerpt
from helios_magic.display.footer import Where
from helios_magic.errors import ConnectionFailedError, QueryError, RateLimitedError, UsageError
from tests.display.reading import read, unseen

SQL = "SELECT r.id\nFROM reviews r JOIN users u ON u.id = r.user_id\nWHERE u.emial LIKE '%@example.com'"
REVIEWS = Where("feature/reviews", "default")


def mistake() -> QueryError:
    return QueryError(
        "users has no column “emial”", hint="Did you mean email?", details={"sqlstate": "42703", "position": 70}
    )


def marking(text: str, word: str, first_line: int | None = 1) -> Excerpt:
    start = text.index(word)
    return Excerpt(text, start, start + len(word), first_line)


def test_text_as_the_design_has_it() -> None:
    assert errors.text(mistake(), REVIEWS, marking(SQL, "emial")) == [
        "users has no column “emial”",
        "",
        "  2 | FROM reviews r JOIN users u ON u.id = r.user_id",
        "  3 | WHERE u.emial LIKE '%@example.com'",
        "    |         ^^^^^",
        "Did you mean email?",
        "On feature/reviews. QUERY_ERROR, 42703.",
    ]


def test_another_database_is_named() -> None:
    assert errors.text(mistake(), Where("main", "shop"))[-1] == "On shop, main. QUERY_ERROR, 42703."


def test_colour_is_only_there_when_asked_for() -> None:
    assert not any("\x1b" in line for line in errors.text(mistake(), REVIEWS, marking(SQL, "emial")))
    lines = errors.text(mistake(), REVIEWS, marking(SQL, "emial"), emphasis="red")
    assert lines[0] == "\x1b[1;31musers has no column “emial”\x1b[0m"
    assert lines[4].endswith("\x1b[1;31m^^^^^\x1b[0m")


@pytest.mark.parametrize(
    "line",
    [
        "\tSELECT emial",
        "SELECT '日本語', emial",
        "SELECT 'ليلى', emial",
        "SELECT '👩‍🔬', emial",
        "SELECT '\u202e', emial",
    ],
)
def test_the_caret_counts_display_cells(line: str) -> None:
    shown = errors.text(mistake(), None, marking(line, "emial"))
    code, caret = shown[2], shown[3]
    assert width(caret[: caret.index("^")]) == width(code[: code.index("emial")])
    assert caret.count("^") == 5
    assert not unseen("".join(shown).replace("\u200d", ""))


def test_a_long_line_keeps_its_marked_word() -> None:
    line = "SELECT " + ", ".join(f"column_{n}" for n in range(40)) + ", emial FROM t"
    code, caret = errors.text(mistake(), None, marking(line, "emial"))[2:4]
    assert width(code) < 130
    assert code[caret.index("^") : caret.rindex("^") + 1] == "emial"


def test_html_marks_the_token_itself() -> None:
    root = read(errors.html(mistake(), REVIEWS, marking(SQL, "emial", 2)))
    assert root.find(cls="hm-hit")[0].text == "emial"
    marked = root.find(cls="hm-at")[0].text
    assert marked == "4WHERE u.emial LIKE '%@example.com', line 4, column 9"
    assert root.find(cls="hm-h")[0].text == "users has no column “emial”"
    assert root.find(cls="hm-a")[0].text == "Did you mean email?"
    assert root.find(cls="hm-f")[0].text == "feature/reviewsQUERY_ERROR, 42703 default"


def test_a_limit_is_no_alarm() -> None:
    limited = RateLimitedError("60 queries a minute are used up", hint="The free tier starts again in 18 seconds.")
    root = read(errors.html(limited, REVIEWS))
    assert root.find(cls="hm-er")[0].attributes["role"] == "status"
    assert read(errors.html(mistake(), REVIEWS)).find(cls="hm-er")[0].attributes["role"] == "alert"


def test_an_error_of_no_place_says_no_place() -> None:
    assert errors.text(UsageError("a", hint="b")) == ["a", "b"]
    assert errors.text(ConnectionFailedError("x.io did not answer in 30 seconds"), Where("main")) == [
        "x.io did not answer in 30 seconds",
        "On main.",
    ]


@pytest.mark.parametrize("text", ["<img src=x onerror=alert(1)>", "\u202e", "\x1b[2J", "a\u2028b", "</style><script>"])
def test_hostile_names_in_errors(text: str) -> None:
    error = QueryError(f"no column {text}", hint=f"Did you mean {text}?", details={"sqlstate": text})
    html = errors.html(error, Where(text, text), Excerpt(f"SELECT {text} x", 7, 7 + len(text)))
    read(html)
    assert "<script" not in html
    assert not unseen(html)
    assert not unseen("".join(errors.text(error, Where(text, text), Excerpt(text, 0, 1))))


def test_a_mark_past_the_end_of_the_text_still_shows() -> None:
    lines = errors.text(mistake(), None, Excerpt("SELECT", 6, 7))
    assert lines[2:4] == ["  1 | SELECT", "    |       ^"]


def test_stopped_is_one_line() -> None:
    assert errors.stopped("1.2 s", Where("main")) == ["Stopped after 1.2 s. On main."]
