"""TLS: certificates of one's own or self-signed, renewed while in use; nothing from before."""
import signal
import smtplib
import socket
import ssl
from pathlib import Path

import pytest

from conftest import Maker
from harness import mail, pem
from harness.peer import ImapPeer, Peer, SmtpPeer, trusting, until
from harness.server import PASSWORDS, Roost


def shown(port: int, name: str = "mx.example.org") -> str:
    """The subject of the certificate that a TLS port shows for a name."""
    with socket.create_connection(("127.0.0.1", port), 15) as raw:
        with trusting().wrap_socket(raw, server_hostname=name) as s:
            der = s.getpeercert(binary_form=True)
            assert der
            return pem.subject_of(der)


@pytest.mark.parametrize("before, reply", [
    ("STARTTLS\r\nMAIL FROM:<evil@example.net>\r\n", 503),
    ("STARTTLS\r\nEHLO evil.example.net\r\nMAIL FROM:<evil@example.net>\r\n", 503),
])
def test_smtp_keeps_nothing_from_before_starttls(roost: Roost, before: str, reply: int) -> None:
    with SmtpPeer(roost.ports["smtp"]) as peer:
        assert peer.code("EHLO honest.example.net") == 250
        peer.send(before)
        assert peer.reply()[0] == 220
        # Either the server ends it, or what was injected has been forgotten.
        peer.sock = trusting().wrap_socket(peer.sock)
        assert peer.silent(0.3), "an answer to what was said before TLS"
        assert peer.code("RCPT TO:<alice@example.org>") == reply
        assert "STARTTLS" not in peer.cmd("EHLO honest.example.net")[1]


def test_imap_keeps_nothing_from_before_starttls(roost: Roost) -> None:
    with ImapPeer(roost.ports["imap"]) as peer:
        peer.send(f'a STARTTLS\r\nb LOGIN alice@example.org "{PASSWORDS["alice"]}"\r\n')
        assert peer.line().startswith("a OK")
        peer.sock = trusting().wrap_socket(peer.sock)
        assert peer.silent(0.3), "an answer to what was said before TLS"
        assert peer.cmd("SELECT INBOX")[-1].startswith("BAD")


def test_starttls_once_only(roost: Roost) -> None:
    with SmtpPeer(roost.ports["submissions"], tls=True) as peer:
        assert "STARTTLS" not in peer.cmd("EHLO x.example.net")[1]
        assert peer.code("STARTTLS") == 503
    with ImapPeer(roost.ports["imaps"], tls=True) as imap:
        assert imap.cmd("STARTTLS")[-1].startswith("BAD")


def test_garbage_instead_of_a_handshake(roost: Roost) -> None:
    for port in ("submissions", "imaps", "https"):
        with Peer(roost.ports[port]) as peer:
            peer.send(b"EHLO plain.example.net\r\n" * 20)
            peer.rest()
    with SmtpPeer(roost.ports["smtp"]) as peer:
        assert peer.code("EHLO x.example.net") == 250
        assert peer.code("STARTTLS") == 220
        peer.send(b"\x16\x03\x01\xff\xff" + bytes(2000))
        peer.rest()
    mail.deliver(roost, mail.letter("still there"))


def test_self_signed_certificate_stays(make_roost: Maker) -> None:
    roost = make_roost(HOSTNAME="first.example.org").start()
    first = ssl.get_server_certificate(("127.0.0.1", roost.ports["imaps"]))
    assert "CN=first.example.org" in shown(roost.ports["imaps"])
    roost.restart()
    assert ssl.get_server_certificate(("127.0.0.1", roost.ports["imaps"])) == first
    assert roost.stop() == 0
    roost.settings["HOSTNAME"] = "second.example.org"
    roost.start()
    assert "CN=second.example.org" in shown(roost.ports["imaps"])


def test_self_signed_certificate_follows_the_host_name(make_roost: Maker) -> None:
    roost = make_roost(HOSTNAME=None).start()
    before = shown(roost.ports["imaps"])
    assert "CN=later.example.org" not in before
    roost.cli("settings", "set", "HOSTNAME", "later.example.org")
    assert "CN=later.example.org" in shown(roost.ports["imaps"])
    roost.restart()
    assert "CN=later.example.org" in shown(roost.ports["imaps"])


def test_own_certificate_is_verified_by_a_strict_client(make_roost: Maker,
                                                        tmp_path: Path) -> None:
    certificate, key = pem.make(tmp_path, "own", "mail.example.org")
    roost = make_roost(TLS_CERT=str(certificate), TLS_KEY=str(key)).start()
    strict = ssl.create_default_context(cafile=str(certificate))
    with socket.create_connection(("127.0.0.1", roost.ports["imaps"]), 15) as raw:
        with strict.wrap_socket(raw, server_hostname="mail.example.org") as s:
            assert s.version() == "TLSv1.2"
            assert s.recv(4) == b"* OK"


