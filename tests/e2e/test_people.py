"""People over the API and the command line: roles, app passwords, two-factor login, lists."""
import base64
import hashlib
import hmac
import imaplib
import smtplib
import struct
import time
from pathlib import Path
from urllib.parse import quote

import pytest

from conftest import Maker
from harness import mail
from harness.api import Api, ApiError, as_owner, as_user
from harness.peer import SmtpPeer, trusting, until
from harness.server import PASSWORDS, Roost, address

ALICE, BOB = address("alice"), address("bob")


def refused(status: int, code: str) -> "pytest.RaisesExc[ApiError]":
    """The call inside fails with this."""
    return pytest.raises(ApiError, match=f"^{status} {code}: ")


def imap_login(roost: Roost, user: str, password: str) -> bool:
    """Does IMAP take it?"""
    with imaplib.IMAP4_SSL("127.0.0.1", roost.ports["imaps"], ssl_context=trusting()) as imap:
        try:
            imap.login(user, password)
            imap.xatom("ID", '("name" "Test client" "version" "7")')
            return True
        except imaplib.IMAP4.error:
            return False


def smtp_login(roost: Roost, user: str, password: str) -> bool:
    """Does submission take it?"""
    with SmtpPeer(roost.ports["submissions"], tls=True) as peer:
        assert peer.code("EHLO laptop.local") == 250
        plain = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
        return peer.code(f"AUTH PLAIN {plain}") == 235


def totp(secret: str, steps: int = 0) -> str:
    """The code of now, by Python's own means (RFC 6238)."""
    counter = struct.pack(">Q", int(time.time()) // 30 + steps)
    mac = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    at = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[at:at + 4])[0] & 0x7fffffff) % 10**6:06d}"


def test_accounts_and_the_last_owner(roost: Roost) -> None:
    api = as_owner(roost)
    made = api.post("/accounts", {"address": "Eve@example.org", "name": "Eve",
                                  "password": "long enough", "quota_bytes": 1000})
    assert made["address"] == "eve@example.org" and made["role"] == "user"
    assert made["quota_bytes"] == 1000 and made["messages"] == 0
    assert imap_login(roost, "eve@example.org", "long enough")
    with refused(409, "conflict"):
        api.post("/accounts", {"address": "eve@example.org"})
    with refused(400, "invalid"):
        api.post("/accounts", {"address": "x@example.org", "password": "short"})
    with refused(404, "missing"):
        api.post("/accounts", {"address": "x@elsewhere.example"})
    for change in ({"logins": False}, {"role": "user"}):
        with refused(409, "conflict"):
            api.put(f"/accounts/{ALICE}", change)
    with refused(409, "conflict"):
        api.delete(f"/accounts/{ALICE}")
    assert api.put("/accounts/eve@example.org", {"logins": False})["name"] == "Eve"
    assert not imap_login(roost, "eve@example.org", "long enough")
    api.put("/accounts/eve@example.org", {"logins": True})
    api.put("/accounts/eve@example.org/password", {"password": "another one"})
    assert imap_login(roost, "eve@example.org", "another one")
    first = api.get("/accounts", limit=1)
    assert [a["address"] for a in first["items"]] == [ALICE] and first["next"] == ALICE
    rest = api.get("/accounts", after=ALICE)["items"]
    assert [a["address"] for a in rest] == [BOB, "eve@example.org"]
    assert [a["name"] for a in api.get("/accounts", q="eve")["items"]] == ["Eve"]
    api.delete("/accounts/eve@example.org")
    with refused(404, "missing"):
        api.get("/accounts/eve@example.org")
    trail = [(e["what"], e["target"]) for e in api.get("/audit")["items"]]
    assert trail[:1] == [("account.remove", "eve@example.org")]
    assert ("account.create", "eve@example.org") in trail
    assert "another one" not in str(api.get("/audit"))


