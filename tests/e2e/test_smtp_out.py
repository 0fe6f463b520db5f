"""Mail to other servers: the queue, where it leads, and what comes of it."""
import re
import smtplib
import ssl
import time
from pathlib import Path

import pytest

from conftest import Maker
from harness import mail, pem
from harness.dns_server import A, AAAA, MX, DnsServer
from harness.peer import until
from harness.server import HOSTNAME, Roost
from harness.smtp_sink import CLOSE, HANG, Sink


def send(roost: Roost, to: str | list[str] = "friend@example.net", subject: str = "hi") -> None:
    """A message of alice's."""
    mail.submit(roost, mail.letter(subject, sender="alice@example.org"), to)


def queue_is_empty(roost: Roost, seconds: float = 15) -> None:
    """Wait until nothing is waiting."""
    until(lambda: roost.cli("queue", "list") == "", seconds, "an empty queue")


def bounce(roost: Roost) -> str:
    """The one report in alice's inbox, as text."""
    (raw,) = until(lambda: mail.inbox(roost), what="a bounce")
    report = mail.parse(raw)
    assert raw.startswith(b"Return-Path: <>\r\n")
    assert report.get_content_type() == "multipart/report"  # RFC 3464
    assert report.get_param("report-type") == "delivery-status"
    assert [p.get_content_type() for p in report.iter_parts()][:2] == \
        ["text/plain", "message/delivery-status"]
    return raw.decode("utf-8", "replace")


@pytest.fixture
def certificate(tmp_path: Path) -> ssl.SSLContext:
    """For a sink that does TLS."""
    return pem.server_context(*pem.make(tmp_path, "sink", "sink.example.net"))


def test_message_arrives_as_it_was(sender: Roost, sink: Sink) -> None:
    original = mail.letter("Grüße", ".\n..two\nGrüße\n", sender="alice@example.org")
    mail.submit(sender, original, "friend@example.net")
    (got,) = sink.wait()
    assert (got.sender, got.rcpts) == ("alice@example.org", ["friend@example.net"])
    assert got.data.endswith(original)
    assert got.header("Received").startswith("from ")
    assert "Return-Path" not in got.data.decode()
    assert f"EHLO {HOSTNAME}" in sink.lines
    queue_is_empty(sender)


def test_starttls_when_offered(make_roost: Maker, dns: DnsServer, certificate: ssl.SSLContext,
                               tmp_path: Path) -> None:
    sink = Sink(tls=certificate)
    dns.mail_host("example.net")
    roost = make_roost(DNS_SERVERS=dns.address, SMTP_OUT_PORT=str(sink.port)).start()
    send(roost)
    assert sink.wait()[0].tls
    sink.close()


@pytest.mark.parametrize("reply", ["454 4.7.0 no TLS today", "220 go"])
def test_without_tls_when_that_fails(make_sender: Maker, sink: Sink, reply: str) -> None:
    sink.extensions.append("STARTTLS")  # but there is no certificate
    sink.always("STARTTLS", reply)
    roost = make_sender(QUEUE_RETRY="1h").start()
    send(roost)
    assert not sink.wait()[0].tls


def test_mx_in_order_of_preference(make_roost: Maker, dns: DnsServer, sink: Sink) -> None:
    dns.add("example.net", MX, "20 good.example.net", "10 dead.example.net", "30 never.example.net")
    dns.add("dead.example.net", A, "127.0.0.9")  # nobody listens there
    dns.add("good.example.net", A, "127.0.0.1")
    dns.add("never.example.net", A, "127.0.0.1")
    roost = make_roost(DNS_SERVERS=dns.address, SMTP_OUT_PORT=str(sink.port)).start()
    send(roost)
    sink.wait()
    queue_is_empty(roost)
    assert roost.log
    roost.log.wait(r"queue_delivered .*good\.example\.net")


