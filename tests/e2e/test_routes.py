"""Ways for outgoing mail (docs/how-to/routing.md) through real servers: Postfix with logins, Dovecot's
LMTP, a SOCKS5 proxy; and what a sink sees of addresses, names and numbers."""
import base64
import collections
import os
import re
import shutil
from pathlib import Path
from typing import Callable, Iterator

import pytest

from conftest import Maker
from harness import mail, pem
from harness.api import as_owner
from harness.dns_server import A, AAAA, MX, DnsServer
from harness.peer import until
from harness.ports import free_port
from harness.postfix import Postfix
from harness.relays import Dovecot, Proxy
from harness.server import HOSTNAME, PASSWORDS, Roost
from harness.smtp_sink import Sink
from test_smtp_out import Sink6, bounce, queue_is_empty, send

needs_servers = pytest.mark.skipif(
    os.getuid() != 0 or not all(map(shutil.which, ("postfix", "dovecot"))),
    reason="needs Postfix and Dovecot, and root for them")
USER, PASSWORD = "us@isp.test", 'a "secret" \\ word'
AGAIN = {"QUEUE_RETRY": "1s", "QUEUE_RETRY_MAX": "1s"}


@pytest.fixture
def finally_() -> Iterator[list[Callable[[], None]]]:
    """What is to be done in the end, last things first."""
    todo: list[Callable[[], None]] = []
    yield todo
    for do in reversed(todo):
        do()


@pytest.fixture
def sinks(finally_: list[Callable[[], None]]) -> Callable[[int], list[Sink]]:
    """Makes some."""
    def make(count: int) -> list[Sink]:
        made = [Sink() for _ in range(count)]
        finally_.extend(sink.close for sink in made)
        return made
    return make


def relays(*rows: str) -> str:
    """ROOST_RELAYS of rows."""
    return "\n".join(rows)


def words(text: str) -> list[str]:
    """The addresses and the like in it."""
    return re.findall(r"[\w.@-]+", text)


def log_of(roost: Roost) -> str:
    """All that it has said."""
    return "\n".join(line for log in roost.logs for line in log.lines)


# --- a relay that wants to know who we are --------------------------------------------------------


@pytest.fixture
def isp(tmp_path: Path, dns: DnsServer, request: pytest.FixtureRequest,
        finally_: list[Callable[[], None]]) -> tuple[Postfix, int, Path]:
    """A Postfix that relays for those who log in only, its port for implicit TLS, its root; with
    the parameter "hashed" it has no keys for SCRAM, which it offers."""
    dovecot = Dovecot({USER: PASSWORD}, hashed=getattr(request, "param", "") == "hashed")
    finally_.append(dovecot.close)
    authority = pem.Authority(tmp_path)
    smtps = free_port()
    postfix = Postfix(1, *authority.server("isp.test"), main=f"""
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {dovecot.auth}
smtpd_sasl_authenticated_header = yes
smtpd_tls_auth_only = yes
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = permit_sasl_authenticated, reject
""", master=f"""
127.0.0.1:{smtps} inet n - n - - smtpd
 -o smtpd_tls_wrappermode=yes
""")
    finally_.append(postfix.close)
    dns.add("isp.test", A, "127.0.0.1")
    return postfix, smtps, authority.pem


def at_isp(isp: tuple[Postfix, int, Path], implicit: bool, password: str) -> str:
    """The relay's row."""
    postfix, smtps, root = isp
    to = f"smtps://isp.test:{smtps}" if implicit else f"smtp://isp.test:{postfix.port}"
    quoted = password.replace("\\", "\\\\").replace('"', '\\"')
    return f'name=isp to={to} user={USER} password="{quoted}" ca={root}'


def sent_by_isp(roost: Roost, isp: tuple[Postfix, int, Path], text: str) -> bytes:
    """What came to Postfix of a message sent by it, after a login of which the log has no word."""
    send(roost, "friend@remote.test", text)
    (raw,) = until(isp[0].received, what="a message at Postfix")
    assert text.encode() in raw and b"Authenticated sender: us@isp.test" in raw
    queue_is_empty(roost)
    assert PASSWORD not in log_of(roost)
    return raw


