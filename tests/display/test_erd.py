"""The entity-relationship picture and its Mermaid text: what is drawn, where, and that hostile names stay text."""

from __future__ import annotations

import time
import xml.etree.ElementTree as ET

from helios_magic.display import colours, erd, growth
from helios_magic.display.entities import Entities, Entity, Field, Tie


def shop() -> Entities:
    key = Field("id", "uuid", "PK")
    return Entities(
        (
            Entity("users", (key, Field("email", "text", "UQ"))),
            Entity("orders", (key, Field("user_id", "uuid", "FK"), Field("total", "numeric(12,2)"))),
            Entity("profiles", (key, Field("user_id", "uuid", "FK"))),
        ),
        (
            Tie("orders", ("user_id",), "users", optional=True),
            Tie("profiles", ("user_id",), "users", one=True),
            Tie("users", ("manager_id",), "users", optional=True),
        ),
    )


def many(count: int) -> Entities:
    """Tables in a chain of trees, as a real schema has them, with a few that tie far ones."""
    columns = tuple(Field(f"column_{place}", "text") for place in range(8))
    entities = tuple(
        Entity(f"table_{place}", (Field("id", "uuid", "PK"), Field("parent_id", "uuid", "FK"), *columns))
        for place in range(count)
    )
    ties = [Tie(f"table_{place}", ("parent_id",), f"table_{place // 3}") for place in range(1, count)]
    ties += [Tie(f"table_{place}", ("other_id",), f"table_{place - 7}") for place in range(9, count, 5)]
    return Entities(entities, tuple(ties))


def boxes(svg: str) -> list[tuple[float, float, float, float]]:
    found = []
    for group in ET.fromstring(svg).iter("g"):
        place = group.get("transform")
        if place is not None:
            x, y = map(float, place.removeprefix("translate(").removesuffix(")").split())
            rect = group.find("rect")
            assert rect is not None
            found.append((x, y, float(rect.get("width", 0)), float(rect.get("height", 0))))
    return found


def apart(drawn: list[tuple[float, float, float, float]]) -> bool:
    return not any(
        one[0] < other[0] + other[2] and other[0] < one[0] + one[2] and one[1] < other[1] + other[3]
        and other[1] < one[1] + one[3]
        for place, one in enumerate(drawn) for other in drawn[:place]
    )  # fmt: skip


def test_every_table_and_key_is_drawn_and_said() -> None:
    svg = erd.svg(shop())
    drawn = ET.fromstring(svg)
    titles = [title.text for title in drawn.iter("title")]
    assert {"users", "orders", "profiles", "orders.user_id → users", "users.manager_id → users"} <= set(titles)
    assert "orders → users" in drawn.get("aria-label", "")
    assert len(boxes(svg)) == 3
    assert apart(boxes(svg))
    assert erd.svg(shop()) == svg


def test_forty_tables_do_not_overlap_and_show_their_keys_only() -> None:
    began = time.perf_counter()
    svg = erd.svg(many(40))
    assert time.perf_counter() - began < 10
    assert len(boxes(svg)) == 40
    assert apart(boxes(svg))
    assert svg.count("8 more columns") == 40
    size = ET.fromstring(svg)
    assert float(size.get("width", 0)) < 4000
    assert float(size.get("height", 0)) < 4000


def test_a_file_has_colours_of_its_own() -> None:
    alone = erd.svg(shop(), alone=True)
    assert "prefers-color-scheme:dark" in alone
    assert "<style>" not in erd.svg(shop())


def test_hostile_names_stay_text() -> None:
    names = ["</svg><script>x</script>", "a\u202eb", "x" * 200, 'q"uote', "\x00nul", "Größe 🙂", "日本"]
    entities = tuple(Entity(name, (Field(name, name, "PK"),)) for name in names)
    drawn = Entities(entities, (Tie(names[0], (names[1],), names[2]),))
    alone = ET.fromstring(erd.svg(drawn, alone=True))
    assert not [each for each in alone.iter() if "script" in each.tag]
    assert len(boxes(erd.svg(drawn))) == len(names)
    text = erd.mermaid(drawn)
    assert "\x00" not in text
    heads = [line for line in text.splitlines() if line.endswith("{") and not line.startswith("        ")]
    assert len({line.split("[")[0].split()[0] for line in heads}) == len(names)


def test_nothing_is_a_picture_too() -> None:
    assert ET.fromstring(erd.svg(Entities((), ()))).get("aria-label", "").startswith("0 tables")


def test_mermaid_says_how_many() -> None:
    lines = erd.mermaid(shop()).splitlines()
    assert lines[0] == "erDiagram"
    assert '    users |o--o{ orders : "user_id"' in lines
    assert '    users ||--o| profiles : "user_id"' in lines
    assert "        numeric_12_2 total" in lines
    assert "        text email UK" in lines


def test_only_some_tables() -> None:
    assert [tie.child for tie in shop().only(["users", "orders"]).ties] == ["orders", "users"]


def test_growth_draws_what_was_reported() -> None:
    forecast = {"30_days": "50MB", "90_days": "150MB", "365_days": "1.2GB", "odd": "?"}
    assert [(days, size) for days, _, size in growth.points(forecast)] == [(30, "50MB"), (90, "150MB"), (365, "1.2GB")]
    assert "1.2GB after 365 days" in growth.svg(forecast)
    assert growth.svg({"30_days": "1MB"}) == ""


def test_sql_is_coloured_and_inert() -> None:
    html = colours.of_sql("CREATE TABLE \"<b>\" (x text DEFAULT '</pre>'); -- <i>")
    assert '<span class="hm-sk">CREATE</span>' in html
    assert "<b>" not in html
    assert "</pre>" not in html
    assert "<i>" not in html
