"""Mail to domains that ask for verified TLS (MTA-STS, RFC 8461), and messages that do (REQUIRETLS,
RFC 8689): each goes, waits or comes back as its RFC says. The policy host is one of ours, with a
certificate of our own authority; the mail servers are sinks, and Postfix."""
import dataclasses
import re
import smtplib
import ssl
import time
from pathlib import Path
from typing import Callable, Iterator

import pytest

from conftest import Maker
from harness import mail, pem
from harness.api import as_owner
from harness.dns_server import A, MX, TXT, DnsServer
from harness.peer import until
from harness.policy_host import PolicyHost
from harness.ports import free_port
from harness.postfix import Postfix
from harness.server import Roost
from harness.smtp_sink import Sink
from test_smtp_out import bounce, queue_is_empty, send

DOMAIN, HOST = "example.net", "mx.example.net"


@dataclasses.dataclass
class World:
    """A domain with its policy host and its authority; mx() gives it a mail server."""
    dns: DnsServer
    authority: pem.Authority
    stranger: pem.Authority
    host: PolicyHost
    make: Maker
    sinks: list[Sink]

    def id(self, text: str) -> None:
        """The record that says that there is a policy."""
        self.dns.records[(f"_mta-sts.{DOMAIN}", TXT)] = [f"v=STSv1; id={text};"]

    def certificate(self, kind: str) -> tuple[Path, Path]:
        """A good one of HOST, or one that is not."""
        if kind == "name":
            return self.authority.server("other.example.net")
        if kind == "stranger":
            return self.stranger.server(HOST)
        return self.authority.server(HOST, days=-1 if kind == "expired" else 30)

    def context(self, kind: str) -> ssl.SSLContext | None:
        """For a sink; "plain": it has no TLS."""
        return None if kind == "plain" else pem.server_context(*self.certificate(kind))

    def mx(self, kind: str, ip: str = "127.0.0.1", port: int = 0) -> Sink:
        """A mail server with such a certificate."""
        self.sinks.append(Sink(tls=self.context(kind), host=ip, port=port))
        return self.sinks[-1]

    def roost(self, port: int, **settings: str | None) -> Roost:
        """A server that knows our authority."""
        usual: dict[str, str | None] = {
            "DNS_SERVERS": self.dns.address, "SMTP_OUT_PORT": str(port),
            "SMTP_OUT_CA": str(self.authority.pem), "MTA_STS_PORT": str(self.host.port),
            "QUEUE_RETRY": "1s", "QUEUE_RETRY_MAX": "1s",
            "SMTP_OUT_IDLE": "0"}  # each message looks at the certificate anew
        return self.make(**{**usual, **settings}).start()


@pytest.fixture
def world(make_roost: Maker, dns: DnsServer, tmp_path: Path) -> Iterator[World]:
    """example.net, whose policy is "enforce" and names mx.example.net."""
    authority, stranger = pem.Authority(tmp_path), pem.Authority(tmp_path, "stranger")
    host = PolicyHost(pem.server_context(*authority.server(f"mta-sts.{DOMAIN}")))
    host.policy("enforce", HOST)
    dns.add(DOMAIN, MX, f"10 {HOST}")
    dns.add(HOST, A, "127.0.0.1")
    dns.add(f"mta-sts.{DOMAIN}", A, "127.0.0.1")
    w = World(dns, authority, stranger, host, make_roost, [])
    w.id("1")
    yield w
    for sink in w.sinks:
        sink.close()
    host.close()


def logged(roost: Roost, pattern: str) -> None:
    """Wait for it."""
    assert roost.log
    roost.log.wait(pattern)


def again(roost: Roost, pattern: str) -> None:
    """Wait for it to come from now on."""
    assert roost.log
    roost.log.wait(pattern, after=roost.log.mark())


# --- enforce, testing, none -------------------------------------------------------------------

BAD = {"name": "4.7.5 MTA-STS demands TLS here: the certificate is for another name",
       "expired": "4.7.5 MTA-STS demands TLS here: the certificate has expired",
       "stranger": "4.7.5 MTA-STS demands TLS here: the certificate is from no trusted authority",
       "plain": "4.7.10 MTA-STS demands TLS here: the server offers no TLS"}