@needs_servers
@pytest.mark.parametrize("implicit", [False, True])
def test_login_at_postfix(make_roost: Maker, dns: DnsServer, isp: tuple[Postfix, int, Path],
                          implicit: bool) -> None:
    roost = make_roost(DNS_SERVERS=dns.address, ROUTES="to=* via=isp",
                       RELAYS=at_isp(isp, implicit, PASSWORD)).start()
    assert b"using TLSv1." in sent_by_isp(roost, isp, "through the provider")
    assert "sasl_method=SCRAM-SHA-256" in isp[0].log()


@needs_servers
@pytest.mark.parametrize("isp", ["hashed"], indirect=True)
def test_login_at_one_that_has_no_keys_for_scram(make_roost: Maker, dns: DnsServer,
                                                 isp: tuple[Postfix, int, Path]) -> None:
    roost = make_roost(DNS_SERVERS=dns.address, ROUTES="to=* via=isp",
                       RELAYS=at_isp(isp, True, PASSWORD)).start()
    sent_by_isp(roost, isp, "by the other way")
    said = isp[0].log()
    assert "SASL SCRAM-SHA-256 authentication failed" in said and "sasl_method=PLAIN" in said


def test_login_is_bound_to_the_channel(make_roost: Maker, dns: DnsServer, sink: Sink,
                                       tmp_path: Path) -> None:
    """Another Roost as the relay, which offers SCRAM-SHA-256-PLUS and refuses no login."""
    certificate, key = pem.make(tmp_path, "own", "relay.example")
    dns.add("relay.example", A, "127.0.0.1")
    relay = make_roost(TLS_CERT=str(certificate), TLS_KEY=str(key), HOSTNAME="relay.example",
                       SMARTHOST=f"smtp://127.0.0.1:{sink.port}").start()
    port, password = relay.ports["submissions"], PASSWORDS["alice"]
    roost = make_roost(DNS_SERVERS=dns.address, SMARTHOST_CA=str(certificate), SMARTHOST=(
        f"smtps://alice%40example.org:{password}@relay.example:{port}")).start()
    send(roost, "friend@remote.test", "through another")
    (got,) = sink.wait()
    assert b"through another" in got.data
    assert " login_ok " in log_of(relay) and " login_failed " not in log_of(relay)


@pytest.mark.parametrize("offered, kind, begin", [
    ("SCRAM-SHA-256 SCRAM-SHA-256-PLUS", "SCRAM-SHA-256-PLUS", "p=tls-server-end-point,,"),
    ("SCRAM-SHA-256", "SCRAM-SHA-256", "y,,"),
])
def test_which_login_is_tried_first(make_roost: Maker, dns: DnsServer, tmp_path: Path, kind: str,
                                    finally_: list[Callable[[], None]], offered: str,
                                    begin: str) -> None:
    """And PLAIN once, when the relay knows none of it (the sink does not)."""
    certificate, key = pem.make(tmp_path, "own", "relay.example")
    dns.add("relay.example", A, "127.0.0.1")
    sink = Sink(pem.server_context(certificate, key), implicit_tls=True)
    finally_.append(sink.close)
    sink.extensions.append(f"AUTH PLAIN {offered}")
    roost = make_roost(DNS_SERVERS=dns.address, SMARTHOST_CA=str(certificate), SMARTHOST=(
        f"smtps://us%40isp.test:secret@relay.example:{sink.port}")).start()
    send(roost, "friend@remote.test")
    assert sink.wait()[0].login == (USER, "secret")
    first, second = [line.split() for line in sink.lines if line.startswith("AUTH")]
    assert first[1] == kind and second[1] == "PLAIN"
    assert base64.b64decode(first[2]).decode().startswith(f"{begin}n=us@isp.test,r=")


