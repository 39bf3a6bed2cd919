"""What is named in passing, handed over, or told of one of several: each with the keys that it must lead to."""

from __future__ import annotations

import pytest

from helios_magic.designer import OfflineDesigner
from helios_magic.designer.tables import build

SAID = [
    ("We lend tools to neighbours.", {"loans.tools", "loans.neighbours"}),
    ("Cellos are rented to pupils.", {"rentals.cellos", "rentals.pupils"}),
    ("Pianos are tuned. Every repair is invoiced.", {"invoices.repairs"}),
    ("Trees are kept. We note prunings (by which gardener).", {"prunings.gardeners"}),
    ("We take orders for cakes. An order is placed on behalf of a relative, deliveries for a widow.", set()),
    ("Counties are divided into districts and these into wards.", {"districts.counties", "wards.districts"}),
    ("Every animal has a breed of some species.", {"animals.breeds", "breeds.species"}),
    ("Reports (each by one inspector, in one category), photos.", {"reports.inspectors", "reports.categories"}),
    ("Magazine with several editors: articles, photos.", {"articles.editors"}),
    ("Shelter: animals, walks with a dog.", {"walks.animals"}),
    ("Regions at a coast, nested zones.", {"zones.zones"}),
    (
        "Films can be tagged with genres, rated and commented on by other viewers.",
        {"comments.films", "comments.viewers"},
    ),
    ("Shop sells spices. Customers place orders with several items.", set()),
    ("Dancers with their teachers, halls with seats, enrolments of dancers in classes with grades.", {"seats.halls"}),
    ("Trenches, layers, and excavators who record each layer.", {"layers.excavators"}),
    ("A machine has sensors and one threshold per material.", set()),
]


@pytest.mark.parametrize(("prose", "keys"), SAID)
def test_what_is_said_in_passing_leads_to_keys(prose: str, keys: set[str]) -> None:
    schema = build(OfflineDesigner().design(prose)).schema
    found = {f"{table.name}.{key.references}" for table in schema.tables for key in table.foreign_keys}
    assert keys <= found


NOT_TABLES = [
    ("Excavation records: sites have trenches, trenches have finds.", "excavation_records"),
    ("Airline reservations: flights, bookings with a locator, passengers.", "airline_reservations"),
    ("Lab: soil and water samples, technicians.", "soils"),
    ("Every wedding has a date, services such as flowers or music, and one invoice.", "flowers"),
    ("We lend tools to members and keep loans of tools.", "lendings"),
]


@pytest.mark.parametrize(("prose", "table"), NOT_TABLES)
def test_what_is_no_table(prose: str, table: str) -> None:
    schema = build(OfflineDesigner().design(prose)).schema
    assert table not in {each.name for each in schema.tables}
