"""SASL EXTERNAL: logins by the certificate of a client, over Python's ssl (OpenSSL)."""
import base64
import imaplib
import smtplib
import ssl
import time
from pathlib import Path

import pytest

from conftest import Maker
from harness.peer import ImapPeer, Peer, SmtpPeer, trusting, until
from harness.pem import Authority
from harness.server import PASSWORDS, Roost, address

ALICE, BOB = address("alice"), address("bob")
CLIENT = "extendedKeyUsage=clientAuth"
SERVICES = ["imap", "imaps", "submission", "submissions"]
DENIED = {"imap": "a NO [AUTHENTICATIONFAILED] Wrong name or password",
          "submission": "535 5.7.8 login or password is wrong"}


def names(*users: str) -> str:
    """The extensions of a certificate for these accounts."""
    return "subjectAltName=" + ",".join(f"email:{address(u)}" for u in users) + "\n" + CLIENT


@pytest.fixture(name="ca")
def authority(tmp_path: Path) -> Authority:
    """Ours."""
    return Authority(tmp_path)


@pytest.fixture(name="server")
def server_that_asks(make_roost: Maker, ca: Authority) -> Roost:
    """One that believes it."""
    return make_roost(CLIENT_CA=str(ca.pem)).start()


class Line:
    """A connection to one of SERVICES, inside TLS, with what it offers for logins."""

    def __init__(self, roost: Roost, service: str, context: ssl.SSLContext):
        assert context.maximum_version in (ssl.TLSVersion.TLSv1_2,
                                           ssl.TLSVersion.MAXIMUM_SUPPORTED)
        self.imap = service.startswith("imap")
        self.port, implicit = roost.ports[service], service.endswith("s")
        kind = ImapPeer if self.imap else SmtpPeer
        self.peer = kind(self.port, tls=context if implicit else False)
        if not implicit and self.imap:
            self.peer.ok("STARTTLS")
        elif not implicit:
            assert self.peer.cmd("STARTTLS")[0] == 220
        if not implicit:
            self.peer.wrap(context)
        assert isinstance(self.peer.sock, ssl.SSLSocket)
        assert self.peer.sock.version() == "TLSv1.2"
        self.offered = str(self.peer.ok("CAPABILITY") if self.imap
                           else self.peer.cmd("EHLO laptop.local"))

    def external(self, authzid: str = "") -> str:
        """AUTHENTICATE with an initial response; the tagged line or the reply."""
        text = base64.b64encode(authzid.encode()).decode() or "="
        if self.imap:
            self.peer.send(f"a AUTHENTICATE EXTERNAL {text}\r\n")
            return self.peer.line()
        code, said = self.peer.cmd(f"AUTH EXTERNAL {text}")
        return f"{code} {said}"

    def good(self) -> bool:
        """Is it logged in?"""
        if self.imap:
            return self.peer.cmd("SELECT INBOX")[-1].startswith("OK")
        return self.peer.code(f"MAIL FROM:<{ALICE}>") == 250


def refusals(roost: Roost, why: str) -> int:
    """So many certificates were refused for that, says the log."""
    assert roost.log
    return sum(" tls_client_refused " in line and why in line for line in roost.log.lines)


@pytest.mark.parametrize("service", SERVICES)
def test_external(server: Roost, ca: Authority, service: str) -> None:
    for key in ["ec", "rsa:2048"]:
        context = ca.issue(names("alice"), key=key)
        for authzid in ["", ALICE, ALICE.upper()]:
            line = Line(server, service, context)
            with line.peer:
                assert "EXTERNAL" in line.offered
                assert line.external(authzid)[:4] in ("a OK", "235 ")
                assert line.good()
    until(lambda: service in server.cli("account", "logins", ALICE))


@pytest.mark.parametrize("service", ["imap", "submissions"])
def test_without_one_passwords_work(server: Roost, service: str) -> None:
    line = Line(server, service, trusting())
    with line.peer:
        assert "EXTERNAL" not in line.offered
        assert line.external()[:4] in ("a NO", "504 ")
    if service == "imap":
        with imaplib.IMAP4("127.0.0.1", server.ports[service]) as imap:
            imap.starttls(trusting())
            assert imap.login(ALICE, PASSWORDS["alice"])[0] == "OK"


@pytest.mark.parametrize("extensions, days, why", [
    (names("alice"), -1, "has expired or is not yet valid"),
    (f"subjectAltName=email:{ALICE}\nextendedKeyUsage=serverAuth", 30, "not for the login"),
    (f"subjectAltName=email:{ALICE}\nkeyUsage=keyAgreement", 30, "not for the login"),
    (f"subjectAltName=DNS:example.org\n{CLIENT}", 30, "names no mail address"),
    (CLIENT, 30, "names no mail address"),
])
def test_a_bad_one_is_as_none(server: Roost, ca: Authority, extensions: str, days: int,
                              why: str) -> None:
    context = ca.issue(extensions, days=days)
    for service in ["imaps", "submission"]:
        line = Line(server, service, context)
        with line.peer:
            assert "EXTERNAL" not in line.offered and "PLAIN" in line.offered
            assert line.external()[:4] in ("a NO", "504 ")
    with imaplib.IMAP4_SSL("127.0.0.1", server.ports["imaps"], ssl_context=context) as imap:
        assert imap.login(ALICE, PASSWORDS["alice"])[0] == "OK"
    until(lambda: refusals(server, why) == 3, what="three refusals")


