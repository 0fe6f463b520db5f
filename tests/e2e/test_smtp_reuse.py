"""How many connections other servers get, and how long they are used: sessions that wait for the
next message, limits that follow what the remote says, commands in one write."""
import ssl
import time

import pytest

from conftest import Maker
from harness import mail, pem
from harness.api import as_owner
from harness.dns_server import A, MX, DnsServer
from harness.peer import until
from harness.server import Roost, new_folder
from harness.smtp_sink import CLOSE, Sink


def send(roost: Roost, count: int = 1, to: str = "friend@example.net",
         extra: str = "") -> None:
    """Messages of alice's, over one connection."""
    with mail.submission(roost) as s:
        for n in range(count):
            s.sendmail("alice@example.org", [to],
                       extra.encode() + mail.letter(str(n), sender="alice@example.org"))


def one_by_one(roost: Roost, sink: Sink, count: int, pause: float = 0.5) -> None:
    """Each after the one before has come and its session was put aside."""
    for _ in range(count):
        before = len(sink.messages)
        send(roost)
        sink.wait(before + 1)
        time.sleep(pause)


def test_a_session_waits_for_the_next_message(make_sender: Maker, sink: Sink) -> None:
    roost = make_sender(SMTP_OUT_IDLE="20s").start()
    one_by_one(roost, sink, 5)
    assert sink.connections == 1
    assert sink.lines.count("QUIT") == 0
    roost.stop()
    until(lambda: sink.lines.count("QUIT") == 1, what="a polite end")


def test_a_session_is_not_kept_for_long(make_sender: Maker, sink: Sink) -> None:
    roost = make_sender(SMTP_OUT_IDLE="1s").start()
    one_by_one(roost, sink, 1)
    until(lambda: sink.lines.count("QUIT") == 1, 5, "QUIT")
    one_by_one(roost, sink, 1)
    assert sink.connections == 2


@pytest.mark.parametrize("setting, rule", [("0", ""), ("20s", "messages=1")])
def test_no_session_is_kept_without_leave(make_sender: Maker, sink: Sink, setting: str,
                                          rule: str) -> None:
    routes = f"to=* via=mx name=all {rule}" if rule else None
    roost = make_sender(SMTP_OUT_IDLE=setting, ROUTES=routes).start()
    one_by_one(roost, sink, 3)
    assert sink.connections == 3


def test_mailmax_is_kept_to_over_batches(make_sender: Maker, sink: Sink) -> None:
    sink.extensions.append("LIMITS MAILMAX=2")  # RFC 9422 4.1
    roost = make_sender(SMTP_OUT_IDLE="20s").start()
    one_by_one(roost, sink, 6)
    assert [m.connection for m in sink.messages] == [1, 1, 2, 2, 3, 3]


@pytest.mark.parametrize("end", [CLOSE, "421 4.3.2 going down"])
def test_a_session_that_died_costs_no_attempt(make_sender: Maker, sink: Sink, end: str) -> None:
    roost = make_sender(SMTP_OUT_IDLE="20s", QUEUE_RETRY="1h").start()
    one_by_one(roost, sink, 1)
    sink.once("MAIL", end)
    one_by_one(roost, sink, 1)
    assert sink.connections == 2
    assert roost.log and not roost.log.has("queue_delayed")


def test_sessions_of_other_manners_are_not_shared(make_sender: Maker, sink: Sink) -> None:
    """The same host by another name of ours, or by other settings."""
    roost = make_sender(SMTP_OUT_IDLE="20s",
                        ROUTES="to=news@example.net via=mx name=news hello=news.test").start()
    send(roost)
    send(roost, to="news@example.net")
    sink.wait(2)
    assert sink.connections == 2
    assert {x for x in sink.lines if x.startswith("EHLO")} == \
        {"EHLO mx.example.org", "EHLO news.test"}
    roost.cli("settings", "set", "QUEUE_NOTICE", "3h")
    send(roost)
    sink.wait(3)
    assert sink.connections == 3


def test_one_host_of_two_domains_has_one_session(make_sender: Maker, dns: DnsServer,
                                                 sink: Sink) -> None:
    dns.add("second.test", MX, *dns.records["example.net", MX])
    roost = make_sender(SMTP_OUT_IDLE="20s").start()
    one_by_one(roost, sink, 1)
    send(roost, to="x@second.test")
    sink.wait(2)
    assert sink.connections == 1


