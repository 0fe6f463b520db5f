"""HTTP hooks: what they are asked, signed so that they can trust it, and what becomes of mail by
their answers."""
import base64
import smtplib
import time
from typing import Iterator

import pytest

from conftest import Maker
from harness import mail
from harness.dns_server import DnsServer
from harness.hook_host import SECRET, HookHost, verify
from harness.peer import SmtpPeer
from harness.server import Roost
from harness.smtp_sink import Sink

@pytest.fixture
def hook() -> Iterator[HookHost]:
    """One that has nothing against anybody."""
    made = HookHost()
    yield made
    made.close()


def refusal(roost: Roost, message: bytes) -> tuple[int, str]:
    """What delivering it is answered."""
    with pytest.raises(smtplib.SMTPDataError) as refused:
        mail.deliver(roost, message)
    return refused.value.smtp_code, refused.value.smtp_error.decode()


def test_the_question(make_roost: Maker, hook: HookHost) -> None:
    roost = make_roost(HOOKS=f"{hook.url} secret={SECRET} body=full").start()
    original = mail.letter("Grüße", "Ein Körper.\n")
    mail.deliver(roost, original)
    asked = hook.asked.get(timeout=10)
    question, headers = asked["json"], asked["headers"]
    assert question["stage"] == "end" and question["session"]["helo"] == "client.example.net"
    assert question["session"]["peer"] == "127.0.0.1" and question["session"]["login"] is None
    assert question["mail"]["from"] == "carol@example.net"
    assert question["mail"]["recipients"] == ["alice@example.org"]
    assert base64.b64decode(question["message"]["raw"]) == original
    assert question["message"]["size"] == len(original)
    assert {"name": "To", "value": "alice@example.org"} in question["message"]["headers"]
    assert headers["webhook-id"] == question["id"]
    verify(asked)
    assert SECRET.encode() not in b"\n".join(line.encode() for line in roost.log.lines)
    shown = roost.cli("settings")
    assert SECRET not in shown and hook.url not in shown


def test_the_answers(make_roost: Maker, hook: HookHost) -> None:
    roost = make_roost(HOOKS=f"{hook.url} name=judge").start()
    hook.says = (200, {"action": "reject", "code": 554, "enhanced": "5.6.0", "text": "not this"})
    assert refusal(roost, mail.letter("no")) == (554, "5.6.0 not this")
    hook.says = (200, {"action": "tempfail"})
    assert refusal(roost, mail.letter("later"))[0] == 451
    hook.says = (200, {"action": "reject", "text": "one\ntwo\r\n250 three"})
    assert refusal(roost, mail.letter("lines")) == (
        550, "5.7.1 one\n5.7.1 two?\n5.7.1 250 three")
    hook.says = (200, {"action": "discard", "text": "dull"})
    mail.deliver(roost, mail.letter("dropped"))
    assert mail.inbox(roost) == []
    hook.says = (204, b"")
    mail.deliver(roost, mail.letter("taken"))
    hook.says = (200, {"action": "quarantine", "text": "odd"})
    mail.deliver(roost, mail.letter("odd"))
    assert [mail.parse(m)["Subject"] for m in mail.inbox(roost)] == ["taken"]
    (junk,) = mail.inbox(roost, name="Junk")
    assert mail.parse(junk)["X-Roost-Check"] == "hook quarantine (judge: odd)"


