"""Bodies of requests: nobody makes the server keep a long one without a login."""
import json
import socket

import pytest

from conftest import Maker
from harness.crowd import allow_descriptors
from harness.peer import until
from harness.server import Roost, address

CLIENTS = 190     # fewer than one address may have connections
BODY = 1000000    # what each of them announces
SENT = 900000     # and tries to send
KEPT_KIB = 8192   # for all of them: buffers of connections, and pages that the allocator keeps
SHORT_KIB = 15000  # the same with short bodies, of 16,000 bytes each


def post(port: int, path: str, length: int, *fields: str) -> socket.socket:
    """A request without its body."""
    s = socket.create_connection(("127.0.0.1", port), 20)
    s.sendall("\r\n".join([f"POST {path} HTTP/1.1", "Host: mail.example.org",
                           f"Content-Length: {length}", *fields,
                           "", ""]).encode())
    return s


def push(s: socket.socket, count: int) -> None:
    """So many bytes, or as many as the server takes."""
    s.settimeout(10)
    try:
        s.sendall(b"x" * count)
    except OSError:
        pass  # it has answered, and reads no more


def settled(roost: Roost) -> int:
    """VmRSS in kB, once it no longer grows."""
    seen = [-1, 0]
    until(lambda: seen.append(roost.status("VmRSS")) or seen[-1] - seen[-3] < 100, 20)  # type: ignore
    return seen[-1]


def status(s: socket.socket) -> int:
    """Of the answer."""
    s.settimeout(20)
    answer = b""
    while b"\r\n\r\n" not in answer and (data := s.recv(4096)):
        answer += data
    return int(answer.split()[1])


@pytest.mark.parametrize("path", ["/api/send", "/api/settings", "/api/login", "/form/none",
                                  "/autodiscover/autodiscover.xml"])
def test_a_long_body_needs_a_login(roost: Roost, path: str) -> None:
    with post(roost.ports["http"], path, 60000) as s:
        assert status(s) in (401, 404, 405, 413)  # before a byte of the body was sent


def test_a_form_that_exists_takes_a_short_body(make_roost: Maker) -> None:
    roost = make_roost(FORMS="name=contact to=alice@example.org").start()
    with post(roost.ports["http"], "/form/contact", 60000) as s:
        assert status(s) == 413
    with post(roost.ports["http"], "/form/none", 2) as s:
        assert status(s) == 404  # before a byte of the body was sent
    with post(roost.ports["http"], "/form/contact", 4,
              "Content-Type: application/x-www-form-urlencoded") as s:
        s.sendall(b"m=hi")
        assert status(s) == 200


def test_memory_of_clients_without_login(make_roost) -> None:  # type: ignore[no-untyped-def]
    allow_descriptors(8 * CLIENTS)
    roost = make_roost().start()
    before = roost.status("VmRSS")
    clients = [post(roost.ports["http"], "/api/send", BODY) for _ in range(CLIENTS)]
    for s in clients:
        push(s, SENT)
    after = settled(roost)
    print(f"VmRSS kB: {before} before, {after} with {CLIENTS} clients")
    assert after - before < KEPT_KIB
    for s in clients:
        s.close()


def test_short_bodies_wait_without_much_memory(make_roost) -> None:  # type: ignore[no-untyped-def]
    """Those that need no login, begun and never ended."""
    allow_descriptors(8 * CLIENTS)
    roost = make_roost().start()
    before = roost.status("VmRSS")
    clients = [post(roost.ports["http"], "/api/login", 16000) for _ in range(CLIENTS)]
    for s in clients:
        push(s, 15000)
    after = settled(roost)
    print(f"VmRSS kB: {before} before, {after} with {CLIENTS} clients")
    assert after - before < SHORT_KIB
    for s in clients:
        s.close()


def test_without_a_length(roost: Roost) -> None:
    with socket.create_connection(("127.0.0.1", roost.ports["http"]), 20) as s:
        s.sendall(b"POST /api/send HTTP/1.1\r\nHost: mail.example.org\r\n"
                  b"Transfer-Encoding: chunked\r\nContent-Type: message/rfc822\r\n\r\n")
        assert status(s) == 401


def test_a_long_body_of_somebody_who_may(roost: Roost) -> None:
    """Twenty times what is kept in memory."""
    token = roost.cli("token", "add", address("alice"), "sender", "send").strip()
    text = "a line of text\r\n" * 20000
    body = json.dumps({"from": address("alice"), "to": [address("bob")], "subject": "long",
                       "text": text}).encode()
    with post(roost.ports["http"], "/api/send", len(body), "Content-Type: application/json",
              f"Authorization: Bearer {token}") as s:
        s.sendall(body)
        assert status(s) in (200, 201, 202)


def test_the_budget_of_all_bodies(roost: Roost) -> None:
    """Each announces 60 MiB: some are told to come again, and short bodies go on."""
    token = roost.cli("token", "add", address("alice"), "sender", "send").strip()
    fields = (f"Authorization: Bearer {token}", "Content-Type: message/rfc822")
    clients = [post(roost.ports["http"], "/api/send", 60 << 20, *fields) for _ in range(5)]
    with post(roost.ports["http"], "/api/login", 2) as s:
        s.sendall(b"{}")
        assert status(s) == 415
    refused = []
    for s in clients:
        s.settimeout(1)
        try:
            refused.append(int(s.recv(4096).split()[1]))
        except TimeoutError:
            pass  # its body is awaited
    assert refused == [503, 503]
    for s in clients:
        s.close()

    def room() -> bool:
        with post(roost.ports["http"], "/api/send", 60 << 20, *fields) as s:
            s.settimeout(0.5)
            try:
                return b" 503 " not in s.recv(4096)
            except TimeoutError:
                return True

    until(room, 15, "room for another body")
