"""HTTP requests as no library would write them."""
from harness.peer import Peer
from harness.server import Roost


def raw(roost: Roost, request: bytes, tls: bool = False) -> tuple[int, bytes]:
    """Exactly these bytes as a request; the status, 0 for none, and all that came back."""
    with Peer(roost.ports["https" if tls else "http"], tls) as peer:
        try:
            peer.send(request)
        except ConnectionError:
            pass  # it has heard enough
        answer = peer.rest()
    return int(answer[9:12]) if answer.startswith(b"HTTP/1.1 ") else 0, answer


def raw_get(roost: Roost, target: bytes, host: bytes = b"localhost", more: bytes = b"",
            method: bytes = b"GET") -> tuple[int, bytes]:
    """A request with this target as it stands."""
    return raw(roost, method + b" " + target + b" HTTP/1.1\r\nHost: " + host + b"\r\n" + more +
               b"Connection: close\r\n\r\n")
