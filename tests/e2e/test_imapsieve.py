"""Scripts of mailboxes (RFC 6785): they run when a message is appended, copied, or gets other
flags, and what they decide happens to the stored message."""
from conftest import Maker
from harness import managesieve
from harness.peer import ImapPeer, until
from harness.server import PASSWORDS, Roost, address

ENTRY = "/shared/imapsieve/script"


def session(roost: Roost, user: str = "alice", mailbox: str = "INBOX") -> ImapPeer:
    """Logged in, with a mailbox selected."""
    peer = ImapPeer(roost.ports["imaps"], tls=True)
    peer.login(address(user), PASSWORDS[user])
    peer.ok(f"SELECT {mailbox}")
    return peer


def store(roost: Roost, script: str, user: str = "alice", name: str = "mailbox") -> None:
    """Put a script, without making it the active one."""
    with managesieve.peer(roost, user) as p:
        answer = p.put(name, script)
        assert answer == "OK", answer


def append(peer: ImapPeer, subject: str, mailbox: str = "INBOX", flags: str = "") -> None:
    """APPEND a small message."""
    text = f"From: bob@example.org\r\nSubject: {subject}\r\n\r\nHello\r\n"
    peer.ok(f"APPEND {mailbox} ({flags}) {{{len(text)}+}}\r\n{text}")


def flags(peer: ImapPeer, number: int = 1) -> set[str]:
    """Flags of a message."""
    peer.ok("NOOP")
    line = next(x for x in peer.ok(f"FETCH {number} (FLAGS)") if "FLAGS (" in x)
    return set(line.split("FLAGS (")[1].split(")")[0].split())


def count(peer: ImapPeer, mailbox: str) -> int:
    """Messages in a mailbox."""
    return int(peer.ok(f"STATUS {mailbox} (MESSAGES)")[0].split("MESSAGES ")[1].rstrip(")"))


def test_each_cause_runs_the_script_of_the_mailbox(roost: Roost) -> None:
    store(roost, """require ["imapsieve", "environment", "imap4flags", "variables"];
if environment :matches "imap.cause" "*" { set "cause" "${1}"; }
if environment :matches "imap.changedflags" "*" { set "changed" "${1}"; }
if environment :is "imap.mailbox" "INBOX" { addflag "$inbox"; }
if environment :is "imap.user" "alice@example.org" { addflag "$alice"; }
if allof (environment :is "location" "MS", environment :is "phase" "post") {
  addflag "$cause-${cause}";
}
if hasflag "\\\\Flagged" { addflag "$was-flagged"; }
if string :is "${changed}" "\\\\Answered" { addflag "$answered-changed"; }
keep;
""")
    with session(roost) as p:
        assert any(w.startswith("IMAPSIEVE=sieve://") for w in p.ok("CAPABILITY")[0].split())
        append(p, "before the annotation")
        assert flags(p) - {"\\Recent"} == set()
        p.ok(f'SETMETADATA INBOX ({ENTRY} "mailbox")')
        append(p, "appended", flags="\\Flagged")
        assert flags(p, 2) >= {"$inbox", "$alice", "$cause-APPEND", "$was-flagged", "\\Flagged"}
        p.ok("STORE 1 +FLAGS (\\Answered)")
        assert flags(p) >= {"\\Answered", "$cause-FLAG", "$answered-changed"}
        p.ok("COPY 1 INBOX")
        assert "$cause-COPY" in flags(p, 3)
        p.ok("FETCH 2 BODY[]")
        assert flags(p, 2) >= {"\\Seen", "$cause-FLAG"}
        p.ok("COPY 2 Archive")
        p.ok(f'SETMETADATA INBOX ({ENTRY} "no such script")')
        append(p, "no script of that name")
        assert flags(p, 4) - {"\\Recent"} == set()
    with session(roost, mailbox="Archive") as p:
        assert "$cause-COPY" not in flags(p)