@needs_servers
@pytest.mark.parametrize("implicit", [False, True])
@pytest.mark.full("Slow: a refused login delays the route by 20 seconds")
def test_wrong_password_delays_and_is_not_told(make_roost: Maker, dns: DnsServer, implicit: bool,
                                               isp: tuple[Postfix, int, Path]) -> None:
    wrong = "an-old-password"
    roost = make_roost(DNS_SERVERS=dns.address, ROUTES="to=* via=isp", **AGAIN,
                       RELAYS=at_isp(isp, implicit, wrong)).start()
    send(roost, "friend@remote.test", "patience")
    until(lambda: "refuses our login" in roost.cli("queue", "list"), what="a refused login")
    assert mail.inbox(roost) == [] and isp[0].received() == []
    roost.settings["RELAYS"] = at_isp(isp, implicit, PASSWORD)
    roost.restart()
    roost.cli("queue", "retry")
    (raw,) = until(isp[0].received, what="a message at Postfix")
    assert b"patience" in raw
    queue_is_empty(roost)
    said = log_of(roost) + roost.cli("trace", "list")
    for secret in (wrong, PASSWORD):
        assert secret not in said
        assert base64.b64encode(f"\0{USER}\0{secret}".encode()).decode() not in said


@needs_servers
def test_relay_of_another_root_gets_no_login(make_roost: Maker, dns: DnsServer, tmp_path: Path,
                                             isp: tuple[Postfix, int, Path]) -> None:
    other = pem.Authority(tmp_path, "other").pem
    roost = make_roost(DNS_SERVERS=dns.address, ROUTES="to=* via=isp", **AGAIN,
                       RELAYS=at_isp((isp[0], isp[1], other), False, PASSWORD)).start()
    send(roost, "friend@remote.test")
    assert roost.log
    roost.log.wait(" queue_delayed .*the certificate ")
    assert "sasl_method" not in isp[0].log() and isp[0].received() == []


# --- LMTP -----------------------------------------------------------------------------------------


@needs_servers
def test_dovecot_keeps_the_mail(make_roost: Maker, finally_: list[Callable[[], None]]) -> None:
    store = Dovecot({"carla@store.test": "x", "carl@store.test": "x"})
    finally_.append(store.close)
    roost = make_roost(ROUTES="to=store.test via=store", **AGAIN,
                       RELAYS=f"name=store to=lmtp://127.0.0.1:{store.port} tls=none").start()
    send(roost, ["carla@store.test", "nobody@store.test", "carl@store.test"], "kept elsewhere")
    text = bounce(roost)
    assert "Final-Recipient: rfc822; nobody@store.test" in text and "Status: 5.1.1" in text
    assert "carl@store.test" not in text and "carla@store.test" not in text
    for user in ("carla@store.test", "carl@store.test"):
        (raw,) = until(lambda u=user: store.received(u), what=f"{user}'s message")
        assert b"kept elsewhere" in raw and b"Return-Path: <alice@example.org>" in raw
    queue_is_empty(roost)


# --- several relays -------------------------------------------------------------------------------


def counts(made: list[Sink]) -> list[int]:
    """How many messages came to each."""
    return [len(sink.messages) for sink in made]


def flood(roost: Roost, count: int, domain: str = "example.net") -> None:
    """So many messages, one after the other."""
    with mail.submission(roost) as s:
        for n in range(count):
            s.sendmail("alice@example.org", [f"f{n}@{domain}"], mail.letter(str(n)))


def test_weights_and_who_comes_when_they_are_gone(make_roost: Maker,
                                                  sinks: Callable[[int], list[Sink]]) -> None:
    made = sinks(3)
    rows = [f"name=out to=smtp://127.0.0.1:{sink.port} tls=none {more}" for sink, more in
            zip(made, ("weight=3", "weight=1", "priority=10"))]
    roost = make_roost(ROUTES="to=* via=out messages=1", RELAYS=relays(*rows), LIMITS="",
                       **AGAIN).start()
    flood(roost, 480)
    until(lambda: sum(counts(made)) == 480, 60, "all of them")
    first, second, backup = counts(made)
    print(f"weights 3 and 1: {first} and {second} of 480")
    # 360 and 120 on the average; as chance is asked for batches of up to four messages, the
    # standard deviation is up to 19.
    assert backup == 0 and 275 <= first <= 445
    made[0].always("CONNECT", "421 4.3.2 not now")
    flood(roost, 20)
    until(lambda: sum(counts(made)) == 500, 30, "20 more")
    assert counts(made) == [first, second + 20, 0]
    made[1].always("CONNECT", "421 4.3.2 not now either")
    flood(roost, 20)
    until(lambda: sum(counts(made)) == 520, 30, "the last 20")
    assert counts(made) == [first, second + 20, 20]
    queue_is_empty(roost)


