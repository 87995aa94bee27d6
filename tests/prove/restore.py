"""Proves that a restore gives back what was, names what is lost, and lets everything heal.

`python -m tests.prove.restore [EVENTS] [--opensearch]` starts a platform, backs it up, records so
many more events (5,000), kills everything, restores to the second in the middle of them, and starts
again. One line of JSON tells what was seen; the first thing that is not as it has to be ends it.
"""

import asyncio
import json
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx

from infra.bootstrap import rebuild, stream_position
from infra.drivers.anchor_file import read_file
from infra.sealing import stated
from infra.settings import Settings, find_urls
from projections.table import VIEWS
from tests.chaos.platform import wait_until
from tests.infra.processes import family
from tests.prove.platform import HERE, Platform

EVENTS: Final = 5_000
PER_REQUEST: Final = 250
LOG: Final = """
    select coalesce(max(position), 0),
           md5(string_agg(position::text || event_id || md5(state), ',' order by position))
      from es.events
     where position <= %s
"""
BEHIND: Final = """
    select count(*) from rm.checkpoints
     where position < (select max(position) from es.events) and view not like 'mirror of %'
"""
END: Final = 2**62


class Drilled:
    """One platform, and what was seen of it."""

    def __init__(self, home: Path, *options: str) -> None:
        self.home = home
        self.platform = Platform(HERE, home)
        self.options = options
        self.seen: dict[str, Any] = {}

    def run(self, events: int) -> dict[str, Any]:
        """Go through all of it."""
        begun = time.monotonic()
        with self.platform.up(*self.options) as process:
            self._before(events)
            process.kill()
            process.wait()
        wait_until(lambda: not family(self.home), "nothing is left running")
        self._restore()
        with self.platform.up(*self.options):
            self._after()
        self.seen["seconds"] = round(time.monotonic() - begun, 1)
        return self.seen

    def _before(self, events: int) -> None:
        platform = self.platform
        platform.psa("demo", "--tickets", "20")
        self.seen["backup"] = json.loads(platform.psa("backup", "create", "--json"))["id"]
        with platform.client() as client:
            self._record(client, "kept", events // 2)
            self.page = self._list(client)
            self.to = self._next_second()
            self.middle = self._log(END)
            self._record(client, "lost", events - events // 2)
            assert self._found(client, "lost") == 1
        self.end = self._log(END)
        assert self.end[0] - self.middle[0] >= events // 2
        self.seen["lost_events"] = self.end[0] - self.middle[0]
        self._settle()
        wait_until(lambda: self._anchored() >= self.end[0], "all is anchored")
        refused = platform.tried("restore", "--to", "latest", "--yes")
        assert refused.returncode == 1
        assert "is in use by process" in refused.stderr

    def _restore(self) -> None:
        platform, to = self.platform, self.to.isoformat()
        planned = platform.tried("restore", "--to", to, "--dry-run")
        assert "would be lost" in planned.stderr, planned.stderr
        before = sorted(path.name for path in self.home.glob("postgres*"))
        assert before == ["postgres"], "a dry run changes nothing"
        begun = time.monotonic()
        told = json.loads(platform.psa("restore", "--to", to, "--yes", "--json"))
        self.seen["restored_in"] = round(time.monotonic() - begun, 1)
        self.seen["restored_to"] = to
        assert told["first_position"] == self.middle[0] + 1, told
        assert told["epoch"] == 2, told
        assert Path(told["replaced"]).is_dir()
        self.seen["lost"] = told["lost"]

    def _after(self) -> None:
        platform = self.platform
        assert self._settle() == self.middle[0]
        assert self._log(END) == self.middle, "the log is what it was at that second"
        self._verify()
        with platform.client() as client:
            self._ask(client)
            self._record(client, "after", 3)
            assert self._found(client, "after") == 1
            assert self._found(client, "lost") == 0
            assert self._found(client, "kept") == 1
        head = self._settle()
        urls = find_urls(Settings(home=self.home))
        wait_until(lambda: asyncio.run(stream_position(urls)) == head, "the stream has all of it")
        wait_until(lambda: self._verified()["sealed_to"] == head, "the sealer has gone on")
        self._verify()
        for view in VIEWS:
            settings = Settings(home=self.home)
            report = asyncio.run(rebuild(settings, urls, view, lambda *_: None))
            assert report.hash_before == report.hash_after, view.name
        self.seen["views"] = len(VIEWS)
        platform.psa("backup", "verify")
        self.seen["drill"] = json.loads(platform.psa("backup", "drill", "--json"))["views"]
        platform.psa("doctor")

    def _ask(self, client: httpx.Client) -> None:
        outdated, true = str(self.end[0]), str(self.middle[0])
        refused = client.get("/groups", headers={"X-Min-Position": outdated})
        assert refused.status_code == 410, refused.text
        assert client.get("/groups", headers={"X-Min-Position": true}).status_code == 200
        assert client.get(self.page).status_code == 410
        answer = client.post("/groups", json={"name": "The first of epoch 2"})
        assert answer.headers["X-Position"].startswith("2-"), answer.headers
        seen = {"X-Min-Position": answer.headers["X-Position"], "X-Max-Wait-Ms": "10000"}
        path = f"/groups/{answer.json()['id']}"
        assert client.get(path, headers=seen).status_code == 200

    def _verify(self) -> None:
        report = self._verified()
        assert report["problem"] is None, report
        (loss,) = report["losses"]
        assert loss["first_position"] == self.middle[0] + 1, loss
        assert loss["last_position"] == self.end[0], loss
        assert loss["events"] == self.seen["lost_events"], loss

    def _verified(self) -> dict[str, Any]:
        report: dict[str, Any] = json.loads(self.platform.psa("audit", "verify", "--json"))
        return report

    def _record(self, client: httpx.Client, word: str, events: int) -> None:
        """Record so many events; the first record has the word alone as its name."""
        goal = self._log(END)[0] + events
        number = 0
        while self._log(END)[0] < goal:
            names = [f"{word} {n}" if n else word for n in range(number, number + PER_REQUEST)]
            commands = [{"type": "FormGroup", "data": {"name": name}} for name in names]
            # A group is two events: its name is taken first.
            most = max(1, (goal - self._log(END)[0]) // 2)
            answer = client.post("/commands", json=commands[:most])
            assert answer.is_success, answer.text
            assert answer.json()[0]["accepted"], answer.text
            number += PER_REQUEST

    def _found(self, client: httpx.Client, name: str) -> int:
        self._settle()
        groups = client.get("/groups", params={"search": name, "limit": "100"}).json()["data"]
        return sum(group["name"] == name for group in groups)

    def _list(self, client: httpx.Client) -> str:
        self._settle()
        page = client.get("/groups", params={"cursor": "start", "limit": "1"}).json()
        return str(page["links"]["next"]).removeprefix("/api/v1")

    def _settle(self) -> int:
        """Wait until every view shows the head of the log, and return the head."""
        with self.platform.database() as connection:

            def settled() -> bool:
                return connection.execute(BEHIND).fetchone() == (0,)

            wait_until(settled, "every view shows the head of the log")
        return self._log(END)[0]

    def _next_second(self) -> datetime:
        """Wait for a whole second after everything that was recorded, and return it."""
        to = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1)
        wait_until(lambda: datetime.now(UTC) > to, "the second is over")
        return to

    def _log(self, upto: int) -> tuple[int, str]:
        with self.platform.database() as connection:
            row = connection.execute(LOG, [upto]).fetchone()
        assert row is not None
        return int(row[0]), str(row[1])

    def _anchored(self) -> int:
        path = self.home / "anchors" / "seals.jsonl"
        return max((s.last for s in stated(read_file(path))), default=0) if path.exists() else 0


def run(events: int, *options: str) -> dict[str, Any]:
    """Drill in a folder of its own, and return what was seen."""
    # Not below a long path: a socket has to fit.
    with tempfile.TemporaryDirectory(prefix="psa-prove-") as folder:
        return Drilled(Path(folder) / "home", *options).run(events)


if __name__ == "__main__":
    numbers = [int(each) for each in sys.argv[1:] if each.isdecimal()]
    flags = [each for each in sys.argv[1:] if each.startswith("--")]
    told = run(numbers[0] if numbers else EVENTS, *flags)
    print(json.dumps({"prove": "restore", "events": numbers[0] if numbers else EVENTS, **told}))
