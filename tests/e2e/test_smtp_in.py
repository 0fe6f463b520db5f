"""Mail from other servers: RFC 5321 and what must not get through."""
import smtplib

import pytest

from harness import mail
from harness.peer import SmtpPeer
from harness.server import HOSTNAME, Roost


@pytest.fixture
def peer(roost: Roost):  # type: ignore[no-untyped-def]
    with SmtpPeer(roost.ports["smtp"]) as connected:
        yield connected


def test_greeting_and_extensions(peer: SmtpPeer) -> None:
    assert peer.greeting[0] == 220 and peer.greeting[1].startswith(HOSTNAME)
    code, text = peer.cmd("EHLO client.example.net")
    words = {line.split()[0] for line in text.split("\n")[1:]}
    assert code == 250
    assert {"PIPELINING", "SIZE", "8BITMIME", "CHUNKING", "BINARYMIME", "ENHANCEDSTATUSCODES",
            "STARTTLS"} <= words
    assert "AUTH" not in words  # port 25 has no logins
    assert peer.code("AUTH PLAIN AGEAYg==") == 502
    assert peer.code("QUIT") == 221
    assert peer.line() == ""


def test_accepted_message_is_in_the_inbox(roost: Roost) -> None:
    original = mail.letter("Grüße", "Ein Körper.\n.\n..dots\n", List_Id="<x.example.net>")
    mail.deliver(roost, original)
    (raw,) = mail.inbox(roost)
    assert raw.startswith(b"Return-Path: <carol@example.net>\r\nReceived: from client.example.net")
    assert raw.endswith(original)
    message = mail.parse(raw)
    assert message["Subject"] == "Grüße"
    assert "[127.0.0.1]" in message["Received"] and f"by {HOSTNAME}" in message["Received"]
    assert "for <alice@example.org>" in message["Received"]
    assert "with ESMTP " in message["Received"]


def test_pipelining_in_one_packet(peer: SmtpPeer, roost: Roost) -> None:
    peer.send("EHLO c.example.net\r\nMAIL FROM:<carol@example.net>\r\n"
              "RCPT TO:<alice@example.org>\r\nRCPT TO:<nobody@example.org>\r\nDATA\r\n")
    assert [peer.reply()[0] for _ in range(5)] == [250, 250, 250, 550, 354]
    peer.send("Subject: one\r\n\r\n1\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<alice@example.org>\r\n"
              "DATA\r\n")
    assert [peer.reply()[0] for _ in range(4)] == [250, 250, 250, 354]
    peer.send("Subject: two\r\n\r\n2\r\n.\r\nQUIT\r\n")
    assert [peer.reply()[0] for _ in range(2)] == [250, 221]
    assert [mail.parse(m)["Subject"] for m in mail.inbox(roost)] == ["one", "two"]


def test_one_byte_at_a_time(peer: SmtpPeer, roost: Roost) -> None:
    text = ("EHLO c.example.net\r\nMAIL FROM:<carol@example.net>\r\n"
            "RCPT TO:<alice@example.org>\r\nDATA\r\n")
    for byte in text.encode():
        peer.send(bytes([byte]))
    assert [peer.reply()[0] for _ in range(4)] == [250, 250, 250, 354]
    for byte in b"Subject: slow\r\n\r\n..\r\n.x\r\n.\r\nQUIT\r\n":
        peer.send(bytes([byte]))
    assert [peer.reply()[0] for _ in range(2)] == [250, 221]
    (raw,) = mail.inbox(roost)
    assert raw.endswith(b"Subject: slow\r\n\r\n.\r\nx\r\n")


