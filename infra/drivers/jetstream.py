"""The broker on NATS JetStream.

Longer than others, because it is the only module that may know nats-py: the connection that is
never given up, the stream with its fence and its doorbell, and the subscription that replaces
nats-py's own fetch.
"""

import asyncio
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from types import TracebackType
from typing import Final, Self
from weakref import WeakSet

import msgspec
import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext, api
from nats.js.errors import APIError, NotFoundError

from eventstore.broker import BrokerUnavailable, Chunk, OutOfOrder
from eventstore.epochs import Epochs

FIRST: Final = "Psa-First"
LAST: Final = "Nats-Msg-Id"
AFTER: Final = "Nats-Expected-Last-Msg-Id"
AFTER_SEQUENCE: Final = "Nats-Expected-Last-Sequence"
OUT_OF_ORDER: Final = {10070, 10071}
EPOCH: Final = "Psa-Epoch"
HEADERS: Final = 1024  # Counted by the server as part of the payload.

OPEN_SECONDS: Final = 2.0
ANSWER_SECONDS: Final = 2.0
PULL: Final = 32
PULL_SECONDS: Final = 5.0
NEAR: Final = 64
IDLE: Final = "100"
EXPIRED: Final = {"404", "408"}

logger = structlog.get_logger()


class JetStream:
    """One connection to NATS; the stream is made whenever it is not there.

    `prefix` names stream and subjects, `replicas` is for a cluster, `ack_wait` is how long,
    in seconds, a reader may work on a message. While the server is away every call fails at
    once, and the connection is sought in the background.
    """

    def __init__(
        self,
        urls: str,
        *,
        prefix: str = "psa",
        max_bytes: int = 1 << 30,
        replicas: int = 1,
        ack_wait: float = 30.0,
        epochs: Epochs | None = None,
    ) -> None:
        """Plan a connection to one of the servers in `urls`, separated by commas.

        With `epochs`, what the log told of restores, messages of another epoch are none: they are
        not delivered, and a stream that ends with one is made anew.
        """
        self._epochs = epochs
        self._urls = urls.split(",")
        self._stream = f"{prefix.upper()}_LOG"
        self._subject = f"{prefix}.log"
        self._doorbell = f"{prefix}.head"
        self._config = api.StreamConfig(
            name=self._stream,
            subjects=[self._subject],
            storage=api.StorageType.FILE,
            retention=api.RetentionPolicy.LIMITS,
            discard=api.DiscardPolicy.OLD,
            max_bytes=max_bytes,
            duplicate_window=120,
            num_replicas=replicas,
        )
        self._ack_wait = ack_wait
        self._client: Client | None = None
        self._opened = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None
        self._bells: WeakSet[asyncio.Event] = WeakSet()
        self._rings: set[asyncio.Task[None]] = set()
        self._end: tuple[datetime | None, int, int, int] | None = None
        self._last: int | None = None
        self._reason = ""
        self.losses = 0
        """How often the connection was lost: what the server knew of it is gone."""

    async def __aenter__(self) -> Self:
        """Connect, or go on trying in the background."""
        self._keeper = asyncio.create_task(self._keep_open())
        opened = asyncio.create_task(self._opened.wait())
        await asyncio.wait(
            {self._keeper, opened}, timeout=OPEN_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
        opened.cancel()
        if self._keeper.done():
            await self._keeper  # What can not work later either, such as a malformed URL.
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Disconnect."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait({self._keeper})

    def largest(self) -> int:
        """Return how many bytes the payload of a chunk may have."""
        return self._connected().max_payload - HEADERS

    def is_of_today(self, headers: Mapping[str, str]) -> bool:
        """Tell whether a message is of today's epoch, as far as this connection has to know."""
        return self._epochs is None or int(headers.get(EPOCH, "1")) == self._epoch()

    def _epoch(self) -> int:
        return 1 if self._epochs is None else self._epochs.current

    def context(self) -> JetStreamContext:
        """Return what another stream of this connection is reached by, within `translated`."""
        return self._jetstream()

    async def last(self) -> int | None:
        """Return the last position in the stream, making it if it is not there."""
        with translated():
            stream = self._jetstream()
            info = await self._ensure(stream)
            end = (info.created, info.state.first_seq, info.state.last_seq, self._epoch())
            if end != self._end:
                self._last = await self._position(stream, info) if info.state.last_seq else None
                self._end = end
            return self._last

    async def publish(self, chunks: Sequence[Chunk], after: int | None) -> None:
        """Append chunks, all of them in flight at once; the fence keeps their order."""
        befores = [after, *(chunk.last for chunk in chunks)]
        with translated():
            stream = self._jetstream()
            # Not publish_async: an error of the server never reaches its future (#985).
            outcomes = await asyncio.gather(
                *(self._send(stream, *each) for each in zip(chunks, befores, strict=False)),
                return_exceptions=True,
            )
            # The refusals of later chunks only follow from the first one.
            failure = next((o for o in outcomes if isinstance(o, BaseException)), None)
            if isinstance(failure, OutOfOrder) or _is_refusal(failure):
                raise OutOfOrder(await self.last()) from failure
            if failure is not None:
                raise failure

    async def reset(self) -> None:
        """Make the stream anew; a purged one would swallow ids of the last two minutes."""
        with translated():
            await self._recreate(self._jetstream())

    async def subscribe(self, name: str) -> "JetStreamSubscription":
        """Attach the durable pull consumer `name`."""
        with translated():
            stream = self._jetstream()
            await self._ensure(stream)
            await self._ensure_consumer(stream, name)
            subscription = JetStreamSubscription(self, self._connected(), self._stream, name)
            await subscription.open()
            return subscription

    def ring(self, position: int) -> None:
        """Ring, without waiting; while the server is away, nobody hears it."""
        with suppress(BrokerUnavailable):
            ring = asyncio.ensure_future(self._ring(self._connected(), position))
            self._rings.add(ring)
            ring.add_done_callback(self._rings.discard)

    def bell(self) -> asyncio.Event:
        """Return an event that is set by every ring, and by a new connection."""
        bell = asyncio.Event()
        self._bells.add(bell)
        return bell

    async def _ring(self, client: Client, position: int) -> None:
        with suppress(nats.errors.Error):
            await client.publish(self._doorbell, str(position).encode())

    async def _heard(self, _: Msg | None = None) -> None:
        for bell in self._bells:
            bell.set()

    async def _keep_open(self) -> None:
        while True:
            closed = asyncio.Event()
            client = Client()

            async def on_closed(closed: asyncio.Event = closed) -> None:
                closed.set()

            try:
                await client.connect(
                    self._urls,
                    error_cb=self._on_error,
                    disconnected_cb=self._on_disconnected,
                    reconnected_cb=self._on_reconnected,
                    closed_cb=on_closed,
                    max_reconnect_attempts=-1,
                    reconnect_time_wait=0.2,  # type: ignore[arg-type]  # used as a float
                    ping_interval=5,
                    pending_size=0,  # Nothing waits for a reconnect and comes too late.
                )
                with suppress(nats.errors.Error):
                    await client.subscribe(self._doorbell, cb=self._heard)
                    await client.flush()
                self._client = client
                self._opened.set()
                # The server may end a connection for good; then nats-py gives up.
                await closed.wait()
                await asyncio.sleep(ANSWER_SECONDS)
            finally:
                with suppress(AssertionError):  # nats-py's word for: it was never opened.
                    await client.close()

    async def _on_disconnected(self) -> None:
        self.losses += 1

    async def _on_reconnected(self) -> None:
        self._reason = ""
        logger.info("broker_found")
        await self._heard()

    async def _on_error(self, error: Exception) -> None:
        reason = f"{type(error).__name__}: {error}"
        if reason != self._reason:  # It is the same one at every attempt.
            self._reason = reason
            logger.warning("broker_trouble", reason=reason)

    def _connected(self) -> Client:
        if self._client is None or not self._client.is_connected:
            msg = "not connected"
            raise BrokerUnavailable(msg)
        return self._client

    def _jetstream(self) -> JetStreamContext:
        return self._connected().jetstream(timeout=ANSWER_SECONDS)

    async def _ensure(self, stream: JetStreamContext) -> api.StreamInfo:
        try:
            return await stream.stream_info(self._stream)
        except NotFoundError:
            logger.info("stream_created", stream=self._stream)
            return await stream.add_stream(self._config)

    async def _recreate(self, stream: JetStreamContext) -> None:
        with suppress(NotFoundError):
            await stream.delete_stream(self._stream)
        await stream.add_stream(self._config)

    async def _position(self, stream: JetStreamContext, info: api.StreamInfo) -> int | None:
        if info.state.messages:
            message = await stream.get_msg(self._stream, seq=info.state.last_seq)
            headers = message.headers or {}
            if FIRST in headers and self.is_of_today(headers):
                return int(headers[LAST])
        # Purged, written by a stranger, or telling what a restore took back: no position of this
        # log, hence no fence to begin with.
        logger.warning("stream_unusable", stream=self._stream)
        await self._recreate(stream)
        return None

    async def _send(self, stream: JetStreamContext, chunk: Chunk, after: int | None) -> None:
        fence = {AFTER_SEQUENCE: "0"} if after is None else {AFTER: str(after)}
        headers = {LAST: str(chunk.last), FIRST: str(chunk.first), **fence}
        if self._epoch() > 1:
            headers[EPOCH] = str(self._epoch())
        answer = await stream.publish(self._subject, chunk.payload, headers=headers)
        if answer.duplicate:
            raise OutOfOrder(None)

    async def _ensure_consumer(self, stream: JetStreamContext, name: str) -> None:
        with suppress(NotFoundError):
            info = await stream.consumer_info(self._stream, name)
            if (info.num_pending or 0) + (info.num_ack_pending or 0) <= NEAR:
                return
            await stream.delete_consumer(self._stream, name)
        await stream.add_consumer(
            self._stream,
            durable_name=name,
            name=name,
            deliver_policy=api.DeliverPolicy.NEW,
            ack_policy=api.AckPolicy.ALL,
            ack_wait=self._ack_wait,
            max_ack_pending=1_000,
            inactive_threshold=86_400,
        )


class JetStreamSubscription:
    """A durable pull consumer and one request at a time, in place of nats-py's fetch.

    That one waits for a full batch or its timeout once a message has come, and hangs
    after the server was restarted (#504, #709).
    """

    def __init__(self, owner: JetStream, client: Client, stream: str, name: str) -> None:
        """Read from the consumer `name` by way of `client`."""
        self._owner = owner
        self._losses = owner.losses
        self._client = client
        self._inbox = client.new_inbox()
        self._next = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{name}"
        self._chunks: deque[Chunk] = deque()
        self._replies: list[tuple[int, str]] = []
        self._arrived = asyncio.Event()
        self._wanted = 0
        self._wanted_until = 0.0
        self._lost: str | None = None

    async def open(self) -> None:
        """Listen, and ask for the first messages."""
        self._listener = await self._client.subscribe(self._inbox, cb=self._take)
        await self._pull()

    async def fetch(self, wait: float) -> list[Chunk]:
        """Return what has arrived, at the latest after `wait` seconds."""
        self._check()
        if not self._chunks:
            self._arrived.clear()
            await self._pull()
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._arrived.wait()
            self._check()
            # Not earlier: after a long absence the answer is where only the loop can get it.
            if self._wanted > 0 and _now() > self._wanted_until:
                msg = "the consumer does not answer"
                raise BrokerUnavailable(msg)
        chunks = list(self._chunks)
        self._chunks.clear()
        await self._pull()
        return chunks

    async def acknowledge(self, position: int) -> None:
        """Acknowledge the newest of the messages up to this position, and so all before it."""
        done = [each for each in self._replies if each[0] <= position]
        if done:
            self._replies = [each for each in self._replies if each[0] > position]
            with translated():
                await self._client.publish(max(done)[1])

    async def close(self) -> None:
        """Stop listening; the consumer stays."""
        with suppress(nats.errors.Error):
            await self._listener.unsubscribe()

    async def _pull(self) -> None:
        if self._wanted <= 0:
            self._wanted = PULL
            self._wanted_until = _now() + PULL_SECONDS + ANSWER_SECONDS
            request = {"batch": PULL, "expires": int(PULL_SECONDS * 1e9)}
            with translated():
                await self._client.publish(self._next, msgspec.json.encode(request), self._inbox)

    def _check(self) -> None:
        if self._owner.losses != self._losses:
            self._lost = "the connection was lost"
        if self._lost is not None:
            raise BrokerUnavailable(self._lost)

    async def _take(self, message: Msg) -> None:
        headers = message.headers or {}
        status = headers.get("Status")
        if status is None:
            self._wanted -= 1
            # A message of a stranger has no position: readers find a gap, if it is one.
            if FIRST in headers and self._owner.is_of_today(headers):
                last = int(headers[LAST])
                self._chunks.append(Chunk(int(headers[FIRST]), last, message.data))
                self._replies.append((last, message.reply))
        elif status in EXPIRED:
            self._wanted = 0
        elif status != IDLE:
            self._lost = headers.get("Description", status)
        self._arrived.set()


def _now() -> float:
    return asyncio.get_running_loop().time()


def _is_refusal(error: BaseException | None) -> bool:
    return isinstance(error, APIError) and error.err_code in OUT_OF_ORDER


@contextmanager
def translated() -> Iterator[None]:
    """Raise what the client raises as BrokerUnavailable."""
    try:
        yield
    except (nats.errors.Error, OSError) as error:  # TimeoutError is an OSError.
        msg = f"{type(error).__name__}: {error}"
        raise BrokerUnavailable(msg) from error
