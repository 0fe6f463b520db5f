"""Push messages to the URL of a PushSubscription (RFC 8620 7.2, RFC 8291, RFC 8292)."""
import base64
import http.server
import json
import queue
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from conftest import Maker
from harness import pem
from harness.api import as_user
from harness.dns_server import A, DnsServer
from harness.peer import until
from harness.server import Roost
from jmap_client import Jmap

VAPID = "urn:ietf:params:jmap:webpush-vapid"


def base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def raw_of(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def derive(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(secret)


class Keys:
    """The keys of a client, and what it does with a message (RFC 8291 3.4)."""

    def __init__(self) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.public = self.private.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
        self.auth = bytes(range(16))

    def members(self, padded: bool = False) -> dict[str, str]:
        """The property "keys"."""
        fill = "=" if padded else ""
        return {"p256dh": base64url(self.public) + fill, "auth": base64url(self.auth) + 2 * fill}

    def open(self, body: bytes) -> Any:
        salt, size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        sender, record = body[21:21 + length], body[21 + length:]
        assert length == 65 and len(record) < size
        secret = self.private.exchange(
            ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
        ikm = derive(self.auth, secret, b"WebPush: info\0" + self.public + sender, 32)
        plain = AESGCM(derive(salt, ikm, b"Content-Encoding: aes128gcm\0", 16)).decrypt(
            derive(salt, ikm, b"Content-Encoding: nonce\0", 12), record, None)
        assert plain[-1] == 2
        return json.loads(plain[:-1])


class Service:
    """A push service: it keeps messages in a queue, and answers with the next of statuses."""

    def __init__(self, folder: Path) -> None:
        authority = pem.Authority(folder)
        self.messages: queue.Queue[tuple[str, Any, bytes]] = queue.Queue()
        self.statuses: list[tuple[int, dict[str, str]]] = []
        self.authority = str(authority.pem)
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            """One message."""

            def do_POST(self) -> None:  # pylint: disable=invalid-name
                """Keep it."""
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, fields = outer.statuses.pop(0) if outer.statuses else (201, {})
                self.send_response(status)
                for name, value in {"Content-Length": "0", **fields}.items():
                    self.send_header(name, value)
                self.end_headers()
                outer.messages.put((self.path, self.headers, body))

            def log_message(self, format: str, *args: object) -> None:  # pylint: disable=W0622
                """Nothing."""

        context = pem.server_context(*authority.server("push.example.net"))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.origin = f"https://push.example.net:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def take(self) -> tuple[str, Any, bytes]:
        return self.messages.get(timeout=20)


@pytest.fixture(name="service")
def _service(dns: DnsServer, tmp_path: Path) -> Iterator[Service]:
    service = Service(tmp_path)
    dns.add("push.example.net", A, "127.0.0.1")
    yield service
    service.server.shutdown()
    service.server.server_close()


@pytest.fixture(name="pusher")
def _pusher(make_roost: Maker, dns: DnsServer, service: Service) -> Roost:
    return make_roost(DNS_SERVERS=dns.address, SMTP_OUT_CA=service.authority,
                      JMAP_PUSH_PRIVATE="on").start()


def create(jmap: Jmap, service: Service, **more: Any) -> dict[str, Any]:
    made = jmap.call("PushSubscription/set", {"create": {"p": {
        "deviceClientId": "device-1", "url": service.origin + "/push/one", **more}}})
    assert made["created"], made
    created: dict[str, Any] = made["created"]["p"]
    return created


def verified(jmap: Jmap, service: Service, **more: Any) -> str:
    """The id of a subscription without keys, which the client has verified."""
    created = create(jmap, service, **more)
    message = json.loads(service.take()[2])
    assert message["@type"] == "PushVerification"
    assert message["pushSubscriptionId"] == created["id"]
    jmap.call("PushSubscription/set", {"update": {
        created["id"]: {"verificationCode": message["verificationCode"]}}})
    identity: str = created["id"]
    return identity


def new_mailbox(jmap: Jmap, name: str) -> str:
    """The state of mailboxes with one more."""
    made = jmap.call("Mailbox/set", {"create": {"a": {"name": name}}})
    assert made["created"]["a"]["id"]
    state: str = made["newState"]
    return state


def ids(jmap: Jmap) -> list[str]:
    return [s["id"] for s in jmap.call("PushSubscription/get", {"ids": None})["list"]]


def vapid_check(field: str, key: str, audience: str) -> None:
    """RFC 8292 2 to 3."""
    scheme, _, parameters = field.partition(" ")
    values = dict(p.strip().split("=", 1) for p in parameters.split(","))
    assert scheme == "vapid" and values["k"] == key
    signed, _, signature = values["t"].rpartition(".")
    head, claims = (json.loads(raw_of(part)) for part in signed.split("."))
    assert head == {"typ": "JWT", "alg": "ES256"}
    assert claims["aud"] == audience and claims["sub"].startswith("mailto:")
    assert time.time() < claims["exp"] <= time.time() + 24 * 3600
    raw = raw_of(signature)
    ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw_of(key)).verify(
        utils.encode_dss_signature(int.from_bytes(raw[:32], "big"),
                                   int.from_bytes(raw[32:], "big")),
        signed.encode(), ec.ECDSA(hashes.SHA256()))


@pytest.mark.parametrize("padded", [False, True])
def test_encrypted(pusher: Roost, service: Service, padded: bool) -> None:
    """Verification, then a change, with keys as clients send them."""
    jmap, keys = Jmap(pusher), Keys()
    server_key = jmap.session["capabilities"][VAPID]["applicationServerKey"]
    created = create(jmap, service, keys=keys.members(padded), types=["Mailbox"])
    assert created["expires"] and "url" not in created
    path, fields, body = service.take()
    message = keys.open(body)
    assert path == "/push/one" and int(fields["TTL"]) > 0
    assert fields["Content-Type"] == "application/json"
    assert fields["Content-Encoding"] == "aes128gcm"
    vapid_check(fields["Authorization"], server_key, service.origin)
    assert message["@type"] == "PushVerification"
    assert message["pushSubscriptionId"] == created["id"]

    new_mailbox(jmap, "Before")
    wrong = jmap.call("PushSubscription/set", {"update": {
        created["id"]: {"verificationCode": "guess"}}})
    assert wrong["notUpdated"][created["id"]]["type"] == "invalidProperties"
    (got,) = jmap.call("PushSubscription/get", {"ids": [created["id"]]})["list"]
    assert got["verificationCode"] is None and "url" not in got and "keys" not in got
    right = jmap.call("PushSubscription/set", {"update": {
        created["id"]: {"verificationCode": message["verificationCode"]}}})
    assert created["id"] in right["updated"] and "newState" not in right
    (got,) = jmap.call("PushSubscription/get", {"ids": [created["id"]]})["list"]
    assert got["verificationCode"] == message["verificationCode"]

    seen: dict[str, Any] = {}
    state = new_mailbox(jmap, "After")
    while seen.get("Mailbox") != state:  # the first may be of the change before
        change = keys.open(service.take()[2])
        assert change["@type"] == "StateChange"
        seen = change["changed"][jmap.account()]
        assert set(seen) == {"Mailbox"}


def test_again_after_a_failure_and_a_restart(pusher: Roost, service: Service) -> None:
    """A failed message is sent again; after a restart the client gets all states once."""
    jmap = Jmap(pusher)
    verified(jmap, service, types=["Mailbox"])
    service.statuses = [(429, {"Retry-After": "1"})]
    state = new_mailbox(jmap, "One")
    begin = time.monotonic()
    while service.statuses:
        service.take()
    again = json.loads(service.take()[2])
    assert again["changed"][jmap.account()]["Mailbox"] == state
    assert time.monotonic() - begin >= 0.9
    pusher.restart()
    again = json.loads(service.take()[2])
    assert again["changed"][jmap.account()]["Mailbox"] == state


def test_gone(pusher: Roost, service: Service) -> None:
    """The push service knows the URL no longer (RFC 8030 7.3)."""
    jmap = Jmap(pusher)
    verified(jmap, service)
    assert len(ids(jmap)) == 1
    service.statuses = [(410, {})]
    new_mailbox(jmap, "One")
    until(lambda: ids(jmap) == [], what="no subscription")


def test_ends_with_its_login(pusher: Roost, service: Service) -> None:
    """Each login has its own subscriptions, which end with it."""
    api = as_user(pusher, "alice")
    made = api.post("/me/app-passwords", {"label": "phone"})
    phone, desk = Jmap(pusher, password=made["password"]), Jmap(pusher)
    there = verified(phone, service)
    assert ids(desk) == [] and ids(phone) == [there]
    stolen = desk.call("PushSubscription/set", {"destroy": [there]})
    assert stolen["notDestroyed"][there]["type"] == "notFound"
    here = verified(desk, service)
    api.delete(f"/me/app-passwords/{made['id']}")
    new_mailbox(desk, "One")
    assert json.loads(service.take()[2])["@type"] == "StateChange"
    assert ids(desk) == [here]


BAD: list[tuple[str, Any]] = [
    ("url", "http://push.example.net/"), ("url", "https://"), ("url", "ftp://push.example.net/"),
    ("url", "https://user@push.example.net/"), ("url", "https://push.example.net/ a"), ("url", 1),
    ("keys", {}), ("keys", {"p256dh": "AAAA", "auth": "AAAAAAAAAAAAAAAAAAAAAA"}),
    ("keys", {**Keys().members(), "auth": "AAAA"}),
    ("keys", {**Keys().members(), "p256dh": base64url(b"\4" + bytes(64))}),
    ("verificationCode", "a"), ("expires", "2001-01-01T00:00:00Z"), ("expires", 1),
    ("types", "Mailbox"), ("deviceClientId", None), ("color", "red")]


@pytest.mark.parametrize("name, value", BAD)
def test_refused(roost: Roost, name: str, value: Any) -> None:
    jmap = Jmap(roost)
    made = jmap.call("PushSubscription/set", {"create": {"p": {
        "deviceClientId": "d", "url": "https://push.example.net/", name: value}}})
    assert made["created"] is None
    error = made["notCreated"]["p"]
    assert error["type"] == "invalidProperties" and error["properties"] == [name]


def test_secrets_and_expiry(pusher: Roost, service: Service) -> None:
    jmap = Jmap(pusher)
    created = create(jmap, service, expires="2099-01-01T00:00:00Z")
    assert created["expires"] < "2099" and created["keys"] is None
    for name in ("url", "keys"):
        (answer,) = jmap.request([["PushSubscription/get", {"properties": [name]}, "a"]])
        assert answer[1]["type"] == "forbidden"
    (answer,) = jmap.request([["PushSubscription/get", {"accountId": jmap.account()}, "a"]])
    assert answer[1]["type"] == "invalidArguments"
    moved = jmap.call("PushSubscription/set", {"update": {
        created["id"]: {"url": "https://other.example/"}}})
    assert moved["notUpdated"][created["id"]]["properties"] == ["url"]
    done = jmap.call("PushSubscription/set", {"destroy": [created["id"]]})
    assert done["destroyed"] == [created["id"]] and ids(jmap) == []


def test_private_addresses_are_refused(make_roost: Maker, dns: DnsServer,
                                       service: Service) -> None:
    """A client cannot make the server connect inside."""
    roost = make_roost(DNS_SERVERS=dns.address, SMTP_OUT_CA=service.authority,
                       LOG_LEVEL="debug").start()
    create(Jmap(roost), service)
    until(lambda: "jmap_push_failed" in roost.logs[-1].tail(400), what="a refusal")
    assert service.messages.empty()
