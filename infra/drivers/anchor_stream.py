"""The anchor on NATS JetStream: a stream of its own, which refuses to forget."""

from collections.abc import AsyncIterator, Sequence
from typing import Final

import msgspec
from nats.js import JetStreamContext, api
from nats.js.errors import NotFoundError

from eventstore.sealing.statements import Seal
from infra.drivers.jetstream import AFTER_SEQUENCE, ANSWER_SECONDS, JetStream, translated

ID: Final = "Nats-Msg-Id"
NO_SEAL: Final = Seal(0, "", b"")
"""What a message of a stranger is read as; a verification names it."""


class AnchorStream:
    """Keeps seals as messages that neither a delete nor a purge takes away."""

    name = "the anchor stream"

    def __init__(self, connection: JetStream, *, prefix: str = "psa", replicas: int = 1) -> None:
        """Use an open connection; `prefix` names the stream, `replicas` is for a cluster."""
        self._connection = connection
        self._tail: dict[str, str] = {}
        self._subject = f"{prefix}.seals"
        self._stream = f"{prefix.upper()}_SEALS"
        self._config = api.StreamConfig(
            name=self._stream,
            subjects=[self._subject],
            storage=api.StorageType.FILE,
            retention=api.RetentionPolicy.LIMITS,
            discard=api.DiscardPolicy.NEW,
            deny_delete=True,
            deny_purge=True,
            duplicate_window=120,
            num_replicas=replicas,
        )

    async def last(self) -> Seal | None:
        """Return the seal of the last message, making the stream if it is not there."""
        with translated():
            stream = self._connection.context()
            state = (await self._ensure(stream)).state
            self._tail = {AFTER_SEQUENCE: str(state.last_seq)}
            if not state.messages:
                return None
            message = await stream.get_msg(self._stream, seq=state.last_seq)
            return _parse(message.data or b"")

    async def add(self, seals: Sequence[Seal]) -> None:
        """Publish a message for each seal, one after the other, each behind the one before it.

        Fails when the stream does not end where it did: a server may have lost its last messages.
        """
        with translated():
            stream = self._connection.context()
            await self._ensure(stream)
            for seal in seals:
                # Sent once more because the answer was lost, it is known by its id.
                headers = {ID: seal.digest.hex(), **self._tail}
                answer = await stream.publish(
                    self._subject, msgspec.json.encode(seal), headers=headers
                )
                if not answer.duplicate:
                    self._tail = {AFTER_SEQUENCE: str(answer.seq)}

    async def read(self) -> AsyncIterator[Seal]:
        """Yield all seals; where there is no stream, there are none."""
        with translated():
            stream = self._connection.context()
            try:
                state = (await stream.stream_info(self._stream)).state
            except NotFoundError:
                return
            if not state.messages:
                return
            reader = await stream.subscribe(self._subject, ordered_consumer=True)
            try:
                last = 0
                while last < state.last_seq:
                    message = await reader.next_msg(ANSWER_SECONDS)
                    last = message.metadata.sequence.stream
                    yield _parse(message.data)
            finally:
                await reader.unsubscribe()

    async def _ensure(self, stream: JetStreamContext) -> api.StreamInfo:
        try:
            return await stream.stream_info(self._stream)
        except NotFoundError:
            return await stream.add_stream(self._config)


def _parse(payload: bytes) -> Seal:
    try:
        return msgspec.json.decode(payload, type=Seal)
    except msgspec.DecodeError:
        return NO_SEAL
