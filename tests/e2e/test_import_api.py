"""Imports that the server does by itself: begun by the API, watched, ended, run again."""
import json
import time
from pathlib import Path
from typing import Any, Iterator

import pytest

from conftest import Maker
from harness import mail, odd_imap
from harness.api import Api, ApiError, as_owner, as_user, refusal
from harness.dns_server import A, DnsServer
from harness.odd_imap import CLOSE, Box, Letter, OddImap, letter
from harness.peer import ImapPeer, until
from harness.server import PASSWORDS, Roost, address

ALICE, BOB = address("alice"), address("bob")


@pytest.fixture
def odd(dns: DnsServer) -> Iterator[OddImap]:
    """The server that somebody leaves."""
    dns.add(odd_imap.NAME, A, "127.0.0.1")
    server = OddImap({"INBOX": Box([letter(i, f"l{i}") for i in range(1, 4)]),
                      "Work": Box([letter(1, "w")]), "Lists": Box([letter(1, "x")])})
    yield server
    server.close()


@pytest.fixture
def roost(make_roost: Maker, dns: DnsServer, odd: OddImap) -> Roost:
    """Everybody may import from anywhere."""
    return make_roost(DNS_SERVERS=dns.address, IMPORT_ANYWHERE="on").start()


def new(odd: OddImap, **more: Any) -> dict[str, Any]:
    """The body that begins one."""
    return {"host": odd_imap.NAME, "port": odd.port, "user": odd_imap.USER,
            "password": odd_imap.PASSWORD, "roots": odd.certificate.read_text("ascii"), **more}


def ended(api: Api, path: str, state: str = "done") -> dict[str, Any]:
    """The import, once it is over."""
    def look() -> Any:
        i = api.get(path)
        return i if i["state"] not in ("waiting", "running") else None
    i = until(look, 120, "the end of an import")
    assert i["state"] == state, i
    return i  # type: ignore[no-any-return]


def subjects(roost: Roost, user: str, box: str = "INBOX") -> list[str]:
    """What is in a mailbox."""
    return sorted(str(mail.parse(raw)["Subject"]) for raw in mail.inbox(roost, user, box))


def test_by_oneself(roost: Roost, odd: OddImap) -> None:
    api = as_user(roost)
    seen = api.post("/me/imports/look", new(odd))["folders"]
    assert [(f["from"], f["to"], f["messages"]) for f in seen] == \
        [("INBOX", "INBOX", 3), ("Work", "Work", 1), ("Lists", "Lists", 1)]
    rules = [{"from": "Work", "to": "Archive/Work"}, {"from": "Lists", "to": ""}]
    begun = api.post("/me/imports", new(odd, rules=rules))
    assert begun["id"] == "1" and begun["rules"] == rules and "password" not in begun
    done = ended(api, "/me/imports/1")
    assert (done["brought"], done["known"], done["left_out"]) == (4, 0, 0)
    assert (done["messages_done"], done["messages_total"]) == (4, 4)
    assert (done["folders_done"], done["folders_total"]) == (2, 2)
    assert done["bytes"] == sum(len(x.text) for x in odd.boxes["INBOX"].letters +
                                odd.boxes["Work"].letters)
    assert [f["to"] for f in done["folders"]] == ["INBOX", "Archive/Work", ""]
    assert subjects(roost, "bob") == ["l1", "l2", "l3"]
    assert subjects(roost, "bob", "Archive/Work") == ["w"]
    # Again: only what is new, by the same rules.
    odd.boxes["INBOX"].letters.append(letter(9, "l9"))
    odd.boxes["Lists"].letters.append(letter(9, "no"))
    assert api.post("/me/imports/1/run", {"password": odd_imap.PASSWORD})["state"] in \
        ("waiting", "running", "done")
    assert ended(api, "/me/imports/1")["brought"] == 1
    assert subjects(roost, "bob") == ["l1", "l2", "l3", "l9"]
    [listed] = api.get("/me/imports")["items"]
    assert listed["id"] == "1" and "folders" not in listed and listed["by"] == BOB
    api.delete("/me/imports/1")
    assert api.get("/me/imports")["items"] == []
    assert refusal(api, "GET", "/me/imports/1") == (404, "missing")


