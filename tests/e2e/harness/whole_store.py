"""A store with one of everything, for the tests of upgrades: fill() makes it with the binary of a
release, and facts() reads it back with that binary and with every later one.

facts() returns only what must never change: no counters of logins, no states that time changes.
Where the API renames a member, rename it here and in every facts.json with the value it stands for."""
import hashlib
import imaplib
import re
from pathlib import Path
from typing import Any

from harness import mail, pem
from harness.account import ok, session
from harness.api import Api, as_owner, as_user, token_of
from harness.authenticator import Authenticator
from harness.peer import until
from harness.server import Roost, address
from harness.smtp_sink import Sink

ALICE, BOB, CAROL, DAVE = (address(name) for name in ("alice", "bob", "carol", "dave"))
HELD = "held@example.net"
# A test reads the fixture years later: these rows must not expire, keys must not rotate.
LONG_KEPT = {"TRACE_DAYS": "3650", "QUEUE_HISTORY_DAYS": "3650", "DKIM_ROTATE_DAYS": "off"}
FLAGGED = {"Read": "\\Seen", "Answered": "(\\Seen \\Answered)", "Starred": "(\\Flagged $Important)",
           "Own word": "(Invoice)", "Draft": "(\\Draft)"}


# --- filling ---

def fill(roost: Roost, sink: Sink, folder: Path) -> dict[str, Any]:
    """Fill a running server that has alice and bob and hands mail for example.net to sink; the
    secrets that a reader needs. folder is for files that are needed no longer afterwards."""
    for name, value in LONG_KEPT.items():
        roost.cli("settings", "set", name, value)
    roost.cli("settings", "set", "WEBHOOKS", "http://127.0.0.1:9/hook name=shop")
    owner = as_owner(roost)
    secrets = {**fill_people(roost, owner, folder), **fill_programs(roost)}
    fill_directory(owner)
    fill_mail(roost)
    fill_queue(roost, owner, sink)
    chain, key = pem.make(folder, "own", "old.example.org")
    owner.post("/certificates", {"chain": chain.read_text("ascii"), "key": key.read_text("ascii")})
    return secrets


def fill_people(roost: Roost, owner: Api, folder: Path) -> dict[str, Any]:
    """Carol has two factors, Dave a passkey, Eve may not log in."""
    for user in (CAROL, DAVE, address("eve")):
        owner.post("/accounts", {"address": user, "name": user.split("@")[0].title(),
                                 "password": "long enough"})
    owner.put(f"/accounts/{BOB}", {"quota_bytes": 50_000_000})
    owner.put(f"/accounts/{address('eve')}", {"logins": False, "mail": False})
    carol, dave = Api(roost), Api(roost)
    carol.login(CAROL, "long enough")
    secret = carol.post("/me/totp")["secret"]
    recovery = carol.put("/me/totp", {"code": totp(secret)})["recovery_codes"]
    dave.login(DAVE, "long enough")
    Authenticator(roost, folder).register(dave, "Dave's phone")
    return {"totp": secret, "recovery": recovery}


def fill_programs(roost: Roost) -> dict[str, Any]:
    """A token and an app password."""
    bob = as_user(roost, "bob")
    made = bob.post("/me/app-passwords", {"label": "Laptop"})
    return {"app_password": made["password"],
            "token": bob.post("/tokens", {"label": "Script", "scopes": ["self:read", "send"],
                                          "expires": None})["token"]}


def fill_directory(owner: Api) -> None:
    """Domains, keys, names, rules."""
    owner.post("/domains", {"name": "second.example"})
    owner.put("/domains/second.example", {"catchall": BOB, "mta_sts": "testing"})
    for domain in ("example.org", "second.example"):
        if not owner.get(f"/domains/{domain}/keys")["items"]:
            owner.post(f"/domains/{domain}/keys")
    owner.post("/aliases", {"address": address("sales"), "targets": [ALICE, "shop@example.net"]})
    owner.post("/aliases", {"address": address("team"), "targets": [ALICE, BOB], "kind": "list",
                            "post": "anybody"})
    owner.post("/groups", {"address": address("staff"), "title": "Staff"})
    owner.put(f"/groups/{address('staff')}", {"members": [ALICE, BOB]})
    owner.post("/access", {"verdict": "reject", "of": "from", "match": "*@spam.example",
                           "note": "never"})
    owner.post("/suppressed", {"address": "gone@example.net", "reason": "asked"})
    owner.post("/pauses", {"what": "destination", "name": "slow.example", "reason": "a test"})


