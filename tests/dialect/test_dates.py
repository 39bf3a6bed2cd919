"""Dates, times and intervals: what PostgreSQL 18 prints for them, and how it refuses."""

from __future__ import annotations

import pytest

import helios_magic
from helios_magic.errors import QueryError


@pytest.fixture(scope="module")
def session():
    with helios_magic.connect(":memory:") as opened:
        yield opened


@pytest.mark.parametrize(
    ("expression", "printed"),
    [
        ("date '2024-01-31' + interval '1 month'", "2024-02-29 00:00:00"),
        ("date '2024-01-31' + time '10:00'", "2024-01-31 10:00:00"),
        ("time '23:00' + interval '2 hours'", "01:00:00"),
        ("time '10:00' - time '09:15'", "00:45:00"),
        ("interval '1 day' * 1.5", "1 day 12:00:00"),
        ("interval '1 year 2 months 3 days' * 2.5", "2 years 11 mons 7 days 12:00:00"),
        ("interval '1 month' / 4", "7 days 12:00:00"),
        ("interval '10 days' / 3", "3 days 08:00:00"),
        ("interval '1 mon' IS DISTINCT FROM interval '30 days'", "false"),
        ("date_trunc('century', timestamp '2024-02-29 10:00')", "2001-01-01 00:00:00"),
        ("date_trunc('millennium', timestamp '2000-02-29 10:00')", "1001-01-01 00:00:00"),
        ("date_trunc('day', timestamptz '2024-07-01 03:00+00', 'America/New_York')", "2024-06-30 04:00:00+00"),
        ("date_trunc('minute', interval '1 day 02:03:04.5')", "1 day 02:03:00"),
        ("extract(millennium from date '2000-12-31')", "2"),
        ("extract(epoch from interval '1 year 1 day 1.5 seconds')", "31644001.500000"),
        ("extract(month from interval '-14 months')", "-2"),
        ("extract(quarter from interval '-4 months')", "-2"),
        ("extract(milliseconds from time '10:30:15.25')", "15250.000"),
        ("extract(julian from date '2024-02-29')", "2460370"),
        ("date_part('epoch', timestamp '2024-01-31 10:30:15.5')", "1706697015.5"),
        ("age(timestamp '2024-03-31', timestamp '2024-02-29')", "1 mon 2 days"),
        ("age(timestamp '2001-04-10', timestamp '1957-06-13')", "43 years 9 mons 27 days"),
        ("age(timestamp '2024-01-01 10:00', timestamp '2024-01-02 12:00')", "-1 days -02:00:00"),
        ("justify_days(interval '-35 days 3 hours')", "-1 mons -5 days +03:00:00"),
        ("justify_hours(interval '-49 hours 30 minutes')", "-2 days -00:30:00"),
        ("justify_interval(interval '1 mon -1 hour')", "29 days 23:00:00"),
        ("make_interval(1,2,3,4,5,6,7.5)", "1 year 2 mons 25 days 05:06:07.5"),
        ("make_interval(weeks => 2, mins => 3)", "14 days 00:03:00"),
        ("make_timestamptz(2024,7,15,8,15,23.5,'America/New_York')", "2024-07-15 12:15:23.5+00"),
        ("date_bin('15 minutes', timestamp '2020-02-11 15:44:17', timestamp '2001-01-01')", "2020-02-11 15:30:00"),
        ("timestamp '2024-01-01 12:00' AT TIME ZONE '+03'", "2024-01-01 15:00:00+00"),
        ("timestamptz '2024-01-01 12:00+00' AT TIME ZONE interval '2 hours'", "2024-01-01 14:00:00"),
        ("timezone('America/New_York', timestamp '2024-01-01 12:00')", "2024-01-01 17:00:00+00"),
        ("(date '2001-02-16', date '2001-12-21') OVERLAPS (date '2001-10-30', date '2002-10-30')", "true"),
        ("(date '2001-10-29', date '2001-10-30') OVERLAPS (date '2001-10-30', date '2001-10-31')", "false"),
        ("(date '2001-02-16', NULL) OVERLAPS (date '2001-10-30', date '2002-10-30')", None),
        ("interval '1-2'", "1 year 2 mons"),
        ("interval '3 4:05:06'", "3 days 04:05:06"),
        ("interval '1.5 weeks'", "10 days 12:00:00"),
        ("interval '0.5 year'", "6 mons"),
        ("interval '1.5 months'", "1 mon 15 days"),
        ("interval 'P1Y2M3DT4H5M6S'", "1 year 2 mons 3 days 04:05:06"),
        ("interval 'P0001-02-03T04:05:06'", "1 year 2 mons 3 days 04:05:06"),
        ("interval '1 year 2 months ago'", "-1 years -2 mons"),
        ("interval '1 hour 30'", "01:00:30"),
        ("interval '-1 day +2 hours'", "-1 days +02:00:00"),
        ("interval '1 month - 1 day'", "1 mon -1 days"),
        ("interval '1-2' year to month", "1 year 2 mons"),
        ("interval '1 day 12:34:56' hour", "1 day 12:00:00"),
        ("interval '-1 mon +1 day -01:00:00.5'", "-1 mons +1 day -01:00:00.5"),
        ("'infinity'::timestamp > timestamp '2024-01-01'", "true"),
        ("date 'January 8, 1999'", "1999-01-08"),
        ("date '08-Jan-1999'", "1999-01-08"),
        ("date '1/8/1999'", "1999-01-08"),
        ("date '20240131'", "2024-01-31"),
        ("timestamp '2024-01-31 24:00:00'", "2024-02-01 00:00:00"),
        ("timestamp 'Jan 31 2024 5:06 PM'", "2024-01-31 17:06:00"),
        ("timestamptz '2024-01-31 10:30:15 America/New_York'", "2024-01-31 15:30:15+00"),
        ("timestamptz '2024-01-31 10:30:15 EST'", "2024-01-31 15:30:15+00"),
        ("timestamp(2) '2024-01-01 10:00:00.126'", "2024-01-01 10:00:00.13"),
        ("time '10:00'::interval", "10:00:00"),
        ("interval '26 hours'::time", "02:00:00"),
    ],
)
def test_a_value_prints_as_in_postgresql(session, expression, printed):
    assert session.run(f"SELECT ({expression})::text AS x").table["x"].to_pylist() == [printed]


