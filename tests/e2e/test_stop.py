"""A stop: say goodbye, keep what was promised, be gone in time."""
import signal
import time

import pytest

from conftest import Maker
from harness import mail
from harness.peer import ImapPeer, SmtpPeer
from harness.server import PASSWORDS, Roost
from harness.smtp_sink import HANG, Sink


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_idle_peers_hear_of_it(roost: Roost, number: int) -> None:
    smtp = SmtpPeer(roost.ports["smtp"])
    assert smtp.code("EHLO c.example.net") == 250
    submission = SmtpPeer(roost.ports["submissions"], tls=True)
    imap = ImapPeer(roost.ports["imaps"], tls=True)
    imap.login("alice@example.org", PASSWORDS["alice"])
    idle = ImapPeer(roost.ports["imap"])
    began = time.monotonic()
    roost.signal(number)
    assert smtp.reply()[0] == 421
    assert submission.reply()[0] == 421
    assert imap.line().startswith("* BYE")
    assert idle.line().startswith("* BYE")
    for peer in (smtp, submission, imap, idle):
        assert peer.line() == ""
    assert roost.wait() == 0
    assert time.monotonic() - began < 3
    with pytest.raises(ConnectionRefusedError):
        SmtpPeer(roost.ports["smtp"])


def test_idling_client_hears_of_it(roost: Roost) -> None:
    imap = ImapPeer(roost.ports["imaps"], tls=True)
    imap.login("alice@example.org", PASSWORDS["alice"])
    imap.ok("SELECT INBOX")
    imap.send("i IDLE\r\n")
    assert imap.line().startswith("+ ")
    roost.signal(signal.SIGTERM)
    assert imap.line().startswith("* BYE")
    assert roost.wait() == 0


def test_peers_that_do_not_care_are_cut_at_the_deadline(make_roost: Maker) -> None:
    roost = make_roost(STOP="2s").start()
    for n in range(4):
        mail.deliver(roost, mail.letter(str(n), ("x" * 70 + "\n") * 40_000))
    deaf = ImapPeer(roost.ports["imaps"], tls=True)
    deaf.login("alice@example.org", PASSWORDS["alice"])
    deaf.ok("SELECT INBOX")
    deaf.send("f FETCH 1:* BODY[]\r\n")  # and never read
    half = SmtpPeer(roost.ports["smtp"])
    half.envelope("carol@example.net", "alice@example.org")
    assert half.code("DATA") == 354
    half.send("Subject: never finished\r\n")
    began = time.monotonic()
    assert roost.stop() == 0
    assert time.monotonic() - began < 4
    roost.start()
    assert len(mail.inbox(roost)) == 4


def test_remote_that_hangs_does_not_hold_up_the_stop(make_sender: Maker, sink: Sink) -> None:
    roost = make_sender(STOP="2s").start()
    sink.always("MAIL", HANG)
    mail.submit(roost, mail.letter("stuck"), "friend@example.net")
    while not any(line.startswith("MAIL") for line in sink.lines):
        time.sleep(0.01)
    began = time.monotonic()
    assert roost.stop() == 0
    assert time.monotonic() - began < 4
    sink.always("MAIL", None)
    roost.start()
    sink.wait()


def test_stop_during_load_keeps_what_was_acknowledged(roost: Roost) -> None:
    peers = [SmtpPeer(roost.ports["smtp"]) for _ in range(20)]
    batch = "".join(f"MAIL FROM:<>\r\nRCPT TO:<alice@example.org>\r\nDATA\r\nSubject: {n}\r\n\r\n"
                    ".\r\n" for n in range(50))
    for peer in peers:
        assert peer.code("EHLO c.example.net") == 250
        peer.send(batch)
    roost.signal(signal.SIGTERM)
    accepted = 0
    for peer in peers:
        while (reply := peer.reply())[0] not in (0, 421):
            accepted += "accepted as" in reply[1]
    assert roost.wait() == 0
    roost.start()
    assert len(mail.inbox(roost)) == accepted


def test_start_on_an_existing_store_is_quick(roost: Roost) -> None:
    for n in range(50):
        mail.deliver(roost, mail.letter(str(n)))
    roost.restart()
    assert roost.log
    ready = int(roost.log.wait(r"server_ready after_ms=(\d+)").group(1))
    assert ready < 500, "a goal of 50 ms, with room for sanitizers and busy machines"