def fill_mail(roost: Roost) -> None:
    """Mail with flags in nested, shared and described mailboxes; some of it expunged."""
    for subject in [*FLAGGED, "New", "Expunged"]:
        mail.deliver(roost, mail.letter(subject, f"The word is {subject.lower()}.\n"))
    mail.deliver(roost, mail.letter("Attached", "Ünïcode \u2603.\n" + "line\n" * 2000,
                                    to=BOB), to=BOB)
    mail.deliver(roost, mail.letter("To the list", to=address("team")), to=address("team"))
    with session(roost) as m:
        ok(m.create("Projects/2026"))
        ok(m.create('"Entw&APw-rfe"'))
        ok(m.subscribe("Projects/2026"))
        ok(m.setacl("INBOX", BOB, "lrs"))
        ok(m.xatom("SETMETADATA", "INBOX", '(/shared/comment "the first one")'))
        for subject, flags in FLAGGED.items():
            ok(m.uid("STORE", f'{uid_of(m, subject)}', "+FLAGS", flags))
        ok(m.uid("COPY", uid_of(m, "Starred"), "Projects/2026"))
        ok(m.uid("STORE", uid_of(m, "Expunged"), "+FLAGS", "\\Deleted"))
        ok(m.expunge())
        ok(m.append("Projects/2026", "(\\Seen)", '"01-Feb-2026 03:04:05 +0100"',
                    mail.letter("Appended", "By hand.\n")))


def fill_queue(roost: Roost, owner: Api, sink: Sink) -> None:
    """One message was delivered, one sent by the API, one is held for years."""
    sender = token_of(as_user(roost, "alice"), "send")
    sender.post("/send", {"from": ALICE, "to": ["friend@example.net"], "subject": "By the API",
                          "text": "Hello.", "tag": "bill", "metadata": {"order": "17"}})
    until(lambda: sink.messages, what="the delivery")
    until(lambda: owner.get("/queue")["items"] == [], what="the end of the entry")
    owner.post("/pauses", {"what": "all", "reason": "while one is held"})
    mail.submit(roost, mail.letter("Held", sender=ALICE, to=HELD), HELD)
    (entry,) = owner.get("/queue")["items"]
    owner.post(f"/queue/{entry['id']}/hold")
    owner.delete("/pauses?what=all")


def uid_of(m: imaplib.IMAP4, subject: str) -> str:
    """The one message with this subject in the selected mailbox."""
    (found,) = ok(m.uid("SEARCH", "SUBJECT", f'"{subject}"'))
    return found.decode().split()[0]


def totp(secret: str, steps: int = 0) -> str:
    """The code of now, or of the next 30 s. Roost accepts both, each of them once."""
    import test_people  # pylint: disable=import-outside-toplevel
    return test_people.totp(secret, steps)


# --- reading ---

def rows(items: list[dict[str, Any]], *names: str) -> list[dict[str, Any]]:
    """Some members of each."""
    return [{name: item[name] for name in names} for item in items]


def facts(roost: Roost) -> dict[str, Any]:
    """All of it, as a running server has it."""
    owner = as_owner(roost)
    return {**directory(owner), **outgoing(owner), **mailboxes(roost)}


def directory(owner: Api) -> dict[str, Any]:
    """What the API returns of people, names and settings."""
    keys = {domain: rows(owner.get(f"/domains/{domain}/keys")["items"], "selector", "algorithm",
                         "state", "record") for domain in ("example.org", "second.example")}
    return {
        "accounts": rows(owner.get("/accounts")["items"], "id", "address", "name", "logins", "mail", "role",
                         "quota_bytes", "messages", "totp", "passkeys", "recovery_left"),
        "domains": rows(owner.get("/domains")["items"], "name", "catchall", "mta_sts", "created"),
        "aliases": rows(owner.get("/aliases")["items"], "address", "targets", "kind", "post"),
        "groups": rows(owner.get("/groups")["items"], "id", "address", "title", "members"),
        "passkeys": rows(owner.get(f"/accounts/{DAVE}/passkeys")["items"], "id", "label", "site"),
        "app_passwords": rows(owner.get(f"/accounts/{BOB}/app-passwords")["items"], "label",
                              "scopes"),
        "access": rows(owner.get("/access")["items"], "verdict", "of", "match", "note"),
        "certificates": [c for c in rows(owner.get("/certificates")["items"], "source", "names")
                         if c["source"] == "own"],
        "settings": {s["name"]: s["value"] for s in owner.get("/settings")["items"]
                     if s["origin"] == "store"},
        "keys": keys,
    }