def test_connections_settle_where_the_remote_has_enough(make_sender: Maker, sink: Sink) -> None:
    sink.room = 6
    roost = make_sender(SMTP_OUT_IDLE="0", QUEUE_RETRY="1h", ROUTES="to=* via=mx name=all "
                        "messages=2").start()
    most = 0
    for _ in range(20):
        send(roost, 15)
        most = max(most, sink.open)
    until(lambda: roost.cli("queue", "list") == "", 30, "an empty queue")
    assert len(sink.messages) == 300
    assert 4 <= most <= 7
    assert sink.refused <= 12  # not one for each message beyond
    assert roost.log and not roost.log.has("queue_delayed")  # nor an attempt
    (row,) = as_owner(roost).get("/destinations")["items"]
    assert 4 <= row["limit"] <= 7 and row["cuts"] >= 1


@pytest.mark.parametrize("reply, cut", [("450 4.1.8 not from you", False),
                                        ("451 4.3.2 too busy", True)])
def test_what_one_sender_is_told_is_not_about_all(make_sender: Maker, sink: Sink, reply: str,
                                                  cut: bool) -> None:
    roost = make_sender(QUEUE_RETRY="1h").start()
    sink.always("MAIL", reply)
    send(roost)
    assert roost.log
    roost.log.wait("queue_delayed")
    assert bool(as_owner(roost).get("/destinations")["items"]) == cut


def test_refused_and_accepted_in_one_write(make_sender: Maker, sink: Sink) -> None:
    """MAIL, RCPT and DATA go together; nobody gets a message that all were refused."""
    roost = make_sender(QUEUE_RETRY="1h").start()
    sink.always("RCPT no@example.net", "550 5.1.1 no")
    sink.once("DATA", "354 go")  # though nobody takes it
    send(roost, to="no@example.net")
    until(lambda: mail.inbox(roost), what="the bounce")
    assert [(m.rcpts, m.data) for m in sink.messages] == [([], b"")]  # RFC 2920 3.1: a lone dot
    send(roost, to="no@example.net")  # and where it says that nobody does, none
    until(lambda: len(mail.inbox(roost)) == 2, what="the other bounce")
    with mail.submission(roost) as s:
        s.sendmail("alice@example.org", ["no@example.net", "yes@example.net"],
                   mail.letter("one of two"))
    assert sink.wait(2)[1].rcpts == ["yes@example.net"]
    assert sink.connections == 1


def test_the_envelope_is_one_write(make_sender: Maker, sink: Sink) -> None:
    sink.look_ahead = True
    roost = make_sender().start()
    with mail.submission(roost) as s:
        s.sendmail("alice@example.org", ["one@example.net", "two@example.net"], mail.letter("x"))
    sink.wait()
    assert sink.ahead == [b"RCPT TO:<one@example.net>\r\nRCPT TO:<two@example.net>\r\nDATA\r\n"]


def test_tls_sessions_are_resumed_by_the_same_demand_only(make_roost: Maker,
                                                          dns: DnsServer) -> None:
    folder = new_folder()  # the data folder: a running server reads no other new files
    own, other = (pem.make(folder, name, "relay.example") for name in ("own", "other"))
    context = pem.server_context(*own)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_TICKET
    sink = Sink(tls=context)
    dns.add("relay.example", A, "127.0.0.1")
    roost = make_roost(folder=folder, DNS_SERVERS=dns.address, SMTP_OUT_IDLE="0", QUEUE_RETRY="1h",
                       SMARTHOST=f"smtp://relay.example:{sink.port}").start()
    one_by_one(roost, sink, 3)
    assert sink.resumed == [False, True, True]
    # Now its certificate has to lead to a root: what was a stranger's session is none of that.
    roost.cli("settings", "set", "SMARTHOST_CA", str(own[0]))
    one_by_one(roost, sink, 2)
    assert sink.resumed[3:] == [False, True]
    # Another root: it fails, though there is a session that was good.
    roost.cli("settings", "set", "SMARTHOST_CA", str(other[0]))
    send(roost)
    assert roost.log
    roost.log.wait(" queue_delayed .*the certificate is from no trusted authority")
    assert len(sink.messages) == 5
    sink.close()