def test_names_with_a_slash(roost: Roost) -> None:
    """RFC 5322 3.2.3 has "/" and "%" among the letters of a name."""
    api = as_owner(roost)
    for local in ("a/b", "a%2Fb", "a/../b", "50%"):
        api.post("/accounts", {"address": f"{local}@example.org"} if ".." not in local else
                 {"address": f'"{local}"@example.org'})
    path = quote("a/b@example.org", safe="")
    assert path == "a%2Fb%40example.org"
    api.put(f"/accounts/{path}", {"name": "Slash"})
    assert api.get(f"/accounts/{path}")["name"] == "Slash"
    assert api.get("/accounts/" + quote("a%2Fb@example.org", safe=""))["name"] == ""
    assert api.get("/accounts", after="a/b@example.org", limit=1)["items"][0]["address"] != ""
    api.delete(f"/accounts/{path}")
    with refused(404, "missing"):
        api.get(f"/accounts/{path}")
    api.get("/accounts/" + quote("50%@example.org", safe=""))
    with refused(404, "missing"):  # a slash is none of the path's, however it is written
        api.get(f"/accounts/{BOB}%2Flogins")


def test_a_domain_administrator_stays_at_home(roost: Roost) -> None:
    api = as_owner(roost)
    api.post("/domains", {"name": "b.example"})
    api.put(f"/accounts/{BOB}", {"role": "admin", "domains": ["b.example"]})
    bob = as_user(roost)
    assert [d["name"] for d in bob.get("/domains")["items"]] == ["b.example"]
    assert bob.get("/accounts")["items"] == []
    bob.post("/accounts", {"address": "new@b.example", "password": "long enough"})
    assert [a["address"] for a in bob.get("/accounts")["items"]] == ["new@b.example"]
    bob.post("/aliases", {"address": "info@b.example", "targets": ["new@b.example"]})
    bob.put("/domains/b.example", {"catchall": "new@b.example"})
    assert bob.get("/domains/b.example")["catchall"] == "new@b.example"
    for path in (f"/accounts/{ALICE}", "/domains/example.org"):
        with refused(404, "missing"):
            bob.get(path)
    for attempt in (lambda: bob.post("/domains", {"name": "c.example"}),
                    lambda: bob.delete("/domains/b.example"),
                    lambda: bob.post("/accounts", {"address": "x@example.org"}),
                    lambda: bob.post("/accounts", {"address": "x@b.example", "role": "owner"}),
                    lambda: bob.put("/accounts/new@b.example", {"role": "admin"}),
                    lambda: bob.post("/aliases", {"address": "x@example.org",
                                                  "targets": [BOB]}),
                    lambda: bob.put("/domains/example.org", {"catchall": BOB}),
                    lambda: bob.get("/audit")):
        with refused(403, "denied"):
            attempt()
    # nor does he change one who administers, though of his own domain
    api.put("/accounts/new@b.example", {"role": "owner"})
    with refused(403, "denied"):
        bob.put("/accounts/new@b.example/password", {"password": "mine from now"})
    with refused(403, "denied"):
        bob.delete("/accounts/new@b.example")
    # the role ends with the next call
    api.put(f"/accounts/{BOB}", {"role": "user"})
    with refused(403, "denied"):
        bob.get("/accounts")


def test_app_passwords(roost: Roost) -> None:
    api = as_user(roost)
    phone = api.post("/me/app-passwords", {"label": "phone", "scopes": ["imap"]})
    both = api.post("/me/app-passwords", {"label": "laptop"})
    assert imap_login(roost, BOB, phone["password"])
    assert not smtp_login(roost, BOB, phone["password"])
    assert imap_login(roost, BOB, both["password"].replace("-", " ").upper())
    assert smtp_login(roost, BOB, both["password"])
    with refused(401, "denied"):
        Api(roost).login(BOB, both["password"])
    until(lambda: any(l["client"] == "Test client 7" and l["app_password"] == "phone"
                      for l in api.get("/me/logins")["items"]))
    listed = {p["label"]: p for p in api.get("/me/app-passwords")["items"]}
    assert listed["phone"]["scopes"] == ["imap"] and listed["phone"]["last_used"] is not None
    assert "password" not in listed["phone"]
    api.delete(f"/me/app-passwords/{phone['id']}")
    assert not imap_login(roost, BOB, phone["password"])
    with refused(404, "missing"):
        api.delete(f"/me/app-passwords/{phone['id']}")
    with refused(400, "invalid"):
        api.post("/me/app-passwords", {"label": "old", "expires": "2020-01-01T00:00:00Z"})
    ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 2))
    brief = api.post("/me/app-passwords", {"label": "brief", "expires": ends})
    assert imap_login(roost, BOB, brief["password"])
    until(lambda: not imap_login(roost, BOB, brief["password"]))


