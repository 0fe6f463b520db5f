"""The ports that tests give to servers: no two get the same, and none that somebody has."""
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from harness.ports import EACH, LAST, Ports, free_port

MANY = "from harness.ports import free_port\nprint(*(free_port() for _ in range(50)))\ninput()"


def test_no_two_processes_get_the_same() -> None:
    """As long as they run."""
    words = [sys.executable, "-c", MANY]
    with subprocess.Popen(words, cwd=Path(__file__).parent, text=True, stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as other:
        assert other.stdout
        theirs = {int(word) for word in other.stdout.readline().split()}
        ours = {free_port() for _ in range(50)}
        assert len(theirs) == len(ours) == 50 and not theirs & ours
        other.communicate("\n")


def test_outgoing_connections_get_none() -> None:
    low, _ = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text("ascii").split()
    assert LAST <= int(low)


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.2"])
def test_one_in_use_is_passed_over(kind: socket.SocketKind, address: str) -> None:
    ports = Ports()
    port = ports.free()
    with socket.socket(type=kind) as s:
        s.bind((address, port + 1))
        if kind == socket.SOCK_STREAM:
            s.listen()
        assert port + 1 not in {ports.free() for _ in range(EACH)}
    assert port + 1 in {ports.free() for _ in range(EACH)}
