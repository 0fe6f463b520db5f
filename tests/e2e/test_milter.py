"""Mail filters: rspamd, opendkim and clamav-milter as they are, and what becomes of mail by
them."""
import os
import shutil
import smtplib
from typing import Callable, Iterator

import dkim
import pytest

from conftest import Maker
from harness import mail
from harness.dns_server import DnsServer
from harness.hello_milter import HelloMilter
from harness.milters import ClamAv, Filter, OpenDkim, Rspamd
from harness.peer import SmtpPeer, until
from harness.server import Roost
from harness.smtp_sink import Sink

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="the filters want root to change users")

GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X\n"
GTUBE_ADD_HEADER = GTUBE.replace("XJS*", "YJS*")
GTUBE_REWRITE = GTUBE.replace("XJS*", "ZJS*")


@pytest.fixture
def filters() -> Iterator[Callable[[Filter], Filter]]:
    """filters(one): it is closed after the test."""
    made: list[Filter] = []

    def keep(one: Filter) -> Filter:
        made.append(one)
        return one

    yield keep
    for one in made:
        print(one.said())
        one.close()


def needs(*programs: str) -> None:
    """Skip where they are not installed."""
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")


def refusal(roost: Roost, message: bytes) -> tuple[int, str]:
    """What delivering it is answered."""
    with pytest.raises(smtplib.SMTPDataError) as refused:
        mail.deliver(roost, message)
    return refused.value.smtp_code, refused.value.smtp_error.decode()


# --- rspamd -----------------------------------------------------------------------------------


def test_rspamd_marks_refuses_and_lets_through(make_roost: Maker,
                                               filters: Callable[[Filter], Filter]) -> None:
    needs("rspamd")
    spam = filters(Rspamd())
    roost = make_roost(MILTERS=f"{spam.address} for=mx").start()
    mail.deliver(roost, mail.letter("plain"))
    code, text = refusal(roost, mail.letter("spam", GTUBE))
    assert code == 554 and text.startswith("5.7.1 "), text
    mail.deliver(roost, mail.letter("marked", GTUBE_ADD_HEADER))
    mail.deliver(roost, mail.letter("rewritten", GTUBE_REWRITE))
    plain, marked, rewritten = (mail.parse(m) for m in mail.inbox(roost))
    assert plain["Subject"] == "plain" and plain["X-Spam"] is None
    assert plain["X-Spamd-Bar"] is not None  # it was asked
    assert marked["X-Spam"] == "Yes", spam.said()
    assert rewritten["Subject"] == "*** SPAM *** rewritten"
    assert roost.log
    assert any(" policy_verdict " in line and "milter" in line and "reject" in line
               for line in roost.log.lines)


def test_rspamd_has_spam_put_aside(make_roost: Maker,
                                   filters: Callable[[Filter], Filter]) -> None:
    needs("rspamd")
    spam = filters(Rspamd(quarantine=True))
    roost = make_roost(MILTERS=f"{spam.address} for=mx stages=end").start()
    mail.deliver(roost, mail.letter("spam", GTUBE))
    assert mail.inbox(roost) == []
    (raw,) = mail.inbox(roost, name="Junk")
    junk = mail.parse(raw)
    assert junk["Subject"] == "spam"
    assert junk["X-Roost-Check"].startswith("milter quarantine")


def test_many_messages_in_one_session(make_roost: Maker,
                                      filters: Callable[[Filter], Filter]) -> None:
    needs("rspamd")
    spam = filters(Rspamd())
    roost = make_roost(MILTERS=f"{spam.address}").start()
    with SmtpPeer(roost.ports["smtp"]) as peer:
        for n in range(5):
            peer.envelope("carol@example.net", "alice@example.org")
            if n % 2:
                assert peer.code("RSET") == 250
                continue
            body = GTUBE if n == 2 else "Hello.\n"
            code, _ = peer.data(mail.letter(f"number {n}", body))
            assert code == (554 if n == 2 else 250)
    assert [mail.parse(m)["Subject"] for m in mail.inbox(roost)] == ["number 0", "number 4"]


# --- opendkim ---------------------------------------------------------------------------------


def test_opendkim_signs_what_users_send(make_sender: Maker, sink: Sink,
                                        filters: Callable[[Filter], Filter]) -> None:
    needs("opendkim", "opendkim-genkey")
    signer = filters(OpenDkim("s"))
    assert isinstance(signer, OpenDkim)
    roost = make_sender(MILTERS=f"{signer.address} for=submission").start()
    for body in ("Hello.\n", "ünï\n", "line\n" * 40_000, "spaces \t \n\n\n"):
        mail.submit(roost, mail.letter("signed", body, "alice@example.org", "friend@example.net"),
                    "friend@example.net")
    for received in sink.wait(4):
        fields = received.data.split(b"\r\n\r\n", 1)[0]
        index = [i for i, part in enumerate(fields.split(b"DKIM-Signature:")[1:])
                 if b"s=filter" in part]
        assert len(index) == 1, fields
        record = signer.record().encode()
        assert dkim.DKIM(received.data).verify(index[0], dnsfunc=lambda name, timeout=5: record)


def test_opendkim_verifies_what_comes(make_roost: Maker,
                                      filters: Callable[[Filter], Filter]) -> None:
    needs("opendkim", "opendkim-genkey")
    verifier = filters(OpenDkim("v", "example.net", internal="192.0.2.1"))
    roost = make_roost(MILTERS=f"{verifier.address} stages=end").start()
    original = mail.letter("signed", "Hello.\n")
    signature = dkim.sign(original, b"filter", b"example.net",
                          (verifier.folder / "key").read_bytes())
    mail.deliver(roost, signature + original)
    mail.deliver(roost, signature + original.replace(b"Hello.", b"Hallo."))
    good, bad = (mail.parse(m) for m in mail.inbox(roost))
    assert "dkim=pass" in good["Authentication-Results"]
    assert "dkim=fail" in bad["Authentication-Results"]


