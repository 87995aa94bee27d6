"""OpenSearch: a real node, and what is said when one can not be had."""

import hashlib
import os
import threading
import zipfile
from pathlib import Path

import httpx
import pytest

from infra.embedded import EmbeddedError, Stack, distribution, java
from infra.embedded.opensearch import missing
from infra.embedded.urls import NEEDED

ELSEWHERE = dict.fromkeys(NEEDED, "elsewhere://")
needs_opensearch = pytest.mark.skipif(bool(missing()), reason=" ".join(missing()) or "present")

GERMAN = {
    "analysis": {
        "filter": {
            "parts": {
                "type": "dictionary_decompounder",
                "word_list": ["netz", "werk", "druck", "drucker", "fehler"],
                "only_longest_match": True,
            },
            "stem": {"type": "stemmer", "language": "light_german"},
        },
        "analyzer": {
            "german_parts": {
                "tokenizer": "standard",
                "filter": ["lowercase", "parts", "german_normalization", "stem"],
            }
        },
    }
}


def search_only(home: Path) -> Stack:
    return Stack(home, external=ELSEWHERE, opensearch=True, durable=False)


@needs_opensearch
def test_a_node_takes_german_words_apart_and_keeps_documents(home: Path) -> None:
    with search_only(home) as stack:
        url = stack.start().opensearch
        assert url is not None
        httpx.put(f"{url}/tickets", json={"settings": GERMAN}).raise_for_status()
        httpx.put(
            f"{url}/tickets/_doc/1?refresh=true", json={"title": "Ausfall"}
        ).raise_for_status()
        analysed = httpx.post(
            f"{url}/tickets/_analyze",
            json={"analyzer": "german_parts", "text": "Netzwerkdruckerfehler"},
        ).json()

    tokens = {token["token"] for token in analysed["tokens"]}
    assert {"netz", "werk", "druck", "fehl"} <= tokens

    with search_only(home) as stack:
        url = stack.start().opensearch
        found = httpx.get(f"{url}/tickets/_search?q=title:ausfall").json()

    assert found["hits"]["total"]["value"] == 1


@needs_opensearch
def test_a_node_writes_nothing_into_its_distribution(home: Path) -> None:
    folder = distribution.find(os.environ, lambda _: True)
    before = sorted((path, path.lstat().st_mtime_ns) for path in folder.rglob("*"))

    with search_only(home) as stack:
        stack.start()

    assert sorted((path, path.lstat().st_mtime_ns) for path in folder.rglob("*")) == before


@needs_opensearch
def test_two_processes_fetch_the_distribution_once(tmp_path: Path) -> None:
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    environment.pop("PSA_OPENSEARCH_HOME", None)
    found: list[Path] = []

    def find() -> None:
        found.append(distribution.find(environment, lambda _: True))

    threads = [threading.Thread(target=find) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [tmp_path / "psa" / f"opensearch-{distribution.VERSION}"] * 2
    assert sorted(path.name for path in (tmp_path / "psa").iterdir()) == [
        found[0].name,
        f"{found[0].name}.lock",
    ]


def test_a_machine_without_java_and_maven_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(java, "INSTALLED", ())
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    bare = {"PATH": str(tmp_path), "HOME": str(tmp_path)}

    no_java, no_distribution = missing(bare)

    assert no_java.startswith("Java 21 or newer is missing; install a JDK")
    assert "Maven, which would fetch it, is missing; install Maven" in no_distribution


def test_a_named_folder_without_opensearch_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedError, match="holds no OpenSearch; correct it"):
        distribution.find({"PSA_OPENSEARCH_HOME": str(tmp_path)}, lambda _: True)


def test_a_java_that_is_too_old_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(java, "INSTALLED", (f"{tmp_path}/*",))
    for version in ("17.0.1", "21.0.2"):
        program = tmp_path / version / "bin" / "java"
        program.parent.mkdir(parents=True)
        program.touch()
        (tmp_path / version / "release").write_text(f'JAVA_VERSION="{version}"\n')

    found = java.find({"PATH": "", "JAVA_HOME": str(tmp_path / "17.0.1")})

    assert found == tmp_path / "21.0.2" / "bin" / "java"


def test_an_archive_with_another_hash_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "opensearch.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("opensearch/lib/evil.jar", "evil")

    with pytest.raises(EmbeddedError, match=hashlib.sha256(archive.read_bytes()).hexdigest()):
        distribution._unpack(archive, tmp_path / "unpacked")

    assert not (tmp_path / "unpacked").exists()


def test_a_cache_others_may_write_is_not_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    theirs.mkdir()
    theirs.chmod(0o777)
    monkeypatch.setattr(distribution, "_caches", lambda _: [theirs, ours])
    (ours / f"opensearch-{distribution.VERSION}" / "lib").mkdir(parents=True)
    (ours / f"opensearch-{distribution.VERSION}" / "lib" / "opensearch-3.jar").touch()

    assert distribution.find({}, lambda _: True).parent == ours
