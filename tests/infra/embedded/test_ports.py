"""Ports are remembered, and never promised twice."""

import socket
from pathlib import Path

from infra.embedded.ports import LOOPBACK, Ports


def test_a_port_is_remembered(tmp_path: Path) -> None:
    port = Ports(tmp_path / "ports.json").take("nats")

    assert Ports(tmp_path / "ports.json").take("nats") == port


def test_a_port_in_use_is_replaced(tmp_path: Path) -> None:
    ports = Ports(tmp_path / "ports.json")
    port = ports.take("nats")

    with socket.create_server((LOOPBACK, port)):
        assert ports.take("nats") != port


def test_two_servers_never_get_the_same_port(tmp_path: Path) -> None:
    (tmp_path / "ports.json").write_text('{"nats": 40001, "valkey": 40001}')
    ports = Ports(tmp_path / "ports.json")

    assert ports.take("nats") != ports.take("valkey")


def test_a_damaged_file_costs_the_memory_only(tmp_path: Path) -> None:
    (tmp_path / "ports.json").write_text("{")

    assert Ports(tmp_path / "ports.json").take("nats") > 0
