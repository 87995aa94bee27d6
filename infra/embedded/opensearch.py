"""OpenSearch on Java: one node on loopback, started without its launcher scripts."""

import hashlib
import http.client
import json
import os
import shutil
import signal
from collections.abc import Mapping
from pathlib import Path

import msgspec

from infra.embedded import distribution, java, private, unprivileged
from infra.embedded.errors import EmbeddedError
from infra.embedded.ports import LOOPBACK, Ports
from infra.embedded.process import Program, Terms
from infra.embedded.urls import OPENSEARCH_URL

ANSWER_SECONDS = 5.0
MAIN_CLASS = "org.opensearch.bootstrap.OpenSearch"

# As the distribution's own jvm.options, without the garbage collection log it would write into
# its own folder, and sized for a machine that runs everything.
OPTIONS = (
    "-Xms512m",
    "-Xmx512m",
    "-Xss1m",
    "-XX:+UseSerialGC",
    "-XX:-UsePerfData",  # It would write to the system's temporary folder.
    "-Djava.awt.headless=true",
    "-Dfile.encoding=UTF-8",
    "-Djna.nosys=true",
    "-Dio.netty.noUnsafe=true",
    "-Dio.netty.recycler.maxCapacityPerThread=0",
    "-Dlog4j.shutdownHookEnabled=false",
    "-Dlog4j2.disable.jmx=true",
    "-Dorg.apache.lucene.store.MMapDirectory.sharedArenaMaxPermits=1",
    "-javaagent:agent/opensearch-agent.jar",
    "--enable-native-access=ALL-UNNAMED",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "-Dopensearch.distribution.type=zip",
    "-Dopensearch.bundled_jdk=false",
)
FAST_START = "-XX:TieredStopAtLevel=1"  # 9 s instead of 13 s, and slow ever after: for tests.

# One log like every other server: the console, which the supervisor writes to a file.
LOGGING = """\
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%-25c{1.}] [%node_name]%marker %m%n
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
logger.node.name = org.opensearch.node
logger.node.level = info
"""


class Health(msgspec.Struct):
    """The part of the health that tells it is our node and ready."""

    cluster_name: str
    status: str


class OpenSearch:
    """The search server of one home; it knows no passwords, loopback is its only wall."""

    terms = Terms(
        name="opensearch",
        start_seconds=180.0,
        stop_seconds=30.0,
        stop_signals=(signal.SIGTERM,),
        worth_another_try=("BindException", "BindTransportException", "BindHttpException"),
    )

    def __init__(
        self, home: Path, ports: Ports, *, fast: bool, environment: Mapping[str, str] = os.environ
    ) -> None:
        """Keep the indices below home; `fast` starts sooner and runs slower."""
        self._home = home
        self._folder = home / "opensearch"
        self._ports = ports
        self._fast = fast
        self._environment = environment
        self._port = 0
        # Tells our node from a stranger that was faster at the port.
        self._cluster = f"psa-{hashlib.sha256(bytes(home)).hexdigest()[:16]}"

    def prepare(self) -> Program:
        """Find Java and the distribution, and write the configuration."""
        program = java.find(self._environment)
        if program is None:
            raise EmbeddedError(java.LACKING)
        account = unprivileged.account_for(program, self._home)
        folder = distribution.find(
            self._environment, lambda path: unprivileged.may_reach(account, path)
        )
        for part in ("data", "config", "tmp", "logs"):
            private.folder(self._folder / part)
        self._configure(folder)
        unprivileged.hand_over([self._folder, *(self._folder / "config").iterdir()], account)
        return Program(
            [str(program), *self._options(folder), "-cp", "lib/*", MAIN_CLASS], folder, account
        )

    def answers(self) -> bool:
        """Ask for the health of the cluster."""
        connection = http.client.HTTPConnection(LOOPBACK, self._port, timeout=ANSWER_SECONDS)
        try:
            connection.request("GET", "/_cluster/health")
            health = msgspec.json.decode(connection.getresponse().read(), type=Health)
        except (OSError, http.client.HTTPException, msgspec.DecodeError):
            return False
        finally:
            connection.close()
        return health.cluster_name == self._cluster and health.status in {"green", "yellow"}

    def complete(self) -> None:
        """Nothing is left to do."""

    def urls(self) -> Mapping[str, str]:
        """Return the address."""
        return {OPENSEARCH_URL: f"http://{LOOPBACK}:{self._port}"}

    def _options(self, folder: Path) -> list[str]:
        return [
            *OPTIONS,
            *([FAST_START] if self._fast else []),
            f"-XX:ErrorFile={self._folder}/logs/crash.log",
            f"-Djava.io.tmpdir={self._folder / 'tmp'}",
            f"-Dopensearch.path.home={folder}",
            f"-Dopensearch.path.conf={self._folder}/config",
        ]

    def _configure(self, folder: Path) -> None:
        self._port = self._ports.take(self.terms.name)
        settings = {
            "cluster.name": self._cluster,
            "node.name": "psa",
            "discovery.type": "single-node",
            "network.host": LOOPBACK,
            "http.port": self._port,
            "transport.port": self._ports.take(f"{self.terms.name}-transport"),
            "path.data": str(self._folder / "data"),
            "path.logs": str(self._folder / "logs"),
            "node.store.allow_mmap": False,
            # A developer's disk is often more than 90 % full; the search must not become read-only.
            "cluster.routing.allocation.disk.threshold_enabled": False,
            # With a small heap, garbage that waits to be collected would count as a full memory.
            "indices.breaker.total.use_real_memory": False,
        }
        config = self._folder / "config"
        shutil.copytree(
            folder / "config", config, dirs_exist_ok=True, copy_function=shutil.copyfile
        )
        # JSON is YAML: no quoting rules of our own.
        private.write(config / "opensearch.yml", json.dumps(settings, indent=1, ensure_ascii=False))
        private.write(config / "log4j2.properties", LOGGING)


def missing(environment: Mapping[str, str] = os.environ) -> list[str]:
    """Say what this machine lacks for a local OpenSearch and how to get it, one sentence each."""
    has_java = java.find(environment) is not None
    return [
        reason
        for reason in (None if has_java else java.LACKING, distribution.lacking(environment))
        if reason
    ]