def test_enforced_and_good(world: World) -> None:
    sink = world.mx("good")
    roost = world.roost(sink.port)
    send(roost)
    assert sink.wait()[0].tls
    queue_is_empty(roost)
    assert world.host.asked == [(f"mta-sts.{DOMAIN}:{world.host.port}",
                                 "/.well-known/mta-sts.txt")]
    send(roost)  # the policy is kept
    sink.wait(2)
    assert len(world.host.asked) == 1
    queue_is_empty(roost)
    (newest,) = as_owner(roost).get("/traces?limit=1")["items"]
    steps = as_owner(roost).get(f"/traces/{newest['id']}")["steps"]
    assert any(re.search(r"\(TLSv1\.2 ECDHE-[A-Z0-9-]+, MTA-STS\): 250 ", step["detail"])
               for step in steps), steps


@pytest.mark.parametrize("kind", BAD)
def test_enforced_and_bad(world: World, kind: str) -> None:
    sink = world.mx(kind)
    roost = world.roost(sink.port)
    send(roost)
    logged(roost, f" queue_delayed .*{BAD[kind]}")
    again(roost, f" queue_delayed .*{BAD[kind]}")  # RFC 8461 5: never a bounce at once
    assert not sink.messages and mail.inbox(roost) == []
    assert not any(line.startswith("MAIL") for line in sink.lines)


@pytest.mark.parametrize("pattern, good", [
    ("*.example.net", True), ("MX.Example.NET", True), ("*.net", False),
    ("other.example.net", False), ("*.mx.example.net", False)])
def test_hosts_of_the_policy(world: World, pattern: str, good: bool) -> None:
    world.host.policy("enforce", pattern)
    sink = world.mx("good")
    roost = world.roost(sink.port)
    send(roost)
    if good:
        sink.wait()
    else:
        logged(roost, " queue_delayed .*4.7.5 .*the policy does not name this server")
        assert sink.connections == 0  # it is treated as if it could not be reached


@pytest.mark.parametrize("mode", ["testing", "none"])
@pytest.mark.parametrize("kind", BAD)
def test_not_enforced(world: World, mode: str, kind: str) -> None:
    world.host.policy(mode, *([HOST] if mode == "testing" else []))
    sink = world.mx(kind)
    roost = world.roost(sink.port)
    send(roost)
    assert sink.wait()[0].tls == (kind != "plain")
    assert len(world.host.asked) == 1


def test_off(world: World) -> None:
    sink = world.mx("plain")
    roost = world.roost(sink.port, SMTP_OUT_MTA_STS="off")
    send(roost)
    sink.wait()
    assert world.host.asked == []


def test_the_next_mx_takes_it(world: World) -> None:
    """RFC 8461 5.1: a host that fails is passed over."""
    world.host.policy("enforce", "*.example.net")
    bad = world.mx("stranger", "127.0.0.2", free_port())
    good = world.mx("good", "127.0.0.1", bad.port)
    world.dns.add(DOMAIN, MX, "5 bad.example.net")
    world.dns.add("bad.example.net", A, "127.0.0.2")
    roost = world.roost(bad.port)
    send(roost)
    good.wait()
    assert bad.connections == 1 and not bad.messages
    queue_is_empty(roost)


# --- policies that change, and that cannot be had ------------------------------------------------

def test_a_new_policy_frees_what_waits(world: World) -> None:
    """RFC 8461 5: before it gives up, and here at each attempt, it looks for a new policy."""
    sink = world.mx("stranger")
    roost = world.roost(sink.port)
    send(roost)
    logged(roost, " queue_delayed .*MTA-STS demands")
    world.host.policy("testing", HOST)
    again(roost, " queue_delayed .*MTA-STS demands")  # the id tells, not the host
    world.id("2")
    sink.wait()
    queue_is_empty(roost)


def test_a_kept_policy_outlives_its_host_and_its_record(world: World) -> None:
    good = world.mx("good")
    roost = world.roost(good.port)
    send(roost)
    good.wait()
    good.tls = world.context("stranger")  # now somebody is in between,
    world.host.status = 503               # who keeps the policy away,
    world.id("2")
    send(roost)
    logged(roost, " queue_delayed .*MTA-STS demands")
    logged(roost, " sts_fetch_failed .*domain=example.net .*answers 503")
    world.dns.records.pop((f"_mta-sts.{DOMAIN}", TXT))  # and then says there is none
    again(roost, " queue_delayed .*MTA-STS demands")
    assert len(good.messages) == 1
    roost.stop()  # nor is it forgotten by a stop
    roost.start()
    logged(roost, " queue_delayed .*MTA-STS demands")
    good.tls = world.context("good")
    good.wait(2)


