"""Mail pulled from servers that do things in their own ways, or wrongly."""
import subprocess
from typing import Callable, Iterator

import pytest

from conftest import Maker
from harness import mail, odd_imap
from harness.dns_server import A, DnsServer
from harness.odd_imap import CLOSE, Box, Letter, OddImap, letter
from harness.server import Roost, address

ALICE = address("alice")


@pytest.fixture
def odd(dns: DnsServer) -> Iterator[OddImap]:
    """The server that somebody leaves."""
    dns.add(odd_imap.NAME, A, "127.0.0.1")
    server = OddImap()
    yield server
    server.close()


@pytest.fixture
def target(make_roost: Maker, dns: DnsServer, odd: OddImap) -> Roost:
    """Where the mail goes; odd is there before it, and after."""
    return make_roost(DNS_SERVERS=dns.address).start()


def bring(roost: Roost, odd: OddImap, *words: str,
          password: str = odd_imap.PASSWORD) -> subprocess.CompletedProcess[str]:
    """The command."""
    return roost.run("account", "import-imap", ALICE, odd.url(), str(odd.certificate), *words,
                     stdin=password + "\n")


def last(done: subprocess.CompletedProcess[str]) -> str:
    """What came of all."""
    assert done.returncode == 0, done
    return done.stdout.splitlines()[-1]


def names(roost: Roost, box: str) -> list[str]:
    """Subjects of a mailbox."""
    return sorted(str(mail.parse(raw)["Subject"]) for raw in mail.inbox(roost, name=box))


def test_gmail(odd: OddImap, target: Roost) -> None:
    """What a label shows comes to its mailbox; what only "All Mail" shows to the archive."""
    def gm(number: int) -> Letter:
        return letter(number, f"gm{number}", gmail=1000 + number)
    odd.capabilities = "X-GM-EXT-1 SPECIAL-USE AUTH=PLAIN SASL-IR"
    odd.boxes = {
        "[Gmail]": Box([], "\\Noselect"),
        "[Gmail]/All Mail": Box([gm(1), gm(2), gm(3), gm(4)], "\\All"),
        "[Gmail]/Important": Box([gm(1), gm(4)], "\\Important"),
        "[Gmail]/Starred": Box([gm(3)], "\\Flagged"),
        "[Gmail]/Sent Mail": Box([gm(3)], "\\Sent"),
        "[Gmail]/Spam": Box([gm(9)], "\\Junk"),
        "INBOX": Box([gm(1), gm(2)]),
        "Work": Box([gm(2)]),
    }
    assert last(bring(target, odd)) == "6 brought, 6 there already, 0 left out"
    assert names(target, "INBOX") == ["gm1", "gm2"] and names(target, "Work") == ["gm2"]
    assert names(target, "Sent") == ["gm3"] and names(target, "Junk") == ["gm9"]
    assert names(target, "Archive") == ["gm4"]
    # A label that is left out does not come by "All Mail" instead.
    odd.boxes["Secret"] = Box([gm(5)])
    odd.boxes["[Gmail]/All Mail"].letters.append(gm(5))
    odd.boxes["[Gmail]/All Mail"].letters.append(gm(6))
    odd.boxes["INBOX"].letters.append(gm(6))
    assert last(bring(target, odd, "Secret=")) == "1 brought, 2 there already, 0 left out"
    assert names(target, "Archive") == ["gm4"]
    assert not any("BODY.PEEK[]" in c and "STORE" in c for c in odd.commands)


def test_views_of_others(odd: OddImap, target: Roost) -> None:
    """Without Gmail's extension the Message-ID tells; what has none comes with the view."""
    nameless = Letter(5, b"Subject: nameless\r\n\r\n")
    odd.capabilities = "SPECIAL-USE"
    odd.boxes = {"virtual": Box([letter(1, "a"), letter(2, "b"), nameless], "\\All"),
                 "INBOX": Box([letter(9, "a")])}
    assert last(bring(target, odd)) == "3 brought, 1 there already, 0 left out"
    assert names(target, "Archive") == ["b", "nameless"]


def test_roles(odd: OddImap, target: Roost) -> None:
    """XLIST of before RFC 6154; and where no server says anything, the names of mail programs."""
    odd.capabilities = "XLIST"
    odd.boxes = {"Posteingang": Box([letter(1, "in")], "\\Inbox"),
                 "Gesendet": Box([letter(1, "sent")], "\\Sent"),
                 "Spam": Box([letter(1, "other")])}
    assert last(bring(target, odd)).startswith("3 brought")
    assert names(target, "INBOX") == ["in"] and names(target, "Sent") == ["sent"]
    assert names(target, "Spam") == ["other"], "a server that tells roles means none by it"
    odd.capabilities = ""
    odd.boxes = {"Sent Items": Box([letter(1, "guessed")]), "Junk E-mail": Box([letter(1, "junk")])}
    assert last(bring(target, odd)).startswith("2 brought")
    assert names(target, "Sent") == ["guessed", "sent"] and names(target, "Junk") == ["junk"]