def test_mx_records_without_a_name_are_not_none(make_sender: Maker, dns: DnsServer,
                                                sink: Sink) -> None:
    """RFC 5321 5.1: where there are MX records the domain is not its own mail host; none of its
    hosts exists, so the mail goes back."""
    dns.add("odd.test", MX, "10 no name.odd.test")
    dns.add("odd.test", A, "127.0.0.1")
    roost = make_sender().start()
    send(roost, "friend@odd.test")
    assert roost.log
    roost.log.wait(" queue_failed .*odd.test.*5.4.4 ", timeout=40)
    assert sink.connections == 0


def test_implicit_mx(make_roost: Maker, dns: DnsServer, sink: Sink) -> None:
    dns.add("example.net", A, "127.0.0.1")  # RFC 5321 5.1
    roost = make_roost(DNS_SERVERS=dns.address, SMTP_OUT_PORT=str(sink.port)).start()
    send(roost)
    sink.wait()


def test_ipv6_and_the_other_address_when_it_is_dead(make_roost: Maker, dns: DnsServer) -> None:
    six = Sink6()
    dns.add("six.test", MX, "10 mx.six.test")
    dns.add("mx.six.test", AAAA, "::1")
    dns.add("both.test", MX, "10 mx.both.test")
    dns.add("mx.both.test", AAAA, "::1")
    dns.add("mx.both.test", A, "127.0.0.1")
    roost = make_roost(DNS_SERVERS=dns.address, SMTP_OUT_PORT=str(six.port)).start()
    send(roost, ["x@six.test", "y@both.test"])
    assert sorted(m.rcpts[0] for m in six.wait(2)) == ["x@six.test", "y@both.test"]
    six.close()


def test_address_literal(make_roost: Maker, sink: Sink) -> None:
    roost = make_roost(SMTP_OUT_PORT=str(sink.port)).start()
    send(roost, "friend@[127.0.0.1]")
    assert sink.wait()[0].rcpts == ["friend@[127.0.0.1]"]


@pytest.mark.parametrize("records, status", [
    ([], "5.1.2"),                                     # NXDOMAIN
    ([("MX", "0 .")], "5.1.10"),                       # RFC 7505: null MX
    ([("MX", "10 a.gone.test"), ("MX", "20 b.gone.test")], "5.4.4"),  # which do not exist
    ([("MX", f"10 {HOSTNAME}")], "5.4.6"),             # it is us, who do not know it
])
def test_nowhere_to_go_bounces_at_once(make_roost: Maker, dns: DnsServer,
                                       records: list[tuple[str, str]], status: str) -> None:
    for _, value in records:
        dns.add("gone.test", MX, value)
    roost = make_roost(DNS_SERVERS=dns.address).start()
    send(roost, "friend@gone.test", "to nowhere")
    text = bounce(roost)
    assert f"Status: {status}" in text and "Final-Recipient: rfc822; friend@gone.test" in text
    assert "Action: failed" in text and "to nowhere" in text
    queue_is_empty(roost)


def test_dns_trouble_is_temporary(make_sender: Maker, dns: DnsServer, sink: Sink) -> None:
    dns.failing.add("example.net")
    roost = make_sender().start()
    send(roost)
    assert roost.log
    roost.log.wait(" queue_delayed ")
    assert mail.inbox(roost) == []
    dns.failing.clear()
    sink.wait()


def test_dns_answers_too_long_for_udp(make_roost: Maker, dns: DnsServer, sink: Sink) -> None:
    for n in range(40):
        dns.add("example.net", MX, f"{n} a-rather-long-host-name-{n}.example.net")
    dns.add("a-rather-long-host-name-0.example.net", A, "127.0.0.1")
    roost = make_roost(DNS_SERVERS=dns.address, SMTP_OUT_PORT=str(sink.port)).start()
    send(roost)
    sink.wait()


