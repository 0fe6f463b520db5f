"""Passkeys over the API: added, used, removed; and every way in which one must not open anything."""
import hashlib
from pathlib import Path
from typing import Any, Callable

import pytest

from harness.api import Api, ApiError, as_owner, as_user, token_of
from harness.authenticator import ADD, LOGIN, UP, Authenticator, b64, cbor, head, unb64
from harness.peer import until
from harness.server import PASSWORDS, Roost, address
from test_people import imap_login, refused, smtp_login, totp

ALICE, BOB = address("alice"), address("bob")


@pytest.fixture
def phone(roost: Roost, tmp_path: Path) -> Authenticator:
    """An authenticator on the server's page."""
    return Authenticator(roost, tmp_path)


def test_life_of_a_passkey(roost: Roost, phone: Authenticator) -> None:
    api, other = as_user(roost), as_user(roost)
    app = api.post("/me/app-passwords", {"label": "laptop"})["password"]
    made = phone.register(api, "My phone")
    assert made["label"] == "My phone" and made["site"] == "localhost" and made["last_used"] is None
    with refused(401, "login_needed"):  # only who added it stays logged in
        other.get("/me")
    assert api.get("/me")["passkeys"] == 1
    # the password alone opens nothing
    with refused(401, "passkey_needed"):
        Api(roost).login(BOB, PASSWORDS["bob"])
    assert not imap_login(roost, BOB, PASSWORDS["bob"])
    assert not smtp_login(roost, BOB, PASSWORDS["bob"])
    assert imap_login(roost, BOB, app) and smtp_login(roost, BOB, app)
    # the passkey does, with no name
    session = Api(roost)
    assert phone.login(session)["address"] == BOB
    assert session.get("/me/passkeys")["items"][0]["last_used"] is not None
    until(lambda: any(l["ok"] and l["passkey"] == "My phone"
                      for l in session.get("/me/logins")["items"]))
    # gone
    session.delete(f"/me/passkeys/{made['id']}")
    with refused(401, "denied"):
        phone.login(Api(roost))
    with refused(404, "missing"):
        session.delete(f"/me/passkeys/{made['id']}")
    assert Api(roost).login(BOB, PASSWORDS["bob"])["address"] == BOB
    assert imap_login(roost, BOB, PASSWORDS["bob"])
    trail = [e["what"] for e in as_owner(roost).get("/audit")["items"] if e["target"] == BOB]
    assert trail[:2] == ["passkey.remove", "passkey.create"]


def test_instead_of_a_code(roost: Roost, phone: Authenticator) -> None:
    """With codes on as well, either will do; and the password is still that of the account."""
    api = as_user(roost)
    secret = api.post("/me/totp")["secret"]
    api.put("/me/totp", {"code": totp(secret, -1)})
    phone.register(api)
    assert phone.login(Api(roost))["totp"]
    with refused(401, "totp_needed"):
        Api(roost).login(BOB, PASSWORDS["bob"])
    Api(roost).login(BOB, PASSWORDS["bob"], totp(secret))
    api.delete("/me/totp", {"password": PASSWORDS["bob"]})
    api.put("/me/password", {"old": PASSWORDS["bob"], "new": "something else"})
    phone.login(api)


Change = Callable[[Authenticator], Any]
WRONG: dict[str, Change] = {
    "other site": lambda p: setattr(p, "site", "evil.example"),
    "other page": lambda p: setattr(p, "origin", "http://evil.example"),
    "other port": lambda p: setattr(p, "origin", "http://localhost:1"),
    "other scheme": lambda p: setattr(p, "origin", "https" + p.origin[4:]),
    "not verified": lambda p: setattr(p, "flags", UP),
    "nobody there": lambda p: setattr(p, "flags", 0),
}


@pytest.mark.parametrize("name", [*WRONG, "count", "id", "user"])
def test_refused_at_login(roost: Roost, phone: Authenticator, name: str) -> None:
    api = as_user(roost)
    phone.register(api)
    if name in WRONG:
        WRONG[name](phone)
    elif name == "count":
        phone.count -= 2
    elif name == "id":
        phone.id = hashlib.sha256(phone.id).digest()
    else:
        phone.user = b""
    with refused(401, "denied"):
        phone.login(Api(roost))
    until(lambda: name in ("id", "user") or
          any(not l["ok"] and l["passkey"] == "Phone" for l in api.get("/me/logins")["items"]))


