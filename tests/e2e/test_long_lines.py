"""Lines longer than the 998 bytes of RFC 5322 2.1.1: taken from others, and never sent to them."""
import time
from email.message import EmailMessage

import pytest

from harness import mail, zone
from harness.dns_server import DnsServer
from harness.peer import SmtpPeer, until
from harness.server import BINARY, Roost, address
from harness.smtp_sink import Received, Sink
from test_dkim import dkimpy, page

# Sanitizers need several times the memory and time; the bounds are meant for the real one.
SLACK = 10 if "check" in BINARY else 1
MIB = 1 << 20
HTML = "<html><body>" + "<p>Grüße, <b>all</b> of you &amp; yours.</p>" * 50_000 + "</body></html>"


def letter(*fields: str, body: bytes = b"Hello.\r\n", sender: str = "carol@example.net") -> bytes:
    """A message of exactly these fields, besides those that any has."""
    head = (f"From: {sender}", "Date: Fri, 02 Jan 2026 10:00:00 +0000",
            f"Message-ID: <{mail.unique()}@example.net>", *fields)
    return "".join(f"{line}\r\n" for line in head).encode() + b"\r\n" + body


def html(*fields: str, sender: str = "carol@example.net") -> bytes:
    """One whose body is a line of 2 MB."""
    return letter("Subject: news", "MIME-Version: 1.0", "Content-Type: text/html; charset=utf-8",
                  "Content-Transfer-Encoding: 8bit", *fields, body=HTML.encode() + b"\r\n",
                  sender=sender)


def short(got: Received) -> bool:
    """Are all its lines as short as they must be?"""
    return max(len(line) for line in got.data.split(b"\r\n")) <= 998


def contents_are(message: EmailMessage, text: str) -> bool:
    """Apart, since pytest would show how long texts differ, for minutes."""
    return message.get_payload(decode=True) == text.encode() + b"\r\n"


def by_data(roost: Roost, message: bytes, to: str, sender: str = "carol@example.net"
            ) -> tuple[int, str]:
    """The answer to a message."""
    with SmtpPeer(roost.ports["smtp"], timeout=60) as peer:
        peer.envelope(sender, to)
        return peer.data(message.removesuffix(b"\r\n"))


def by_bdat(roost: Roost, message: bytes, to: str) -> tuple[int, str]:
    """The same in one chunk."""
    with SmtpPeer(roost.ports["smtp"], timeout=60) as peer:
        peer.envelope("carol@example.net", to)
        peer.send(f"BDAT {len(message)} LAST\r\n".encode() + message)
        return peer.reply()


@pytest.mark.parametrize("bring", [by_data, by_bdat])
def test_what_is_passed_on(sender: Roost, sink: Sink, bring) -> None:  # type: ignore[no-untyped-def]
    sender.cli("alias", "add", address("away"), "friend@example.net")
    words = " ".join(f"word{n}" for n in range(5000))
    people = ",".join(f"person{n}@example.net" for n in range(500))
    original = html(f"X-Words: {words}", f"To: {people}")
    assert bring(sender, original, address("away"))[0] == 250
    (got,) = sink.wait()
    assert short(got)
    back = mail.parse(got.data)
    assert back["X-Words"] == words
    assert [a.addr_spec for a in back["To"].addresses] == people.split(",")
    assert back["Content-Transfer-Encoding"] == "quoted-printable"
    assert contents_are(back, HTML)
    assert "BODY=" not in got.parameters or got.parameters.endswith("8BITMIME")


def test_what_a_user_sends_is_signed_as_it_is_sent(sender: Roost, sink: Sink,
                                                   dns: DnsServer) -> None:
    text = page(sender)
    zone.publish(dns, text)
    original = html("To: alice@example.org, friend@example.net", "X-Words: " + "word " * 500 + ".",
                    sender="alice@example.org")
    with mail.submission(sender) as s:
        assert s.sendmail(address("alice"), ["friend@example.net", address("alice")],
                          original) == {}
    (got,) = sink.wait()
    assert short(got)
    assert dkimpy(got.data, text) == [True, True]
    assert contents_are(mail.parse(got.data), HTML)
    (raw,) = until(lambda: mail.inbox(sender), what="the copy that stays here")
    same = raw.endswith(original)
    assert same


