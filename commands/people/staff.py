"""Users whom other records name as those who work on them."""

from collections.abc import Mapping
from typing import Any

from commands.context import Context
from domain.people.users import User


async def look_up_staff(ctx: Context, facts: Mapping[str, Any], field: str) -> None:
    """See that the user whom a field names, if any, is in use and of the staff.

    Raises `UserNotFound`, `UserDeactivated` and `StaffRequired`.
    """
    if facts.get(field) is not None:
        user = await ctx.look(User, facts[field])
        user.require_active()
        user.require_staff(field)