def test_of_another_authority(server: Roost, tmp_path: Path) -> None:
    line = Line(server, "imaps", Authority(tmp_path, "another").issue(names("alice")))
    with line.peer:
        assert "EXTERNAL" not in line.offered
    until(lambda: refusals(server, "from no trusted authority") == 1, what="a refusal")


def test_several_addresses(server: Roost, ca: Authority) -> None:
    context = ca.issue(names("alice", "bob", "nobody"))
    server.cli("account", "disable", BOB)
    for authzid, good in [("", False), (ALICE, True), (BOB, False), (address("nobody"), False),
                          (address("carol"), False), ("alice", False)]:
        for service in ["imaps", "submissions"]:
            line = Line(server, service, context)
            with line.peer:
                said = line.external(authzid)
                assert good == (said[:4] in ("a OK", "235 ")), (authzid, said)
                assert good or said == DENIED[service[:-1]]
    assert server.log
    why = [line for line in server.log.lines if " login_failed " in line]
    assert "several addresses" in why[0] and "logins of the account are off" in why[2]
    assert f"login={BOB}" in why[2]
    # a refusal is in the history of the one who was named
    until(lambda: "imaps" in server.cli("account", "logins", BOB))


def test_one_connection_for_several(server: Roost, ca: Authority) -> None:
    """RFC 8437 4.2: UNAUTHENTICATE leaves the certificate, also for a login sent behind it."""
    line = Line(server, "imap", ca.issue(names("alice", "bob")))
    with line.peer as peer:
        for who in [ALICE, BOB, ALICE]:
            assert line.external(who).startswith("a OK") and line.good()
            text = base64.b64encode(address("carol").encode()).decode()
            peer.send(f"b UNAUTHENTICATE\r\nc AUTHENTICATE EXTERNAL {text}\r\nd SELECT INBOX\r\n")
            assert peer.line() == "b OK UNAUTHENTICATE completed"
            assert peer.line().startswith("c NO [AUTHENTICATIONFAILED]")
            assert peer.line().startswith("d BAD")
    until(lambda: "imap" in server.cli("account", "logins", BOB))


def test_python_libraries(server: Roost, ca: Authority) -> None:
    context = ca.issue(names("alice"))
    with imaplib.IMAP4_SSL("127.0.0.1", server.ports["imaps"], ssl_context=context) as imap:
        assert imap.authenticate("EXTERNAL", lambda _: b"")[0] == "OK"  # no initial response
    with smtplib.SMTP("127.0.0.1", server.ports["submission"]) as smtp:
        smtp.starttls(context=context)
        smtp.ehlo()
        assert smtp.auth("EXTERNAL", lambda challenge=None: ALICE)[0] == 235
        smtp.sendmail(ALICE, [BOB], "Subject: by certificate\r\n\r\nhello\r\n")


def offered(roost: Roost, context: ssl.SSLContext) -> bool:
    """Is EXTERNAL, now?"""
    line = Line(roost, "imaps", context)
    with line.peer:
        return "EXTERNAL" in line.offered


def test_the_setting_is_live(make_roost: Maker, ca: Authority) -> None:
    roost = make_roost().start()
    context = ca.issue(names("alice"))
    line = Line(roost, "imaps", context)
    with line.peer:
        assert "EXTERNAL" not in line.offered
    roost.cli("settings", "set", "CLIENT_CA", stdin=ca.pem.read_text())  # as text
    assert offered(roost, context)
    line = Line(roost, "imaps", context)
    with line.peer:
        assert line.external().startswith("a OK")
        refused = roost.run("settings", "set", "CLIENT_CA", "/nowhere.pem")
        assert refused.returncode != 0 and "ROOST_CLIENT_CA" in refused.stderr
        roost.cli("settings", "set", "CLIENT_CA", "")
        assert not offered(roost, context)
        assert line.good()  # what is open stays


def test_the_file_is_read_again(server: Roost, ca: Authority, tmp_path: Path) -> None:
    other = Authority(tmp_path, "another")
    context = other.issue(names("alice"))
    with Line(server, "imaps", context).peer:
        pass
    ca.pem.write_text(other.pem.read_text())
    server.signal(1)  # SIGHUP
    until(lambda: offered(server, context))


@pytest.mark.parametrize("change", ["passwd", "disable"])
def test_the_session_ends_with_the_account(server: Roost, ca: Authority, change: str) -> None:
    lines = [Line(server, service, ca.issue(names("bob"))) for service in ["imaps", "submissions"]]
    for line in lines:
        assert line.external()[:4] in ("a OK", "235 ")
    since = time.monotonic()
    server.cli("account", change, BOB, stdin="another password\n" if change == "passwd" else "")
    imap, smtp = [line.peer for line in lines]
    assert imap.line() == "* BYE The login is no longer valid, log in again"
    assert smtp.reply() == (421, "4.7.0 the login is no longer valid, log in again")
    assert time.monotonic() - since < 5
    for line in lines:
        line.peer.close()




@pytest.mark.parametrize("service, tls", [("https", True), ("smtp", False)])
def test_others_are_not_asked(server: Roost, ca: Authority, service: str, tls: bool) -> None:
    context = ca.issue(names("alice"))
    asked: list[object] = []
    context._msg_callback = lambda *seen: asked.append(seen[4])  # type: ignore[attr-defined]
    peer = Peer(server.ports[service], tls=context) if tls else SmtpPeer(server.ports[service])
    with peer:
        if isinstance(peer, SmtpPeer):
            assert peer.cmd("STARTTLS")[0] == 220
            peer.wrap(context)
    assert asked and not any("CERTIFICATE_REQUEST" in str(what) for what in asked)
