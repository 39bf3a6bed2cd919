"""Queries as Django applications write them; what each sends is what is tested."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any


def queries(customers: list[Any]) -> list[Callable[[], Any]]:
    """Each runs one or a few statements."""
    return [*_reads(), *_groups(), *_postgres(), *_writes(customers)]


def _reads() -> list[Callable[[], Any]]:
    from django.contrib.auth.models import Permission, User
    from django.db.models import Exists, F, OuterRef, Q, Subquery

    from tests.dialect.applications.shop.models import Customer, Line, Order, Product

    paid = Order.objects.filter(customer=OuterRef("pk"), status="paid")
    return [
        lambda: list(Customer.objects.all()),
        lambda: list(Customer.objects.filter(name__icontains="mer 1").order_by("-joined", "name")),
        lambda: list(Customer.objects.filter(Q(name__startswith="Cust") & ~Q(email__endswith="1@example.com"))),
        lambda: list(Customer.objects.filter(name__regex=r"^Customer [0-3]$").values_list("name", flat=True)),
        lambda: list(Customer.objects.filter(name__iexact="CUSTOMER 2")),
        lambda: list(Customer.objects.filter(joined__year=2024, joined__month__in=[1, 2]).values("name", "joined")),
        lambda: list(Customer.objects.filter(joined__range=("2024-02-01", "2024-02-03"))),
        lambda: list(Customer.objects.dates("joined", "month")),
        lambda: list(Order.objects.datetimes("placed", "day")),
        lambda: list(Order.objects.filter(placed__date__gt=datetime.date(2024, 2, 1)).values_list("id")),
        lambda: list(Order.objects.filter(placed__hour=12, placed__week_day=5).values_list("id", "placed")),
        lambda: list(Order.objects.select_related("customer", "customer__user")),
        lambda: list(Order.objects.prefetch_related("lines__product", "products").order_by("id")),
        lambda: list(Customer.objects.filter(orders__lines__product__price__gt=1).distinct().order_by("id")),
        lambda: list(Customer.objects.exclude(orders__status="paid")),
        lambda: list(Customer.objects.filter(orders__isnull=True)),
        lambda: list(Customer.objects.annotate(has=Exists(paid)).filter(has=True).values_list("id", "has")),
        lambda: list(
            Customer.objects.annotate(last=Subquery(paid.order_by("-placed").values("placed")[:1])).values("id", "last")
        ),
        lambda: list(Customer.objects.order_by("name").distinct("name").values("name")),
        lambda: list(Customer.objects.order_by(F("user").desc(nulls_last=True), "id").values("id", "user")),
        lambda: list(Customer.objects.order_by("id")[2:4]),
        lambda: Customer.objects.order_by("id").first(),
        lambda: Customer.objects.latest("joined"),
        lambda: Customer.objects.filter(name="nobody").exists(),
        lambda: Customer.objects.in_bulk([1, 2, 3]),
        lambda: list(Product.objects.filter(active=True, rating__gte=0.5).only("title")),
        lambda: list(Product.objects.defer("attributes").order_by("price")),
        lambda: list(Line.objects.filter(quantity__gt=F("product__rating")).values_list("id")),
        lambda: list(Line.objects.filter(product__in=Product.objects.filter(stock__lt=30)).values_list("pk")),
        lambda: list(Customer.objects.filter(id__lt=3).union(Customer.objects.filter(id__gt=4)).order_by("id")),
        lambda: list(Customer.objects.filter(id__lt=5).intersection(Customer.objects.filter(id__gt=2))),
        lambda: list(Customer.objects.filter(id__lt=5).difference(Customer.objects.filter(id__gt=2))),
        lambda: User.objects.get(username="ann").get_all_permissions(),
        lambda: User.objects.get(username="ann").has_perm("auth.add_user"),
        lambda: list(Permission.objects.select_related("content_type").order_by("content_type__app_label", "codename")),
        lambda: list(User.objects.with_perm("auth.add_user", backend="django.contrib.auth.backends.ModelBackend")),
        lambda: list(Customer.objects.raw("SELECT id, name FROM shop_customer WHERE id > %s", [3])),
    ]


def _groups() -> list[Callable[[], Any]]:
    from django.db.models import (
        Avg,
        Case,
        CharField,
        Count,
        DecimalField,
        ExpressionWrapper,
        F,
        Max,
        Min,
        Q,
        StdDev,
        Sum,
        Value,
        Variance,
        When,
        Window,
    )  # fmt: skip
    from django.db.models.functions import (
        Cast,
        Coalesce,
        Concat,
        DenseRank,
        Extract,
        ExtractYear,
        FirstValue,
        Greatest,
        Lag,
        Left,
        Length,
        Lower,
        NullIf,
        Rank,
        Replace,
        Round,
        RowNumber,
        StrIndex,
        Substr,
        Trim,
        TruncDay,
        TruncMonth,
        Upper,
    )  # fmt: skip

    from tests.dialect.applications.shop.models import Customer, Line, Order, Product

    worth = ExpressionWrapper(F("quantity") * F("product__price") * (1 - F("discount")), DecimalField())
    band = Case(When(price__lt=2, then=Value("low")), When(price__lt=4, then=Value("mid")), default=Value("high"),
                output_field=CharField())  # fmt: skip
    return [
        Order.objects.count,
        lambda: Product.objects.aggregate(Min("price"), Max("price"), Avg("rating"), Sum("stock"), n=Count("*")),
        lambda: Product.objects.aggregate(a=Avg("price"), s=StdDev("rating"), v=Variance("rating")),
        lambda: Product.objects.aggregate(n=Count("code", filter=Q(active=True)), d=Count("active", distinct=True)),
        lambda: list(Customer.objects.annotate(n=Count("orders")).filter(n__gt=1).values("id", "n").order_by("id")),
        lambda: list(Customer.objects.annotate(n=Count("orders")).order_by("-n", "id")),
        lambda: list(Order.objects.values("status").annotate(n=Count("id"), total=Sum("lines__quantity")).order_by()),
        lambda: list(Order.objects.annotate(total=Sum(F("lines__quantity") * F("lines__product__price"))).values()),
        lambda: list(Line.objects.annotate(worth=worth).values_list("id", "worth").order_by("id")),
        lambda: Line.objects.aggregate(total=Sum(F("quantity") * F("product__price"))),
        lambda: list(Product.objects.annotate(band=band).values("band").annotate(n=Count("code")).order_by("band")),
        lambda: list(Order.objects.annotate(day=TruncDay("placed")).values("day").annotate(n=Count("id"))),
        lambda: list(Order.objects.annotate(m=TruncMonth("placed")).values("m").annotate(n=Count("id"))),
        lambda: list(Order.objects.annotate(y=ExtractYear("placed"), w=Extract("placed", "week")).values("y", "w")),
        lambda: list(
            Line.objects.annotate(
                r=Window(Rank(), partition_by="product", order_by=F("quantity").desc()),
                d=Window(DenseRank(), order_by="quantity"),
                n=Window(RowNumber(), order_by="id"),
                before=Window(Lag("quantity"), order_by="id"),
                top=Window(FirstValue("quantity"), partition_by="order", order_by="-quantity"),
                running=Window(Sum("quantity"), order_by="id"),
            ).values_list("id", "r", "d", "n", "before", "top", "running")
        ),
        lambda: list(
            Line.objects.annotate(n=Window(RowNumber(), partition_by="product", order_by="id")).filter(n=1).values("id")
        ),
        lambda: list(
            Customer.objects.annotate(
                u=Upper("name"), lo=Lower("name"), n=Length("name"), le=Left("name", 3), s=Substr("name", 2, 4),
                t=Trim("name"), r=Replace("name", Value("Customer"), Value("C")), at=StrIndex("name", Value("o")),
                c=Concat("name", Value(" <"), Cast("email", CharField()), Value(">")),
                co=Coalesce("user__username", Value("none")),
            ).values()
        ),
        lambda: list(
            Product.objects.annotate(
                r=Round("price"), g=Greatest("stock", Value(15)), c=Cast("price", CharField()),
                z=NullIf("stock", Value(0)), h=F("price") / 2, m=F("stock") % 7,
            ).values("title", "r", "g", "z", "m")
        ),
    ]  # fmt: skip


def _postgres() -> list[Callable[[], Any]]:
    from django.contrib.postgres.aggregates import ArrayAgg, BoolAnd, BoolOr, JSONBAgg, StringAgg
    from django.contrib.postgres.expressions import ArraySubquery
    from django.db.models import Count, F, OuterRef, Value
    from django.db.models.fields.json import KT
    from django.db.models.functions import JSONObject, Random

    from tests.dialect.applications.shop.models import Customer, Order, Product

    del Random, Value
    orders = Order.objects.filter(customer=OuterRef("pk")).order_by("id").values("id")
    return [
        lambda: list(Customer.objects.filter(preferences__lang="de").values_list("id")),
        lambda: list(Customer.objects.filter(preferences__n__gt=2).values_list("id")),
        lambda: list(Customer.objects.filter(preferences__x__y__0=3).values_list("id")),
        lambda: list(Customer.objects.filter(preferences__has_key="lang").values_list("id")),
        lambda: list(Customer.objects.filter(preferences__has_any_keys=["q", "n"]).values_list("id")),
        lambda: list(Customer.objects.filter(preferences__contains={"lang": "en"}).values_list("id")),
        lambda: list(Customer.objects.filter(preferences__contained_by={"lang": "en"}).values_list("id")),
        lambda: list(Customer.objects.filter(preferences__lang__icontains="E").values_list("id")),
        lambda: list(Customer.objects.filter(preferences__missing__isnull=True).values_list("id")),
        lambda: list(Customer.objects.values("preferences__lang").annotate(n=Count("id"))),
        lambda: list(Customer.objects.annotate(lang=KT("preferences__lang")).order_by("lang", "id").values("lang")),
        lambda: list(Customer.objects.order_by("preferences__n").values_list("preferences__n", "preferences__x")),
        lambda: list(Product.objects.filter(attributes__isnull=True).values_list("title")),
        lambda: list(Product.objects.filter(attributes__size__in=[1, 2]).values_list("title")),
        lambda: list(Customer.objects.annotate(o=JSONObject(name="name", joined="joined")).values_list("o")),
        lambda: list(Customer.objects.filter(tags__contains=["a"]).values_list("id")),
        lambda: list(Customer.objects.filter(tags__contained_by=["b", "c"]).values_list("id")),
        lambda: list(Customer.objects.filter(tags__overlap=["a", "z"]).values_list("id")),
        lambda: list(Customer.objects.filter(tags__len=2).values_list("id")),
        lambda: list(Customer.objects.filter(tags__0="b").values_list("id", "tags")),
        lambda: list(Customer.objects.filter(tags__0_1=["a"]).values_list("id")),
        lambda: list(Customer.objects.filter(tags=["b"]).values_list("id")),
        lambda: list(Customer.objects.annotate(ids=ArraySubquery(orders)).values_list("id", "ids")),
        lambda: list(Order.objects.values("status").annotate(ids=ArrayAgg("id", ordering="id")).order_by("status")),
        lambda: Product.objects.aggregate(t=StringAgg("title", delimiter=", ", ordering="title")),
        lambda: Product.objects.aggregate(
            j=JSONBAgg("title", ordering="title"), a=BoolAnd("active"), o=BoolOr("active")
        ),
        lambda: list(Customer.objects.filter(orders__placed__gt=F("joined")).values_list("id").order_by("id")),
    ]


def _writes(customers: list[Any]) -> list[Callable[[], Any]]:
    from django.contrib.contenttypes.models import ContentType
    from django.contrib.sessions.backends.db import SessionStore
    from django.db import IntegrityError, transaction
    from django.db.models import F, Q, Value
    from django.db.models.functions import Concat

    from tests.dialect.applications.shop.models import Customer, Line, Order, Product

    first = customers[0]

    def upsert() -> None:
        again = [Customer(name="New", email="c1@example.com", joined="2024-05-05"),
                 Customer(name="Other", email="c9@example.com", joined="2024-05-06")]  # fmt: skip
        Customer.objects.bulk_create(again, update_conflicts=True, unique_fields=["email"], update_fields=["name"])

    def ignore() -> None:
        row = Customer(name="Ignored", email="c1@example.com", joined="2024-05-05")
        Customer.objects.bulk_create([row], ignore_conflicts=True)

    def refused() -> None:
        try:
            Customer.objects.create(name="Twice", email="c1@example.com", joined="2024-05-05")
        except IntegrityError:
            return

    def locked() -> None:
        with transaction.atomic():
            row = Product.objects.select_for_update().order_by("price")[0]
            row.stock = F("stock") + 1
            row.save(update_fields=["stock"])
            list(Product.objects.select_for_update(skip_locked=True, of=("self",)).filter(active=True))

    def session() -> None:
        store = SessionStore()
        store["cart"] = [1, 2]
        store.save()
        SessionStore(store.session_key).load()
        store.clear_expired()

    def bulk_update() -> None:
        rows = list(Product.objects.order_by("title"))
        for row in rows:
            row.stock, row.rating = row.stock + 5, 1.5
        Product.objects.bulk_update(rows, ["stock", "rating"])

    return [
        lambda: Customer.objects.filter(id=first.id).update(name=Concat("name", Value("!")), joined="2024-06-01"),
        lambda: Product.objects.filter(price__gt=2).update(stock=F("stock") * 2, active=~Q(stock__lt=5)),
        lambda: Order.objects.filter(status="paid").update(placed="2024-03-01T10:00:00Z", note="paid"),
        lambda: Customer.objects.get_or_create(email="c2@example.com", defaults={"name": "X", "joined": "2024-01-01"}),
        lambda: Customer.objects.get_or_create(email="c8@example.com", defaults={"name": "X", "joined": "2024-01-01"}),
        lambda: Customer.objects.update_or_create(email="c8@example.com", defaults={"name": "Y"}),
        lambda: Customer.objects.filter(email="c8@example.com").update(preferences={"new": [1, None, True]}, tags=[]),
        upsert, ignore, refused, locked, session, bulk_update,
        lambda: ContentType.objects.get_for_model(Customer),
        lambda: first.orders.all().delete(),
        lambda: Line.objects.filter(order__customer__name__startswith="Customer 1").delete(),
        lambda: Customer.objects.filter(email="c9@example.com").delete(),
        lambda: Customer.objects.order_by("id").last().delete(),
    ]  # fmt: skip
