"""What a sender may ask for beside delivery: reports (RFC 3461), a later day (RFC 4865), a time
limit (RFC 2852), a priority (RFC 6710), and what a server says it takes at once (RFC 9422)."""
import email
import email.utils
import time
from typing import Iterator

import pytest

from conftest import Maker
from harness import mail, pem
from harness.dns_server import TXT, DnsServer
from harness.peer import SmtpPeer, until
from harness.ports import free_port
from harness.postfix import Postfix
from harness.server import Roost
from harness.smtp_sink import Sink
from test_mail_auth import PUBLIC, sign
from test_postfix import needs_root


def send(roost: Roost, rcpts: dict[str, str], options: str = "", subject: str = "hi") -> None:
    """A message of alice's: parameters of MAIL, and those of each RCPT."""
    with mail.submission(roost) as s:
        code, text = s.mail("alice@example.org", options.split())
        assert code == 250, text
        for rcpt, wishes in rcpts.items():
            code, text = s.rcpt(rcpt, wishes.split())
            assert code == 250, text
        code, text = s.data(mail.letter(subject, sender="alice@example.org"))
        assert code == 250, text


def report(raw: bytes) -> tuple[str, list[email.message.Message]]:
    """The text of a report, and its groups of fields, read by Python."""
    message = email.message_from_bytes(raw)
    assert message.get_content_type() == "multipart/report"
    assert message["Auto-Submitted"] == "auto-replied"
    assert raw.startswith(b"Return-Path: <>\r\n")
    text, status = message.get_payload()[:2]
    return text.get_payload(decode=True).decode(), status.get_payload()


def queue_is_empty(roost: Roost) -> None:
    """Wait until nothing is waiting."""
    until(lambda: roost.cli("queue", "list") == "", what="an empty queue")


# --- reports ----------------------------------------------------------------------------------


def test_wishes_go_on_to_who_knows_them(sender: Roost, sink: Sink) -> None:
    sink.extensions.append("DSN")
    send(sender, {"friend@example.net": "NOTIFY=SUCCESS,DELAY ORCPT=rfc822;Friend+2Bx@example.net",
                  "other@example.net": "NOTIFY=NEVER", "third@example.net": ""},
         "RET=HDRS ENVID=QQ+2B1")
    sink.wait()
    queue_is_empty(sender)
    (line,) = [x for x in sink.lines if x.startswith("MAIL")]
    assert "RET=HDRS ENVID=QQ+2B1" in line
    assert "RCPT TO:<friend@example.net> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;Friend+2Bx@example.net" \
        in sink.lines
    assert "RCPT TO:<other@example.net> NOTIFY=NEVER" in sink.lines
    assert "RCPT TO:<third@example.net>" in sink.lines
    assert mail.inbox(sender) == []  # the next server reports


def test_relayed_to_who_does_not(sender: Roost, sink: Sink) -> None:
    send(sender, {"friend@example.net": "NOTIFY=SUCCESS ORCPT=rfc822;Friend@example.net",
                  "other@example.net": "NOTIFY=NEVER", "third@example.net": ""},
         "RET=FULL ENVID=a+2Bb")
    (got,) = sink.wait()
    assert got.parameters == f"SIZE={got.parameters.split('=')[1].split()[0]}"
    (raw,) = until(lambda: mail.inbox(sender), what="a report")
    text, (message, friend) = report(raw)
    assert "was passed on for:" in text and "said: 250 2.0.0 taken hi" in text
    assert message["Original-Envelope-Id"] == "a+b"
    assert friend["Original-Recipient"] == "rfc822; Friend@example.net"
    assert (friend["Final-Recipient"], friend["Action"], friend["Status"]) == \
        ("rfc822; friend@example.net", "relayed", "2.0.0")
    assert friend["Diagnostic-Code"].startswith("smtp; 250 ")