def test_two_factor_login(roost: Roost) -> None:
    api = as_user(roost)
    other = as_user(roost)
    app = api.post("/me/app-passwords", {"label": "phone"})["password"]
    secret = api.post("/me/totp")["secret"]
    wrong = "000000" if totp(secret) != "000000" else "000001"
    with refused(403, "denied"):
        api.put("/me/totp", {"code": wrong})
    assert imap_login(roost, BOB, PASSWORDS["bob"])  # not on yet
    codes = api.put("/me/totp", {"code": totp(secret, -1)})["recovery_codes"]
    assert len(set(codes)) == 10
    with refused(401, "login_needed"):  # only who turned it on stays logged in
        other.get("/me")
    assert api.get("/session")["totp"]
    # mail programs: app passwords only
    assert not imap_login(roost, BOB, PASSWORDS["bob"])
    assert not smtp_login(roost, BOB, PASSWORDS["bob"])
    assert imap_login(roost, BOB, app) and smtp_login(roost, BOB, app)
    # the console: a code, each once
    with refused(401, "totp_needed"):
        Api(roost).login(BOB, PASSWORDS["bob"])
    with refused(401, "denied"):
        Api(roost).login(BOB, PASSWORDS["bob"], wrong)
    code = totp(secret)
    assert Api(roost).login(BOB, PASSWORDS["bob"], code)["totp"]
    with refused(401, "denied"):
        Api(roost).login(BOB, PASSWORDS["bob"], code)
    Api(roost).login(BOB, PASSWORDS["bob"], codes[3])
    with refused(401, "denied"):
        Api(roost).login(BOB, PASSWORDS["bob"], codes[3])
    assert api.get("/me")["recovery_left"] == 9
    # the way back in, from the machine
    roost.cli("account", "totp", "off", BOB)
    Api(roost).login(BOB, PASSWORDS["bob"])
    assert imap_login(roost, BOB, PASSWORDS["bob"])


def test_one_rule_for_passwords(roost: Roost) -> None:
    """By an administrator, by oneself, on the command line."""
    api, bob = as_owner(roost), as_user(roost)
    for bad, sentence in (("short", "at least 8 characters"), ("password1", "guessed"),
                          ("my-BOB-and-17-cats", "own name")):
        for method, path, body in (
                ("POST", "/accounts", {"address": "bob@example.org", "password": bad}),
                ("PUT", f"/accounts/{BOB}/password", {"password": bad})):
            with pytest.raises(ApiError, match=f"^400 invalid: .*{sentence}"):
                api.request(method, path, body)
        with pytest.raises(ApiError, match=f"^400 invalid: .*{sentence}"):
            bob.put("/me/password", {"old": PASSWORDS["bob"], "new": bad})
        for command in ("passwd", "add"):
            told = roost.run("account", command, BOB, stdin=bad + "\n")
            assert told.returncode == 1 and sentence in told.stderr
    assert imap_login(roost, BOB, PASSWORDS["bob"])


def test_own_password_and_turning_off(roost: Roost) -> None:
    api = as_user(roost)
    secret = api.post("/me/totp")["secret"]
    api.put("/me/totp", {"code": totp(secret)})
    with refused(403, "denied"):
        api.delete("/me/totp", {"password": "not it"})
    with refused(403, "denied"):
        api.put("/me/password", {"old": "not it", "new": "something else"})
    api.put("/me/password", {"old": PASSWORDS["bob"], "new": "something else"})
    api.delete("/me/totp", {"password": "something else"})
    assert imap_login(roost, BOB, "something else")
    assert not imap_login(roost, BOB, PASSWORDS["bob"])
    assert api.put("/me", {"name": "Robert"})["name"] == "Robert"
    token = api.post("/tokens", {"label": "script", "scopes": ["self:write"]})["token"]
    script = Api(roost, token=token)
    assert script.get("/me")["name"] == "Robert"
    for attempt in (lambda: script.post("/me/app-passwords", {"label": "back door"}),
                    lambda: script.post("/me/totp"),
                    lambda: script.put("/me/password", {"old": "something else",
                                                        "new": "stolen from you"})):
        with refused(403, "denied"):
            attempt()