def test_changes(make_roost: Maker, hook: HookHost) -> None:
    roost = make_roost(HOOKS=hook.url).start()
    hook.says = (200, {
        "headers": [{"op": "add", "name": "X-Last", "value": "a\n b"},
                    {"op": "insert", "index": 1, "name": "X-First", "value": "b"},
                    {"op": "set", "name": "Subject", "value": "[list] changed"},
                    {"op": "delete", "name": "X-Gone"}],
        "sender": "other@example.net",
        "recipients": {"add": ["bob@example.org"], "delete": ["alice@example.org"]}})
    mail.deliver(roost, mail.letter("plain", X_Gone="yes"))
    assert mail.inbox(roost) == []
    (raw,) = mail.inbox(roost, "bob")
    assert raw.startswith(b"Return-Path: <other@example.net>\r\nReceived: from ")
    assert b"\r\nX-First: b\r\nFrom: " in raw
    assert b"\r\nX-Last: a\r\n b\r\n\r\n" in raw
    (story,) = roost.cli("trace", "list", "q=other@example.net").splitlines()
    shown = roost.cli("trace", "show", story.split("id=")[1].split()[0])
    assert "hook: changed at end: 127.0.0.1" in shown and "7 changes" in shown, shown
    message = mail.parse(raw)
    assert message["Subject"] == "[list] changed" and message["X-Gone"] is None


def test_a_recipient_is_refused_alone(make_roost: Maker, hook: HookHost) -> None:
    roost = make_roost(HOOKS=f"{hook.url} stages=rcpt for=mx").start()
    with SmtpPeer(roost.ports["smtp"]) as peer:
        peer.envelope("carol@example.net", "alice@example.org")
        asked = hook.asked.get(timeout=10)["json"]
        assert asked["mail"]["recipient"] == "alice@example.org" and "message" not in asked
        hook.says = (200, {"action": "reject", "text": "not him"})
        assert peer.cmd("RCPT TO:<bob@example.org>") == (550, "5.7.1 not him")
        assert peer.data(mail.letter("one"))[0] == 250
    assert len(mail.inbox(roost)) == 1 and mail.inbox(roost, "bob") == []


def test_remote_mail_in_quarantine_is_held(make_sender: Maker, hook: HookHost, sink: Sink) -> None:
    roost = make_sender(HOOKS=f"{hook.url} for=submission").start()
    hook.says = (200, {"action": "quarantine", "text": "stolen account?"})
    mail.submit(roost, mail.letter("held", sender="alice@example.org", to="friend@example.net"),
                "friend@example.net")
    assert hook.asked.get(timeout=10)["json"]["session"]["login"] == "alice@example.org"
    time.sleep(2)
    assert "held" in roost.cli("queue", "list")
    with pytest.raises(Exception):
        sink.wait(1, timeout=1)


@pytest.mark.parametrize("says", [
    (500, {}), (404, {"action": "accept"}), (302, {}), (200, b"no json"), (200, []),
    (200, {"action": "maybe"}), (200, {"headers": [{"op": "add", "name": "X", "value": "a\nb"}]}),
    (200, {"headers": [{"op": "add", "name": "X Y", "value": "a"}]}),
    (200, b" " * (1 << 20) + b"{ }"), None,
], ids=["500", "404", "302", "text", "list", "action", "fold", "name", "long", "hangs"])
def test_failures(make_roost: Maker, hook: HookHost, says: tuple[int, object] | None) -> None:
    hook.says = says
    strict = make_roost(HOOKS=f"{hook.url} timeout=1s").start()
    assert refusal(strict, mail.letter("not now"))[0] == 451
    roost = make_roost(HOOKS=f"{hook.url} timeout=1s fail=accept").start()
    mail.deliver(roost, mail.letter("taken"))
    (raw,) = mail.inbox(roost)
    assert mail.parse(raw)["X"] is None


def test_https_is_verified(make_roost: Maker, dns: DnsServer) -> None:
    """Our own certificate is nobody's but ours."""
    other = make_roost().start()
    host = dns.mail_host("example.net")
    roost = make_roost(DNS_SERVERS=dns.address,
                       HOOKS=f"https://{host}:{other.ports['https']}/").start()
    assert refusal(roost, mail.letter("not now"))[0] == 451
    assert roost.log
    roost.log.wait(" policy_failed .*certificate")
    assert len([line for line in roost.log.lines if " policy_failed " in line]) == 1