@pytest.mark.parametrize("name", WRONG)
def test_refused_when_added(roost: Roost, phone: Authenticator, name: str) -> None:
    api = as_user(roost)
    WRONG[name](phone)
    with refused(403, "denied"):
        phone.register(api)
    assert api.get("/me/passkeys")["items"] == []


def test_flipped_bits(roost: Roost, phone: Authenticator) -> None:
    """Of the signature, of what was signed."""
    phone.register(as_user(roost))
    for field, at in (("signature", -1), ("authenticator_data", -1), ("authenticator_data", 33),
                      ("client_data", 5), ("id", 0), ("user", 3)):
        api = Api(roost)
        body, cookie = phone.attempt(api)
        raw = bytearray(unb64(body[field]))
        raw[at] ^= 1
        with refused(401, "denied"):
            phone.answer(api, LOGIN, {**body, field: b64(bytes(raw))}, cookie)
    phone.login(Api(roost))


def test_each_challenge_to_add_once(roost: Roost, phone: Authenticator) -> None:
    """In the session it was given to, for what it was given, and not again."""
    bob, other = as_user(roost), as_user(roost)
    challenge, cookie, phone.user = phone.begin(bob, ADD + "/begin")
    new = phone.new(challenge)
    with refused(403, "denied"):  # another session, though of the same person
        phone.answer(other, ADD, new, cookie)
    phone.answer(bob, ADD, new, cookie)
    with refused(403, "denied"):
        phone.answer(bob, ADD, {**new, "label": "Again"}, cookie)
    challenge, cookie, _ = phone.begin(bob, ADD + "/begin")
    phone.count += 1
    with refused(401, "denied"):
        phone.answer(bob, LOGIN, phone.proof(challenge), cookie)


def test_each_challenge_to_log_in_once(roost: Roost, phone: Authenticator) -> None:
    """In the browser it was given to, and not again, right or wrong."""
    phone.register(as_user(roost))
    body, cookie = phone.attempt(Api(roost))
    _, another, _ = phone.begin(Api(roost), LOGIN + "/begin")
    for stolen in ("", another):  # overheard, without the cookie that belongs to it
        with refused(401, "denied"):
            phone.answer(Api(roost), LOGIN, body, stolen)
    phone.answer(Api(roost), LOGIN, body, cookie)
    with refused(401, "denied"):
        phone.answer(Api(roost), LOGIN, body, cookie)
    body, cookie = phone.attempt(Api(roost))
    with refused(401, "denied"):
        phone.answer(Api(roost), LOGIN, {**body, "signature": b64(bytes(70))}, cookie)
    with refused(401, "denied"):
        phone.answer(Api(roost), LOGIN, body, cookie)
    for forged in ("", "x", b64(bytes(72)), cookie.split("=")[1][:-2] + "AA"):
        with refused(401, "denied"):
            phone.answer(Api(roost), LOGIN, phone.proof(b64(bytes(32))), "roost_passkey=" + forged)


def test_other_accounts(roost: Roost, phone: Authenticator, tmp_path: Path) -> None:
    """One's own passkey opens no other account, nor is another's one's own."""
    phone.register(as_user(roost, "bob"))
    mine = Authenticator(roost, tmp_path, "eve's phone")
    alice = as_user(roost, "alice")
    mine.register(alice)
    mine.user, phone_user = phone.user, mine.user
    with refused(401, "denied"):  # alice's passkey, bob's handle
        mine.login(Api(roost))
    mine.user = phone_user
    real, mine.id = mine.id, phone.id
    with refused(401, "denied"):  # bob's credential id, alice's handle and key
        mine.login(Api(roost))
    with refused(409, "conflict"):  # nor can it be registered twice
        mine.register(alice)
    mine.id = real
    assert mine.login(Api(roost))["address"] == ALICE


def deep(n: int) -> bytes:
    """Arrays in arrays."""
    return b"\x81" * n + b"\x00"