def test_delivered_here_and_never(roost: Roost) -> None:
    send(roost, {"bob@example.org": "NOTIFY=SUCCESS"}, "ENVID=1")
    (raw,) = until(lambda: mail.inbox(roost), what="a report")
    text, (message, bob) = report(raw)
    assert "was delivered to:" in text and message["Original-Envelope-Id"] == "1"
    assert bob["Action"] == "delivered" and "Original-Recipient" not in bob
    send(roost, {"bob@example.org": "NOTIFY=NEVER"})
    until(lambda: len(mail.inbox(roost, "bob")) == 2, what="the second message")
    assert len(mail.inbox(roost)) == 1


def test_who_vanishes_before_the_message_came(roost: Roost) -> None:
    """Taken at RCPT, gone at the end of DATA, among others that are not (RFC 5321 6.1)."""
    with mail.submission(roost) as s:
        s.mail("alice@example.org")
        for rcpt in ("alice@example.org", "bob@example.org"):
            assert s.rcpt(rcpt)[0] == 250
        roost.cli("account", "set", "bob@example.org", "mail=no")
        assert s.data(mail.letter("for two", sender="alice@example.org"))[0] == 250
        s.mail("alice@example.org")
        assert s.rcpt("bob@example.org")[0] == 550
    told, letter = sorted(mail.inbox(roost), key=lambda raw: b"multipart/report" not in raw)
    assert b"Subject: for two" in letter
    _, groups = report(told)
    (bob,) = groups[1:]
    assert bob["Final-Recipient"] == "rfc822; bob@example.org"
    assert (bob["Action"], bob["Status"]) == ("failed", "5.2.1")
    (line,) = [x for x in roost.cli("trace", "list").splitlines() if "state=failed" in x]
    story = roost.cli("trace", "show", line.split("id=")[1].split()[0])
    assert "bob@example.org: mailbox disabled" in story


def test_reports_name_what_was_written(make_roost: Maker) -> None:
    roost = make_roost(REWRITE="rcpt=old@example.org to=bob@example.org").start()
    roost.cli("account", "set", "bob@example.org", "message_bytes=2000")
    with mail.submission(roost) as s:
        s.mail("alice@example.org")
        assert s.rcpt("alice@example.org")[0] == 250
        assert s.rcpt("old@example.org", ["NOTIFY=FAILURE"])[0] == 250
        letter = mail.letter("long", "twenty characters..\n" * 200, sender="alice@example.org")
        assert s.data(letter)[0] == 250
    (told,) = [raw for raw in mail.inbox(roost) if b"multipart/report" in raw]
    assert b"bob@" not in told
    _, groups = report(told)
    assert groups[1]["Final-Recipient"] == "rfc822; old@example.org"
    assert groups[1]["Status"] == "5.2.3" and groups[1]["Original-Recipient"] is None


def test_failure_not_wanted_is_not_told(sender: Roost, sink: Sink) -> None:
    sink.always("RCPT", "550 5.1.1 nobody")
    send(sender, {"a@example.net": "NOTIFY=NEVER", "b@example.net": "NOTIFY=SUCCESS,DELAY"})
    queue_is_empty(sender)
    assert mail.inbox(sender) == []
    send(sender, {"c@example.net": "NOTIFY=FAILURE", "d@example.net": "NOTIFY=DELAY"})
    (raw,) = until(lambda: mail.inbox(sender), what="a bounce")
    text, (_, failed) = report(raw)
    assert failed["Final-Recipient"] == "rfc822; c@example.net" and "d@example.net" not in text
    assert "The mailbox does not exist." in text


def test_whole_message_comes_back_when_asked(sender: Roost, sink: Sink) -> None:
    sink.always("RCPT", "550 5.1.1 nobody")
    send(sender, {"a@example.net": ""}, "RET=FULL", "come back")
    (raw,) = until(lambda: mail.inbox(sender), what="a bounce")
    original = mail.parse(raw).get_payload()[2]
    assert original.get_content_type() == "message/rfc822"
    assert original.get_content().get_content().strip() == "Hello."