def outgoing(owner: Api) -> dict[str, Any]:
    """Mail that left, or that did not, and its story."""
    queued = rows(owner.get("/queue")["items"], "id", "message", "from", "destination", "size",
                  "created", "held")
    sent = owner.get("/sent")["items"]
    return {
        "queue": queued,
        "suppressed": rows(owner.get("/suppressed")["items"], "address", "domain", "reason"),
        "pauses": rows(owner.get("/pauses")["items"], "what", "name", "reason"),
        "deliveries": [d["to"] for d in owner.get("/deliveries")["items"]],
        "sent": rows(sent, "id", "from", "created", "tag"),
        "traces": rows(owner.get("/traces", limit=100)["items"], "id", "from", "to", "message_id",
                       "size"),
        "webhooks": rows(owner.get("/webhooks")["items"], "name", "events"),
        "audit": sorted({(a["what"], a["target"]) for a in owner.get("/audit", limit=500)["items"]}),
    }


def mailboxes(roost: Roost) -> dict[str, Any]:
    """Each mailbox of alice and bob over IMAP, message by message."""
    found: dict[str, Any] = {}
    for user in ("alice", "bob"):
        with session(roost, None, user) as m:
            names = sorted(re.sub(rb'^.* "/" "?([^"]*)"?$', rb"\1", line).decode()
                           for line in ok(m.list()) if line)
            subscribed = sorted(line.decode() for line in ok(m.lsub()) if line)
            found[user] = {"subscribed": subscribed, **{n: mailbox(m, n) for n in names}}
    with session(roost) as m:
        found["acl"] = [line.decode() for line in ok(m.getacl("INBOX"))]
        m.xatom("GETMETADATA", "INBOX", "/shared/comment")
        found["comment"] = [line.decode() for line in m.untagged_responses.pop("METADATA", [])]
        found["searched"] = [line.decode() for line in ok(m.uid("SEARCH", "TEXT", '"the word is"'))]
    return found


def mailbox(m: imaplib.IMAP4, name: str) -> Any:
    """UIDVALIDITY and every message: UID, flags, date, hash of its bytes."""
    if m.select(f'"{name}"', readonly=True)[0] != "OK":
        return None
    messages = {}
    status, data = m.uid("FETCH", "1:*", "(FLAGS INTERNALDATE BODY.PEEK[])")
    for head, body in (part for part in data if isinstance(part, tuple)):
        uid, flags = re.search(rb"UID (\d+)", head), re.search(rb"FLAGS \(([^)]*)\)", head)
        date = re.search(rb'INTERNALDATE "([^"]*)"', head)
        assert status == "OK" and uid and flags and date, head
        messages[uid[1].decode()] = [
            sorted(set(flags[1].decode().split()) - {"\\Recent"}), date[1].decode(),
            hashlib.sha256(body).hexdigest()]
    return {"uidvalidity": [v.decode() for v in m.response("UIDVALIDITY")[1]],
            "messages": messages}


# --- logins ---

def check_logins(roost: Roost, secrets: dict[str, Any]) -> None:
    """Every kind of secret still opens what it opened."""
    from test_people import imap_login  # pylint: disable=import-outside-toplevel
    assert imap_login(roost, BOB, secrets["app_password"])
    assert Api(roost, secrets["token"]).get("/me")["address"] == BOB
    assert Api(roost).login(CAROL, "long enough", secrets["recovery"][0])["address"] == CAROL
    assert Api(roost).login(CAROL, "long enough", totp(secrets["totp"], 1))["address"] == CAROL
