"""Queries that lists of many kinds of records have in common."""

from typing import Literal

from readapi.documents import Status
from readapi.pages import Order, Paged


class ByName(Paged, frozen=True, kw_only=True):
    """The parameters of a list of records that have a name and can be archived."""

    status: Status | None = None
    sort: Literal["name", "created_at", "updated_at"] = "name"
    order: Order = Order.ASC