@pytest.mark.parametrize("rcpt, reply", [
    ("someone@elsewhere.test", (550, "5.7.1")),
    ("nobody@example.org", (550, "5.1.1")),
    ("alice@sub.example.org", (550, "5.7.1")),
    ("alice%elsewhere.test@example.org", (550, "5.1.1")),
    ("elsewhere.test!alice@example.org", (550, "5.1.1")),
    ("\"alice@elsewhere.test\"@example.org", (550, "5.1.1")),
])
def test_relaying_and_unknown_recipients_end_at_rcpt(peer: SmtpPeer, rcpt: str,
                                                     reply: tuple[int, str]) -> None:
    peer.envelope("carol@example.net")
    code, text = peer.cmd(f"RCPT TO:<{rcpt}>")
    assert (code, text.split()[0]) == reply
    assert peer.code("DATA") == 554


def test_sender_of_our_domain_gives_no_rights(peer: SmtpPeer) -> None:
    peer.envelope("alice@example.org")
    assert peer.code("RCPT TO:<someone@elsewhere.test>") == 550


def test_order_of_commands(peer: SmtpPeer) -> None:
    assert peer.code("MAIL FROM:<a@example.net>") == 503
    assert peer.code("EHLO") == 501
    assert peer.code("HELO c.example.net") == 250
    assert peer.code("RCPT TO:<alice@example.org>") == 503
    assert peer.code("DATA") == 503
    assert peer.code("MAIL FROM:<a@example.net>") == 250
    assert peer.code("MAIL FROM:<a@example.net>") == 503
    assert peer.code("RSET") == 250
    assert peer.code("RCPT TO:<alice@example.org>") == 503
    assert peer.code("VRFY alice") == 252
    assert peer.code("EXPN list") == 502
    assert peer.code("MAIL FROM:a@example.net") == 501
    assert peer.code("MAIL FROM:<a@example.net> NONSENSE=1") == 555
    assert peer.code("NONSENSE") == 500


# What a front server takes for the end of a message and the back one does not (or the other
# way round) lets a second message through unseen. RFC 5321 2.3.8: lines end in CRLF only.
@pytest.mark.parametrize("end", ["\n.\n", "\n.\r\n", "\r.\r", "\r\n.\r", "\r\n.\n", "\r.\r\n",
                                 "\r\n\0.\r\n", "\r\n.\0\r\n", "\r\r\n.\r\r\n"])
def test_no_smuggling(roost: Roost, end: str) -> None:
    with SmtpPeer(roost.ports["smtp"]) as peer:
        peer.envelope("carol@example.net", "alice@example.org")
        assert peer.code("DATA") == 354
        peer.send(f"Subject: outer\r\n\r\nbody{end}MAIL FROM:<evil@example.net>\r\n"
                  "RCPT TO:<alice@example.org>\r\nDATA\r\nSubject: inner\r\n\r\n.\r\n")
        code, text = peer.reply()
        assert code == 554, text
        assert peer.code("NOOP") == 250  # exactly one reply came
    assert mail.inbox(roost) == []


def test_bare_lf_ends_no_command(peer: SmtpPeer) -> None:
    peer.send("EHLO c.example.net\nMAIL FROM:<a@example.net>\r\n")
    assert peer.reply()[0] in (500, 501)
    assert peer.code("RCPT TO:<alice@example.org>") == 503


def test_routing_loop(peer: SmtpPeer) -> None:
    peer.envelope("carol@example.net", "alice@example.org")
    received = "Received: from a by b; Fri, 02 Jan 2026 10:00:00 +0000\r\n"
    code, text = peer.data(received * 101 + "Subject: loop\r\n\r\nx\r\n")
    assert code == 554 and text.startswith("5.4.6")


def test_too_many_errors_end_the_connection(peer: SmtpPeer) -> None:
    codes = []
    while (code := peer.code("NONSENSE")) == 500:
        codes.append(code)
    assert code == 421 and 10 <= len(codes) <= 30
    assert peer.line() == ""


def test_harvesting_ends_the_connection(peer: SmtpPeer) -> None:
    peer.envelope("carol@example.net")
    replies = []
    while (code := peer.code(f"RCPT TO:<guess{len(replies)}@example.org>")) == 550:
        replies.append(code)
    assert code == 421 and len(replies) < 30