def overlaps(sink: Sink) -> int:
    """Most connections that brought messages at one time."""
    spans: dict[int, list[float]] = {}
    for got in sink.messages:
        spans.setdefault(got.connection, [got.begun, got.at])[1] = got.at
    moments = sorted([(begun, 1) for begun, _ in spans.values()] +
                     [(end, -1) for _, end in spans.values()])
    now = most = 0
    for _, step in moments:
        now += step
        most = max(most, now)
    return most


def test_limits_of_a_way(make_roost: Maker, dns: DnsServer, sink: Sink) -> None:
    sink.pause_s = 0.02
    dns.mail_host("example.net")
    roost = make_roost(DNS_SERVERS=dns.address, SMTP_OUT_PORT=str(sink.port), LIMITS="",
                       ROUTES="to=* via=mx name=slow connections=2 messages=3 recipients=4",
                       **AGAIN).start()
    sink.always("CONNECT", "421 4.3.2 not yet")
    flood(roost, 30)
    sink.always("CONNECT", None)
    roost.cli("queue", "retry")
    sink.wait(30)
    queue_is_empty(roost)
    assert max(collections.Counter(m.connection for m in sink.messages).values()) == 3
    assert overlaps(sink) == 2
    send(roost, [f"many{n}@example.net" for n in range(10)], "to many")
    until(lambda: sum(len(m.rcpts) for m in sink.messages) == 40, 30, "all recipients")
    assert max(len(m.rcpts) for m in sink.messages) == 4


def test_another_way_after_attempts_in_vain(make_roost: Maker, dns: DnsServer,
                                            sinks: Callable[[int], list[Sink]]) -> None:
    relay, mx = sinks(2)
    relay.always("MAIL", "451 4.3.0 not now")
    dns.mail_host("example.net")
    roost = make_roost(DNS_SERVERS=dns.address, SMTP_OUT_PORT=str(mx.port), **AGAIN,
                       ROUTES="to=* via=tunnel fallback=mx after=3",
                       RELAYS=f"name=tunnel to=smtp://127.0.0.1:{relay.port} tls=none").start()
    send(roost)
    mx.wait()
    queue_is_empty(roost)
    assert len([line for line in relay.lines if line.startswith("MAIL")]) == 3
    assert mail.inbox(roost) == []


def test_another_way_for_all_that_wait(make_roost: Maker, dns: DnsServer, sink: Sink) -> None:
    """Where nobody listens only a few messages are tried each time."""
    dns.mail_host("example.net")
    nobody = free_port()
    roost = make_roost(DNS_SERVERS=dns.address, SMTP_OUT_PORT=str(sink.port), LIMITS="", **AGAIN,
                       ROUTES="to=* via=tunnel fallback=mx after=2",
                       RELAYS=f"name=tunnel to=smtp://127.0.0.1:{nobody} tls=none").start()
    flood(roost, 40)
    sink.wait(40, 30)
    queue_is_empty(roost)


# --- ways that lead nowhere -----------------------------------------------------------------------


def test_reject_says_what_the_rule_says(make_roost: Maker) -> None:
    roost = make_roost(ROUTES='to=gone.test via=reject '
                              'text="550 5.1.6 they have moved to new.test"').start()
    send(roost, "friend@gone.test", "where are they")
    text = bounce(roost)
    assert "Action: failed" in text and "Status: 5.1.6" in text
    assert "they have moved to new.test" in text and "where are they" in text
    queue_is_empty(roost)


def test_discard_says_nothing(make_roost: Maker) -> None:
    """Neither that it was delivered nor that it was passed on, whoever asks for that; the history
    tells."""
    roost = make_roost(ROUTES="to=test.test via=discard").start()
    with mail.submission(roost) as s:
        assert s.mail("alice@example.org")[0] == 250
        assert s.rcpt("x@test.test", ["NOTIFY=SUCCESS,FAILURE,DELAY"])[0] == 250
        assert s.data(mail.letter("to nowhere", sender="alice@example.org"))[0] == 250
    queue_is_empty(roost)
    (row,) = as_owner(roost).get("/deliveries")["items"]
    assert row["to"] == "x@test.test" and "discarded by a rule" in row["reply"]
    assert mail.inbox(roost) == []