def test_folders_go_where_told(odd: OddImap, target: Roost) -> None:
    odd.capabilities = "NAMESPACE"
    odd.namespaces = '(("" "/")) (("user/" "/")) (("Public/" "/"))'
    odd.boxes = {"INBOX": Box([letter(1, "in")]), "Old": Box([letter(1, "old")]),
                 "Old/2020": Box([letter(1, "2020")]), "Old/Secret": Box([letter(1, "no")]),
                 "Older": Box([letter(1, "older")]), "user/bob": Box([letter(1, "bob")]),
                 "Public/News": Box([letter(1, "news")])}
    done = bring(target, odd, "Old=Archive/Old", "Old/Secret=", "Public/News=News")
    assert last(done) == "5 brought, 0 there already, 0 left out"
    assert "user/bob: it is not the user's own" in done.stderr
    for box, subject in (("INBOX", "in"), ("Archive/Old", "old"), ("Archive/Old/2020", "2020"),
                         ("Older", "older"), ("News", "news")):
        assert names(target, box) == [subject]
    assert not any(c.startswith('EXAMINE "Old/Secret"') for c in odd.commands)


def test_uids_that_mean_nothing(odd: OddImap, target: Roost) -> None:
    """Without UIDVALIDITY, or when the server says that UIDs do not stay, the messages tell."""
    odd.boxes = {"INBOX": Box([letter(5, "a")], uidvalidity=None),
                 "B": Box([letter(5, "b")], code="UIDNOTSTICKY")}
    assert last(bring(target, odd)) == "2 brought, 0 there already, 0 left out"
    odd.boxes["INBOX"].letters = [letter(1, "a"), letter(2, "c")]
    odd.boxes["B"].letters = [letter(1, "b"), letter(2, "d")]
    assert last(bring(target, odd)) == "2 brought, 2 there already, 0 left out"


def fails_for(uid: int, answer: bytes, how: str = "BODY.PEEK[]") -> Callable[[str], bytes | None]:
    """One message that the server cannot give, nor anything with it."""
    def override(command: str) -> bytes | None:
        uids = command.split()[2].split(",") if command.startswith("UID FETCH") else []
        return answer if how in command and str(uid) in uids else None
    return override


@pytest.mark.parametrize("answer, reason", [
    (b"{tag} NO [SERVERBUG] disk error\r\n", "disk error"),
    (b"{tag} BAD what\r\n", "what"),
    (b"{tag} OK\r\n", "the server does not give it"),
    (b"* 2 FETCH (UID 2 BODY[] NIL)\r\n{tag} OK\r\n", "the server does not give it"),
    (b"* 2 FETCH (UID 2 BODY[] \"\" INTERNALDATE 5)\r\n{tag} OK\r\n", "does not give it"),
    (b"* 2 FETCH (UID 2 FLAGS (\\Seen BODY[] {3}\r\nabc)\r\n{tag} OK\r\n", "does not give it"),
    (b"* 2 FETCH (UID 2 BODY[] {0}\r\n)\r\n{tag} OK\r\n", "empty"),
])
def test_one_bad_message_stops_no_other(odd: OddImap, target: Roost, answer: bytes,
                                        reason: str) -> None:
    odd.boxes["INBOX"].letters = [letter(1, "a"), letter(2, "bad"), letter(3, "c")]
    odd.override = fails_for(2, answer)
    done = bring(target, odd)
    assert last(done) == "2 brought, 0 there already, 1 left out"
    assert "UID 2" in done.stderr and reason in done.stderr
    assert names(target, "INBOX") == ["a", "c"]
    # It is asked for again, until it comes; and then no more.
    assert last(bring(target, odd)) == "0 brought, 0 there already, 1 left out"
    odd.override = lambda command: None
    assert last(bring(target, odd)) == "1 brought, 0 there already, 0 left out"
    odd.commands.clear()
    assert last(bring(target, odd)) == "0 brought, 0 there already, 0 left out"
    assert not any("BODY.PEEK" in c for c in odd.commands)


def test_sizes_are_lies(odd: OddImap, target: Roost) -> None:
    """A message that is much longer than was said is taken off the wire, and the rest comes."""
    huge = b"Subject: huge\r\n\r\n" + b"x" * 8000000
    odd.boxes["INBOX"].letters = [letter(1, "a"), Letter(2, huge, size=10), letter(3, "b", size=0),
                                  letter(4, "c", size=4000000000)]
    done = bring(target, odd)
    assert last(done) == "3 brought, 0 there already, 1 left out"
    assert "UID 4: it is too big" in done.stderr
    assert len(mail.inbox(target)) == 3


def test_dates_and_flags_that_are_none(odd: OddImap, target: Roost) -> None:
    odd.boxes["INBOX"].letters = [
        Letter(1, b"Date: Fri, 02 Jan 2004 10:00:00 +0000\r\nSubject: a\r\n\r\n", date=None),
        Letter(2, b"Date: Fri, 02 Jan 2004 10:00:00 +0000\r\nSubject: b\r\n\r\n", date='"today"'),
        Letter(3, b"Subject: c\r\n\r\n", flags="\\Seen \\Recent \\Odd (x)"[:19] + " %bad $ok")]
    assert last(bring(target, odd)).startswith("3 brought")
    m = mail.mailbox(target)
    data = m.fetch("1:3", "(INTERNALDATE FLAGS)")[1]
    m.logout()
    text = b"\n".join(x for x in data if isinstance(x, bytes))
    assert text.count(b" 2-Jan-2004 10:00:00 +0000") == 2 and b"$ok" in text


