"""Django: its own migrations and those of applications from PyPI, and queries of its ORM."""

from __future__ import annotations

import datetime
import importlib.util
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.dialect.applications.recorder import Recorder

_APPS = ("django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions", "django.contrib.sites",
         "django.contrib.admin", "django.contrib.messages", "django.contrib.flatpages",
         "django.contrib.redirects", "taggit", "tests.dialect.applications.shop")  # fmt: skip
_WAGTAIL = ("wagtail.contrib.forms", "wagtail.contrib.redirects", "wagtail.contrib.search_promotions",
            "wagtail.embeds", "wagtail.sites", "wagtail.users", "wagtail.snippets", "wagtail.documents",
            "wagtail.images", "wagtail.search", "wagtail.admin", "wagtail", "modelcluster", "treebeard",
            "django.contrib.staticfiles")  # fmt: skip


def configure(uri: str, *, wagtail: bool) -> None:
    """Set Django up; once in a process."""
    import django
    from django.conf import settings

    parts = urlsplit(uri)
    host = parse_qs(parts.query).get("host", [parts.hostname])[0]
    apps = [app for app in _APPS if app != "taggit" or importlib.util.find_spec("taggit") is not None]
    settings.configure(
        INSTALLED_APPS=[*apps, *(_WAGTAIL if wagtail else ())],
        DATABASES={
            "default": {
                "ENGINE": "tests.dialect.applications.django_backend",
                "NAME": parts.path.lstrip("/"),
                "USER": parts.username,
                "HOST": host,
                "DISABLE_SERVER_SIDE_CURSORS": True,
            }
        },
        USE_TZ=True,
        TIME_ZONE="UTC",
        SITE_ID=1,
        SECRET_KEY="none",
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
        MIDDLEWARE=[],
        STATIC_URL="/static/",
        ROOT_URLCONF="tests.dialect.applications.shop",
        WAGTAIL_SITE_NAME="shop",
        WAGTAILADMIN_BASE_URL="http://localhost",
    )
    django.setup()


def _record(recorder: Recorder, work: Callable[[], None]) -> Recorder:
    from tests.dialect.applications.django_backend.base import DatabaseWrapper

    DatabaseWrapper.recorder = recorder
    try:
        work()
    finally:
        DatabaseWrapper.recorder = None
    return recorder


def migrate(recorder: Recorder) -> Recorder:
    """`manage.py migrate` of everything that is installed; the shop's tables by the schema editor."""
    return _record(recorder, _migrate)


def _migrate() -> None:
    from django.apps import apps
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        for model in apps.get_app_config("shop").get_models():
            editor.create_model(model)


def inspect(recorder: Recorder) -> Recorder:
    """`manage.py inspectdb`: Django's introspection of every table."""
    import io

    from django.core.management import call_command

    return _record(recorder, lambda: call_command("inspectdb", stdout=io.StringIO()))


def use(recorder: Recorder) -> Recorder:
    """Rows and queries by the ORM."""
    return _record(recorder, _use)


def _use() -> None:
    customers = _fill()
    for query in _queries(customers):
        query()


def _fill() -> list[Any]:
    from django.contrib.auth.models import Group, Permission, User

    from tests.dialect.applications.shop.models import Customer, Line, Order, Product

    user = User.objects.create_user("ann", "ann@example.com", "secret", first_name="Ann")
    User.objects.create_superuser("root", "root@example.com", "secret")
    group = Group.objects.create(name="editors")
    group.permissions.set(Permission.objects.order_by("id")[:5])
    user.groups.add(group)
    day = datetime.date(2024, 1, 31)
    customers = Customer.objects.bulk_create(
        Customer(name=f"Customer {n}", email=f"c{n}@example.com", joined=day + datetime.timedelta(days=n),
                 user=user if n == 0 else None, preferences={"lang": "en" if n % 2 else "de", "n": n, "x": {"y": [n]}},
                 tags=["a", "b"] if n % 2 else ["b"])
        for n in range(6)
    )  # fmt: skip
    products = Product.objects.bulk_create(
        Product(title=f"Product {n}", price=f"{n}.50", stock=n * 10, rating=n / 2 if n else None, active=n != 3,
                attributes={"size": n, "colours": ["red", "blue"][: n % 3]} if n else None)
        for n in range(5)
    )  # fmt: skip
    moment = datetime.datetime(2024, 2, 1, 12, tzinfo=datetime.UTC)
    for n, customer in enumerate(customers[:4]):
        for status in ("paid", "new"):
            order = Order.objects.create(customer=customer, placed=moment + datetime.timedelta(hours=30 * n),
                                         status=status)  # fmt: skip
            for product in products[n : n + 2]:
                Line.objects.create(order=order, product=product, quantity=n + 1, discount="0.125")
    return customers


def _queries(customers: list[Any]) -> list[Callable[[], Any]]:
    from tests.dialect.applications import django_queries

    return django_queries.queries(customers)