def test_a_kept_policy_expires(world: World) -> None:
    world.host.policy("enforce", HOST, max_age=4)
    sink = world.mx("good")
    roost = world.roost(sink.port)
    send(roost)
    sink.wait()
    world.host.status = 404
    world.id("2")
    sink.tls = world.context("stranger")
    send(roost)
    logged(roost, " queue_delayed .*MTA-STS demands")
    sink.wait(2, 20)


def test_kept_policies_are_fetched_anew(world: World) -> None:
    """RFC 8461 3.3: in the background, though the record is gone."""
    world.host.policy("enforce", HOST, max_age=6)
    sink = world.mx("good")
    roost = world.roost(sink.port)
    send(roost)
    sink.wait()
    roost.stop()
    world.dns.records.pop((f"_mta-sts.{DOMAIN}", TXT))
    time.sleep(3.5)  # past half of its life
    roost.start()
    until(lambda: len(world.host.asked) == 2, what="the second request")


def redirects(world: World) -> None:
    """RFC 8461 3.3: must not be followed."""
    world.host.status = 302
    world.host.location = f"https://mta-sts.{DOMAIN}:{world.host.port}/elsewhere"


def is_no_text(world: World) -> None:
    """RFC 8461 3.2"""
    world.host.type = "text/html"


def is_nonsense(world: World) -> None:
    """No policy."""
    world.host.body = "<html>soon here: our new page</html>"


def is_huge(world: World) -> None:
    """One byte past LIMIT_sts_policy."""
    world.host.body += "x-long: " + "a" * (65537 - len(world.host.body) - 8)
    assert len(world.host.body) == 65537


def is_missing(world: World) -> None:
    """Not found."""
    world.host.status = 404


def is_another(world: World) -> None:
    """The host's certificate is not for mta-sts.example.net."""
    world.host.close()
    world.host = PolicyHost(pem.server_context(*world.authority.server(DOMAIN)))
    world.host.policy("enforce", HOST)


def is_a_strangers(world: World) -> None:
    """The host's certificate is from somewhere else."""
    world.host.close()
    world.host = PolicyHost(pem.server_context(*world.stranger.server(f"mta-sts.{DOMAIN}")))
    world.host.policy("enforce", HOST)


@pytest.mark.parametrize("trouble, words", [
    (redirects, "answers 302"), (is_no_text, "not text/plain"), (is_nonsense, "is no field"),
    (is_huge, "too long"), (is_missing, "answers 404"), (is_another, "for another name"),
    (is_a_strangers, "from no trusted authority")])
def test_what_cannot_be_had_counts_as_none(world: World, trouble: Callable[[World], None],
                                           words: str) -> None:
    trouble(world)
    sink = world.mx("stranger")
    roost = world.roost(sink.port)
    send(roost)
    sink.wait()
    logged(roost, f" sts_fetch_failed .*domain=example.net .*{words}")
    send(roost)  # RFC 8461 3.3: and is not asked for again for a while
    sink.wait(2)
    assert len(world.host.asked) <= 1


def ends_its_lines_by_lf(world: World) -> None:
    """RFC 8461 3.2: CRLF or LF."""
    world.host.body = world.host.body.replace("\r\n", "\n")


def ends_its_lines_by_crlf(world: World) -> None:
    """The other way, and none at the end."""
    world.host.body = world.host.body.replace("\r\n", "\n").replace("\n", "\r\n").rstrip()


def has_spaces(world: World) -> None:
    """RFC 8461 3.2: blanks behind the colon, and behind the value."""
    world.host.body = "\n".join(line.replace(": ", ":\t ") + " \t"
                                for line in world.host.body.splitlines())


def is_as_large_as_may_be(world: World) -> None:
    """LIMIT_sts_policy."""
    world.host.body += "x-long: " + "a" * (65536 - len(world.host.body) - 8)
    assert len(world.host.body) == 65536


def has_unknown_fields(world: World) -> None:
    """RFC 8461 3.2: extensions are ignored."""
    world.host.body = "x-new: 1\n" + world.host.body + "\nx-newer: 2\n"


def lives_for_no_time(world: World) -> None:
    """max_age 0: for the delivery that fetched it."""
    world.host.policy("enforce", HOST, max_age=0)


@pytest.mark.parametrize("change", [
    ends_its_lines_by_lf, ends_its_lines_by_crlf, has_spaces, is_as_large_as_may_be,
    has_unknown_fields, lives_for_no_time])
def test_odd_policies_count(world: World, change: Callable[[World], None]) -> None:
    change(world)
    sink = world.mx("stranger")
    roost = world.roost(sink.port, QUEUE_RETRY="1h")
    send(roost)
    logged(roost, " queue_delayed .*MTA-STS demands TLS here: .*no trusted authority")
    assert not sink.messages and len(world.host.asked) == 1


