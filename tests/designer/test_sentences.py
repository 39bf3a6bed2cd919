"""How single sentences are read: what each mechanism of the grammar makes of one it was not built on."""

from __future__ import annotations

import pytest

from helios_magic.designer import OfflineDesigner

_READ = [
    # Requirements have labels, and a centre that needs something is no table.
    ("R-1 Tailors own workshops.\nR-2 Workshops have looms.", "looms > workshops, workshops > tailors", ""),
    ("What our circus needs:\n- acrobats with name and e-mail\n- tents (name, seats)", "", "seats needs"),
    # One of the other, whatever the other has of it.
    ("A policy covers several barns; a barn is covered by no more than one policy.", "barns > policies", ""),
    ("Jockeys are registered at exactly one racecourse.", "jockeys > racecourses", "registrations"),
    # Sides of the same thing, and an exact number of places.
    ("There are about 90 graves. They lie on three terraces.", "graves > terraces", ""),
    ("A layer has a number. A layer may lie above several other layers.", "layers <> layers", ""),
    # Who is given something, and what is sent for something.
    ("Novices are handed a lantern.", "lanterns > novices", ""),
    ("Swabs are sent for examination to a laboratory. An examination has a result.", "examinations > swabs", ""),
    ("Swabs are sent for examination to a laboratory. An examination has a result.", "examinations > laboratories", ""),
    # A clause that defines, a clause that says what takes part.
    ("- voyages: a ferry sails with a helmsman\n- ferries with name", "voyages > ferries, voyages > helmsmen", ""),
    ("For every audition the dancer is placed in a studio. Studios have a name.", "auditions > studios", ""),
    # Properties of two parents are things.
    ("A score is given by each juror for each skater, with the points.", "scores > jurors, scores > skaters", ""),
    # The next clause begins with its preposition.
    ("The map is divided into parishes, and in each parish several chapels are built.", "chapels > parishes", ""),
    # What was named in full is meant by its last word.
    ("Hikers buy lift passes. The pass has a price.", "", "passes"),
    # What people do is theirs, and what there is one of for each is pointed at.
    ("Ushers work shifts, which have a start and an end.", "shifts > ushers", ""),
    ("For every spice there is one importer.", "spices > importers", ""),
    ("Sailors join watches at a pier; a watch needs several of them.", "sailors <> watches", ""),
    # Questions say how things are related.
    ("Which porters are assigned to which wards?", "porters <> wards", ""),
    ("What leaks were reported by a warden for a cellar?", "leaks > wardens, leaks > cellars", "repairs"),
    # Jottings: points in one line, abbreviations.
    ("Falconry site. - falconers keep hawks - hawks fly w/ jesses", "hawks > falconers, jesses > hawks", ""),
    ("Employee records incl. department and manager. Departments have a floor.", "employees > departments", "managers"),
    # What people do is kept, even where nobody says to what; what they save for later is not theirs alone.
    ("Skaters book a spot in classes and pay every month.", "bookings > classes, payments > skaters", "spots months"),
    ("Customers order several pizzas.", "orders > customers, orders <> pizzas", ""),
    ("Painters can save recipes for later.", "painters <> recipes", ""),
    # Another name for the very same thing, and another sense of the same name.
    ("Clients send enquiries. Customers get letters.", "enquiries > clients, letters > clients", "customers"),
    ("Passengers buy tickets for flights.", "tickets > flights, tickets > passengers", ""),
    # What two things have together, and others of the same kind.
    ("Sailors upload logbooks; we keep their progress per lesson.", "lesson_progresses > sailors", ""),
    ("Courses can have other courses as prerequisite.", "courses <> courses", ""),
    ("Each book has authors, a publisher and genres.", "books > publishers", ""),
    ("Every class has a class teacher and pupils.", "classes > teachers", "class_teachers"),
    ("Helmets and ropes assigned to climbers.", "helmets > climbers, ropes > climbers", ""),
    # Clauses without a pronoun, and verbs that are said once or stand behind `who each`.
    ("We keep kayaks guests can borrow, and paddles.", "loans > kayaks, loans > guests", "kayaks_guests"),
    ("Nurses, who each work in a ward, have a name.", "nurses > wards", "works"),
    ("During it diagnoses are noted and medicines prescribed.", "prescriptions > medicines", ""),
    ("Otters are fed from sacks, keepers and vets are paid.", "", "keepers_and_vets"),
    # Whose something is.
    ("Every otter has a sire and a dam. Otters have a sex and a breed.", "otters > otters", "sires dams"),
    ("The bill goes to the patient's insurer. Patients have a name.", "patients > insurers", ""),
    ("A bug has a title, a reporter and an assignee.", "bugs > users", "reporters assignees"),
    ("Our mill: flours, millers, customer orders.", "customer_orders > customers", ""),
    # What hangs on two things, what is one of several, what is done for somebody.
    ("Quotas per warden and zone are set. Wardens and zones have a name.", "quotas > wardens, quotas > zones", ""),
    ("Umpires from several counties watch matches.", "umpires > counties", "county_umpires"),
    ("Rowers are registered with a team for a season.", "registrations > seasons", ""),
    ("Purchase orders with lines; lines have a product.", "purchase_order_lines > purchase_orders", "lines"),
    ("All saved edits are kept as revisions of an article.", "revisions > articles", "edits saved_edits"),
    ("Beekeepers own hives. Inspections are noted per hive by its keeper.", "inspections > beekeepers", "keepers"),
]


@pytest.mark.parametrize(("prose", "related", "absent"), _READ)
def test_what_a_sentence_says(prose: str, related: str, absent: str) -> None:
    design = OfflineDesigner().design(prose)
    links = {f"{link.from_} {'<>' if link.kind == 'many-to-many' else '>'} {link.to}" for link in design.relationships}
    both = links | {" <> ".join(reversed(link.split(" <> "))) for link in links}
    assert {each.strip() for each in related.split(",") if each.strip()} <= both
    assert not {entity.name for entity in design.entities} & set(absent.split())


def test_columns_that_inner_questions_ask_for() -> None:
    design = OfflineDesigner().design("Families register with us and tell us how many adults and cats live there.")
    (families,) = design.entities
    assert {"adult_count", "cat_count"} <= {attribute.name for attribute in families.attributes}


def test_the_most_and_the_unit_of_something() -> None:
    design = OfflineDesigner().design("A hike has a maximum number of participants and a length in miles.")
    (hikes,) = design.entities
    assert {"max_participants", "length"} <= {attribute.name for attribute in hikes.attributes}