def test_copies_and_deletions(roost: Roost) -> None:
    store(roost, """require ["imapsieve", "fileinto", "copy", "mailbox", "imap4flags", "editheader"];
if header :is "subject" "discard" { discard; }
if header :is "subject" "file" { fileinto :create :flags "$filed" "Filed/Here"; }
if header :is "subject" "copy" { fileinto :copy "Archive"; }
if header :is "subject" "nowhere" { fileinto "Missing"; }
if header :is "subject" "edit" { addheader "X-Edited" "yes"; fileinto :copy "Archive"; }
""")
    with session(roost) as p:
        p.ok(f'SETMETADATA INBOX ({ENTRY} "mailbox")')
        for subject in ("discard", "file", "copy", "nowhere", "edit"):
            append(p, subject)
        assert ["\\Deleted" in flags(p, n) for n in range(1, 6)] == [True, True, False, False,
                                                                     False]
        assert count(p, "INBOX") == 5 and count(p, "Archive") == 2
        assert not any("X-Edited" in x for x in p.ok("FETCH 5 BODY.PEEK[HEADER]"))
        p.ok("SELECT Filed/Here")
        assert "$filed" in flags(p)
        p.ok("SELECT Archive")
        assert any("X-Edited: yes" in x for x in p.ok("FETCH 2 BODY.PEEK[HEADER]"))


def test_redirect_and_the_script_of_the_server(roost: Roost) -> None:
    store(roost, """require ["imapsieve", "copy", "environment"];
if environment :is "imap.mailbox" "Sent" { redirect :copy "bob@example.org"; }
""")
    roost.cli("account", "owner", address("alice"))
    with session(roost, mailbox="Sent") as p, session(roost, "bob") as bob:
        p.ok(f'SETMETADATA "" ({ENTRY} "mailbox")')
        append(p, "not redirected", "Archive")
        append(p, "redirected", "Sent")
        assert "\\Deleted" not in flags(p)
        bob.ok("NOOP")
        until(lambda: count(bob, "INBOX") == 1)
        bob.ok("NOOP")
        text = bob.ok("FETCH 1 BODY.PEEK[HEADER]")
        assert any("Subject: redirected" in x for x in text)
        assert any("Return-Path: <alice@example.org>" in x for x in text)
        p.ok(f'SETMETADATA Sent ({ENTRY} "")')
        append(p, "an empty name hides that of the server", "Sent")
        assert count(bob, "INBOX") == 1


def test_what_is_for_delivery_alone_is_an_error_and_changes_nothing(roost: Roost) -> None:
    for i, script in enumerate(('require "reject"; reject "no";',
                                'require "vacation"; vacation "away";',
                                'require "envelope"; if envelope "from" "x" { discard; }')):
        name = f"wrong{i}"
        store(roost, script, name=name)
        with session(roost) as p:
            p.ok(f'SETMETADATA INBOX ({ENTRY} "{name}")')
            append(p, name)
            assert flags(p, i + 1) - {"\\Recent"} == set()
    assert roost.log
    roost.log.wait("filter_failed .*wrong2")


def test_a_message_that_cannot_be_redirected_stays(roost: Roost) -> None:
    store(roost, 'require "imapsieve"; redirect "nobody@example.org";')
    with session(roost) as p:
        p.ok(f'SETMETADATA INBOX ({ENTRY} "mailbox")')
        append(p, "one")
        append(p, "two")
        assert "\\Deleted" not in flags(p, 1) | flags(p, 2)
    assert roost.log
    roost.log.wait("imapsieve_failed .*script=mailbox")


def test_redirects_count_in_the_limits_of_the_account(make_roost: Maker) -> None:
    roost = make_roost(LIMITS="account messages=1/1d").start()
    store(roost, 'redirect "bob@example.org";')
    with session(roost) as p, session(roost, "bob") as bob:
        p.ok(f'SETMETADATA INBOX ({ENTRY} "mailbox")')
        append(p, "one")
        append(p, "two")
        assert "\\Deleted" in flags(p, 1) and "\\Deleted" not in flags(p, 2)
        assert roost.log
        roost.log.wait("policy_limit .*of=account")
        until(lambda: count(bob, "INBOX") == 1)


def test_only_an_administrator_of_the_mailbox_chooses_its_script(roost: Roost) -> None:
    store(roost, "discard;")
    with session(roost) as p:
        p.ok(f"SETACL INBOX {address('bob')} lrsw")
        with session(roost, "bob", f'"Other Users/{address("alice")}/INBOX"') as bob:
            refused = bob.cmd(f'SETMETADATA "Other Users/{address("alice")}/INBOX" '
                              f'({ENTRY} "mailbox")')
            assert refused[-1].startswith("NO [NOPERM]"), refused
        append(p, "one")
        assert "\\Deleted" not in flags(p)
