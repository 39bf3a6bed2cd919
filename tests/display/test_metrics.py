"""Usage and latency as they are drawn: what is limited, what is near its limit, what ran when."""

from __future__ import annotations

import re

from helios_magic.display import latency, meters
from helios_magic.display.footer import Where
from tests.display.metrics_samples import BUSY, FIRST, IDLE, MINUTE, NOW, UNLIMITED, USAGE
from tests.display.reading import read

WHERE = Where("main", "shop")


def test_a_number_stands_against_its_limit_and_is_marked_when_it_is_near() -> None:
    rows = meters.meters(USAGE, MINUTE, NOW)
    told = {row.name: (row.shown, row.limit, row.near) for row in rows}
    assert told["Storage"] == ("52 MB", "105 MB", False)
    assert told["Databases of the account"] == ("3", "3", True)
    assert told["This minute"] == ("54", "60", True)
    assert told["Queries this month"] == ("45,678", None, False)
    assert told["Computing time"] == ("1 h 0 min", None, False)
    html = meters.html(rows, "shop.", WHERE)
    assert "54 of 60" in read(html).text
    assert html.count('role="meter"') == 5
    assert html.count("hm-near") == 2 + html.count(".hm-near")
    assert "6 left, more in 18 s." in html
    assert "No limit is reported for the last three." in html
    lines = meters.text(rows, "shop.", WHERE).splitlines()
    assert any(line.endswith("54 of 60  near the limit  6 left, more in 18 s.") for line in lines)


def test_without_a_limit_there_is_no_bar() -> None:
    rows = meters.meters(UNLIMITED, None, NOW)
    html = meters.html(rows, "shop.", WHERE)
    assert 'role="meter"' not in html
    assert "No limit is reported.</p>" in html
    assert "0.40 ms" in html or "0.4 ms" in html


def test_lines_break_where_nothing_ran_and_a_step_alone_is_a_dot() -> None:
    html = latency.html(BUSY, WHERE, NOW)
    lines = re.findall(r'<path class="hm-l(50|95)" d="([^"]+)"', html)
    assert [name for name, _ in lines] == ["95", "50"]
    assert all(line.count("M") == 3 for _, line in lines)
    assert '<circle class="hm-l' not in html
    assert latency.html(FIRST, WHERE, NOW).count('<circle class="hm-l') == 2


def test_the_picture_carries_a_sentence_and_lines_are_named_where_they_end() -> None:
    html = latency.html(BUSY, WHERE, NOW)
    sentence = "Half within 5 ms, 95 % within 41 ms, 99 % within 88 ms, 6 errors."
    assert f'aria-label="Latency, last 24 hours: {sentence}"' in html
    shown = read(html).text
    assert "p50 4 ms" in shown
    assert "p95 14 ms" in shown
    assert latency.text(BUSY, WHERE, NOW).splitlines()[1] == f"  {sentence}"


def test_hostile_text_of_a_slow_query_is_inert() -> None:
    html = latency.html(BUSY, WHERE, NOW)
    assert "<img" not in html
    assert "\u202e" not in html + latency.text(BUSY, WHERE, NOW)


def test_a_time_in_which_nothing_ran_says_so() -> None:
    assert "No query ran in this time" in latency.html(IDLE, WHERE, NOW)
    assert "No query ran." in latency.text(IDLE, WHERE, NOW)
