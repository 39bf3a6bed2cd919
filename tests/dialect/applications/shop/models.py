"""Models over every kind of field that Django has for PostgreSQL and ours can hold."""

from __future__ import annotations

import uuid

from django.contrib.auth.models import User
from django.contrib.postgres.fields import ArrayField
from django.db import models


class Customer(models.Model):
    """Someone who orders."""

    name = models.CharField(max_length=80)
    email = models.EmailField(unique=True)
    joined = models.DateField()
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL)
    preferences = models.JSONField(default=dict)
    tags = ArrayField(models.CharField(max_length=20), default=list)

    class Meta:
        app_label = "shop"
        indexes = (models.Index(fields=["name", "-joined"]),)


class Product(models.Model):
    """Something to order."""

    code = models.UUIDField(primary_key=True, default=uuid.uuid4)
    title = models.TextField()
    price = models.DecimalField(max_digits=10, decimal_places=2)
    stock = models.PositiveIntegerField(default=0)
    rating = models.FloatField(null=True)
    active = models.BooleanField(default=True)
    attributes = models.JSONField(null=True)

    class Meta:
        app_label = "shop"
        constraints = (models.CheckConstraint(condition=models.Q(price__gte=0), name="price_not_negative"),)


class Order(models.Model):
    """What a customer ordered."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="orders")
    products = models.ManyToManyField(Product, through="Line")
    placed = models.DateTimeField()
    status = models.CharField(max_length=10, choices=[("new", "New"), ("paid", "Paid")], default="new")
    note = models.TextField(blank=True)

    class Meta:
        app_label = "shop"
        ordering = ("placed", "id")
        constraints = (
            models.UniqueConstraint(
                fields=["customer"], condition=models.Q(status="new"), name="one_new_order_for_each"
            ),
        )


class Line(models.Model):
    """One product of an order."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="lines")
    quantity = models.SmallIntegerField()
    discount = models.DecimalField(max_digits=4, decimal_places=3, default=0)

    class Meta:
        app_label = "shop"
        unique_together = (("order", "product"),)
