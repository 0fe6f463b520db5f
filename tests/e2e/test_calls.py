"""Commands that ask the running server, over its socket in the data folder."""
import os
import re
import stat
from pathlib import Path

from conftest import Maker
from harness import mail
from harness.api import as_owner
from harness.peer import SmtpPeer, until
from harness.server import DOMAIN, PASSWORDS, Roost, address
from harness.smtp_sink import Sink
from test_live_logins import submission

ALICE, BOB = address("alice"), address("bob")


def wrong_logins(roost: Roost) -> None:
    """Until the name is locked."""
    for n in range(12):
        with SmtpPeer(roost.ports["submissions"], tls=True) as peer:
            peer.code("EHLO laptop.local")
            peer.code("AUTH LOGIN")
            peer.send("Ym9i\r\n")  # bob
            peer.reply()
            peer.code(["Zmlyc3Q=", "c2Vjb25k", "dGhpcmQ=", "Zm91cnRo", "ZmlmdGg=", "c2l4dGg=",
                       "c2V2ZW50aA==", "ZWlnaHRo", "bmludGg=", "dGVudGg=", "ZWxldmVu",
                       "dHdlbHZl"][n])


def test_the_socket_is_nobody_elses(roost: Roost) -> None:
    mode = os.stat(roost.folder / "api.sock").st_mode
    assert stat.S_ISSOCK(mode) and mode & 0o777 == 0o600
    roost.stop()
    assert not (roost.folder / "api.sock").exists()
    done = roost.run("overview")
    assert done.returncode == 1 and "no server uses this data folder" in done.stderr
    roost.start()


def test_traces_and_events(roost: Roost) -> None:
    with SmtpPeer(roost.ports["smtp"]) as peer:
        peer.code("EHLO elsewhere.example")
        peer.code("MAIL FROM:<x@elsewhere.example>")
        peer.code(f"RCPT TO:<{BOB}>")
        assert peer.code("DATA") == 354
        assert peer.code("Subject: one\r\n\r\nText\r\n.") == 250
    until(lambda: "x@elsewhere.example" in roost.cli("trace", "list", "q=elsewhere"))
    line = roost.cli("trace", "list", "q=elsewhere").splitlines()[0]
    number = line.split("id=")[1].split()[0]
    story = roost.cli("trace", "show", number)
    assert f"id={number}\n" in story and "\nsteps:\n" in story
    assert roost.cli("trace", "list", "q=nobody@nowhere") == ""
    events = roost.cli("event", "list", "address=x@elsewhere.example")
    assert "mail_accepted" in events
    assert "mail_accepted" not in roost.cli("event", "list", "level=error")
    for wrong in (("trace", "list", "colour=red"), ("trace", "list", "elsewhere"),
                  ("trace", "show"), ("event", "list", "q=x")):
        assert roost.run(*wrong).returncode == 2, wrong
    refused = roost.run("event", "list", "level=loud")
    assert refused.returncode == 1 and "Use debug, info, warn or error" in refused.stderr
    assert roost.run("trace", "show", "99999999999").returncode == 1
    overview = roost.cli("overview")
    assert Path("VERSION").read_text("ascii").strip() in overview and "commit" in overview


def test_blocked(roost: Roost) -> None:
    assert roost.cli("blocked", "list") == ""
    wrong_logins(roost)
    assert "address=bob" in roost.cli("blocked", "list")
    assert roost.run("blocked", "rm", "nobody").returncode == 1
    roost.cli("blocked", "rm", "bob")
    assert "address=bob " not in roost.cli("blocked", "list")