# --- Postfix ------------------------------------------------------------------------------------

@pytest.mark.parametrize("kind, words", [
    ("good", ""), ("name", "for another name"), ("expired", "has expired"),
    ("stranger", "from no trusted authority")])
def test_postfix(world: World, kind: str, words: str) -> None:
    world.dns.add("remote.test", MX, f"10 {HOST}")
    world.dns.add("mta-sts.remote.test", A, "127.0.0.1")
    world.dns.add("_mta-sts.remote.test", TXT, "v=STSv1; id=1")
    world.host.close()
    world.host = PolicyHost(pem.server_context(*world.authority.server("mta-sts.remote.test")))
    world.host.policy("enforce", HOST)
    postfix = Postfix(1, *world.certificate(kind))
    try:
        roost = world.roost(postfix.port)
        send(roost, "friend@remote.test")
        if words:
            logged(roost, f" queue_delayed .*4.7.5 MTA-STS demands TLS here: .*{words}")
            assert postfix.received() == []
        else:
            (got,) = until(postfix.received, what="the message")
            assert b"with ESMTPS" in got
    finally:
        postfix.close()


# --- REQUIRETLS ---------------------------------------------------------------------------------

def require(roost: Roost, option: str = "REQUIRETLS", message: bytes = b"") -> None:
    """A message of alice's that asks for it."""
    message = message or mail.letter("secret", sender="alice@example.org")
    with mail.submission(roost) as s:
        s.ehlo()
        assert s.has_extn("REQUIRETLS")
        s.sendmail("alice@example.org", "friend@example.net", message, [option])


def test_required_and_good(world: World) -> None:
    sink = world.mx("good")
    sink.extensions.append("REQUIRETLS")
    roost = world.roost(sink.port)
    require(roost)
    (got,) = sink.wait()
    assert got.tls and "REQUIRETLS" in got.parameters.split()
    queue_is_empty(roost)


@pytest.mark.parametrize("kind, words", [
    ("plain", "5.7.10"), ("name", "5.7.10"), ("expired", "5.7.10"), ("stranger", "5.7.10"),
    ("good", "5.7.30")])
def test_required_and_not_there(world: World, kind: str, words: str) -> None:
    """RFC 8689 4.2.1: it comes back, with these codes."""
    world.host.policy("testing", HOST)  # vouches for the name
    sink = world.mx(kind)
    roost = world.roost(sink.port)
    require(roost)
    report = bounce(roost)
    assert f"Status: {words}" in report
    assert not sink.messages
    queue_is_empty(roost)
    send(roost)  # another message may go there
    sink.wait()


def test_required_where_nobody_vouches_for_the_name(world: World) -> None:
    world.dns.records.pop((f"_mta-sts.{DOMAIN}", TXT))
    sink = world.mx("good")
    sink.extensions.append("REQUIRETLS")
    roost = world.roost(sink.port)
    require(roost)
    assert "Status: 5.7.10" in bounce(roost)
    assert sink.connections == 0


def test_required_goes_by_the_mx_that_has_it(world: World) -> None:
    world.host.policy("testing", "*.example.net")
    without = world.mx("good", "127.0.0.2", free_port())
    with_it = world.mx("good", "127.0.0.1", without.port)
    with_it.extensions.append("REQUIRETLS")
    world.dns.add(DOMAIN, MX, "5 without.example.net")
    world.dns.add("without.example.net", A, "127.0.0.2")
    roost = world.roost(without.port)
    require(roost)
    with_it.wait()
    assert not without.messages


def test_tls_required_no(world: World) -> None:
    """RFC 8689 4.2.2: it goes though the policy would keep it."""
    sink = world.mx("stranger")
    roost = world.roost(sink.port)
    send(roost)
    logged(roost, " queue_delayed .*MTA-STS demands")
    mail.submit(roost, mail.letter("never mind", sender="alice@example.org", TLS_Required="No"),
                "friend@example.net")
    (got,) = sink.wait()
    assert got.header("Subject") == "never mind"
    assert roost.cli("queue", "list") != ""


def test_mail_that_wants_nothing_may_share_the_connection(world: World) -> None:
    """A connection that is good for REQUIRETLS is good for others; and smtplib knows no better."""
    sink = world.mx("good")
    sink.extensions.append("REQUIRETLS")
    roost = world.roost(sink.port)
    require(roost)
    with pytest.raises(smtplib.SMTPException):
        require(roost, "REQUIRETLS=yes")
    send(roost)
    sink.wait(2)
    queue_is_empty(roost)