def test_local_gets_what_was_for_others(make_roost: Maker) -> None:
    roost = make_roost(ROUTES="to=*.test via=local address=alice@example.org").start()
    send(roost, ["x@a.test", "y@b.test"], "caught")
    got = until(lambda: len(found := mail.inbox(roost)) == 2 and found, what="both")
    assert got
    for raw in got:
        text = mail.parse(raw)
        assert text["Subject"] == "caught" and text["Delivered-To"] == "alice@example.org"
        assert len(text.get_all("Received")) == 2  # RFC 5321 4.4: this was one more hop
    queue_is_empty(roost)


@pytest.mark.parametrize("rules, aliases", [
    ("to=* via=local address=catch@example.org",
     {"catch": ["dev1@mail.test", "dev2@other.test"]}),
    ("to=a.test via=local address=catch@example.org\n"
     "to=b.test name=other via=local address=kept@example.org",
     {"catch": ["x@b.test"], "kept": ["y@a.test"]}),
])
def test_what_local_leads_out_does_not_come_round(make_roost: Maker, rules: str,
                                                  aliases: dict[str, list[str]]) -> None:
    """RFC 5321 6.3: an alias leads out, the rule back in, which makes two of one each time."""
    roost = make_roost(ROUTES=rules).start()
    for name, targets in aliases.items():
        roost.cli("alias", "add", f"{name}@example.org", *targets)
    send(roost, "x@a.test", "round and round")
    text = bounce(roost)
    assert "Status: 5.4.6" in text and "mail loop" in text
    queue_is_empty(roost)
    assert roost.log
    assert sum(" queue_added " in line for line in roost.log.lines) < 6


# --- through a proxy ------------------------------------------------------------------------------


@pytest.mark.skipif(not shutil.which("microsocks"), reason="needs microsocks")
@pytest.mark.parametrize("login", [False, True])
def test_through_a_proxy(make_roost: Maker, dns: DnsServer, sink: Sink, login: bool,
                         finally_: list[Callable[[], None]]) -> None:
    secret = "the-proxy's-secret"
    proxy = Proxy("127.0.0.5", *(("prox", secret) if login else ()))
    finally_.append(proxy.close)
    dns.mail_host("example.net")

    def rows(password: str) -> str:
        words = f" user=prox password={password}" if login else ""
        return f"name=sox to=socks5://127.0.0.1:{proxy.port}{words}"

    roost = make_roost(DNS_SERVERS=dns.address, SMTP_OUT_PORT=str(sink.port), **AGAIN,
                       ROUTES="to=* via=mx name=hidden proxy=sox",
                       RELAYS=rows("wrong-" + secret)).start()
    send(roost)
    if login:
        assert roost.log
        roost.log.wait(" queue_delayed ")
        assert sink.connections == 0
        roost.settings["RELAYS"] = rows(secret)
        roost.restart()
        roost.cli("queue", "retry")
    assert sink.wait()[0].peer == "127.0.0.5"
    queue_is_empty(roost)
    assert secret not in log_of(roost)


# --- who we are to them ---------------------------------------------------------------------------


def test_address_and_name_of_a_way(make_roost: Maker, dns: DnsServer, sink: Sink) -> None:
    for name in ("news.test", "other.test"):
        dns.mail_host(name)
    roost = make_roost(DNS_SERVERS=dns.address, SMTP_OUT_PORT=str(sink.port), ROUTES=(
        "to=news.test via=mx name=news source=127.0.0.7 hello=news.example.org")).start()
    send(roost, ["x@news.test", "x@other.test"])
    seen = {m.rcpts[0]: (m.peer, m.hello) for m in sink.wait(2)}
    assert seen == {"x@news.test": ("127.0.0.7", "news.example.org"),
                    "x@other.test": ("127.0.0.1", HOSTNAME)}
    queue_is_empty(roost)


@pytest.fixture
def both() -> Iterator[Sink6]:
    """On 127.0.0.1 and ::1, with one port."""
    sink = Sink6()
    yield sink
    sink.close()