@pytest.fixture
def pair(make_roost: Maker, dns: DnsServer, tmp_path: object) -> Iterator[tuple[Roost, Postfix]]:
    """A Roost and a Postfix that find each other."""
    certificate, key = pem.make(tmp_path, "postfix", "postfix.remote.test")  # type: ignore[arg-type]
    dns.mail_host("remote.test")
    dns.records[("_dmarc.remote.test", TXT)] = ["v=DMARC1; p=none"]
    dns.records[("k1._domainkey.remote.test", TXT)] = [f"v=DKIM1; k=ed25519; p={PUBLIC}"]
    port = free_port()
    postfix = Postfix(port, certificate, key)
    try:
        yield make_roost(DNS_SERVERS=dns.address, SMTP_OUT_PORT=str(postfix.port),
                         LISTEN_SMTP=f"127.0.0.1:{port}", QUEUE_RETRY="1s").start(), postfix
        print(postfix.log())
    finally:
        postfix.close()


@needs_root
def test_postfix_reports_what_we_passed_on(pair: tuple[Roost, Postfix]) -> None:
    roost, _ = pair
    send(roost, {"friend@remote.test": "NOTIFY=SUCCESS ORCPT=rfc822;Friend+2Bx@remote.test"},
         "RET=HDRS ENVID=to+20postfix")
    (raw,) = until(lambda: mail.inbox(roost), what="Postfix's report")
    status = email.message_from_bytes(raw).get_payload()[1].get_payload()
    assert "postfix.remote.test" in status[0]["Reporting-MTA"]
    assert status[0]["Original-Envelope-Id"] == "to postfix"
    assert status[1]["Original-Recipient"] == "rfc822;Friend+x@remote.test"
    assert status[1]["Action"] == "delivered"


@needs_root
def test_we_report_to_postfix(pair: tuple[Roost, Postfix]) -> None:
    roost, postfix = pair
    with SmtpPeer(postfix.port) as peer:
        assert peer.code("EHLO client") == 250
        assert peer.code("MAIL FROM:<friend@remote.test> RET=HDRS ENVID=from+2Bpostfix") == 250
        assert peer.code("RCPT TO:<alice@example.org> NOTIFY=SUCCESS,FAILURE "
                         "ORCPT=rfc822;Alice@example.org") == 250
        letter = mail.letter("with a receipt", sender="friend@remote.test")
        assert peer.data(sign(letter, "remote.test"))[0] == 250  # else the sender is unproven
    until(lambda: mail.inbox(roost), what="the message")
    (raw,) = until(postfix.received, what="our report")
    message = email.message_from_bytes(raw)
    status = message.get_payload()[1].get_payload()
    assert status[0]["Original-Envelope-Id"] == "from+postfix"
    assert status[1]["Original-Recipient"].split(";")[1].strip() == "Alice@example.org"
    assert (status[1]["Final-Recipient"], status[1]["Action"]) == \
        ("rfc822; alice@example.org", "delivered")


# --- a later day --------------------------------------------------------------------------------


@pytest.mark.parametrize("until_when", [False, True])
def test_mail_for_later(sender: Roost, sink: Sink, until_when: bool) -> None:
    begun = time.time()
    when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(begun + 5))
    send(sender, {"bob@example.org": "NOTIFY=SUCCESS", "friend@example.net": ""},
         f"HOLDUNTIL={when}" if until_when else "HOLDFOR=4", "later")
    time.sleep(1)
    assert mail.inbox(sender, "bob") == [] and sink.messages == []
    (got,) = sink.wait()
    (raw,) = until(lambda: mail.inbox(sender, "bob"), what="the message here")
    assert time.time() - begun > 3.5
    assert got.header("Subject") == "later" == mail.parse(raw)["Subject"]
    assert raw.startswith(b"Return-Path: <alice@example.org>\r\n")
    (answer,) = until(lambda: mail.inbox(sender), what="the report")
    assert report(answer)[1][1]["Action"] == "delivered"
    queue_is_empty(sender)


def town(make_sender: Maker, **settings: str) -> Roost:
    """Several ways that lead to the same people: an alias, and a list that bob owns."""
    roost = make_sender(**settings).start()
    people = ("alice@example.org", "bob@example.org", "far@example.net")
    roost.cli("alias", "add", "both@example.org", *people)
    roost.cli("list", "set", "team@example.org", "anybody", *people)
    roost.cli("alias", "set", "team@example.org", "owner=bob@example.org")
    return roost