def test_refused_recipient_bounces_the_others_get_it(sender: Roost, sink: Sink) -> None:
    sink.always("RCPT no@example.net", "550 5.1.1 who is that?")
    send(sender, ["yes@example.net", "no@example.net"], "for two")
    assert sink.wait()[0].rcpts == ["yes@example.net"]
    text = bounce(sender)
    assert "Final-Recipient: rfc822; no@example.net" in text and "yes@example.net" not in text
    assert "Status: 5.1.1" in text and "who is that?" in text
    assert "Remote-MTA: dns; " in text
    queue_is_empty(sender)


def test_answers_to_reports_reach_postmaster(sender: Roost, sink: Sink) -> None:
    """RFC 3464 2: a person is behind the address that a report is from."""
    sink.always("RCPT no@example.net", "550 5.1.1 who is that?")
    send(sender, ["no@example.net"])
    bounce(sender)
    author = mail.parse(mail.inbox(sender)[0])["From"].addresses[0].addr_spec
    assert author == f"MAILER-DAEMON@{HOSTNAME}"
    mail.deliver(sender, mail.letter("why?", to=author), to=author)
    assert [mail.parse(raw)["Subject"] for raw in mail.inbox(sender)][1:] == ["why?"]


def test_recipients_have_results_of_their_own(sender: Roost, sink: Sink) -> None:
    sink.once("RCPT later@example.net", "450 4.2.1 later")
    send(sender, ["now@example.net", "later@example.net"])
    first, second = sink.wait(2)
    assert (first.rcpts, second.rcpts) == (["now@example.net"], ["later@example.net"])
    queue_is_empty(sender)
    assert len(sink.messages) == 2 and mail.inbox(sender) == []


@pytest.mark.parametrize("what, reply", [
    ("CONNECT", "421 4.3.2 too busy"), ("CONNECT", "554 no mail here"), ("CONNECT", CLOSE),
    ("MAIL", "451 4.3.0 later"), ("MAIL", "421 4.3.0 going down"), ("MAIL", CLOSE),
    ("RCPT", "450 4.2.0 greylisted"), ("RCPT", CLOSE), ("DATA", "451 4.3.0 later"),
    ("DATA", CLOSE), ("END", "451 4.3.0 later"), ("END", "nonsense"),
])
def test_passing_failures_are_tried_again(sender: Roost, sink: Sink, what: str,
                                          reply: str) -> None:
    sink.once(what, reply)
    send(sender)
    until(lambda: [m for m in sink.messages if m.reply.startswith("250")], what="delivery")
    queue_is_empty(sender)
    assert mail.inbox(sender) == []
    assert len([m for m in sink.messages if m.reply.startswith("250")]) == 1


@pytest.mark.parametrize("what, reply, status", [
    ("MAIL", "550 5.7.1 not you", "5.7.1"), ("RCPT", "553 odd address", "5.0.0"),
    ("DATA", "554 5.5.0 no", "5.5.0"), ("END", "554 5.6.0 spam", "5.6.0"),
])
def test_lasting_failures_bounce_at_once(sender: Roost, sink: Sink, what: str, reply: str,
                                         status: str) -> None:
    sink.always(what, reply)
    send(sender)
    text = bounce(sender)
    assert f"Status: {status}" in text and reply.split(None, 1)[1].split()[-1] in text
    queue_is_empty(sender)


def test_old_mail_expires(make_sender: Maker, sink: Sink) -> None:
    roost = make_sender(QUEUE_EXPIRE="2s").start()
    sink.always("MAIL", "451 4.3.0 never now")
    send(roost)
    text = bounce(roost)
    assert "Status: 4." in text and "never now" in text
    queue_is_empty(roost)


def test_delay_notice(make_sender: Maker, sink: Sink) -> None:
    roost = make_sender(QUEUE_NOTICE="1s").start()
    sink.always("MAIL", "451 4.3.0 not now")
    send(roost)
    text = bounce(roost)
    assert "Action: delayed" in text and "Will-Retry-Until: " in text
    sink.always("MAIL", None)
    sink.wait()
    queue_is_empty(roost)
    assert len(mail.inbox(roost)) == 1  # told once, and not of success