def test_a_field_without_a_place_for_a_fold(sender: Roost, sink: Sink) -> None:
    """Nothing that is right can be sent, so it comes back; and what tells of it has short lines."""
    sender.cli("alias", "add", address("away"), "friend@example.net")
    original = letter("Subject: " + "long " * 5000, "X-Own: " + "x" * 5000)
    assert by_data(sender, original, address("away"))[0] == 250
    (report,) = sink.wait()
    assert (report.sender, report.rcpts) == ("", ["carol@example.net"])
    assert short(report)
    parts = list(mail.parse(report.data).iter_parts())
    status = parts[1].as_string()
    assert "Status: 5.6.0" in status and "X-Own" in parts[0].get_content()
    assert b"x" * 5000 in parts[2].get_payload(decode=True)


def test_a_signed_part_is_left_alone(sender: Roost, sink: Sink) -> None:
    sender.cli("alias", "add", address("away"), "friend@example.net")
    body = (b"--b\r\n\r\n" + b"x" * 5000 + b"\r\n--b\r\nContent-Type: application/pgp-signature\r\n"
            b"\r\nsignature\r\n--b--\r\n")
    original = letter("MIME-Version: 1.0", "Content-Type: multipart/signed; boundary=b", body=body)
    assert by_data(sender, original, address("away"))[0] == 250
    (report,) = sink.wait()
    assert report.sender == "" and short(report)
    assert b"Status: 5.6.3" in report.data


@pytest.mark.parametrize("bring", [by_data, by_bdat])
def test_as_long_as_a_message_may_be(roost: Roost, bring) -> None:  # type: ignore[no-untyped-def]
    """One line of 49 MB costs no more than as many bytes in short ones, and lies in the mailbox."""
    took = {}
    for name, unit in ("short", b"word " * 14 + b"\r\n"), ("long", b"word " * 14):
        body = (unit * (49 * MIB // len(unit) + 1))[:49 * MIB - 2] + b"\r\n"
        begun = time.monotonic()
        assert bring(roost, letter(f"Subject: {name}", body=body), address("alice"))[0] == 250
        took[name] = time.monotonic() - begun
        assert roost.status("RssAnon") < 64 * 1024 * SLACK
    assert took["long"] < 3 * took["short"] + 1, took
    m = mail.mailbox(roost)
    (head, text), *_ = m.fetch("2", "(BODYSTRUCTURE BODY.PEEK[TEXT])")[1]
    m.logout()
    assert f'"7BIT" {len(body)} 1 '.encode() in head
    same = text == body
    assert same
    assert roost.status("RssAnon") < 64 * 1024 * SLACK


@pytest.mark.parametrize("field", [
    "X-Own: " + "x" * MIB,
    "To: " + "a@example.org," * (MIB // 14),
    "Subject: " + "=?utf-8?q?x?= " * (MIB // 14),
    "Content-Type: text/plain" + ";a=b" * (MIB // 4),
    "References: " + "<a@example.org>" * (MIB // 15),
    "X-Own: " + "\r\n ".join("x" for _ in range(MIB // 4)),
], ids=["one", "addresses", "words", "parameters", "references", "folded"])
def test_a_header_has_a_limit(roost: Roost, field: str) -> None:
    """One field beyond it is refused; one just below takes no longer than any other work."""
    begun = time.monotonic()
    code, text = by_data(roost, letter(field + "\r\nX-More: " + "y" * 100), address("alice"))
    assert (code, text) == (552, "5.3.4 message header too big")
    code, text = by_data(roost, letter(field[:MIB - 4096]), address("alice"))
    assert code == 250, text
    (raw,) = until(lambda: mail.inbox(roost), what="the message")
    same = field[:MIB - 4096].encode() in raw
    assert same
    assert time.monotonic() - begun < 5 * SLACK
