"""Mailboxes that two accounts and a group share: ACL, namespaces, quota and annotations of
RFC 4314, 2342, 9208 and 5464, with imaplib and curl."""
import imaplib
import subprocess

import pytest

from harness import mail
from harness.api import as_owner
from harness.peer import ImapPeer
from harness.server import PASSWORDS, Roost, address

ALICE, BOB = address("alice"), address("bob")
HERS = f'"Other Users/{ALICE}/INBOX"'


def ok(answer: tuple[str, list[object]]) -> list[object]:
    """The data of an answer that must be OK."""
    assert answer[0] == "OK", answer
    return answer[1]


def listed(m: imaplib.IMAP4, pattern: str = "*") -> list[str]:
    """Names that LIST tells."""
    return [line.decode().split(' "/" ')[1].strip('"') for line in ok(m.list('""', pattern)) if line]


def test_two_accounts(roost: Roost) -> None:
    mail.deliver(roost, mail.letter("for both"))
    alice, bob = mail.mailbox(roost, "alice"), mail.mailbox(roost, "bob", None)
    assert "ACL" in bob.capabilities and "QUOTA" in bob.capabilities
    assert bob.select(HERS)[0] == "NO"
    assert listed(bob, '"Other Users/*"') == []

    ok(alice.setacl("INBOX", BOB, "lrs"))
    assert listed(bob, '"Other Users/*"') == [f"Other Users/{ALICE}/INBOX"]
    assert ok(bob.myrights(HERS))[0].endswith(b"lrs")
    assert ok(bob.select(HERS)) == [b"1"]
    assert b"Subject: for both" in ok(bob.fetch("1", "(BODY[])"))[0][1]
    assert b"\\Seen" in ok(alice.fetch("1", "(FLAGS)"))[0]  # \Seen is shared
    assert bob.store("1", "+FLAGS", "\\Deleted")[0] == "NO"
    assert bob.append(HERS, None, None, b"Subject: no\r\n\r\n")[0] == "NO"

    ok(bob.copy("1", "Archive"))
    ok(alice.setacl("INBOX", BOB, "+ite"))
    ok(bob.append(HERS, None, None, b"Subject: from bob\r\n\r\n"))
    ok(alice.noop())
    assert b"from bob" in ok(alice.fetch("2", "(BODY.PEEK[HEADER])"))[0][1]
    ok(bob.uid("MOVE", "2", "Archive"))
    ok(bob.select("Archive"))
    assert len(mail.messages(bob)) == 2

    ok(bob.select(HERS))
    ok(alice.deleteacl("INBOX", BOB))
    with pytest.raises(imaplib.IMAP4.abort, match="no longer read"):
        bob.noop()
    alice.logout()


def test_a_member_leaves_by_command(roost: Roost) -> None:
    """What a command does to a group reaches who has its mail selected, also in IDLE."""
    roost.cli("group", "add", "crew@example.org")
    roost.cli("group", "join", "crew@example.org", ALICE, BOB)
    with ImapPeer(roost.ports["imaps"], tls=True) as bob:
        bob.login(BOB, PASSWORDS["bob"])
        bob.ok("CREATE Shared/crew@example.org/Log")
        bob.ok("SELECT Shared/crew@example.org/Log")
        bob.send("t9 IDLE\r\n")
        assert bob.line().startswith("+")
        roost.cli("group", "leave", "crew@example.org", BOB)
        assert bob.line().startswith("* BYE")


def test_curl_reads_another_mailbox(roost: Roost) -> None:
    mail.deliver(roost, mail.letter("shared with curl"))
    with mail.mailbox(roost, "alice") as alice:
        ok(alice.setacl("INBOX", BOB, "lr"))
    url = f"imaps://127.0.0.1:{roost.ports['imaps']}/Other%20Users%2F{ALICE}%2FINBOX;UID=1"
    done = subprocess.run(["curl", "-sk", url, "-u", f"{BOB}:{PASSWORDS['bob']}"],
                          capture_output=True, timeout=30, check=False)
    assert done.returncode == 0 and b"Subject: shared with curl" in done.stdout, done


def test_group(roost: Roost) -> None:
    api = as_owner(roost)
    api.post("/groups", {"address": "team@example.org", "members": [BOB]})
    plans = '"Shared/team@example.org/Plans"'
    with mail.mailbox(roost, "bob") as bob, mail.mailbox(roost, "alice") as alice:
        assert alice.create(plans)[0] == "NO"
        ok(bob.create(plans))
        ok(bob.append(plans, None, None, b"Subject: plan\r\n\r\n"))
        assert listed(alice, '"Shared/*"') == []
        api.put("/groups/team@example.org", {"members": [ALICE, BOB]})
        assert listed(alice, '"Shared/*"') == ["Shared/team@example.org/Plans"]
        assert ok(alice.select(plans)) == [b"1"]
        api.put("/groups/team@example.org", {"members": [BOB]})
        with pytest.raises(imaplib.IMAP4.abort, match="no longer read"):
            alice.noop()
    with ImapPeer(roost.ports["imaps"], tls=True) as bob:
        bob.login(BOB, PASSWORDS["bob"])
        bob.ok(f"SELECT {plans}")
        bob.send("t9 IDLE\r\n")
        assert bob.line().startswith("+")
        api.delete("/groups/team@example.org")
        assert bob.line().startswith("* BYE")
    with mail.mailbox(roost, "bob") as bob:
        assert bob.select(plans)[0] == "NO"


def test_quota_and_annotations(roost: Roost) -> None:
    api = as_owner(roost)  # alice
    with mail.mailbox(roost, "alice") as alice, mail.mailbox(roost, "bob") as bob:
        assert bob.setquota(BOB, "(STORAGE 1)")[0] == "NO"
        assert "quota_emails" not in roost.cli("audit", "list")
        ok(alice.setquota(BOB, "(STORAGE 1)"))
        entry = api.get("/audit?q=quota_emails")["items"][0]
        assert (entry["who"], entry["what"], entry["target"], entry["from"]) == (
            address("alice"), "account.change", BOB, "127.0.0.1")
        assert "1024" in str(entry["after"]) and "1024" not in str(entry["before"])
        assert b"STORAGE 0 1" in ok(bob.getquotaroot("INBOX"))[1][0]
        kind, data = bob.append("INBOX", None, None, b"Subject: long\r\n\r\n" + b"x" * 2000)
        assert kind == "NO" and b"OVERQUOTA" in data[0]
        ok(alice.setquota(BOB, "()"))
        ok(bob.append("INBOX", None, None, b"Subject: long\r\n\r\n" + b"x" * 2000))
        assert bob.xatom("SETMETADATA", "INBOX", '(/shared/comment "ours")')[0] == "OK"
        assert bob.xatom("GETMETADATA", "INBOX", "/shared/comment")[0] == "OK"