def test_keywords_without_room(odd: OddImap, target: Roost) -> None:
    """What an account cannot keep is named, each once, and its messages come."""
    odd.boxes["INBOX"].letters = [
        letter(n, f"l{n}", flags=" ".join(f"kw{n * 10 + k}" for k in range(10)) + " \\Odd twice")
        for n in range(12)]
    odd.boxes["INBOX"].letters[0].uid = 12
    done = bring(target, odd)
    assert last(done) == "12 brought, 0 there already, 0 left out"
    told = [line for line in done.stderr.splitlines() if line.strip()]
    m = mail.mailbox(target)
    data = m.fetch("1:*", "(FLAGS)")[1]
    m.logout()
    kept = set(b" ".join(x for x in data if isinstance(x, bytes)).replace(b")", b" ").replace(b"(", b" ").split())
    lost = {f"kw{n}" for n in range(120)} - {x.decode() for x in kept}
    assert 0 < len(lost) < 40 and b"twice" in kept
    assert sorted(told) == sorted(
        f"roost: left out keyword {name}: an account has no room for more keywords"
        for name in lost)


def test_what_a_server_may_say_at_any_time(odd: OddImap, target: Roost) -> None:
    """Untagged responses that nobody asked for, blank lines, and a mailbox that is refused."""
    odd.boxes["Gone"] = Box([])
    odd.boxes["Late"] = Box([letter(1, "late")])

    def override(command: str) -> bytes | None:
        if command.startswith("EXAMINE \"Gone\""):
            return b"* NO [ALERT] look out\r\n\r\n* GARBAGE (((\r\n* 99999999999 EXISTS\r\n" \
                   b"{tag} NO no such mailbox\r\n"
        return None
    odd.override = override
    done = bring(target, odd)
    assert last(done) == "2 brought, 0 there already, 0 left out"
    assert "Gone: the server said: no such mailbox" in done.stderr


@pytest.mark.parametrize("when, answer, reason", [
    ("LOGIN", b"* BYE no room\r\n", "no room"),
    ("LOGIN", b"{tag} NO wrong: s3cret\r\n", "has the password in it"),
    ("LIST", CLOSE, "closed"),
    ("LIST", b"* LIST () \"/\" {99999999999}\r\n", "too much at once"),
    ("UID FETCH", b"x" * 20000 + b"\r\n", "line is too long"),
    ("UID FETCH", CLOSE, "closed"),
    ("EXAMINE", b"* BYE over quota\r\n", "over quota"),
])
def test_servers_that_fail(odd: OddImap, target: Roost, when: str, answer: bytes,
                           reason: str) -> None:
    odd.override = lambda command: answer if command.startswith(when) else None
    done = bring(target, odd)
    assert done.returncode == 1 and reason in done.stderr, done
    assert odd_imap.PASSWORD not in done.stderr + done.stdout
    odd.override = lambda command: None
    assert last(bring(target, odd)).startswith("1 brought")


@pytest.mark.parametrize("can, password", [
    ("AUTH=PLAIN SASL-IR", "s3cret"), ("", 's3"cret, longer'), ("", "s3\\cret, longer"),
])
@pytest.mark.parametrize("size", [200, 42])
def test_a_login_that_is_repeated(odd: OddImap, target: Roost, can: str, password: str,
                                  size: int) -> None:
    """Servers repeat what they do not understand, as it was sent, or its beginning."""
    odd.capabilities = can
    odd.override = lambda command: (b"{tag} BAD what is " + command[:size].encode() + b"\r\n"
                                    if command.startswith(("LOGIN", "AUTH")) else None)
    done = bring(target, odd, password=password)
    assert done.returncode == 1 and "has the password in it" in done.stderr, done
    assert "AG9" not in done.stderr and "s3" not in done.stderr, done


def test_logins(odd: OddImap, target: Roost) -> None:
    """SASL with and without its first word, and passwords that only a literal can say."""
    odd.capabilities = "AUTH=PLAIN"
    assert last(bring(target, odd)).startswith("1 brought")
    odd.capabilities = "AUTH=PLAIN SASL-IR ID"
    assert last(bring(target, odd)).startswith("0 brought")
    assert [c for c in odd.commands if c.startswith(("AUTH", "AG"))] == \
        ["AUTHENTICATE PLAIN", "AG9sZEBleGFtcGxlLm5ldABzM2NyZXQ=",
         "AUTHENTICATE PLAIN AG9sZEBleGFtcGxlLm5ldABzM2NyZXQ="]
    assert 'ID ("name" "Roost")' in odd.commands
    odd.capabilities, odd.password = "", "pässword"
    assert last(bring(target, odd, password="pässword")).startswith("0 brought")
    assert bring(target, odd, password="wrong").returncode == 1