def test_lists(roost: Roost) -> None:
    api = as_owner(roost)
    api.post("/aliases", {"address": "team@example.org", "targets": [ALICE, BOB],
                          "kind": "list", "post": "members"})

    def told(user: str | None, sender: str) -> int:
        port = roost.ports["submissions" if user else "smtp"]
        with SmtpPeer(port, tls=bool(user)) as peer:
            peer.code("EHLO laptop.local")
            if user:
                plain = base64.b64encode(f"\0{user}\0{PASSWORDS[user[:-12]]}".encode())
                assert peer.code(f"AUTH PLAIN {plain.decode()}") == 235
            assert peer.code(f"MAIL FROM:<{sender}>") == 250
            return peer.code("RCPT TO:<team@example.org>")

    assert told(BOB, BOB) == 250
    assert told(None, "someone@elsewhere.example") == 550
    assert told(None, BOB) == 550  # anybody could say so
    api.put("/aliases/team@example.org", {"targets": [ALICE]})
    assert told(BOB, BOB) == 550
    api.put("/aliases/team@example.org", {"post": "anybody"})
    assert told(None, "someone@elsewhere.example") == 250
    with refused(400, "invalid"):
        api.put("/aliases/team@example.org", {"post": "nobody"})
    with refused(404, "missing"):
        api.put("/aliases/none@example.org", {"post": "anybody"})
    with refused(409, "conflict"):
        api.post("/aliases", {"address": "team@example.org", "targets": [BOB]})
    api.delete("/aliases/team@example.org")
    assert api.get("/aliases")["items"] == []


def rcpt(roost: Roost, sender: str, to: str) -> tuple[int, str]:
    """What a stranger who names this sender is told of a recipient."""
    with SmtpPeer(roost.ports["smtp"]) as peer:
        peer.code("EHLO elsewhere.example")
        assert peer.code(f"MAIL FROM:<{sender}>") == 250
        return peer.cmd(f"RCPT TO:<{to}>")


def test_who_may_write_is_said_in_a_sentence(roost: Roost) -> None:
    api = as_owner(roost)
    stranger = "someone@elsewhere.example"
    for post in ("members", "domain"):
        api.post("/aliases", {"address": "team@example.org", "targets": [ALICE, BOB],
                              "kind": "list", "post": post})
        code, text = rcpt(roost, stranger, "team@example.org")
        assert (code, text) == (550, "5.7.2 you are not allowed to send to this list")
        # nor by another name that leads there
        api.post("/aliases", {"address": "door@example.org", "targets": ["team@example.org"]})
        assert rcpt(roost, stranger, "door@example.org")[0] == 550
        api.delete("/aliases/team@example.org")


def test_lists_in_circles_end(roost: Roost) -> None:
    """A list in a list in the first one: each person gets one copy; nothing but circles: none."""
    api = as_owner(roost)
    for name, members in (("a", [ALICE]), ("b", ["a@example.org", BOB])):
        api.post("/aliases", {"address": f"{name}@example.org", "targets": members,
                              "kind": "list"})
    api.put("/aliases/a@example.org", {"targets": ["b@example.org", ALICE]})
    mail.deliver(roost, mail.letter("round"), to="a@example.org")
    for user in ("alice", "bob"):
        until(lambda user=user: len(mail.inbox(roost, user)) == 1)
    api.put("/aliases/a@example.org", {"targets": ["b@example.org"]})
    api.put("/aliases/b@example.org", {"targets": ["a@example.org"]})
    assert rcpt(roost, "x@elsewhere.example", "a@example.org")[0] == 550
    with refused(409, "conflict"):
        api.put("/aliases/a@example.org", {"targets": ["a@example.org"]})