@pytest.mark.parametrize("hold", ["", "HOLDFOR=1"])
@pytest.mark.parametrize("rcpts", [
    "both@example.org bob@example.org team@example.org bob+x@example.org far@example.net",
    "team@example.org far@example.net bob+x@example.org both@example.org"])
def test_each_gets_it_once(make_sender: Maker, sink: Sink, rcpts: str, hold: str) -> None:
    """However many recipients lead to him; whether it waits for its time or not."""
    roost = town(make_sender)
    send(roost, {rcpt: "" for rcpt in rcpts.split()}, hold)
    if hold:
        waits = roost.cli("queue", "list")
        assert waits.count(" bytes from ") == 1 and all(r in waits for r in rcpts.split())
    (far,) = sink.wait()
    queue_is_empty(roost)
    assert far.rcpts == ["far@example.net"] and far.sender == "alice@example.org"
    for name in ("alice", "bob"):
        (raw,) = mail.inbox(roost, name)
        assert raw.startswith(b"Return-Path: <alice@example.org>\r\n")
    assert len(sink.messages) == 1


def test_each_gets_it_once_who_has_no_room(make_sender: Maker, sink: Sink) -> None:
    """He waits for himself: nobody else gets it again, nor is the sender told that he failed."""
    roost = town(make_sender)
    mail.deliver(roost, mail.letter("first", ("x" * 70 + "\n") * 150), to="bob@example.org")
    roost.cli("account", "quota", "bob@example.org", str(len(mail.inbox(roost, "bob")[0]) + 500))
    send(roost, {"team@example.org": "", "both@example.org": "", "bob+x@example.org": ""},
         "HOLDFOR=1", "z" * 700)
    until(lambda: "mailbox full" in roost.cli("queue", "list"), what="an attempt")
    sink.wait()
    waits = roost.cli("queue", "list")
    assert waits.count("bob@example.org") == 1 and "team" not in waits and "both" not in waits
    roost.kill()
    roost.start()
    roost.cli("account", "quota", "bob@example.org", "0")
    roost.cli("queue", "retry")
    until(lambda: len(mail.inbox(roost, "bob")) == 2, what="the message")
    queue_is_empty(roost)
    assert len(mail.inbox(roost)) == 1 and len(sink.messages) == 1


def test_mail_for_later_to_nobody(make_sender: Maker, sink: Sink) -> None:
    """Who was there then is not any more: one report tells of each, others get it."""
    roost = town(make_sender)
    roost.cli("alias", "add", "gone@example.org", "alice@example.org")
    roost.cli("alias", "add", "lost@example.org", "bob@example.org")
    send(roost, {"gone@example.org": "", "lost@example.org": "", "bob@example.org": ""},
         "HOLDFOR=2")
    roost.cli("alias", "rm", "gone@example.org")
    roost.cli("alias", "rm", "lost@example.org")
    (raw,) = until(lambda: mail.inbox(roost), what="the report")
    text, (message, *rest) = report(raw)
    assert [(r["Final-Recipient"], r["Action"], r["Status"]) for r in rest] == \
        [("rfc822; gone@example.org", "failed", "5.1.1"),
         ("rfc822; lost@example.org", "failed", "5.1.1")]
    assert message["Future-Release-Request"].startswith("until;")
    queue_is_empty(roost)
    assert len(mail.inbox(roost, "bob")) == 1 and len(mail.inbox(roost)) == 1