def test_changes_have_before_and_after(roost: Roost) -> None:
    roost.cli("account", "set", BOB, "name=Robert \"Bob\" Ü", "quota_bytes=1000", "logins=yes")
    shown = roost.cli("account", "show", BOB)
    assert 'name="Robert \\"Bob\\" Ü"\n' in shown and "quota_bytes=1000\n" in shown
    roost.cli("account", "set", BOB, "role=admin", f"domains={DOMAIN}")
    entries = as_owner(roost).get("/audit", q=BOB)["items"]
    last = entries[0]
    assert (last["who"], last["from"], last["what"]) == ("command line", "", "account.change")
    assert last["before"]["role"] == "user" and last["after"]["domains"] == [DOMAIN]
    assert BOB in roost.cli("audit", "list", f"q={BOB}", "limit=1")
    for wrong in (["logins=perhaps"], ["quota_bytes=many"], ["password=x"], ["name"]):
        assert roost.run("account", "set", BOB, *wrong).returncode == 2, wrong
    refused = roost.run("account", "set", ALICE, "role=user")
    assert refused.returncode == 1 and "owner" in refused.stderr


def test_domain_and_zone(roost: Roost) -> None:
    assert f"name={DOMAIN}\n" in roost.cli("domain", "show", DOMAIN)
    assert "\tMX\t" in roost.cli("domain", "zone", DOMAIN).replace(" MX ", "\tMX\t")
    assert roost.run("domain", "show", "none.example").returncode == 1


def test_an_owner_of_the_machine_has_no_account(roost: Roost) -> None:
    """What is about the caller's own account is not for a command."""
    import http.client
    import socket

    class Local(http.client.HTTPConnection):
        """HTTP over the socket."""

        def connect(self) -> None:
            self.sock = socket.socket(socket.AF_UNIX)
            self.sock.connect(str(roost.folder / "api.sock"))

    def status(method: str, path: str, body: bytes | None = None) -> int:
        c = Local("localhost")
        c.request(method, path, body=body, headers={"Content-Type": "application/json"})
        answer = c.getresponse()
        answer.read()
        c.close()
        return answer.status

    assert status("GET", "/api/accounts") == 200
    assert status("GET", "/api/me") == 403
    assert status("POST", "/api/tokens", b'{"label":"x","scopes":["self:read"]}') == 403
    idle = Local("localhost")
    idle.connect()
    idle.sock.sendall(b"GET /api/acc")
    assert roost.stop() == 0  # with a request half sent
    idle.close()
    roost.start()


def test_give_up_an_entry(roost: Roost) -> None:
    with submission(roost, ALICE, PASSWORDS["alice"]) as peer:
        assert peer.code("RCPT TO:<x@unknown.example>") == 250
        assert peer.code("DATA") == 354
        assert peer.code("Subject: out\r\n\r\nText\r\n.") == 250
    until(lambda: "x@unknown.example" in roost.cli("queue", "list"))
    number = roost.cli("queue", "list").split()[0]
    until(lambda: roost.run("queue", "bounce", number).returncode == 0)
    until(lambda: roost.cli("queue", "list") == "")
    (entry,) = as_owner(roost).get("/audit", q="queue.")["items"]
    assert entry["what"] == "queue.give_back" and entry["after"] is None
    assert (entry["before"]["from"], entry["before"]["to"]) == (ALICE, ["x@unknown.example"])


def test_too_long_for_a_call(roost: Roost) -> None:
    """The server's sentence, though it is gone before all was sent."""
    done = roost.run("account", "set", BOB, "name=" + "x" * 100000)
    assert done.returncode == 1 and "too large" in done.stderr, done


def test_what_others_sent_drives_no_terminal(make_roost: Maker, sink: Sink) -> None:
    roost = make_roost(SMARTHOST=f"smtp://127.0.0.1:{sink.port}").start()
    sink.always("RCPT", "451 4.7.1 \x1b]0;x\x07 \x7f \x9b31m later")
    mail.submit(roost, b"From: alice@example.org\r\nSubject: \x1b]0;x\x07\r\n\r\nx\r\n",
                "friend@example.net")
    until(lambda: "later" in roost.cli("queue", "list"), what="a delay")
    shown = (roost.cli("queue", "list"), roost.cli("queue", "show", "1"), roost.cli("event", "list"))
    assert "Subject: ?]0;x?" in shown[1]
    for text in shown:
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", text), text