# --- what is told of it -------------------------------------------------------------------------

def test_evidence_and_kept_policies(world: World) -> None:
    """RFC 8460 4: by policy and kind of failure; the policy as the report shows it."""
    world.host.policy("testing", HOST)
    sink = world.mx("expired")
    roost = world.roost(sink.port)
    send(roost)
    sink.wait()
    world.dns.mail_host("plain.test")
    send(roost, "friend@plain.test")
    sink.wait(2)
    queue_is_empty(roost)
    roost.stop()  # what gathered is written then
    roost.start()
    api = as_owner(roost)
    days = {day["domain"]: day for day in api.get("/tls/evidence")["items"]}
    (tally,) = days[DOMAIN]["policies"]
    assert (tally["type"], tally["good"], tally["bad"]) == ("sts", 0, 1)
    assert tally["policy"] == ["version: STSv1", "mode: testing", f"mx: {HOST}",
                               "max_age: 86400"]
    (failure,) = tally["failures"]
    assert failure["result"] == "certificate-expired" and failure["count"] == 1
    assert (failure["host"], failure["helo"]) == (HOST, "sink.example.net")
    assert (failure["address"], failure["from"]) == ("127.0.0.1", "127.0.0.1")
    (tally,) = days["plain.test"]["policies"]
    assert (tally["type"], tally["good"], tally["bad"]) == ("no-policy-found", 1, 0)
    assert [d["domain"] for d in api.get("/tls/evidence?failures=1")["items"]] == [DOMAIN]
    assert DOMAIN in roost.cli("tls", "evidence", f"domain={DOMAIN}")
    first = api.get("/tls/evidence?limit=1")
    assert len(first["items"]) == 1
    second = api.get(f"/tls/evidence?limit=1&after={first['next']}")
    assert second["next"] is None and second["items"] != first["items"]
    (kept,) = api.get("/tls/policies")["items"]
    assert (kept["domain"], kept["id"], kept["mode"], kept["mx"]) == (DOMAIN, "1", "testing",
                                                                      [HOST])
    roost.cli("tls", "forget", DOMAIN)
    assert api.get("/tls/policies")["items"] == []


# --- each kind of failure that a report can name (RFC 8460 4.3) ------------------------------------

def failures(roost: Roost, domain: str) -> list[tuple[str, str]]:
    """The types of policy and of what failed under it."""
    roost.stop()  # what gathered is written then
    roost.start()
    (day,) = as_owner(roost).get(f"/tls/evidence?domain={domain}")["items"]
    return [(tally["type"], failure["result"]) for tally in day["policies"]
            for failure in tally["failures"]]


@pytest.mark.parametrize("kind, result", [
    ("name", "certificate-host-mismatch"), ("expired", "certificate-expired"),
    ("stranger", "certificate-not-trusted"), ("plain", "starttls-not-supported")])
def test_evidence_of_sessions(world: World, kind: str, result: str) -> None:
    sink = world.mx(kind)
    roost = world.roost(sink.port, QUEUE_RETRY="1h")
    send(roost)
    logged(roost, " queue_delayed ")
    assert failures(roost, DOMAIN) == [("sts", result)]


def test_evidence_of_a_host_that_is_not_named(world: World) -> None:
    world.host.policy("enforce", "other.example.net")
    roost = world.roost(world.mx("good").port, QUEUE_RETRY="1h")
    send(roost)
    logged(roost, " queue_delayed ")
    assert failures(roost, DOMAIN) == [("sts", "validation-failure")]


@pytest.mark.parametrize("trouble, result", [
    (redirects, "sts-policy-fetch-error"), (is_no_text, "sts-policy-fetch-error"),
    (is_huge, "sts-policy-fetch-error"), (is_missing, "sts-policy-fetch-error"),
    (is_nonsense, "sts-policy-invalid"), (is_another, "sts-webpki-invalid"),
    (is_a_strangers, "sts-webpki-invalid")])
def test_evidence_of_fetches(world: World, trouble: Callable[[World], None], result: str) -> None:
    """RFC 8460 4.3.2.2"""
    trouble(world)
    sink = world.mx("good")
    roost = world.roost(sink.port, QUEUE_RETRY="1h")
    send(roost)
    sink.wait()
    queue_is_empty(roost)
    assert ("sts", result) in failures(roost, DOMAIN)