def test_the_password_is_nowhere(roost: Roost, odd: OddImap) -> None:
    api = as_owner(roost)
    api.post("/me/imports", new(odd))
    ended(api, "/me/imports/1")
    assert refusal(api, "POST", "/me/imports", new(odd, password="an0ther", user="x\r\ny"))[0] == 400
    odd.override = lambda c: b"{tag} NO no an0ther\r\n" if c.startswith("LOGIN") else None
    api.post("/me/imports/1/run", {"password": "an0ther"})
    failed = ended(api, "/me/imports/1", "failed")
    assert "has the password in it" in failed["problem"]
    trail = api.get("/audit", q="import.")["items"]
    assert [e["what"] for e in trail] == ["import.run", "import.begin"]
    events = api.get("/events")
    assert [e for e in events["events"] if e["name"] == "import_finished"]
    roost.stop()
    assert roost.log
    told = json.dumps([trail, events, failed]) + "\n".join(roost.log.lines)
    stored = b"".join(p.read_bytes() for p in Path(roost.folder).iterdir() if p.is_file())
    for password in (odd_imap.PASSWORD, "an0ther"):
        assert password not in told and password.encode() not in stored


def test_who_may_what(roost: Roost, odd: OddImap) -> None:
    """Owners everybody's, administrators those of their domains, everybody his own."""
    bob, owner = as_user(roost), as_owner(roost)
    path = f"/accounts/{BOB}/imports"
    begun = owner.post(path, new(odd))
    assert ended(owner, f"{path}/{begun['id']}")["by"] == ALICE
    assert bob.get("/me/imports/1")["by"] == ALICE
    assert subjects(roost, "bob") == ["l1", "l2", "l3"]
    for method, p in (("GET", path), ("POST", path), ("GET", path + "/1"), ("DELETE", path + "/1"),
                      ("POST", path + "/look")):
        body = (new(odd),) if method == "POST" else ()
        assert refusal(bob, method, p, *body) == (403, "denied"), p
    assert refusal(owner, "GET", "/me/imports/1") == (404, "missing"), "it is bob's"
    assert refusal(owner, "GET", "/accounts/nobody@example.org/imports") == (404, "missing")
    roost.cli("account", "add", address("carol"), stdin="quite long enough\n")
    roost.cli("account", "owner", address("carol"))
    roost.cli("domain", "add", "other.example")
    roost.cli("account", "role", ALICE, "admin", "other.example")
    admin = as_user(roost, "alice")
    assert refusal(admin, "GET", path) == (404, "missing")
    assert refusal(admin, "POST", path, new(odd)) == (404, "missing")
    roost.cli("account", "role", ALICE, "admin", "example.org")
    admin = as_user(roost, "alice")
    assert admin.post(path + "/1/run", {"password": odd_imap.PASSWORD})["by"] == ALICE
    ended(admin, path + "/1")
    assert BOB in roost.cli("account", "show", BOB)
    assert "done" in roost.cli("account", "imports", BOB)
    assert "INBOX" in roost.cli("account", "import", "show", BOB, "1")
    assert roost.run("account", "import", "cancel", BOB, "1").returncode == 1
    roost.cli("account", "import", "rm", BOB, "1")
    assert roost.cli("account", "imports", BOB).strip() == ""


def test_private_addresses_are_for_owners(make_roost: Maker, dns: DnsServer, odd: OddImap) -> None:
    """Who is no owner makes the server open no connection to its own network."""
    roost = make_roost(DNS_SERVERS=dns.address).start()
    bob = as_user(roost)
    assert refusal(bob, "POST", "/me/imports", new(odd)) == (403, "denied"), "a port of no IMAP"
    for host in ("127.0.0.1", "::1", "10.1.2.3", "169.254.169.254", "0.0.0.0", "::ffff:10.0.0.1",
                 odd_imap.NAME):
        body = new(odd, host=host, port=993)
        status, code = refusal(bob, "POST", "/me/imports/look", body)
        assert (status, code) == (422, "unreachable"), host
        with pytest.raises(ApiError, match="not on the Internet"):
            bob.post("/me/imports/look", body)
    api = Api(roost)
    api.login(BOB, PASSWORDS["bob"])
    begun = api.post("/me/imports", new(odd, port=993))
    assert "not on the Internet" in ended(api, f"/me/imports/{begun['id']}", "failed")["problem"]
    assert odd.commands == []
    # An owner may, and what he began nobody else runs again.
    owner = as_owner(roost)
    path = f"/accounts/{BOB}/imports"
    i = owner.post(path, new(odd))["id"]
    assert ended(owner, f"{path}/{i}")["brought"] == 5
    assert refusal(bob, "POST", f"/me/imports/{i}/run", {"password": odd_imap.PASSWORD}) == \
        (403, "denied")
    roost.cli("settings", "set", "import_anywhere", "on")
    bob.post(f"/me/imports/{i}/run", {"password": odd_imap.PASSWORD})
    ended(bob, f"/me/imports/{i}")