@pytest.mark.parametrize("hold", ["", "HOLDFOR=1"])
def test_quarantine_of_mail_for_later(make_sender: Maker, sink: Sink, hold: str) -> None:
    """To Junk for those here, at its time; held for those elsewhere."""
    roost = make_sender(ACCESS="quarantine to=bob@example.org on=submission\n"
                               "quarantine to=far@example.net on=submission").start()
    send(roost, {rcpt: "" for rcpt in ("bob@example.org", "alice@example.org",
                                       "far@example.net", "near@example.net")}, hold)
    until(lambda: mail.inbox(roost, "bob", "Junk"), what="the message in Junk")
    (got,) = sink.wait()
    assert got.rcpts == ["near@example.net"]
    assert (len(mail.inbox(roost, "bob")), len(mail.inbox(roost))) == (0, 1)
    waits = roost.cli("queue", "list")
    assert "far@example.net" in waits and "held" in waits and "near" not in waits


def test_mail_for_later_waits_for_room(sender: Roost) -> None:
    """A full mailbox may have room tomorrow: what waits here is tried again, as others would."""
    mail.deliver(sender, mail.letter("first", ("x" * 70 + "\n") * 150), to="bob@example.org")
    sender.cli("account", "quota", "bob@example.org", str(len(mail.inbox(sender, "bob")[0]) + 500))
    send(sender, {"bob@example.org": ""}, "HOLDFOR=1", "z" * 700)
    until(lambda: "mailbox full" in sender.cli("queue", "list"), what="an attempt")
    assert len(mail.inbox(sender, "bob")) == 1 and mail.inbox(sender) == []
    sender.cli("account", "quota", "bob@example.org", "0")
    sender.cli("queue", "retry")
    until(lambda: len(mail.inbox(sender, "bob")) == 2, what="the message")
    queue_is_empty(sender)


def test_no_later_day_from_elsewhere(roost: Roost) -> None:
    with SmtpPeer(roost.ports["smtp"]) as peer:
        assert "FUTURERELEASE" not in peer.cmd("EHLO client.example.net")[1]
        assert peer.code("MAIL FROM:<x@example.net> HOLDFOR=10") == 555
    with mail.submission(roost) as s:
        s.ehlo()
        most, day = s.esmtp_features["futurerelease"].split()
        assert int(most) > 86400 and day.endswith("T00:00:00Z")
        assert s.mail("alice@example.org", [f"HOLDFOR={int(most) + 1}"])[0] == 501


# --- a time limit, a priority, limits -----------------------------------------------------------


def test_in_time_or_back(sender: Roost, sink: Sink) -> None:
    send(sender, {"friend@example.net": ""}, "BY=120;R")
    (raw,) = until(lambda: mail.inbox(sender), what="a bounce")
    text, (message, failed) = report(raw)
    assert "cannot promise to deliver in time" in " ".join(text.split())
    assert "Deliver-By-Date" in message and failed["Status"] == "5.3.3"
    assert sink.messages == []

    sink.extensions.append("DELIVERBY 30")
    sender.cli("settings", "set", "SMTP_OUT_IDLE", "0")  # a new session, which hears of it
    send(sender, {"friend@example.net": ""}, "BY=120;RT")
    (got,) = sink.wait()
    (seconds,) = [p[3:-3] for p in got.parameters.split() if p.startswith("BY=")]
    assert got.parameters.endswith(";RT") and 100 <= int(seconds) <= 120
    until(lambda: len(mail.inbox(sender)) == 2, what="the trace")
    assert report(mail.inbox(sender)[1])[1][1]["Action"] == "relayed"


def test_priority_goes_on(sender: Roost, sink: Sink) -> None:
    sink.extensions.append("MT-PRIORITY")
    send(sender, {"friend@example.net": ""}, "MT-PRIORITY=4")
    (got,) = sink.wait()
    assert "MT-PRIORITY=4" in got.parameters.split()
    with SmtpPeer(sender.ports["smtp"]) as peer:
        assert peer.code("EHLO client.example.net") == 250
        assert "2.3.6" in peer.cmd("MAIL FROM:<x@example.net> MT-PRIORITY=4")[1]