def test_bounce_of_a_bounce_goes_nowhere(sender: Roost, sink: Sink) -> None:
    # Mail from outside that an alias sends on: its bounce goes to a sender who refuses it.
    sender.cli("alias", "add", "away@example.org", "friend@example.net")
    sink.always("RCPT friend@example.net", "550 5.1.1 gone")
    sink.always("RCPT carol@example.net", "550 5.1.1 gone too")
    mail.deliver(sender, mail.letter("on"), to="away@example.org")
    until(lambda: "RCPT TO:<carol@example.net>" in sink.lines, what="the bounce")
    assert "MAIL FROM:<>" in [line.split(" SIZE")[0] for line in sink.lines]
    queue_is_empty(sender)
    assert mail.inbox(sender) == []


def test_an_alias_to_another_server_sends_on_from_here(sender: Roost, sink: Sink) -> None:
    """With a return path of this server's (SRS), to which a bounce finds back."""
    sender.cli("alias", "add", "away@example.org", "friend@example.net", "bob@example.org")
    mail.deliver(sender, mail.letter("on"), sender="carol@example.net", to="away@example.org")
    (got,) = sink.wait()
    assert re.fullmatch(r"SRS0=[a-z2-7]{6}=[a-z2-7]{2}=example\.net=carol@example\.org", got.sender)
    assert got.rcpts == ["friend@example.net"]
    assert len(mail.inbox(sender, "bob")) == 1
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:  # only bounces come in there
        mail.deliver(sender, mail.letter("no"), sender="carol@example.net", to=got.sender)
    assert b"bounces only" in next(iter(refused.value.recipients.values()))[1]
    with pytest.raises(smtplib.SMTPRecipientsRefused):  # nor to one that was never made
        mail.deliver(sender, mail.letter("no"), sender="", to=got.sender.replace("carol", "caro"))
    mail.deliver(sender, mail.letter("bounced"), sender="", to=got.sender)
    bounce = sink.wait(2)[1]
    assert (bounce.sender, bounce.rcpts) == ("", ["carol@example.net"])


def test_an_alias_to_another_server_keeps_the_sender(make_sender: Maker, sink: Sink) -> None:
    roost = make_sender(SRS="off").start()
    roost.cli("alias", "add", "away@example.org", "friend@example.net")
    mail.deliver(roost, mail.letter("on"), sender="carol@example.net", to="away@example.org")
    (got,) = sink.wait()
    assert (got.sender, got.rcpts) == ("carol@example.net", ["friend@example.net"])


def test_several_messages_over_one_connection(make_sender: Maker, sink: Sink) -> None:
    roost = make_sender(QUEUE_RETRY="1h").start()
    sink.always("CONNECT", "421 4.3.2 not yet")
    for n in range(20):
        send(roost, subject=str(n))
    until(lambda: "not yet" in roost.cli("queue", "list"))
    before = sink.connections
    assert before <= 2  # nobody is there: the others wait without trying
    sink.always("CONNECT", None)
    roost.cli("queue", "retry")
    sink.wait(20)
    queue_is_empty(roost)
    assert sink.connections - before <= 5
    assert len(sink.messages) == 20


def test_slow_destination_does_not_hold_up_others(sender: Roost, dns: DnsServer,
                                                  sink: Sink) -> None:
    dns.mail_host("slow.test")
    for n in range(8):
        sink.always(f"RCPT x{n}@slow.test", None)
    sink.always("MAIL alice+slow@example.org", HANG)
    for n in range(8):
        with mail.submission(sender) as s:
            s.sendmail("alice+slow@example.org", [f"x{n}@slow.test"], mail.letter(str(n)))
    began = time.monotonic()
    send(sender)
    assert sink.wait()[0].rcpts == ["friend@example.net"]
    assert time.monotonic() - began < 5
    # A destination has few connections; the sink counts those that hang and this one.
    assert sink.connections <= 6