def test_opendkim_beside_what_we_have_found(make_roost: Maker, dns: DnsServer,
                                            filters: Callable[[Filter], Filter]) -> None:
    """It takes out what claims to be its host's, which is ours too: that stays all the same, where it
    was, with opendkim's own beside it."""
    needs("opendkim", "opendkim-genkey")
    verifier = filters(OpenDkim("v", "example.net", internal="192.0.2.1"))
    roost = make_roost(MILTERS=f"{verifier.address} stages=end", HOSTNAME="mx.example.org",
                       PROXY_PROTOCOL="127.0.0.1 for=smtp", DNS_SERVERS=dns.address,
                       DNSSEC="off").start()
    original = mail.letter("signed", "Hello.\n")
    signature = dkim.sign(original, b"filter", b"example.net",
                          (verifier.folder / "key").read_bytes())
    forged = b"Authentication-Results: mx.example.org; dmarc=pass header.from=example.net\r\n"
    foreign = b"Authentication-Results: far.example; dkim=none\r\n"
    with SmtpPeer.proxied(roost.ports["smtp"], "203.0.113.7") as session:
        for line in ("EHLO a.example", "MAIL FROM:<x@example.net>", "RCPT TO:<alice@example.org>"):
            assert session.code(line) == 250
        assert session.data(forged + foreign + signature + original)[0] == 250
    (raw,) = mail.inbox(roost)
    said = [" ".join(v.split()) for v in mail.parse(raw).get_all("Authentication-Results", [])]
    assert len(said) == 3 and not any("dmarc=pass" in one for one in said), said
    assert sum("spf=" in one and "dmarc=" in one for one in said) == 1, said
    assert any("dkim=pass" in one for one in said) and said[-1] == "far.example; dkim=none", said


# --- clamav -----------------------------------------------------------------------------------


def test_clamav_refuses_viruses(make_roost: Maker, filters: Callable[[Filter], Filter]) -> None:
    needs("clamd", "clamav-milter")
    scanner = filters(ClamAv())
    roost = make_roost(MILTERS=f"{scanner.address} name=clamav stages=end").start()
    mail.deliver(roost, mail.letter("clean"))
    code, _ = refusal(roost, mail.letter("virus", ClamAv.VIRUS + "\n"))
    assert code == 550
    (clean,) = mail.inbox(roost)
    assert mail.parse(clean)["X-Virus-Status"] == "Clean"


def test_one_after_the_other(make_roost: Maker, filters: Callable[[Filter], Filter]) -> None:
    """A later one sees what those before have changed, and what the first refuses it never
    sees."""
    needs("clamd", "clamav-milter", "rspamd")
    scanner, spam = filters(ClamAv("Quarantine")), filters(Rspamd())
    roost = make_roost(MILTERS=f"{scanner.address} stages=end\n{spam.address} stages=end").start()
    mail.deliver(roost, mail.letter("both"))
    (raw,) = mail.inbox(roost)
    both = mail.parse(raw)
    assert both["X-Virus-Status"] == "Clean" and both["X-Spamd-Bar"] is not None
    mail.deliver(roost, mail.letter("virus", ClamAv.VIRUS + "\n"))
    assert len(mail.inbox(roost)) == 1  # the other is in Junk


# --- when they fail ---------------------------------------------------------------------------


@pytest.mark.parametrize("fail, code", [("tempfail", 451), ("reject", 550), ("accept", 0)])
def test_a_filter_that_is_not_there(make_roost: Maker, fail: str, code: int) -> None:
    roost = make_roost(MILTERS=f"inet:127.0.0.1:1 stages=end fail={fail}").start()
    if code == 0:
        mail.deliver(roost, mail.letter("taken"))
        assert len(mail.inbox(roost)) == 1
    else:
        assert refusal(roost, mail.letter("not now"))[0] == code
        assert mail.inbox(roost) == []
    assert roost.log
    until(lambda: any(" policy_failed " in line for line in roost.log.lines), 10)


def test_a_filter_that_comes_while_the_server_runs(make_roost: Maker,
                                                   filters: Callable[[Filter], Filter]) -> None:
    needs("rspamd")
    roost = make_roost().start()
    mail.deliver(roost, mail.letter("before", GTUBE))
    spam = filters(Rspamd())
    assert roost.run("settings", "set", "milters", f"{spam.address} stages=end").returncode == 0
    assert refusal(roost, mail.letter("after", GTUBE))[0] == 554
    wrong = roost.run("settings", "set", "milters", "inet:nowhere")
    assert wrong.returncode != 0 and "line 1" in wrong.stderr


def test_what_was_accepted_before_tls_is_asked_again(make_roost: Maker) -> None:
    """RFC 3207 4.2: what a client called itself in the clear counts no more."""
    milter = HelloMilter("good.example")
    try:
        roost = make_roost(MILTERS=milter.address).start()
        with smtplib.SMTP("127.0.0.1", roost.ports["smtp"], timeout=20) as s:
            assert s.ehlo("good.example")[0] == 250
            s.starttls(context=mail.trusting())
            assert s.ehlo("bad.example")[0] == 550
            assert s.ehlo("good.example")[0] == 250
        assert milter.heard == [b"good.example", b"bad.example", b"good.example"]
    finally:
        milter.close()