ODD = {
    "empty": b"",
    "empty map": b"\xa0",
    "deep": deep(40000),
    "deep statement": head(5, 3) + cbor("attStmt") + deep(40000),
    "endless map": head(5, 2**63),
    "endless string": head(2, 2**64 - 1),
    "indefinite map": b"\xbf\xff",
    "indefinite string": b"\x5f\x41\x00\xff",
    "too much": cbor({"fmt": "none", "attStmt": {}, "authData": bytes(40000)}),
    "nothing said": cbor({"fmt": "none", "attStmt": {}}),
    "more behind": cbor({"fmt": "none", "attStmt": {}, "authData": bytes(37)}) + bytes(100),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_attestations(roost: Roost, phone: Authenticator, name: str) -> None:
    api = as_user(roost)
    challenge, cookie, _ = phone.begin(api, ADD + "/begin")
    with refused(400, "invalid"):
        phone.answer(api, ADD, {**phone.new(challenge), "attestation": b64(ODD[name])}, cookie)
    phone.register(api)


def test_oversized(roost: Roost, phone: Authenticator) -> None:
    api = as_user(roost)
    challenge, cookie, _ = phone.begin(api, ADD + "/begin")
    with refused(413, "too_large"):
        phone.answer(api, ADD, {**phone.new(challenge), "attestation": b64(deep(70000))}, cookie)
    phone.id = bytes(1024)  # one more than an id may have
    with refused(400, "invalid"):
        phone.register(api)
    for text in ("####", "AA=", "A"):
        with refused(400, "invalid"):
            phone.login(Api(roost), signature=text)


def test_where_there_are_none(roost: Roost, phone: Authenticator) -> None:
    """By a name that is not the server's, or in the clear: browsers would refuse as well."""
    api = as_user(roost)
    for host in ("127.0.0.1", "evil.example", "mail.example.org", "localhost.evil.example"):
        phone.host = host
        status, _, text = api.call("POST", "/me/passkeys/begin", None, {"Host": host})
        assert status == 409 and b"https://" in text
        status, _, text = Api(roost).call("POST", "/login/passkey/begin", None, {"Host": host})
        assert status == 409


def test_behind_a_proxy(make_roost: Any, tmp_path: Path) -> None:
    """The name by which a trusted proxy is called counts, and nobody else's word."""
    roost = make_roost(TRUSTED_PROXIES="127.0.0.1").start()
    phone = Authenticator(roost, tmp_path)
    phone.host, phone.site = "console.example.net", "console.example.net"
    phone.origin = "https://console.example.net"
    api = as_user(roost)
    with pytest.raises(AssertionError, match="open https://"):  # the proxy took it in the clear
        phone.register(api)
    api.headers["X-Forwarded-Proto"] = "https"
    phone.register(api)
    other = Api(roost)
    other.headers["X-Forwarded-Proto"] = "https"
    assert phone.login(other)["address"] == BOB


def test_administrators_help(roost: Roost, phone: Authenticator) -> None:
    owner, bob = as_owner(roost), as_user(roost)
    made = phone.register(bob)
    listed = owner.get(f"/accounts/{BOB}/passkeys")["items"]
    assert [p["label"] for p in listed] == ["Phone"]
    assert owner.get(f"/accounts/{BOB}")["passkeys"] == 1
    with refused(403, "denied"):
        bob.delete(f"/accounts/{BOB}/passkeys/{made['id']}")
    owner.delete(f"/accounts/{BOB}/passkeys/{made['id']}")
    with refused(401, "login_needed"):
        bob.get("/me")
    bob.login(BOB, PASSWORDS["bob"])
    # from the machine
    phone.register(bob)
    assert "Phone" in roost.cli("account", "passkeys", "list", BOB)
    roost.cli("account", "passkeys", "rm", BOB, "1")
    assert roost.cli("account", "passkeys", "list", BOB) == ""
    gone, *_ = owner.get("/audit", q="passkey.remove")["items"]
    assert (gone["who"], gone["before"]["site"]) == ("command line", phone.site)
    Api(roost).login(BOB, PASSWORDS["bob"])


def test_not_with_a_token(roost: Roost, phone: Authenticator) -> None:
    """Which could make itself a way in that outlives it."""
    api = as_user(roost)
    phone.register(api)
    token = token_of(api, "self:write")
    assert len(token.get("/me/passkeys")["items"]) == 1
    for method, path in (("POST", "/me/passkeys/begin"), ("DELETE", "/me/passkeys/1")):
        with pytest.raises(ApiError, match="^403 denied"):
            token.request(method, path)


def test_no_lock_keeps_a_passkey_out(roost: Roost, phone: Authenticator) -> None:
    """Nobody guesses a key: after any number of failures the right one opens."""
    phone.register(as_user(roost))
    verified, phone.flags = phone.flags, UP
    for _ in range(21):
        with refused(401, "denied"):
            phone.login(Api(roost))
    phone.flags = verified
    api = Api(roost)
    phone.login(api)
    assert api.get("/session")["address"] == address("bob")
