"""Ports for servers that must be told theirs.

They lie below those that the kernel gives to outgoing connections (32768 and more), so none is
taken before its server listens. Each process that runs tests has a block of them to itself; the
name of an abstract socket says that a block is taken, in the same network namespace as the ports,
and goes with the process."""
import itertools
import socket

FIRST, LAST, EACH = 20000, 32000, 200


class Ports:
    """A block of one's own."""

    def __init__(self) -> None:
        self._claim = socket.socket(socket.AF_UNIX)
        self._first = next(first for first in range(FIRST, LAST, EACH) if self._take(first))
        self._next = itertools.cycle(range(self._first, self._first + EACH))

    def _take(self, first: int) -> bool:
        try:
            self._claim.bind(f"\0roost-tests-{first}")
        except OSError:
            return False
        return True

    def free(self) -> int:
        """The one whose turn comes last again, of those where nobody listens at any address."""
        for port in itertools.islice(self._next, EACH):
            if _is_free(port):
                return port
        raise RuntimeError(f"{EACH} ports from {self._first} on are in use")


def _is_free(port: int) -> bool:
    """For TCP and UDP; what remains of closed connections is in nobody's way."""
    with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tcp.bind(("0.0.0.0", port))
            udp.bind(("0.0.0.0", port))
        except OSError:
            return False
    return True


_PORTS: list[Ports] = []


def free_port() -> int:
    """One that is nobody else's for now."""
    if not _PORTS:
        _PORTS.append(Ports())
    return _PORTS[0].free()
