"""Checks of what comes in: lists in DNS that answer, hang and fail; limits of a stolen account.

Slow: name servers that hang use up the timeouts of checks.
"""
import base64
import smtplib
import time

import pytest

from harness import knot, mail
from harness.api import as_owner
from harness.body_milter import BodyMilter
from harness.dns_server import A, DnsServer
from harness.peer import SmtpPeer, until
from harness.server import PASSWORDS, Roost, new_folder

HANGING = 60


def transaction(peer: SmtpPeer, sender: str) -> list[int]:
    """The codes of EHLO, MAIL and RCPT."""
    return [peer.code("EHLO client.example.net"), peer.code(f"MAIL FROM:<{sender}>"),
            peer.code("RCPT TO:<alice@example.org>")]


@pytest.mark.skipif(not knot.available(), reason="knot is not installed")
def test_list_in_dns(make_roost) -> None:  # type: ignore[no-untyped-def]
    name_server = knot.Knot(new_folder(), "dbl.test", "spam.example.dbl.test").start()
    try:
        # It refuses questions about the root, which is no resolver's way.
        roost = make_roost(DNS_SERVERS=name_server.address, DNSSEC="off",
                           DNSBL="dbl.test of=from text=\"see https://dbl.test/\"").start()
        with SmtpPeer(roost.ports["smtp"]) as peer:
            assert transaction(peer, "x@spam.example") == [250, 250, 550]
            assert peer.code("RSET") == 250
            assert transaction(peer, "x@good.example") == [250, 250, 250]
        assert roost.log and roost.log.wait(
            r" policy_verdict .*stage=rcpt check=dnsbl verdict=reject .*listed in dbl.test")
    finally:
        name_server.close()


def test_hanging_dns_harms_nobody_else(make_roost, dns: DnsServer) -> None:  # type: ignore[no-untyped-def]
    dns.silent = {f"slow{i}.example.dbl.test" for i in range(HANGING)}
    dns.records[("spam.example.dbl.test", A)] = ["127.0.0.2"]
    roost = make_roost(DNS_SERVERS=dns.address, DNSBL="dbl.test of=from").start()
    peers = [SmtpPeer(roost.ports["smtp"]) for _ in range(HANGING)]
    try:
        for i, peer in enumerate(peers):
            assert peer.code("EHLO client.example.net") == 250
            peer.send(f"MAIL FROM:<x@slow{i}.example>\r\nRCPT TO:<alice@example.org>\r\n")
        begun = time.monotonic()
        with SmtpPeer(roost.ports["smtp"], source="127.0.9.9") as other:
            assert transaction(other, "") == [250, 250, 250]
        assert time.monotonic() - begun < 2  # of another network, so it does not wait for its turn
        for peer in peers:
            assert [peer.reply()[0], peer.reply()[0]] == [250, 250]
        assert time.monotonic() - begun < 20
    finally:
        for peer in peers:
            peer.close()


# Twelve networks, and twelve /64s that one customer has.
@pytest.mark.parametrize("networks", ["198.51.{}.{}", "2a02:7:7:{:x}::{:x}"])
def test_many_networks_hang_beside_users(make_roost, dns: DnsServer,  # type: ignore[no-untyped-def]
                                         networks: str) -> None:
    places = [(n, i) for n in range(12) for i in range(16)]
    dns.silent = {f"slow{n}-{i}.example" for n, i in places}
    dns.mail_host("good.example")
    milter = BodyMilter()
    milter.body = b"seen\r\n"
    roost = make_roost(PROXY_PROTOCOL="127.0.0.1 for=smtp", DNS_SERVERS=dns.address,
                       SENDER_DOMAIN="on",
                       MILTERS=f"{milter.address} for=submission stages=end").start()
    user = SmtpPeer(roost.ports["submissions"], tls=True)
    login = base64.b64encode(f"\0alice@example.org\0{PASSWORDS['alice']}".encode()).decode()
    assert user.code("EHLO client.example.net") == 250
    assert user.code(f"AUTH PLAIN {login}") == 235
    peers = [SmtpPeer.proxied(roost.ports["smtp"], networks.format(n + 1, i + 1)) for n, i in places]
    try:
        for (n, i), peer in zip(places, peers):
            assert peer.code("EHLO client.example.net") == 250
        for (n, i), peer in zip(places, peers):
            peer.send(f"MAIL FROM:<x@slow{n}-{i}.example>\r\n")
        time.sleep(0.5)
        begun = time.monotonic()
        user.envelope("alice@example.org", "bob@example.org")
        assert user.data(mail.letter("beside", sender="alice@example.org"))[0] == 250
        with SmtpPeer.proxied(roost.ports["smtp"], "203.0.113.9") as other:
            assert transaction(other, "x@good.example") == [250, 250, 250]
        assert time.monotonic() - begun < 2
        for peer in peers:  # who hangs is asked about for eight seconds, in line or not: not 60
            assert peer.reply()[0] == 250
        assert time.monotonic() - begun < 30
    finally:
        for peer in [*peers, user]:
            peer.close()
        milter.close()