def test_groups(roost: Roost) -> None:
    api = as_owner(roost)
    made = api.post("/groups", {"address": "Sales@example.org", "title": "Sales people",
                                "members": [BOB, ALICE, BOB]})
    assert made["address"] == "sales@example.org" and made["members"] == [ALICE, BOB]
    assert not made["mail"] and made["title"] == "Sales people"
    assert rcpt(roost, "x@elsewhere.example", "sales@example.org")[0] == 550
    api.put("/groups/sales@example.org", {"mail": True})
    mail.deliver(roost, mail.letter("for all"), to="sales@example.org")
    for user in ("alice", "bob"):
        until(lambda user=user: len(mail.inbox(roost, user)) == 1)
    api.put("/groups/sales@example.org", {"post": "members"})
    assert rcpt(roost, "x@elsewhere.example", "sales@example.org")[0] == 550
    for address, status, code in ((ALICE, 409, "conflict"), ("sales@example.org", 409, "conflict"),
                                  ("x@elsewhere.example", 404, "missing"),
                                  ("no address", 400, "invalid")):
        with refused(status, code):
            api.post("/groups", {"address": address})
    with refused(404, "missing"):
        api.put("/groups/sales@example.org", {"members": ["nobody@example.org"]})
    with refused(409, "conflict"):
        api.post("/accounts", {"address": "sales@example.org"})
    assert [g["members"] for g in api.get("/groups", q="sales")["items"]] == [[ALICE, BOB]]
    api.delete(f"/accounts/{BOB}")
    assert api.get("/groups")["items"][0]["members"] == [ALICE]
    assert api.get("/domains/example.org")["groups"] == 1
    api.delete("/groups/sales@example.org")
    with refused(404, "missing"):
        api.delete("/groups/sales@example.org")
    assert api.get("/groups")["items"] == []
    trail = [e for e in api.get("/audit", q="group.")["items"]]
    assert [e["what"] for e in trail] == ["group.remove", "group.change", "group.change",
                                          "group.create"]
    assert trail[2]["before"]["mail"] is False and trail[2]["after"]["mail"] is True
    assert roost.cli("fsck") == ""


def test_groups_of_a_domain_administrator(roost: Roost) -> None:
    api = as_owner(roost)
    api.post("/domains", {"name": "b.example"})
    api.post("/accounts", {"address": "new@b.example"})
    api.post("/groups", {"address": "all@b.example", "members": [ALICE]})
    api.post("/groups", {"address": "sales@example.org", "members": ["new@b.example"]})
    api.put(f"/accounts/{BOB}", {"role": "admin", "domains": ["b.example"]})
    bob = as_user(roost)
    assert [g["address"] for g in bob.get("/groups")["items"]] == ["all@b.example"]
    # who is in it by an owner's will may stay; nobody else of another domain comes
    bob.put("/groups/all@b.example", {"members": [ALICE, "new@b.example"]})
    for attempt in (lambda: bob.put("/groups/all@b.example", {"members": [BOB]}),
                    lambda: bob.put("/groups/all@b.example", {"members": ["none@example.org"]}),
                    lambda: bob.post("/groups", {"address": "x@b.example", "members": [BOB]}),
                    lambda: bob.post("/groups", {"address": "x@example.org"}),
                    lambda: bob.put("/groups/sales@example.org", {"members": []}),
                    lambda: bob.delete("/groups/sales@example.org")):
        with refused(403, "denied"):
            attempt()
    bob.put("/groups/all@b.example", {"members": ["new@b.example"]})
    with refused(403, "denied"):
        bob.put("/groups/all@b.example", {"members": [ALICE]})
    bob.delete("/groups/all@b.example")


