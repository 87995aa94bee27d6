"""Passwords are drawn once, kept private, and never shown."""

from pathlib import Path

import pytest

from infra.embedded import EmbeddedError
from infra.embedded.passwords import Passwords


def test_passwords_are_drawn_once(tmp_path: Path) -> None:
    drawn = Passwords.kept_in(tmp_path / "passwords.json")

    assert Passwords.kept_in(tmp_path / "passwords.json") == drawn
    assert Passwords.kept_in(tmp_path / "others.json") != drawn


def test_only_the_owner_may_read_them(tmp_path: Path) -> None:
    Passwords.kept_in(tmp_path / "passwords.json")

    assert (tmp_path / "passwords.json").stat().st_mode & 0o777 == 0o600


def test_a_password_missing_in_an_older_file_is_added(tmp_path: Path) -> None:
    (tmp_path / "passwords.json").write_text('{"nats": "kept"}')

    added = Passwords.kept_in(tmp_path / "passwords.json")

    assert added.nats == "kept"
    assert Passwords.kept_in(tmp_path / "passwords.json") == added


def test_a_damaged_file_is_named_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "passwords.json").write_text("{")

    with pytest.raises(EmbeddedError, match=r"passwords\.json is damaged; restore it"):
        Passwords.kept_in(tmp_path / "passwords.json")


def test_they_are_hidden_in_texts_and_in_their_own_name() -> None:
    passwords = Passwords(nats="hunter2")

    assert passwords.hidden_in("password: hunter2") == "password: ***"
    assert "hunter2" not in repr(passwords)
