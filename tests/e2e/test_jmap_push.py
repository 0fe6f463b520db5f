"""Push over connections that stay open: EventSource (RFC 8620 7.3) and WebSocket (RFC 8887)."""
import base64
import json
import os
import socket
import struct
from typing import Any

from harness.server import Roost
from jmap_client import Jmap


def connect(jmap: Jmap, path: str, fields: dict[str, str]) -> tuple[socket.socket, Any]:
    s = socket.create_connection(("127.0.0.1", jmap.roost.ports["http"]), timeout=20)
    head = "".join(f"{k}: {v}\r\n" for k, v in {**jmap.headers, **fields}.items())
    s.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{head}\r\n".encode())
    return s, s.makefile("rb")


def head(f: Any) -> tuple[int, dict[str, str]]:
    status = int(f.readline().split()[1])
    fields = {}
    while (line := f.readline().decode().strip()):
        key, _, value = line.partition(":")
        fields[key.lower()] = value.strip()
    return status, fields


def event(f: Any) -> dict[str, str]:
    """The next event; comments are skipped."""
    while True:
        found = {}
        while (line := f.readline().decode().rstrip("\n")):
            key, _, value = line.partition(": ")
            if key:
                found[key] = value
        if "data" in found:
            return found


def new_mailbox(jmap: Jmap, name: str) -> None:
    made = jmap.call("Mailbox/set", {"create": {"a": {"name": name}}})
    assert made["created"]["a"]["id"]


def mailbox_state(jmap: Jmap) -> str:
    return jmap.call("Mailbox/get", {"ids": []})["state"]


def test_event_source(roost: Roost) -> None:
    jmap = Jmap(roost)
    path = jmap.path("eventSourceUrl", types="Mailbox", closeafter="no", ping="0")
    s, f = connect(jmap, path, {})
    status, fields = head(f)
    assert status == 200 and fields["content-type"] == "text/event-stream"
    assert f.readline() == b":\n"
    new_mailbox(jmap, "One")
    got = event(f)
    assert got["event"] == "state"
    change = json.loads(got["data"])
    assert change == {"@type": "StateChange",
                      "changed": {jmap.account(): {"Mailbox": mailbox_state(jmap)}}}
    s.close()

    new_mailbox(jmap, "Two")
    path = jmap.path("eventSourceUrl", types="*", closeafter="state", ping="0")
    s, f = connect(jmap, path, {"Last-Event-ID": got["id"]})
    assert head(f)[0] == 200
    missed = json.loads(event(f)["data"])["changed"][jmap.account()]
    assert missed["Mailbox"] == mailbox_state(jmap) and "Email" in missed
    assert f.read() == b""  # closeafter
    s.close()


class Socket:
    def __init__(self, jmap: Jmap):
        key = base64.b64encode(os.urandom(16)).decode()
        self.s, self.f = connect(jmap, "/jmap/socket", {
            "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": key,
            "Sec-WebSocket-Version": "13", "Sec-WebSocket-Protocol": "jmap"})
        status, fields = head(self.f)
        assert status == 101 and fields["sec-websocket-protocol"] == "jmap"

    def send(self, message: Any) -> None:
        data = message if isinstance(message, bytes) else json.dumps(message).encode()
        size = struct.pack("!BBH", 0x81, 0xFE, len(data)) if len(data) > 125 else \
            struct.pack("!BB", 0x81, 0x80 | len(data))
        self.s.sendall(size + b"\0\0\0\0" + data)

    def take(self) -> Any:
        first, n = self.f.read(2)
        assert first == 0x81
        if n == 126:
            n = struct.unpack("!H", self.f.read(2))[0]
        elif n == 127:
            n = struct.unpack("!Q", self.f.read(8))[0]
        return json.loads(self.f.read(n))


def echo(name: str, **more: Any) -> dict[str, Any]:
    return {"@type": "Request", "using": ["urn:ietf:params:jmap:core"],
            "methodCalls": [["Core/echo", {"name": name}, "c"]], **more}


def test_socket(roost: Roost) -> None:
    jmap = Jmap(roost)
    capability = jmap.session["capabilities"]["urn:ietf:params:jmap:websocket"]
    assert capability["supportsPush"] and capability["url"].endswith("/jmap/socket")
    w = Socket(jmap)
    w.send(echo("a", id="R1"))
    w.send(echo("b", id="R2"))
    w.send(echo("c"))
    for name, request in (("a", "R1"), ("b", "R2"), ("c", None)):
        got = w.take()
        assert got["@type"] == "Response" and got.get("requestId") == request
        assert got["methodResponses"] == [["Core/echo", {"name": name}, "c"]]
    w.send(b"no json")
    bad = w.take()
    assert bad["@type"] == "RequestError" and bad["requestId"] is None
    assert bad["type"] == "urn:ietf:params:jmap:error:notJSON"

    w.send({"@type": "WebSocketPushEnable", "dataTypes": ["Mailbox"]})
    w.send(echo("enabled"))
    assert w.take()["@type"] == "Response"
    new_mailbox(jmap, "Three")
    change = w.take()
    assert change["@type"] == "StateChange"
    assert change["changed"] == {jmap.account(): {"Mailbox": mailbox_state(jmap)}}
    w.s.close()
    new_mailbox(jmap, "Four")
    w = Socket(jmap)
    w.send({"@type": "WebSocketPushEnable", "dataTypes": None, "pushState": change["pushState"]})
    assert w.take()["changed"][jmap.account()]["Mailbox"] == mailbox_state(jmap)


def test_socket_of_another_page(roost: Roost) -> None:
    jmap = Jmap(roost, headers={})
    s, f = connect(jmap, "/jmap/socket", {"Origin": "https://evil.example", "Connection": "Upgrade",
                                          "Upgrade": "websocket"})
    assert head(f)[0] == 403
    s.close()


def test_too_many_connections(roost: Roost) -> None:
    jmap = Jmap(roost)
    path = jmap.path("eventSourceUrl", types="Email", closeafter="no", ping="0")
    opened = []
    for _ in range(100):
        s, f = connect(jmap, path, {})
        opened.append(s)
        assert head(f)[0] == 200
    s, f = connect(jmap, path, {})
    assert head(f)[0] == 429
    for s in opened:
        s.close()