def test_groups_on_the_command_line(roost: Roost, make_roost: Maker, tmp_path: Path) -> None:
    roost.cli("group", "add", "sales@example.org", "Sales people")
    assert roost.run("group", "add", "sales@example.org").returncode == 1
    roost.cli("group", "join", "sales@example.org", BOB, ALICE)
    roost.cli("group", "mail", "sales@example.org", "members")
    line = f"sales@example.org (members, Sales people) {ALICE} {BOB}\n"
    assert roost.cli("group", "list") == line
    roost.cli("backup", str(tmp_path / "file"))
    for wrong in (("leave", "sales@example.org", "x@example.org"),
                  ("join", "sales@example.org", "x@example.org"),
                  ("join", "none@example.org", BOB),
                  ("mail", "sales@example.org", "king"), ("rm", "none@example.org")):
        assert roost.run("group", *wrong).returncode == 1
    roost.cli("group", "leave", "sales@example.org", ALICE)
    roost.cli("group", "mail", "sales@example.org", "nobody")
    assert roost.cli("group", "list") == f"sales@example.org (nobody, Sales people) {BOB}\n"
    roost.cli("group", "rm", "sales@example.org")
    assert roost.cli("group", "list") == ""
    assert [e["what"] for e in as_owner(roost).get("/audit", q="group.")["items"]][0] \
        == "group.remove"
    other = make_roost()
    other.cli("restore", str(tmp_path / "file"), "--replace")
    assert other.cli("group", "list") == line
    assert other.cli("fsck") == ""


def test_quota_and_use_are_shown(roost: Roost) -> None:
    api = as_owner(roost)
    with SmtpPeer(roost.ports["smtp"]) as peer:
        peer.code("EHLO elsewhere.example")
        peer.code("MAIL FROM:<x@elsewhere.example>")
        peer.code(f"RCPT TO:<{BOB}>")
        assert peer.code("DATA") == 354
        assert peer.code("Subject: one\r\n\r\nText\r\n.") == 250
    bob = api.get(f"/accounts/{BOB}")
    assert bob["messages"] == 1 and bob["used_bytes"] > 20


def test_two_switches(roost: Roost) -> None:
    """Logins off: mail still arrives, and whoever is logged in is not any more. Mail off: 550."""
    api = as_owner(roost)
    bob = as_user(roost, "bob")
    assert bob.get("/me")["address"] == BOB
    assert api.put(f"/accounts/{BOB}", {"logins": False})["mail"] is True
    with refused(401, "login_needed"):
        bob.get("/me")
    assert not imap_login(roost, BOB, PASSWORDS["bob"])
    mail.deliver(roost, mail.letter("while logins are off"), to=[BOB])
    now = api.put(f"/accounts/{BOB}", {"logins": True, "mail": False})
    assert now["logins"] and not now["mail"]
    assert [mail.parse(raw)["Subject"] for raw in mail.inbox(roost, "bob")] == ["while logins are off"]
    with pytest.raises(smtplib.SMTPRecipientsRefused) as told:
        mail.deliver(roost, mail.letter("refused"), to=[BOB])
    assert told.value.recipients[BOB][0] == 550
    api.put(f"/accounts/{BOB}", {"mail": True})
    mail.deliver(roost, mail.letter("again"), to=[BOB])


def test_received_today_counts_no_submissions(roost: Roost) -> None:
    api = as_owner(roost)
    mail.deliver(roost, mail.letter("from elsewhere"))
    with mail.submission(roost, "bob") as session:
        session.sendmail(BOB, [ALICE], mail.letter("written here", sender=BOB))
    assert api.get("/overview")["received_today"] == 1


def test_command_line(roost: Roost) -> None:
    roost.cli("domain", "add", "b.example")
    roost.cli("account", "role", BOB, "admin", "b.example")
    assert roost.run("account", "role", BOB, "king").returncode == 2
    assert roost.run("account", "role", BOB, "admin", "none.example").returncode == 1
    password = roost.cli("account", "app-password", "add", BOB, "my phone", "imap").strip()
    assert imap_login(roost, BOB, password) and not smtp_login(roost, BOB, password)
    until(lambda: " used " in roost.cli("account", "app-password", "list", BOB))
    line = roost.cli("account", "app-password", "list", BOB)
    assert line.startswith("1 imap used ") and line.endswith(" my phone\n")
    assert " ok imaps 127.0.0.1 times=1 Test client 7\n" in roost.cli("account", "logins", BOB)
    roost.cli("account", "app-password", "rm", BOB, "1")
    assert not imap_login(roost, BOB, password)
    roost.cli("account", "disable", BOB)
    assert not imap_login(roost, BOB, PASSWORDS["bob"])
    assert f"{BOB} logins-off" in roost.cli("account", "list")
    roost.cli("account", "disable", BOB, "--mail")
    assert f"{BOB} logins-off mail-refused" in roost.cli("account", "list")
    assert roost.run("account", "disable", "--mail").returncode == 2
    roost.cli("account", "enable", BOB)
    assert "-off" not in roost.cli("account", "list")
    assert imap_login(roost, BOB, PASSWORDS["bob"])
    assert roost.run("account", "totp", "off", BOB).returncode == 1
    roost.cli("list", "set", "all@example.org", "domain", ALICE, BOB)
    assert roost.cli("alias", "list") == f"all@example.org (list, domain) {ALICE} {BOB}\n"
    assert roost.run("list", "set", "all@example.org", "nobody", ALICE).returncode == 2