def test_no_more_at_once_than_the_server_takes(sender: Roost, sink: Sink) -> None:
    sink.extensions.append("LIMITS RCPTMAX=2 MAILMAX=2")
    send(sender, {f"f{n}@example.net": "" for n in range(5)})
    for n in range(2):
        send(sender, {"friend@example.net": ""}, subject=f"more {n}")
    messages = sink.wait(5, 30)
    assert max(len(m.rcpts) for m in messages) == 2
    assert sorted(r for m in messages for r in m.rcpts if r[0] == "f" and r[1].isdigit()) == \
        [f"f{n}@example.net" for n in range(5)]
    queue_is_empty(sender)


# --- complaints, and what is not told -----------------------------------------------------------


def complaint(original: bytes, rcpt: str, kind: str = "feedback-report") -> bytes:
    """A feedback report (RFC 5965) of a provider's."""
    return b"\r\n".join([
        b"From: abuse@example.net", b"To: alice@example.org", b"Subject: a complaint",
        b"MIME-Version: 1.0",
        b"Content-Type: multipart/report; boundary=b; report-type=" + kind.encode(), b"",
        b"--b", b"", b"Somebody called this spam.",
        b"--b", b"Content-Type: message/feedback-report", b"",
        b"Feedback-Type: abuse", b"User-Agent: test/1", b"Version: 1",
        b"Original-Rcpt-To: <" + rcpt.encode() + b">", b"",
        b"--b", b"Content-Type: message/rfc822", b"", original, b"--b--", b""])


def test_complaints_are_told(sender: Roost, sink: Sink) -> None:
    send(sender, {"friend@example.net": ""}, subject="spam")
    (got,) = sink.wait()
    for report_about in (complaint(got.data, "stranger@example.net"),
                         complaint(got.data, "friend@example.net", "delivery-status"),
                         complaint(got.data.replace(b"Message-ID: <", b"Message-ID: <not-"),
                                   "friend@example.net"),
                         complaint(got.data, "friend@example.net")):
        mail.deliver(sender, report_about, "abuse@example.net")
    assert len(until(lambda: len(mail.inbox(sender)) == 4 and mail.inbox(sender),
                     what="four reports, delivered")) == 4
    told = [line for line in sender.log.lines if " mail_complaint " in line]
    assert len(told) == 1 and "rcpt=friend@example.net" in told[0], told
    assert "sender=alice@example.org" in told[0]
    line = sender.cli("trace", "list", "q=friend@example.net").splitlines()[-1]
    assert "complained" in sender.cli("trace", "show", line.split("id=")[1].split()[0])


def test_who_complains_gets_no_more(make_sender: Maker, sink: Sink) -> None:
    """From a network that is believed; what anybody else says is told and nothing more."""
    sender = make_sender(QUEUE_SUPPRESS_DAYS="30").start()
    send(sender, {"friend@example.net": ""}, subject="spam")
    (got,) = sink.wait()
    report_about = complaint(got.data, "friend@example.net")
    mail.deliver(sender, report_about, "abuse@example.net")
    until(lambda: any(" mail_complaint " in line for line in sender.log.lines))
    assert "friend@" not in sender.cli("queue", "suppressed")
    sender.cli("settings", "set", "FEEDBACK_FROM", "127.0.0.0/8")
    mail.deliver(sender, report_about, "abuse@example.net")
    until(lambda: "friend@" in sender.cli("queue", "suppressed"), what="the suppression")
    send(sender, {"friend@example.net": "", "other@example.net": ""}, subject="more")
    until(lambda: len(mail.inbox(sender)) == 3, what="the reports and a bounce")
    bounce = mail.inbox(sender)[2].decode()
    assert "friend@example.net" in bounce and "spam" in bounce and "other@" not in bounce
    assert sink.wait(2)[1].rcpts == ["other@example.net"]


def test_vrfy_is_off(roost: Roost) -> None:
    with mail.submission(roost) as s:
        assert s.vrfy("bob@example.org")[0] == 252
        assert s.expn("bob@example.org")[0] == 502
        assert s.docmd("ETRN example.org")[0] == 502
    roost.cli("settings", "set", "SMTP_VRFY", "on")
    with mail.submission(roost) as s:
        assert s.vrfy("bob@example.org")[0] == 250
        assert s.vrfy("nobody@example.org")[0] == 550