def test_families(make_roost: Maker, dns: DnsServer, both: Sink6) -> None:
    # the words of a way, and the address that brings mail to hosts with both
    rows = {"only4": ("ip=only4", "127.0.0.1"), "only6": ("ip=only6", "::1"),
            "prefer4": ("ip=prefer4", "127.0.0.1"), "prefer6": ("ip=prefer6", "::1"),
            "source4": ("source=127.0.0.1", "127.0.0.1"), "source6": ("source=::1", "::1")}
    expected, refused = {}, set()
    for name, (_, peer) in rows.items():
        for kind, ips in (("both", ["127.0.0.1", "::1"]), ("v4", ["127.0.0.1"]), ("v6", ["::1"])):
            rcpt = f"x@{kind}.{name}.test"
            for ip in ips:
                dns.add(rcpt[2:], AAAA if ":" in ip else A, ip)
            if name.startswith("prefer"):
                expected[rcpt] = peer if peer in ips else ips[0]
            elif peer in ips:
                expected[rcpt] = peer
            else:
                refused.add(rcpt)
    roost = make_roost(DNS_SERVERS=dns.address, SMTP_OUT_PORT=str(both.port), ROUTES="\n".join(
        f"to=*.{name}.test via=mx name={name} {words}" for name, (words, _) in rows.items()))
    roost.start()
    send(roost, [*expected, *refused])
    both.wait(len(expected))
    until(lambda: not set(expected) & set(words(roost.cli("queue", "list"))), what="a note of all")
    assert {m.rcpts[0]: m.peer for m in both.messages} == expected
    # Who has no address of the family is not sent to otherwise.
    text = roost.cli("queue", "list") + "".join(raw.decode() for raw in mail.inbox(roost))
    assert refused <= set(words(text))


# --- hosts ------------------------------------------------------------------------------------------


def test_nobody_behind_ourselves_is_asked(make_roost: Maker, dns: DnsServer, sink: Sink) -> None:
    """RFC 5321 5.1: hosts at our preference and behind it are left out."""
    dns.add("example.net", MX, "10 dead.test", f"20 {HOSTNAME}", "20 beside.test",
            "30 behind.test")
    dns.add("dead.test", A, "127.0.0.9")
    for name in ("beside.test", "behind.test"):
        dns.add(name, A, "127.0.0.1")
    roost = make_roost(DNS_SERVERS=dns.address, SMTP_OUT_PORT=str(sink.port), **AGAIN).start()
    send(roost)
    assert roost.log
    for _ in range(2):
        mark = roost.log.mark()
        roost.log.wait(" queue_delayed .*dead.test", after=mark)
    assert sink.connections == 0 and mail.inbox(roost) == []


def test_our_own_address_under_another_name(make_roost: Maker, dns: DnsServer) -> None:
    port = free_port()
    dns.add("example.net", MX, "10 alias.of.us.test", "20 behind.test")
    for name in ("alias.of.us.test", "behind.test"):
        dns.add(name, A, "127.0.0.1")
    roost = make_roost(DNS_SERVERS=dns.address, SMTP_OUT_PORT=str(port),
                       LISTEN_SMTP=f"127.0.0.1:{port}").start()
    send(roost)
    assert "Status: 5.4.6" in bounce(roost)
    queue_is_empty(roost)


def test_host_with_many_addresses(make_roost: Maker, dns: DnsServer, sink: Sink) -> None:
    dns.add("example.net", MX, "10 mx.example.net")
    dns.add("mx.example.net", A, *(f"127.0.7.{n}" for n in range(1, 12)), "127.0.0.1")
    dns.add("example.net", A, "127.0.0.9")  # not asked: there is an MX
    roost = make_roost(DNS_SERVERS=dns.address, SMTP_OUT_PORT=str(sink.port)).start()
    send(roost)
    sink.wait()
    queue_is_empty(roost)


def test_a_host_of_many_dead_addresses_leaves_room(make_roost: Maker, dns: DnsServer,
                                                   sink: Sink) -> None:
    dns.add("example.net", MX, "10 dead.example.net", "20 mx.example.net")
    dns.add("dead.example.net", A, *(f"127.0.7.{n}" for n in range(1, 25)))
    dns.add("mx.example.net", A, "127.0.0.1")
    roost = make_roost(DNS_SERVERS=dns.address, SMTP_OUT_PORT=str(sink.port)).start()
    send(roost)
    sink.wait()
    queue_is_empty(roost)
