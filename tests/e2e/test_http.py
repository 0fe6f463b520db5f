"""HTTP so far: health for supervisors, metrics for Prometheus, a placeholder page."""
import http.client
import re
import time
import urllib.error
import urllib.request

import pytest

from harness import mail
from harness.peer import Peer, trusting
from harness.server import Roost


def get(roost: Roost, path: str, tls: bool = False) -> tuple[int, str, str]:
    """Status, content type and body."""
    scheme, port = ("https", roost.ports["https"]) if tls else ("http", roost.ports["http"])
    try:
        with urllib.request.urlopen(f"{scheme}://127.0.0.1:{port}{path}", timeout=15,
                                    context=trusting() if tls else None) as r:
            return r.status, r.headers["Content-Type"], r.read().decode()
    except urllib.error.HTTPError as e:
        return e.code, e.headers["Content-Type"] or "", e.read().decode()


def metrics(roost: Roost) -> dict[str, float]:
    """Names with their labels to values."""
    status, kind, text = get(roost, "/metrics")
    assert status == 200 and kind.startswith("text/plain; version=0.0.4")
    found = {}
    for line in text.splitlines():
        if line.startswith("#"):
            assert re.fullmatch(r"# (HELP|TYPE) [a-z0-9_]+ .+", line), line
            continue
        name, value = line.rsplit(" ", 1)
        assert re.fullmatch(r"[a-z0-9_]+(\{[^}]*\})?", name), line
        found[name] = float(value)
    return found


@pytest.mark.parametrize("tls", [False, True])
def test_health(roost: Roost, tls: bool) -> None:
    assert get(roost, "/healthz/live", tls)[0] == 200
    assert get(roost, "/healthz/ready", tls)[0] == 200
    assert get(roost, "/nowhere", tls)[0] == 404
    assert get(roost, "/", tls)[1].startswith("text/html")


def test_metrics_count(roost: Roost) -> None:
    before = metrics(roost)
    for _ in range(3):
        mail.deliver(roost, mail.letter("counted"))
    mail.inbox(roost)
    after = metrics(roost)
    changed = {name: after[name] - before.get(name, 0) for name in after}
    assert changed['roost_smtp_messages_total{service="smtp"}'] == 3
    assert changed["roost_delivered_total"] == 3
    assert changed['roost_logins_total{result="ok"}'] == 1
    assert changed["roost_store_commits_total"] >= 1
    assert changed["roost_store_writes_total"] >= 3
    assert after["roost_connections"] >= 1


def test_metrics_tell_what_waits_for_the_index(roost: Roost) -> None:
    def waiting() -> float:
        return metrics(roost)["roost_search_waiting"]

    until = time.monotonic() + 30
    while waiting() and time.monotonic() < until:  # the first look at everything, after the start
        time.sleep(0.05)
    assert waiting() == 0
    mail.deliver(roost, mail.letter("indexed"))
    assert waiting() == 1, "new mail is gathered for some seconds"
    while waiting() and time.monotonic() < until:
        time.sleep(0.05)
    assert waiting() == 0


def test_one_connection_for_many_requests(roost: Roost) -> None:
    c = http.client.HTTPConnection("127.0.0.1", roost.ports["http"], timeout=15)
    for _ in range(50):
        c.request("GET", "/healthz/live")
        response = c.getresponse()
        response.read()
        assert response.status == 200
    c.request("POST", "/healthz/live", body="x" * 100)
    response = c.getresponse()
    response.read()
    assert response.status == 405
    c.close()


@pytest.mark.parametrize("request_bytes, status", [
    (b"NONSENSE\r\n\r\n", (b"400", b"")),
    (b"GET /healthz/live HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
     (b"431", b"414", b"413")),
    (b"GET /" + b"y" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", (b"414", b"431")),
    (b"GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", (b"404", b"400")),
    (b"GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
     (b"404", b"400")),
])
def test_nonsense(roost: Roost, request_bytes: bytes, status: tuple[bytes, ...]) -> None:
    with Peer(roost.ports["http"]) as peer:
        try:
            peer.send(request_bytes)
        except ConnectionError:
            pass  # it has heard enough
        answer = peer.rest().split(b" ", 2)
        assert (answer[1] if len(answer) > 1 else b"") in status, answer[:2]
    assert get(roost, "/healthz/live")[0] == 200
