"""Settings: from the environment or files, and sentences for people when they are wrong."""
from pathlib import Path

import pytest

from conftest import Maker
from harness import mail
from harness.peer import SmtpPeer


def test_settings_prints_every_value_and_its_origin(make_roost: Maker, tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("very secret\n", "ascii")
    roost = make_roost(empty=True, STOP="3s", ADMIN_PASSWORD_FILE=str(secret))
    text = roost.cli("settings")
    for name in ("ROOST_DATA", "ROOST_LISTEN_SMTP", "ROOST_SMARTHOST", "ROOST_TLS_CERT"):
        assert name in text
    assert "very secret" not in text
    stop = next(line for line in text.splitlines() if "ROOST_STOP" in line)
    assert "3s" in stop


@pytest.mark.parametrize("name, value, words", [
    ("LISTEN_SMPT", "127.0.0.1:0", "LISTEN_SMTP"),  # did you mean
    ("LISTEN_SMTP", "nonsense", "LISTEN_SMTP"),
    ("LISTEN_IMAP", "127.0.0.1:99999", "LISTEN_IMAP"),
    ("MESSAGE_SIZE", "big", "MESSAGE_SIZE"),
    ("QUEUE_RETRY", "-1", "QUEUE_RETRY"),
    ("ALLOW_PLAINTEXT_AUTH", "perhaps", "ALLOW_PLAINTEXT_AUTH"),
    ("LOG_LEVEL", "loud", "LOG_LEVEL"),
    ("HOSTNAME", "not a name", "HOSTNAME"),
    ("SMARTHOST", "ftp://user:hidden-word@host", "SMARTHOST"),
    ("TLS_CERT", "/nowhere/cert.pem", "TLS_CERT"),
    ("TLS_KEY", "/nowhere/key.pem", "TLS_CERT"),
    ("ADMIN_PASSWORD_FILE", "/nowhere/password", "ADMIN_PASSWORD_FILE"),
    ("ADMIN", "no-address", "ADMIN"),
    ("DNS_SERVERS", "name.of.a.server", "DNS_SERVERS"),
    ("TRUSTED_PROXIES", "proxy.example", "TRUSTED_PROXIES"),
])
def test_wrong_setting_stops_the_start_and_is_named(make_roost: Maker, name: str, value: str,
                                                    words: str) -> None:
    roost = make_roost(empty=True, **{name: value})
    done = roost.run()
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1] if done.stderr else ""
    sentences = [x for x in done.stderr.splitlines() if f"ROOST_{words}" in x]
    assert sentences, f"not named: {last}"
    assert "hidden-word" not in done.stderr


def test_value_and_file_together_are_refused(make_roost: Maker, tmp_path: Path) -> None:
    file = tmp_path / "level"
    file.write_text("debug", "ascii")
    done = make_roost(empty=True, LOG_LEVEL="info", LOG_LEVEL_FILE=str(file)).run()
    assert done.returncode == 1 and "ROOST_LOG_LEVEL_FILE" in done.stderr


def test_first_domain_and_owner_from_the_environment(make_roost: Maker, tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("correct horse\n", "ascii")
    roost = make_roost(empty=True, DOMAIN="example.org", ADMIN="alice@example.org",
                       ADMIN_PASSWORD_FILE=str(password)).start()
    mail.deliver(roost, mail.letter("the first"))
    assert len(mail.inbox(roost)) == 1
    assert roost.cli("account", "list") == "alice@example.org owner\n"
    # A later change of the variable changes nothing, or it would undo `account passwd`.
    password.write_text("other words\n", "ascii")
    roost.restart()
    assert len(mail.inbox(roost)) == 1


def test_admin_without_password_is_an_error(make_roost: Maker) -> None:
    done = make_roost(empty=True, ADMIN="alice@example.org").run()
    assert done.returncode == 1 and "ROOST_ADMIN_PASSWORD" in done.stderr


def test_listener_off_and_several_addresses(make_roost: Maker) -> None:
    roost = make_roost(LISTEN_SUBMISSION="", LISTEN_SMTP="127.0.0.1:0,127.0.0.2:0")
    roost.start()
    assert roost.log and "submission" not in roost.ports
    listening = [x for x in roost.log.lines if " listener_opened service=smtp " in x]
    assert sorted({x.split("address=")[1].split(":")[0] for x in listening}) == \
        ["127.0.0.1", "127.0.0.2"]


def test_port_in_use_is_named(make_roost: Maker) -> None:
    first = make_roost().start()
    done = make_roost(LISTEN_IMAP=f"127.0.0.1:{first.ports['imap']}").run()
    assert done.returncode == 1
    assert f"127.0.0.1:{first.ports['imap']}" in done.stderr


def test_second_server_on_one_folder_is_refused(make_roost: Maker) -> None:
    first = make_roost().start()
    done = make_roost(empty=True, DATA=str(first.folder)).run()
    assert done.returncode == 1
    assert str(first.folder) in done.stderr
    mail.deliver(first, mail.letter("unharmed"))


def test_message_size(make_roost: Maker) -> None:
    roost = make_roost(MESSAGE_SIZE="64K").start()
    with SmtpPeer(roost.ports["smtp"]) as peer:
        assert "SIZE 65536" in peer.cmd("EHLO x.example.net")[1]
        assert peer.code("MAIL FROM:<carol@example.net> SIZE=65537") == 552
        assert peer.code("MAIL FROM:<carol@example.net> SIZE=10") == 250
        assert peer.code("RCPT TO:<alice@example.org>") == 250
        assert peer.data("Subject: big\r\n\r\n" + ("x" * 70 + "\r\n") * 1000)[0] == 552
        assert peer.code("NOOP") == 250
    assert mail.inbox(roost) == []