@pytest.mark.parametrize(
    ("query", "sqlstate", "message"),
    [
        ("SELECT interval '1 banana'", "22007", 'invalid input syntax for type interval: "1 banana"'),
        ("SELECT date '2024-02-30'", "22008", 'date/time field value out of range: "2024-02-30"'),
        ("SELECT timestamp 'banana'", "22007", 'invalid input syntax for type timestamp: "banana"'),
        ("SELECT time '25:00'", "22008", 'date/time field value out of range: "25:00"'),
        ("SELECT make_date(2023, 2, 29)", "22008", "date field value out of range: 2023-02-29"),
        (
            "SELECT date_trunc('fortnight', timestamp '2024-01-01')",
            "22023",
            'unit "fortnight" not recognized for type timestamp without time zone',
        ),
        ("SELECT extract(hour from date '2024-01-01')", "0A000", 'unit "hour" not supported for type date'),
        ("SELECT date '2024-01-31' + date '2024-01-31'", "42883", "operator does not exist: date + date"),
        ("SELECT date '2024-01-31' + '1 day'", "42725", "operator is not unique: date + unknown"),
        (
            "SELECT date_bin('1 month', timestamp '2020-02-11', timestamp '2001-01-01')",
            "0A000",
            "timestamps cannot be binned into intervals containing months or years",
        ),
        ("SELECT date '2024-01-01'::int", "42846", "cannot cast type date to integer"),
    ],
)
def test_what_is_no_date_is_refused_as_in_postgresql(session, query, sqlstate, message):
    with pytest.raises(QueryError) as caught:
        session.run(query)
    assert (caught.value.details["sqlstate"], caught.value.message) == (sqlstate, message)