def test_smarthost_with_login(make_roost: Maker, certificate: ssl.SSLContext) -> None:
    for scheme, implicit in (("smtp", False), ("smtps", True)):
        sink = Sink(tls=certificate, implicit_tls=implicit)
        sink.extensions.append("AUTH PLAIN")
        roost = make_roost(
            SMARTHOST=f"{scheme}://us%40isp.test:p%3Ass@127.0.0.1:{sink.port}").start()
        send(roost, ["x@one.test", "y@two.test"])
        until(lambda s=sink: sum(len(m.rcpts) for m in s.messages) == 2)
        for got in sink.messages:
            assert got.tls and got.login == ("us@isp.test", "p:ss")
        queue_is_empty(roost)
        sink.close()


def test_smarthost_that_refuses_the_login_bounces_nothing(make_roost: Maker,
                                                          certificate: ssl.SSLContext) -> None:
    sink = Sink(tls=certificate)
    sink.extensions.append("AUTH PLAIN")
    sink.once("AUTH", "535 5.7.8 wrong")
    roost = make_roost(SMARTHOST=f"smtp://u:p@127.0.0.1:{sink.port}", QUEUE_RETRY="1s").start()
    send(roost)
    sink.wait()
    assert mail.inbox(roost) == []
    sink.close()


@pytest.mark.parametrize("scheme, login", [("smtp", "us:p@"), ("smtps", "us:p@"), ("smtp", "")])
def test_smarthost_must_show_a_certificate_of_our_roots(make_roost: Maker, dns: DnsServer,
                                                        tmp_path: Path, scheme: str,
                                                        login: str) -> None:
    own = pem.make(tmp_path, "own", "relay.example")
    other = pem.make(tmp_path, "other", "relay.example")
    sink = Sink(tls=pem.server_context(*own), implicit_tls=scheme == "smtps")
    sink.extensions.append("AUTH PLAIN")
    for name in ("relay.example", "other.example"):
        dns.add(name, A, "127.0.0.1")
    rows = [(other[0], "relay.example", False), (own[0], "other.example", False),
            (own[0], "relay.example", True)]
    if login:  # the roots built in do not know it
        rows.insert(0, (None, "relay.example", False))
    for roots, host, good in rows:
        roost = make_roost(SMARTHOST=f"{scheme}://{login}{host}:{sink.port}",
                           SMARTHOST_CA=str(roots) if roots else None,
                           DNS_SERVERS=dns.address).start()
        send(roost)
        if good:
            assert sink.wait()[0].tls
            queue_is_empty(roost)
        else:
            assert roost.log
            roost.log.wait(" queue_delayed .*4.7.5 the route demands TLS here: the certificate ")
            assert not sink.messages and not any(x.startswith("AUTH") for x in sink.lines)
        roost.stop()
    sink.close()


def test_smarthost_without_tls_gets_nothing_when_there_are_roots(make_roost: Maker,
                                                                 dns: DnsServer, sink: Sink,
                                                                 tmp_path: Path) -> None:
    roots, _ = pem.make(tmp_path, "own", "relay.example")
    dns.add("relay.example", A, "127.0.0.1")
    roost = make_roost(SMARTHOST=f"smtp://relay.example:{sink.port}", SMARTHOST_CA=str(roots),
                       DNS_SERVERS=dns.address).start()
    send(roost)
    assert roost.log
    roost.log.wait(" queue_delayed .*4.7.10 the route demands TLS here: "
                   "the server offers no TLS")
    assert not sink.messages


def test_queue_outlives_a_stop(make_sender: Maker, sink: Sink) -> None:
    roost = make_sender().start()
    sink.always("CONNECT", "421 4.3.2 not yet")
    send(roost)
    assert roost.log
    roost.log.wait(" queue_delayed ")
    assert roost.stop() == 0
    sink.always("CONNECT", None)
    roost.start()
    sink.wait()
    queue_is_empty(roost)