def test_too_many_recipients(roost: Roost, peer: SmtpPeer) -> None:
    roost.cli("domain", "catchall", "example.org", "alice@example.org")
    peer.envelope("carol@example.net")
    peer.send("".join(f"RCPT TO:<r{n}@example.org>\r\n" for n in range(1001)))
    codes = [peer.reply()[0] for _ in range(1001)]
    assert codes == [250] * 1000 + [452]
    assert peer.data(mail.letter("to a thousand"))[0] == 250
    assert len(mail.inbox(roost)) == 1


def test_message_without_header_and_empty_message(roost: Roost) -> None:
    for text in ("no header at all\r\n", "", "\r\n", "Subject\r\n: x\r\n\r\n\r\n"):
        with SmtpPeer(roost.ports["smtp"]) as peer:
            peer.envelope("", "alice@example.org")
            assert peer.data(text)[0] == 250
    assert len(mail.inbox(roost)) == 4


def test_message_of_many_megabytes(roost: Roost) -> None:
    original = mail.letter("big", ("0123456789" * 7 + "\n") * 200_000)
    assert len(original) > 14_000_000
    mail.deliver(roost, original)
    (raw,) = mail.inbox(roost)
    assert raw.endswith(original)


def test_end_amid_data_delivers_nothing(roost: Roost) -> None:
    with SmtpPeer(roost.ports["smtp"]) as peer:
        peer.envelope("carol@example.net", "alice@example.org")
        assert peer.code("DATA") == 354
        peer.send("Subject: cut\r\n\r\nthe wire breaks her")
    assert roost.log
    mail.deliver(roost, mail.letter("whole"))
    assert [mail.parse(m)["Subject"] for m in mail.inbox(roost)] == ["whole"]


def test_parallel_sessions(roost: Roost) -> None:
    peers = [SmtpPeer(roost.ports["smtp"]) for _ in range(30)]
    for n, peer in enumerate(peers):
        peer.send("EHLO c.example.net\r\nMAIL FROM:<>\r\nRCPT TO:<alice@example.org>\r\nDATA\r\n"
                  f"Subject: {n}\r\n\r\nx\r\n.\r\nQUIT\r\n")
    for peer in peers:
        assert [peer.reply()[0] for _ in range(6)] == [250, 250, 250, 354, 250, 221]
        peer.close()
    assert sorted(int(mail.parse(m)["Subject"]) for m in mail.inbox(roost)) == list(range(30))


def test_smtplib_reports_the_refused_one(roost: Roost) -> None:
    with smtplib.SMTP("127.0.0.1", roost.ports["smtp"], "c.example.net", timeout=20) as s:
        refused = s.sendmail("carol@example.net", ["alice@example.org", "no@example.org"],
                             mail.letter("half"))
    assert list(refused) == ["no@example.org"]
    assert len(mail.inbox(roost)) == 1


def test_each_message_has_an_id(roost: Roost) -> None:
    """In the reply, the Received field, the log and the trace; by it the one message is found, by
    the session's all that came over it."""
    ids = []
    with SmtpPeer(roost.ports["smtp"]) as peer:
        for n in range(3):
            peer.envelope("carol@example.net", "alice@example.org")
            code, text = peer.data(mail.letter(f"number {n}"))
            assert code == 250
            ids.append(text.split()[-1])
    assert len(set(ids)) == 3
    for n, (raw, mark) in enumerate(zip(mail.inbox(roost), ids)):
        assert f" id {mark} " in " ".join(mail.parse(raw)["Received"].split())
        (trace,) = roost.cli("trace", "list", f"q={mark}").splitlines()
        assert f"mail={mark} " in trace and "session=" + mark.split("-")[0] + " " in trace
        assert roost.log and roost.log.wait(f" mail_accepted id={mark.split('-')[0]} mail={mark} ")
        assert mail.parse(raw)["Subject"] == f"number {n}"
    assert len(roost.cli("trace", "list", "q=" + ids[0].split("-")[0]).splitlines()) == 3