def test_stolen_account_is_held(make_roost) -> None:  # type: ignore[no-untyped-def]
    roost = make_roost(LIMITS="account new-recipients=3/1d then=hold").start()

    def send(i: int) -> None:
        mail.submit(roost, mail.letter("x", sender="bob@example.org"), f"x{i}@far.example", "bob")

    for i in range(3):
        send(i)
    with pytest.raises(smtplib.SMTPException):
        send(3)
    with pytest.raises(smtplib.SMTPException):
        send(0)
    (notice,) = mail.inbox(roost, "bob")
    assert b"roost blocked rm bob@example.org" in notice
    assert "address=bob@example.org" in roost.cli("blocked", "list")
    roost.restart()
    with pytest.raises(smtplib.SMTPException):
        send(0)
    roost.cli("blocked", "rm", "BOB@Example.org")
    send(0)


def test_account_is_held_by_hand(make_roost) -> None:  # type: ignore[no-untyped-def]
    roost = make_roost().start()
    with SmtpPeer(roost.ports["submissions"], tls=True) as peer:
        login = base64.b64encode(f"\0alice@example.org\0{PASSWORDS['alice']}".encode()).decode()
        assert peer.code("EHLO client.example.net") == 250
        assert peer.code(f"AUTH PLAIN {login}") == 235
        for words in "HOLDFOR=600", "":  # the second is at its 354 when the hold comes
            assert peer.code(f"MAIL FROM:<alice@example.org> {words}".rstrip()) == 250
            assert peer.code("RCPT TO:<far@far.example>") == 250
            assert peer.code("DATA") == 354
            if words == "":
                roost.cli("blocked", "add", "address=ALICE@example.org", "reason=stolen")
            peer.send(mail.letter("x", sender="alice@example.org").decode() + ".\r\n")
            assert peer.reply()[0] == (250 if words else 550)
    (entry,) = as_owner(roost).get("/queue")["items"]
    assert entry["state"] == "held"


def test_network_blocked_by_hand(make_roost) -> None:  # type: ignore[no-untyped-def]
    roost = make_roost().start()
    roost.cli("blocked", "add", "address=2001:db8:1:2:3::4", "reason=spam")
    assert "address=2001:db8:1:2::" in roost.cli("blocked", "list")
    roost.cli("blocked", "rm", "2001:db8:1:2::")
    assert roost.cli("blocked", "list") == ""
    for given, name in (("192.0.2.77/23", "192.0.2.0/23"), ("2001:db8:1::/48", "2001:db8:1::/48"),
                        ("198.51.100.7/32", "198.51.100.7"), ("2001:db8:1:2:3::/64", "2001:db8:1:2::")):
        roost.cli("blocked", "add", f"address={given}")
        assert f"address={name} " in roost.cli("blocked", "list")
        roost.cli("blocked", "rm", name)
        assert roost.cli("blocked", "list") == ""
    for wrong in "0.0.0.0/0", "::/0", "192.0.2.0/33", "192.0.2.0/", "192.0.2.0/24,198.51.100.0/24":
        assert roost.run("blocked", "add", f"address={wrong}").returncode != 0
    roost.cli("blocked", "add", "address=192.0.2.0/23", "reason=spam")
    roost.cli("blocked", "rm", "192.0.3.9/23")
    assert roost.cli("blocked", "list") == ""