def test_commands_are_in_the_audit_trail(roost: Roost) -> None:
    roost.cli("account", "passwd", BOB, stdin="a new password\n")
    roost.cli("alias", "add", "info@example.org", BOB)
    roost.cli("account", "disable", BOB)
    trail = as_owner(roost).get("/audit")["items"]
    assert [(e["who"], e["what"], e["target"]) for e in trail][:4] == [
        ("command line", "account.change", ALICE),  # made an owner
        ("command line", "account.change", BOB),
        ("command line", "alias.create", "info@example.org"),
        ("command line", "account.password", BOB)]


def test_commands_note_before_and_after(roost: Roost) -> None:
    """As the calls of the API do."""
    roost.cli("account", "quota", BOB, "1000")
    roost.cli("account", "role", BOB, "admin", "example.org")
    roost.cli("alias", "add", "info@example.org", BOB)
    roost.cli("alias", "add", "info@example.org", ALICE)
    roost.cli("alias", "rm", "info@example.org")
    roost.cli("domain", "catchall", "example.org", BOB)
    roost.cli("group", "add", "team@example.org", "The team")
    roost.cli("group", "join", "team@example.org", BOB)
    roost.cli("account", "app-password", "add", BOB, "my phone", "imap")
    roost.cli("account", "app-password", "rm", BOB, "1")
    roost.cli("token", "add", BOB, "script", "self:read")
    roost.cli("token", "rm", BOB, roost.cli("token", "list", BOB).split()[0])
    roost.cli("settings", "set", "MESSAGE_SIZE", "10M")
    roost.cli("settings", "set", "SMARTHOST", "smtp://user:hidden-word@192.0.2.1")
    roost.cli("account", "rm", BOB)
    trail = [e for e in as_owner(roost).get("/audit")["items"] if e["target"] != ALICE][::-1]
    trail = trail[[e["what"] for e in trail].index("account.change"):]  # after the provision
    told = [(e["what"], e["before"], e["after"]) for e in trail]
    assert [what for what, _, _ in told] == [
        "account.change", "account.change", "alias.create", "alias.change", "alias.remove",
        "domain.change", "group.create", "group.change", "app_password.create",
        "app_password.remove", "token.create", "token.remove", "setting.set", "setting.set", "account.remove"]
    quota, role, made, more, gone, catchall, group, joined, app, no_app, token, no_token, size, \
        smarthost, account = told
    assert (quota[1]["quota_bytes"], quota[2]["quota_bytes"]) == (0, 1000)
    assert role[1]["role"] == "user" and role[2]["domains"] == ["example.org"]
    assert made[1] is None and made[2]["targets"] == [BOB]
    assert more[1]["targets"] == [BOB] and more[2]["targets"] == [BOB, ALICE] == gone[1]["targets"]
    assert gone[2] is None
    assert (catchall[1]["catchall"], catchall[2]["catchall"]) == ("", BOB)
    assert group[1] is None and joined[1]["members"] == [] and joined[2]["members"] == [BOB]
    assert app[2]["label"] == "my phone" == no_app[1]["label"] and no_app[2] is None
    assert token[2]["scopes"] == ["self:read"]
    assert no_token[1] == token[2] and no_token[2] is None
    assert size[1] == "52428800" and size[2] == "10M"
    assert "hidden-word" not in str(told) and smarthost[2] == "(secret)"
    assert account[1]["role"] == "admin" and account[2] is None