def test_what_is_refused(roost: Roost, odd: OddImap) -> None:
    api = as_user(roost)
    for more in ({"host": ""}, {"host": "a b"}, {"host": "a/b"}, {"host": "x" * 300}, {"port": 0},
                 {"port": 65536}, {"tls": "none"}, {"user": ""}, {"password": ""},
                 {"password": "a\0b"}, {"roots": "no PEM"}, {"rules": [{"from": "", "to": "x"}]},
                 {"rules": [{"from": "a"}]}, {"rules": [{"from": "a\n", "to": ""}]},
                 {"rules": "x"}, {"more": 1}):
        assert refusal(api, "POST", "/me/imports", new(odd, **more)) == (400, "invalid"), more
    many = [{"from": str(i), "to": ""} for i in range(501)]
    assert refusal(api, "POST", "/me/imports", new(odd, rules=many)) == (422, "limit")
    for path in ("1", "x", "0", "99999999999"):
        assert refusal(api, "GET", f"/me/imports/{path}") == (404, "missing")
        assert refusal(api, "POST", f"/me/imports/{path}/cancel") == (404, "missing")
        assert refusal(api, "POST", f"/me/imports/{path}/run", {"password": "x"}) == (404, "missing")
    assert api.get("/me/imports")["items"] == []


def test_starts_are_counted(roost: Roost, odd: OddImap) -> None:
    """Each is a login at somebody's server."""
    api = as_user(roost)
    for _ in range(20):
        with pytest.raises(ApiError, match="login was refused"):
            api.post("/me/imports/look", new(odd, password="a guess"))
    assert refusal(api, "POST", "/me/imports/look", new(odd)) == (429, "rate")
    assert refusal(api, "POST", "/me/imports", new(odd)) == (429, "rate")
    assert as_user(roost, "alice").post("/me/imports/look", new(odd))["folders"]


def slow(odd: OddImap, count: int = 100) -> None:
    """An import that lasts some seconds."""
    odd.boxes = {"INBOX": Box([letter(i, f"l{i}") for i in range(1, count + 1)])}
    odd.slow_s = 0.05


def under_way(api: Api, path: str) -> dict[str, Any]:
    """It has done something, and has something to do."""
    return until(lambda: (i := api.get(path))["messages_done"] > 5 and i,  # type: ignore[no-any-return]
                 20, "progress")


def test_progress_and_cancel(roost: Roost, odd: OddImap) -> None:
    slow(odd)
    api = as_user(roost)
    path = f"/me/imports/{api.post('/me/imports', new(odd))['id']}"
    first = under_way(api, path)
    assert first["state"] == "running" and first["messages_total"] == 100
    assert refusal(api, "POST", "/me/imports", new(odd)) == (409, "conflict")
    assert refusal(api, "DELETE", path) == (409, "conflict")
    until(lambda: api.get(path)["messages_done"] > first["messages_done"] + 5, 10, "more progress")
    began = time.monotonic()
    api.post(path + "/cancel")
    over = ended(api, path, "cancelled")
    assert time.monotonic() - began < 3 and 0 < over["brought"] < 100
    assert refusal(api, "POST", path + "/cancel") == (409, "conflict")
    odd.slow_s = 0
    api.post(path + "/run", {"password": odd_imap.PASSWORD})
    done = ended(api, path)
    assert over["brought"] + done["brought"] == 100
    assert len(subjects(roost, "bob")) == 100


def test_the_server_stops(roost: Roost, odd: OddImap) -> None:
    """And one that is killed; run again, they go on."""
    slow(odd, 150)
    api = as_user(roost)
    api.post("/me/imports", new(odd))
    under_way(api, "/me/imports/1")
    began = time.monotonic()
    roost.restart()
    assert time.monotonic() - began < 8
    i = api.get("/me/imports/1")
    assert i["state"] == "interrupted" and "run it again" in i["problem"], i
    api.post("/me/imports/1/run", {"password": odd_imap.PASSWORD})
    under_way(api, "/me/imports/1")
    roost.kill()
    roost.start()
    assert api.get("/me/imports/1")["state"] == "interrupted"
    odd.slow_s = 0
    api.post("/me/imports/1/run", {"password": odd_imap.PASSWORD})
    ended(api, "/me/imports/1")
    assert len(subjects(roost, "bob")) == len(set(subjects(roost, "bob"))) == 150