def test_key_and_certificate_in_one_file(make_roost: Maker, tmp_path: Path) -> None:
    certificate, key = pem.make(tmp_path, "own", "one.example.org")
    both = tmp_path / "both.pem"
    both.write_bytes(certificate.read_bytes() + key.read_bytes())
    roost = make_roost(TLS_CERT=str(both)).start()
    assert "CN=one.example.org" in shown(roost.ports["https"])


def test_key_of_another_certificate_stops_the_start(make_roost: Maker, tmp_path: Path) -> None:
    certificate, _ = pem.make(tmp_path, "one", "one.example.org")
    _, key = pem.make(tmp_path, "two", "two.example.org")
    done = make_roost(TLS_CERT=str(certificate), TLS_KEY=str(key)).run()
    assert done.returncode == 1 and "ROOST_TLS_" in done.stderr


def test_renewal_without_a_dropped_connection(make_roost: Maker, tmp_path: Path) -> None:
    certificate, key = pem.make(tmp_path, "own", "old.example.org")
    roost = make_roost(TLS_CERT=str(certificate), TLS_KEY=str(key)).start()
    assert roost.log
    session = mail.mailbox(roost)
    half = SmtpPeer(roost.ports["smtp"])
    half.envelope("carol@example.net", "alice@example.org")
    assert half.code("DATA") == 354
    half.send("Subject: through a renewal\r\n")

    pem.make(tmp_path, "own", "new.example.org")
    mark = roost.log.mark()
    roost.signal(signal.SIGHUP)
    roost.log.wait(" certificate_loaded ", after=mark)
    for port in ("imaps", "submissions", "https"):
        assert "CN=new.example.org" in shown(roost.ports[port])

    half.send("\r\nbody\r\n.\r\n")
    assert half.reply()[0] == 250
    assert session.noop()[0] == "OK"
    assert len(mail.messages(session)) == 1
    session.logout()


@pytest.mark.full("Slow: certificate files are checked once a minute")
def test_renewal_is_noticed_without_a_signal(make_roost: Maker, tmp_path: Path) -> None:
    """Files are looked at each minute."""
    certificate, key = pem.make(tmp_path, "own", "old.example.org")
    roost = make_roost(TLS_CERT=str(certificate), TLS_KEY=str(key)).start()
    pem.make(tmp_path, "own", "new.example.org")
    until(lambda: "CN=new.example.org" in shown(roost.ports["imaps"]), 75, "the new one")


def test_broken_renewal_keeps_the_old_certificate(make_roost: Maker, tmp_path: Path) -> None:
    certificate, key = pem.make(tmp_path, "own", "old.example.org")
    roost = make_roost(TLS_CERT=str(certificate), TLS_KEY=str(key)).start()
    assert roost.log
    good = certificate.read_bytes()
    certificate.write_text("no certificate\n", "ascii")
    roost.signal(signal.SIGHUP)
    roost.log.wait(" error certificate_failed ")
    assert "CN=old.example.org" in shown(roost.ports["imaps"])
    certificate.write_bytes(good)
    mail.deliver(roost, mail.letter("unharmed"))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_old_protocols_are_refused(roost: Roost) -> None:
    old = trusting()
    old.minimum_version = ssl.TLSVersion.TLSv1
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("DEFAULT:@SECLEVEL=0")
    with pytest.raises((ssl.SSLError, ConnectionError)):
        with socket.create_connection(("127.0.0.1", roost.ports["imaps"]), 15) as raw:
            old.wrap_socket(raw)
    assert roost.log
    roost.log.wait(" tls_failed ")


def test_sessions_are_resumed(roost: Roost) -> None:
    context = trusting()
    context.options |= ssl.OP_NO_TICKET

    def connect(session: ssl.SSLSession | None) -> tuple[ssl.SSLSession | None, bool]:
        with socket.create_connection(("127.0.0.1", roost.ports["imaps"]), 15) as raw:
            with context.wrap_socket(raw, session=session) as s:
                s.recv(4)
                return s.session, bool(s.session_reused)

    session, reused = connect(None)
    assert not reused
    assert connect(session)[1]


def test_mail_over_starttls_says_so(roost: Roost) -> None:
    with smtplib.SMTP("127.0.0.1", roost.ports["smtp"], "c.example.net", timeout=20) as s:
        s.starttls(context=trusting())
        s.sendmail("carol@example.net", ["alice@example.org"], mail.letter("sealed"))
    (raw,) = mail.inbox(roost)
    assert "with ESMTPS" in mail.parse(raw)["Received"]


def test_big_transfers_in_both_directions(roost: Roost) -> None:
    original = mail.letter("big", ("0123456789" * 7 + "\n") * 60_000, sender="alice@example.org")
    mail.submit(roost, original, "alice@example.org")
    (raw,) = mail.inbox(roost)
    assert raw.endswith(original)
