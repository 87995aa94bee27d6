"""A rest lasts its time, and no longer than its process may go on."""

import asyncio

from eventstore.rests import rest


async def test_a_rest_ends_when_its_time_is_over() -> None:
    stop = asyncio.Event()

    await rest(stop, 0.01)

    assert not stop.is_set()


async def test_a_rest_ends_at_once_when_its_process_has_to_stop() -> None:
    stop = asyncio.Event()
    resting = asyncio.create_task(rest(stop, 3600))

    stop.set()

    async with asyncio.timeout(10):
        await resting


async def test_who_has_to_stop_already_does_not_rest() -> None:
    stop = asyncio.Event()
    stop.set()

    async with asyncio.timeout(10):
        await rest(stop, 3600)