class Sink6(Sink):
    """On both loopback addresses, with one port."""

    def __init__(self) -> None:
        super().__init__()
        self._second = Sink(host="::1", port=self.port)
        self._second.messages = self.messages
        self._second.changed = self.changed

    def close(self) -> None:
        self._second.close()
        super().close()


@pytest.mark.parametrize("what, reply", [
    ("MAIL", "451 4.3.0 disk full"), ("MAIL", "421 4.3.2 going down"), ("MAIL", CLOSE),
    ("MAIL", HANG), ("RCPT", "451 4.3.0 cannot look that up"), ("DATA", "451 4.3.0 not now"),
    ("END", "452 4.3.1 full"),
])
@pytest.mark.parametrize("by", ["MX", "relay"])
def test_the_next_host_in_the_same_attempt(make_roost: Maker, dns: DnsServer, what: str,
                                           reply: str, by: str) -> None:
    """RFC 5321 5.1: each in order, until an attempt succeeds."""
    first = Sink()
    second = Sink(host="127.0.0.2", port=first.port)
    first.always(what, reply)
    dns.add("two.test", MX, "10 a.two.test", "20 b.two.test")
    dns.add("a.two.test", A, "127.0.0.1")
    dns.add("b.two.test", A, "127.0.0.2")
    settings = {"SMTP_OUT_PORT": str(first.port)} if by == "MX" else {
        "ROUTES": "to=* via=isp",
        "RELAYS": f"name=isp to=smtp://127.0.0.1:{first.port}\n"
                  f"name=isp to=smtp://127.0.0.2:{first.port} priority=10"}
    roost = make_roost(DNS_SERVERS=dns.address, QUEUE_RETRY="1h", SMTP_OUT_TIMEOUT="2s",
                       **settings).start()
    send(roost, "x@two.test")
    second.wait()
    queue_is_empty(roost)
    assert (first.connections, second.connections, len(second.messages)) == (1, 1, 1)
    first.close()
    second.close()


@pytest.mark.parametrize("reply", [CLOSE, HANG, "nonsense"])
def test_who_may_have_it_is_not_sent_it_twice(make_roost: Maker, dns: DnsServer,
                                              reply: str) -> None:
    """All of it was sent and no answer came: only the next attempt tries another host."""
    first = Sink()
    second = Sink(host="127.0.0.2", port=first.port)
    first.always("END", reply)
    dns.add("two.test", MX, "10 a.two.test", "20 b.two.test")
    dns.add("a.two.test", A, "127.0.0.1")
    dns.add("b.two.test", A, "127.0.0.2")
    roost = make_roost(DNS_SERVERS=dns.address, SMTP_OUT_PORT=str(first.port), QUEUE_RETRY="1h",
                       SMTP_OUT_TIMEOUT="2s").start()
    send(roost, "x@two.test")
    first.wait()
    assert roost.log
    roost.log.wait(" queue_delayed ")
    assert (len(first.messages), second.connections) == (1, 0)
    first.close()
    second.close()


def test_report_of_a_server_that_said_nothing(make_roost: Maker, dns: DnsServer) -> None:
    """RFC 3464 2.3.5, 2.3.6: our own words are not put into its mouth."""
    dns.add("dead.test", MX, "10 mx.dead.test")
    dns.add("mx.dead.test", A, "127.0.0.9")  # nobody listens there
    roost = make_roost(DNS_SERVERS=dns.address, QUEUE_RETRY="2s", QUEUE_RETRY_MAX="2s",
                       QUEUE_EXPIRE="3s").start()
    send(roost, "friend@dead.test")
    text = bounce(roost)
    assert "mx.dead.test [127.0.0.9]: " in text and "Status: 4.4.1" in text
    assert "said:" not in text
    assert "Remote-MTA" not in text and "Diagnostic-Code" not in text