def test_a_connection_that_breaks_is_tried_again(roost: Roost, odd: OddImap) -> None:
    odd.boxes = {"INBOX": Box([letter(i, f"l{i}") for i in range(1, 121)])}
    breaks = iter([True])

    def override(command: str) -> bytes | None:
        return CLOSE if "BODY.PEEK[]" in command and ",60," in command and next(breaks, False) \
            else None
    odd.override = override
    api = as_user(roost)
    api.post("/me/imports", new(odd))
    until(lambda: "tried again" in api.get("/me/imports/1")["problem"], 15, "word of the failure")
    done = ended(api, "/me/imports/1")
    assert done["brought"] == 120 and done["problem"] == ""
    assert len(subjects(roost, "bob")) == 120


def test_what_was_left_out_is_named(roost: Roost, odd: OddImap) -> None:
    odd.boxes = {"INBOX": Box([letter(1, "a"), Letter(2, b"x", size=70000000)]),
                 "No": Box([letter(1, "b")]), "a" * 1100: Box([letter(1, "c")])}
    odd.override = lambda c: b"{tag} NO keep out\r\n" if c.startswith('EXAMINE "No"') else None
    api = as_user(roost)
    api.post("/me/imports", new(odd))
    done = ended(api, "/me/imports/1")
    assert [(x["folder"][:5], x["what"], x["why"]) for x in done["left"][:2]] == \
        [("INBOX", "UID 2", "it is too big"), ("No", "", "the server said: keep out")]
    assert done["left"][2]["folder"].startswith("aaa") and len(done["left"]) == 3
    assert (done["brought"], done["left_out"]) == (1, 1)


def test_the_account_goes_meanwhile(roost: Roost, odd: OddImap) -> None:
    slow(odd)
    owner = as_owner(roost)
    path = f"/accounts/{BOB}/imports"
    owner.post(path, new(odd))
    under_way(owner, path + "/1")
    roost.cli("account", "rm", BOB)
    assert roost.log
    until(lambda: any("import_finished" in line for line in roost.log.lines), 15)  # type: ignore
    assert refusal(owner, "GET", path) == (404, "missing")


def test_full(roost: Roost, odd: OddImap) -> None:
    """The quota ends it, in words."""
    odd.boxes = {"INBOX": Box([Letter(i, b"Subject: x\r\n\r\n" + b"%d" % i * 20000)
                               for i in range(1, 100)])}
    owner = as_owner(roost)
    owner.put(f"/accounts/{BOB}", {"quota_bytes": 500000})
    path = f"/accounts/{BOB}/imports"
    owner.post(path, new(odd))
    failed = ended(owner, path + "/1", "failed")
    assert "quota" in failed["problem"] or "full" in failed["problem"], failed


@pytest.mark.full("Slow: imports 3,000 messages, and measures")
def test_others_are_served_meanwhile(roost: Roost, odd: OddImap) -> None:
    """While two imports run, a session's commands take about as long as without them, and IDLE
    tells of what comes."""
    big = b"Subject: b\r\n\r\n" + b"some words that are compressed well\r\n" * 500
    odd.boxes = {"INBOX": Box([Letter(i, big + b"%d" % i) for i in range(1, 1501)])}
    owner = as_owner(roost)
    roost.cli("account", "add", address("carol"), "Carol", stdin="quite long enough\n")
    with ImapPeer(roost.ports["imaps"], tls=True) as idler, \
            ImapPeer(roost.ports["imaps"], tls=True) as peer:
        idler.login(BOB, PASSWORDS["bob"])
        idler.ok("SELECT INBOX")
        idler.send("i IDLE\r\n")
        assert idler.line().startswith("+")
        peer.login(ALICE, PASSWORDS["alice"])
        peer.ok("SELECT INBOX")
        before = timed(peer, 40)
        for user in (BOB, address("carol")):
            owner.post(f"/accounts/{user}/imports", new(odd))
        assert idler.line().endswith("EXISTS")
        during = timed(peer, 40)
        assert any(owner.get(f"/accounts/{user}/imports/1")["state"] == "running"
                   for user in (BOB, address("carol"))), "it was over too soon to tell"
    print(f"APPEND and FETCH: {before * 1000:.1f} ms, while two imports run {during * 1000:.1f} ms")
    assert during < 0.1 + 5 * before
    for user in (BOB, address("carol")):
        ended(owner, f"/accounts/{user}/imports/1")


def timed(peer: ImapPeer, count: int) -> float:
    """Seconds of a round of commands; nine of ten take less."""
    took = []
    for _ in range(count):
        began = time.monotonic()
        peer.ok("APPEND INBOX {17+}\r\nSubject: x\r\n\r\nx\r\n")
        peer.ok("FETCH 1 (FLAGS ENVELOPE)")
        took.append(time.monotonic() - began)
    return sorted(took)[count * 9 // 10]
