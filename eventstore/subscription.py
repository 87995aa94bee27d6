"""Notifications for the library's synchronous readers, pulled and never pushed."""

from collections import deque
from collections.abc import Sequence
from threading import Event
from typing import Final

from eventsourcing.persistence import ApplicationRecorder, Notification, Subscription

PAGE: Final = 500
POLL_SECONDS: Final = 0.1


class LogSubscription(Subscription[ApplicationRecorder]):
    """Pulls notifications page by page; at the end of the log it looks again and again.

    Nothing is listened for: a NOTIFY would serialise the commits of the log.
    """

    def __init__(
        self, recorder: ApplicationRecorder, gt: int | None, topics: Sequence[str]
    ) -> None:
        """Begin after position `gt`."""
        super().__init__(recorder, gt, topics)
        self._page: deque[Notification] = deque()
        self._stopped = Event()

    def stop(self) -> None:
        """End the iteration, also where it waits."""
        super().stop()
        self._stopped.set()

    def __next__(self) -> Notification:
        """Return the next notification, once there is one."""
        while not self._page and not self._stopped.is_set():
            self._pull()
        if self._stopped.is_set():
            raise StopIteration
        return self._page.popleft()

    def _pull(self) -> None:
        self._page.extend(
            self._recorder.select_notifications(
                self._last_notification_id or 0,
                PAGE,
                topics=self._topics,
                inclusive_of_start=False,
            )
        )
        if self._page:
            self._last_notification_id = self._page[-1].id
        else:
            self._stopped.wait(POLL_SECONDS)
