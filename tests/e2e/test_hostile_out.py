"""Mail servers of others that are slow, silent, endless or mad, at every stage: each message ends as
its RFC says, memory has a bound, and mail for others goes as if they were not there."""
import ssl
import time
from pathlib import Path
from typing import Iterator

import pytest

from conftest import Maker
from harness import mail, pem
from harness.dns_server import A, MX, DnsServer
from harness.odd_smtp import MANNERS, STAGES, OddSmtp
from harness.peer import until
from harness.server import BINARY, Roost

MANY = 140  # not quite LIMIT_smtp_out_unproven
SLACK = 8 if "/check/" in BINARY or "/tsan/" in BINARY else 1


@pytest.fixture(name="odd")
def odd_servers(tmp_path: Path) -> Iterator[OddSmtp]:
    """At all addresses; those without a case are good ones."""
    server = OddSmtp(pem.server_context(*pem.make(tmp_path, "odd", "odd.test")))
    yield server
    server.close()


def post(roost: Roost, domains: list[str]) -> None:
    """One message for each, over one connection."""
    with mail.submission(roost) as s:
        for domain in domains:
            s.sendmail("alice@example.org", [f"x@{domain}"],
                       mail.letter(domain, "." * 70 + "\n" + "text\n" * 20000
                                   if domain.startswith("body") else "Hello.\n",
                                   sender="alice@example.org"))


def taken_soon(roost: Roost, odd: OddSmtp, seconds: float) -> float:
    """A message for a good server, whose domain was never heard of, leaves in time."""
    before = odd.taken.count("127.0.0.1")
    began = time.monotonic()
    post(roost, [f"good{before}.test"])
    until(lambda: odd.taken.count("127.0.0.1") > before, seconds * SLACK, "the good one's mail")
    return time.monotonic() - began


@pytest.mark.parametrize("stage", ["dot", "banner", "data"])
def test_many_that_hang_do_not_hold_up_one(make_roost: Maker, dns: DnsServer, odd: OddSmtp,
                                                  stage: str) -> None:
    roost = make_roost(DNS_SERVERS=dns.address, SMTP_OUT_PORT=str(odd.port)).start()
    before = roost.status("VmRSS")
    for n in range(MANY):
        dns.add(f"hang{n}.test", MX, f"10 mx.hang{n}.test")
        dns.add(f"mx.hang{n}.test", A, odd.case(stage, "hang"))
    for n in range(3):
        dns.mail_host(f"good{n}.test")
    post(roost, [f"hang{n}.test" for n in range(MANY)])
    until(lambda: odd.connections >= MANY, 30 * SLACK, "connections that hang")
    for _ in range(3):
        assert taken_soon(roost, odd, 2) < 2 * SLACK
    used = roost.status("VmRSS") - before
    assert used < 48 * 1024 * SLACK


# What is not "the message waits and is tried again" (RFC 5321 4.5.4.1).
DELIVERED, BOUNCED, WAITS = "delivered", "bounced", "waits"
OTHERWISE = {
    # A handshake that fails is nothing that a stranger's server needs (RFC 7435).
    **{("handshake", manner): DELIVERED for manner in
       (*MANNERS, "550", "454", "alerts")},
    **{("starttls", manner): DELIVERED for manner in ("550", "454", "421", "wrong")},
    # EHLO that is not known: HELO does (RFC 5321 3.2).
    **{(stage, manner): DELIVERED for stage in ("ehlo", "tls-ehlo")
       for manner in ("550", "454", "extensions")},
    # A login that is refused is a mistake of the settings; one to the message is final.
    ("mail", "550"): BOUNCED, ("rcpt", "550"): BOUNCED, ("data", "550"): BOUNCED,
    ("dot", "550"): BOUNCED,
    # The message is theirs already (RFC 5321 4.1.1.10).
    **{("quit", manner): DELIVERED for manner in (*MANNERS, "550", "454")},
}


def cases() -> list[tuple[str, str]]:
    """Every stage, in every manner that makes sense there."""
    rows = [(stage, manner) for stage in STAGES for manner in (*MANNERS, "550", "454")]
    rows += [("ehlo", "extensions"), ("tls-ehlo", "extensions"), ("handshake", "alerts"),
             ("auth", "challenges")]
    return [row for row in rows if row[0] not in ("connect", "body") or
            row[1] in ("hang", "reset", "half", "garbage", "421")]


def outcome(odd: OddSmtp, address: str, domain: str, queue: str, letters: list[str]) -> str:
    """Where the message is: exactly one place."""
    places = [word for word, there in (
        (DELIVERED, address in odd.taken), (BOUNCED, any(f"x@{domain}" in x for x in letters)),
        (WAITS, f"x@{domain}" in queue)) if there]
    return " and ".join(places)


def test_every_stage_in_every_manner(make_roost: Maker, dns: DnsServer, odd: OddSmtp) -> None:
    rows = {f"{stage}-{manner}.test": (stage, manner) for stage, manner in cases()}
    addresses = {}
    relays, routes = [], []
    for domain, (stage, manner) in rows.items():
        address = addresses[domain] = odd.case(stage, manner)
        if stage == "auth":
            name = f"auth-{manner}"
            relays.append(f"name={name} to=smtp://u:p@{address}:{odd.port} tls=none")
            routes.append(f"to={domain} via={name}")
        dns.add(domain, MX, f"10 mx.{domain}")
        dns.add(f"mx.{domain}", A, address)
    dns.mail_host("good0.test")
    roost = make_roost(DNS_SERVERS=dns.address, SMTP_OUT_PORT=str(odd.port),
                       SMTP_OUT_TIMEOUT="3s", QUEUE_RETRY="1h", QUEUE_RETRY_MAX="1h",
                       RELAYS=";".join(relays), ROUTES=";".join(routes)).start()
    before = roost.status("VmRSS")
    post(roost, list(rows))
    assert taken_soon(roost, odd, 3) < 3 * SLACK

    def ended() -> bool:
        """Nobody is being tried, or waits for the first attempt."""
        queue = roost.cli("queue", "list")
        return "being tried" not in queue and " 0 attempts" not in queue

    until(ended, 30 * SLACK, "the end of all attempts")
    queue, letters = roost.cli("queue", "list"), [x.decode() for x in mail.inbox(roost)]
    wrong = {domain: got for domain, row in rows.items()
             if (got := outcome(odd, addresses[domain], domain, queue, letters)) !=
             OTHERWISE.get(row, WAITS)}
    assert not wrong, "\n".join(f"{d}: {w}" for d, w in wrong.items()) + queue
    assert roost.status("VmRSS") - before < 60 * 1024 * SLACK