def test_access_rules_by_command(make_roost) -> None:  # type: ignore[no-untyped-def]
    """A rule counts at once, outlasts a restart, is seen in the trace, and ends."""
    roost = make_roost().start()

    def said() -> tuple[int, str]:
        with SmtpPeer(roost.ports["smtp"]) as peer:
            assert peer.code("EHLO client.example.net") == 250
            return peer.cmd("MAIL FROM:<x@spam.example>")

    assert said()[0] == 250
    roost.cli("access", "add", "verdict=reject", "of=from", "match=*@spam.example", "note=no more")
    assert "no more" in said()[1]
    roost.restart()
    assert said()[0] == 550
    assert "reject=1" in roost.cli("check", "list").split("name=access")[1].split("name=")[0]
    until(lambda: "id=" in roost.cli("trace", "list"), what="the trace")
    trace = roost.cli("trace", "list").splitlines()[-1].split("id=")[1].split()[0]
    assert "access: reject at mail: no more" in roost.cli("trace", "show", trace)
    row = roost.cli("access", "list")
    roost.cli("access", "rm", row.split("id=")[1].split()[0])
    assert said()[0] == 250
    assert roost.run("access", "add", "verdict=perhaps", "of=from", "match=x").returncode != 0
    roost.cli("access", "add", "of=from", "match=*@spam.example", "verdict=reject", "code=554", "status=5.7.0",
              "note=never")
    roost.restart()
    assert said() == (554, "5.7.0 never")
    assert "code=554" in roost.cli("access", "list")
    for words in ("code=250",), ("code=450",), ("status=4.7.0",), ("code=-1",):
        assert roost.run("access", "add", "verdict=reject", "of=from", "match=x", *words).returncode != 0


def test_who_is_left_out_is_in_the_trace(make_roost) -> None:  # type: ignore[no-untyped-def]
    roost = make_roost(ACCESS="discard to=alice@example.org text=noise").start()
    mail.deliver(roost, mail.letter("for one"), to=["alice@example.org", "bob@example.org"])
    assert mail.inbox(roost) == [] and len(mail.inbox(roost, "bob")) == 1
    (line,) = roost.cli("trace", "list").splitlines()
    assert "alice@example.org" in line and "bob@example.org" in line and "state=delivered" in line
    story = roost.cli("trace", "show", line.split("id=")[1].split()[0])
    assert "what=discarded" in story and "alice@example.org" in story and "noise" in story


def test_words_of_a_verdict(make_roost) -> None:  # type: ignore[no-untyped-def]
    """Code, status and text of one's own, in settings that are checked as a whole when they are set."""
    roost = make_roost(ACCESS="reject from=*@a.example code=554 status=5.7.0 text=\"not you\"\n"
                              "tempfail from=*@b.example code=450",
                       LIMITS="sender messages=1/1h code=452 status=4.3.1 text=\"one is enough\"").start()
    with SmtpPeer(roost.ports["smtp"]) as peer:
        assert peer.code("EHLO client.example.net") == 250
        assert peer.cmd("MAIL FROM:<x@a.example>") == (554, "5.7.0 not you")
        assert peer.cmd("MAIL FROM:<x@b.example>") == (450, "4.7.1 by the access rules")
        assert peer.code("MAIL FROM:<x@c.example>") == 250
        assert peer.code("RSET") == 250
        assert peer.cmd("MAIL FROM:<x@c.example>") == (452, "4.3.1 one is enough")
    until(lambda: "id=" in roost.cli("trace", "list"), what="the trace")
    traces = [line.split("id=")[1].split()[0] for line in roost.cli("trace", "list").splitlines()]
    story = "".join(roost.cli("trace", "show", trace) for trace in traces)
    assert "limits: tempfail at mail: more than 1 messages in 60 minutes (sender), try again later: one is enough" in story
    for setting in ("GREYLIST=on code=550 verdict=tag", "GREETING_DELAY=3s code=250", "FCRDNS=on status=4.7.1",
                    "ACCESS=tempfail from=x code=550", "LIMITS=sender messages=1/1h then=accept"):
        assert roost.run("settings", "set", *setting.split("=", 1)).returncode != 0


def test_an_account_that_may_log_in_from_elsewhere_only(make_roost) -> None:  # type: ignore[no-untyped-def]
    """The password is right, and it is not told whether: another account is let in."""
    roost = make_roost(ALLOW_PLAINTEXT_AUTH="on",
                       ACCESS="accept login=alice@* peer=192.0.2.0/24\n"
                              "reject login=alice@* text=\"only from the office\"").start()
    for user, want in ("alice", 550), ("bob", 235), ("alice", 550):
        with SmtpPeer(roost.ports["submission"]) as peer:
            peer.code("EHLO client.example.net")
            plain = base64.b64encode(f"\0{user}@example.org\0{PASSWORDS[user]}".encode()).decode()
            assert peer.code(f"AUTH PLAIN {plain}") == want
            assert peer.code(f"MAIL FROM:<{user}@example.org>") == (250 if want == 235 else 530)
    assert "reject=2" in roost.cli("check", "list").split("name=access")[1].split("name=")[0]
