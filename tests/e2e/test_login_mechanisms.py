"""SASL mechanisms over IMAP and submission: a client of our own, and those of Debian."""
import base64
import hashlib
import hmac
import imaplib
import json
import random
import smtplib
import ssl
import subprocess
from pathlib import Path

import pytest

from conftest import Maker
from harness import clients
from harness.api import as_user
from harness.peer import ImapPeer, SmtpPeer, trusting, until
from harness.scram import Scram, b64
from harness.server import PASSWORDS, Roost, address

KINDS = ["SCRAM-SHA-256", "SCRAM-SHA-1", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS"]


def end_point(peer: ImapPeer | SmtpPeer, kind: str) -> bytes | None:
    """The channel's data (RFC 5929 4) for -PLUS."""
    assert isinstance(peer.sock, ssl.SSLSocket)
    der = peer.sock.getpeercert(binary_form=True)
    assert der
    return hashlib.sha256(der).digest() if kind.endswith("PLUS") else None


class Line:
    """One exchange on a connection of either protocol: what follows "+ " or "334 "."""

    def __init__(self, roost: Roost, service: str):
        self.smtp = service == "submissions"
        port = roost.ports[service]
        self.peer: ImapPeer | SmtpPeer
        if self.smtp:
            self.peer = SmtpPeer(port, tls=True)
            self.offered = self.peer.cmd("EHLO laptop.local")[1]
        else:
            self.peer = ImapPeer(port, tls=True)
            self.peer.send("c CAPABILITY\r\n")
            self.offered = self.peer.line()
            self.peer.line()

    def begin(self, kind: str, initial: str) -> str:
        """The command with an initial response."""
        self.peer.send(f"{'AUTH' if self.smtp else 'a AUTHENTICATE'} {kind} "
                       f"{b64(initial.encode())}\r\n")
        return self.answer()

    def say(self, text: str) -> str:
        """A response."""
        self.peer.send(b64(text.encode()) + "\r\n")
        return self.answer()

    def answer(self) -> str:
        """A challenge out of base64, or a tagged line, or a reply."""
        line = self.peer.line()
        mark = "334 " if self.smtp else "+ "
        return base64.b64decode(line[len(mark):]).decode() if line.startswith(mark) else line


def attempt(line: Line, scram: Scram, kind: str) -> str:
    """A whole login; the last line. The server's signature must be right."""
    first = line.begin(kind, scram.first())
    if not first.startswith("r="):
        return first
    final = line.say(scram.final(first))
    if not final.startswith("v="):
        return final
    assert scram.good(final)
    return line.say("")


@pytest.mark.parametrize("service", ["imaps", "submissions"])
def test_scram(roost: Roost, service: str) -> None:
    """The account's own password by SHA-256 only, app passwords by SHA-1 too."""
    app = roost.cli("account", "app-password", "add", address("alice"), "old phone").strip()
    for kind in KINDS:
        refused = set()
        for name, password in [("alice", app), ("alice", PASSWORDS["alice"]), ("alice", "guess"),
                               ("nobody", PASSWORDS["alice"])]:
            line = Line(roost, service)
            with line.peer as peer:
                assert kind in line.offered
                scram = Scram(kind, address(name), password, end_point=end_point(peer, kind))
                last = attempt(line, scram, kind)
                good = password == app or ("256" in kind and name == "alice"
                                           and password == PASSWORDS["alice"])
                assert (last[:4] == ("235 " if line.smtp else "a OK")) == good, (kind, last)
                refused |= set() if good else {last}
        assert len(refused) == 1
    until(lambda: service in roost.cli("account", "logins", address("alice")))


def test_wrong_and_unknown_are_answered_alike(roost: Roost) -> None:
    salts = {}
    for user in ["alice", "nobody", "alice@example.org", "nobody@example.org"]:
        replies = set()
        for _ in range(2):
            line = Line(roost, "imaps")
            with line.peer:
                scram = Scram("SCRAM-SHA-256", user, "guess")
                replies.add(attempt(line, scram, "SCRAM-SHA-256"))
                salts.setdefault(user, set()).add(scram.salt)
        assert replies == {"a NO [AUTHENTICATIONFAILED] Wrong name or password"}
    assert all(len(found) == 1 for found in salts.values())  # the same each time
    assert salts["alice"] == salts["alice@example.org"] != salts["nobody"]
    assert salts["nobody"] == salts["nobody@example.org"]


def test_a_store_with_old_salts(make_roost: Maker) -> None:
    """An account of before there was a key keeps its salt until all its passwords were sent once."""
    roost = make_roost(empty=True)
    fixture = Path("tests/upgrade/pre-0.1")
    subprocess.run(["tar", "-C", str(roost.folder), "-xf", str(fixture / "data.tar.xz")], check=True)
    app = json.loads((fixture / "facts.json").read_text("utf-8"))["secrets"]["app_password"]
    roost.start()

    def prove(user: str, password: str, kind: str = "SCRAM-SHA-256") -> tuple[bool, bool]:
        line = Line(roost, "imaps")
        with line.peer:
            scram = Scram(kind, address(user), password)
            good = attempt(line, scram, kind).startswith("a OK")
        old = hmac.digest(f"Roost {kind} salt".encode(), address(user).encode(), "sha256")
        return good, scram.salt == old[:16]

    for _ in range(2):
        assert prove("bob", PASSWORDS["bob"]) == (True, True)
        assert prove("bob", app) == prove("bob", app, "SCRAM-SHA-1") == (True, True)
        assert prove("bob", PASSWORDS["bob"], "SCRAM-SHA-1") == (False, True)
        assert prove("nobody", "guess") == (False, True)
        roost.restart()

    def send(password: str) -> None:
        with imaplib.IMAP4_SSL("127.0.0.1", roost.ports["imaps"], ssl_context=trusting()) as imap:
            assert imap.login(address("bob"), password)[0] == "OK"

    def sent() -> bool:
        send(app)  # each time: new keys are made for one login at a time
        return prove("bob", PASSWORDS["bob"]) == (True, False)

    send(PASSWORDS["bob"])
    assert prove("bob", app) == (True, True)
    until(sent)
    assert prove("bob", app) == prove("bob", app, "SCRAM-SHA-1") == (True, False)
    assert prove("alice", PASSWORDS["alice"]) == (True, True)


def test_what_a_man_in_the_middle_changes_is_seen(roost: Roost) -> None:
    for flag, point in [("y", None), (None, hashlib.sha256(b"his").digest()),
                        ("p=tls-unique", b"x" * 12)]:
        kind = "SCRAM-SHA-256-PLUS" if point else "SCRAM-SHA-256"
        line = Line(roost, "imaps")
        with line.peer:
            scram = Scram(kind, "alice", PASSWORDS["alice"], end_point=point, flag=flag)
            assert "AUTHENTICATIONFAILED" in attempt(line, scram, kind)


def test_a_resumed_session_is_not_bound(roost: Roost) -> None:
    """No certificate is shown on it, so -PLUS is neither offered nor taken; "y" is true there."""
    context = trusting()
    context.options |= ssl.OP_NO_TICKET
    session: ssl.SSLSession | None = None
    for resumed in (False, True):
        with SmtpPeer(roost.ports["submission"]) as peer:
            peer.code("EHLO c.test")
            assert peer.code("STARTTLS") == 220
            sock = peer.sock = context.wrap_socket(peer.sock, session=session)
            assert sock.session_reused == resumed
            offered = peer.cmd("EHLO c.test")[1]
            session = sock.session
            assert "SCRAM-SHA-256" in offered and ("-PLUS" in offered) != resumed
            if not resumed:
                continue
            assert peer.code("AUTH SCRAM-SHA-256-PLUS") == 504
            scram = Scram("SCRAM-SHA-256", "alice", PASSWORDS["alice"], flag="y")
            code, challenge = peer.cmd(f"AUTH SCRAM-SHA-256 {b64(scram.first().encode())}")
            assert code == 334
            final = scram.final(base64.b64decode(challenge).decode())
            assert peer.code(b64(final.encode())) == 334


@pytest.mark.parametrize("last", ["*", "eA=="])
def test_who_does_not_finish_is_not_in(roost: Roost, last: str) -> None:
    line = Line(roost, "imaps")
    with line.peer as peer:
        scram = Scram("SCRAM-SHA-256", "alice", PASSWORDS["alice"])
        assert scram.good(line.say(scram.final(line.begin("SCRAM-SHA-256", scram.first()))))
        peer.send(last + "\r\n")
        assert peer.line().startswith("a BAD")
        peer.send("b SELECT INBOX\r\n")
        assert not peer.line().startswith("b OK")


def test_acting_as_another(roost: Roost) -> None:
    for authzid, want in [(address("alice"), "a OK"), (address("bob"), "a NO")]:
        line = Line(roost, "imaps")
        with line.peer:
            scram = Scram("SCRAM-SHA-256", address("alice"), PASSWORDS["alice"], authzid=authzid)
            assert attempt(line, scram, "SCRAM-SHA-256").startswith(want)


def test_random_passwords_by_another_implementation(make_roost: Maker) -> None:
    roost = make_roost().start()
    dice = random.Random(5802)
    letters = "abcXYZ019 ,=$:\"'\\äßéñ€Ωж中文🙂"
    for n in range(12):
        name = f"odd={n}" if n % 4 == 3 else f"user{n}"  # = is quoted in a saslname
        password = "".join(dice.choice(letters) for _ in range(dice.randint(10, 40))) + f" {n}!"
        roost.cli("account", "add", f"{name}@example.org", stdin=password + "\n")
        app = roost.cli("account", "app-password", "add", f"{name}@example.org", "phone").strip()
        for kind, typed, want in [("SCRAM-SHA-256", password, "a OK"),
                                  ("SCRAM-SHA-256", password + "x", "a NO"),
                                  ("SCRAM-SHA-1", app, "a OK")]:
            line = Line(roost, "imaps")
            with line.peer:
                scram = Scram(kind, f"{name}@example.org", typed)
                assert attempt(line, scram, kind).startswith(want), (name, typed, kind)


def test_spellings_of_one_password_meet(make_roost: Maker) -> None:
    roost = make_roost().start()
    roost.cli("account", "add", "nfc@example.org", stdin="me\u0301lange\u00a0du soir\n")
    for typed in ("m\u00e9lange du soir", "me\u0301lange\u00a0du soir"):
        line = Line(roost, "imaps")
        with line.peer as peer:
            assert isinstance(peer, ImapPeer)
            plain = b64(f"\0nfc@example.org\0{typed}".encode())
            peer.send(f"a AUTHENTICATE PLAIN {plain}\r\n")
            assert peer.line().startswith("a OK")
    done = roost.run("account", "add", "zwj@example.org", stdin="long enough \u200b hidden\n")
    assert done.returncode != 0 and "can be seen" in done.stderr


def test_app_passwords_are_proven_too(roost: Roost) -> None:
    made = [roost.cli("account", "app-password", "add", address("bob"), f"no {n}").strip()
            for n in range(3)]
    mail_only = roost.cli("account", "app-password", "add", address("bob"), "out", "smtp").strip()
    for password in [*made, PASSWORDS["bob"]]:
        line = Line(roost, "imaps")
        with line.peer:
            scram = Scram("SCRAM-SHA-256", address("bob"), password)
            assert attempt(line, scram, "SCRAM-SHA-256").startswith("a OK")
    for service, want in [("imaps", "a NO"), ("submissions", "235")]:
        line = Line(roost, service)
        with line.peer:
            scram = Scram("SCRAM-SHA-256", address("bob"), mail_only)
            assert attempt(line, scram, "SCRAM-SHA-256").startswith(want)


def test_scram_is_guessed_at_no_longer_than_passwords(make_roost: Maker) -> None:
    roost = make_roost().start()
    replies = []
    for _ in range(12):
        line = Line(roost, "imaps")
        with line.peer:
            replies.append(attempt(line, Scram("SCRAM-SHA-256", "alice", "guess"),
                                   "SCRAM-SHA-256"))
    assert "AUTHENTICATIONFAILED" in replies[0] and "UNAVAILABLE" in replies[-1]


# --- programs of Debian -------------------------------------------------------------------------


def gsasl(roost: Roost, service: str, kind: str, password: str) -> subprocess.CompletedProcess[str]:
    """A login by GNU SASL, without TLS: it wants a certificate of an authority."""
    return subprocess.run(
        ["gsasl", "--imap" if service == "imap" else "--smtp", "--no-starttls", "--quiet",
         f"--connect=127.0.0.1:{roost.ports[service]}", f"--mechanism={kind}",
         f"--authentication-id={address('alice')}", f"--authorization-id={address('alice')}",
         f"--password={password}"],
        input="", capture_output=True, text=True, timeout=30, check=False)


def offers(roost: Roost, service: str, mechanism: str) -> bool:
    """Is it in the list now?"""
    line = Line(roost, service)
    with line.peer:
        return mechanism in line.offered


def cram(roost: Roost, name: str, password: str) -> str:
    """A login by CRAM-MD5 with Python's imaplib; "OK", or what was said."""
    with imaplib.IMAP4_SSL("127.0.0.1", roost.ports["imaps"], ssl_context=trusting()) as imap:
        try:
            return imap.login_cram_md5(name, password)[0]
        except imaplib.IMAP4.error as e:
            return str(e)


def test_cram_md5(make_roost: Maker) -> None:
    roost = make_roost().start()
    alice = address("alice")

    def app(*words: str) -> str:
        return roost.cli("account", "app-password", "add", alice, *words).strip()
    before = app("made before")
    line = Line(roost, "imaps")
    with line.peer:
        assert "CRAM-MD5" not in line.offered
        assert line.begin("CRAM-MD5", "=").startswith("a NO [CANNOT]")
    roost.cli("settings", "set", "CRAM_MD5", "on")
    assert offers(roost, "submissions", "CRAM-MD5")
    password, imap_only = app("old phone"), app("old pad", "imap")
    made = as_user(roost, "alice").post("/me/app-passwords", {"label": "by the console"})
    for text in (password, imap_only, made["password"]):
        assert cram(roost, alice, text) == "OK"
        assert cram(roost, "alice", text) == "OK"
    refused = cram(roost, alice, "guess")
    assert "AUTHENTICATIONFAILED" in refused
    for name, text in [(alice, before), (alice, PASSWORDS["alice"]), (address("bob"), password),
                       (address("nobody"), password), (alice, password.upper())]:
        assert cram(roost, name, text) == refused
    with smtplib.SMTP_SSL("127.0.0.1", roost.ports["submissions"], context=trusting()) as smtp:
        smtp.ehlo()
        smtp.user, smtp.password = alice, password
        assert smtp.auth("CRAM-MD5", smtp.auth_cram_md5)[0] == 235
    with smtplib.SMTP_SSL("127.0.0.1", roost.ports["submissions"], context=trusting()) as smtp:
        smtp.ehlo()
        smtp.user, smtp.password = alice, imap_only
        with pytest.raises(smtplib.SMTPAuthenticationError):
            smtp.auth("CRAM-MD5", smtp.auth_cram_md5)
    until(lambda: "submissions" in roost.cli("account", "logins", alice))
    # the same password is still good for the others, and one that goes is no good for any
    with imaplib.IMAP4_SSL("127.0.0.1", roost.ports["imaps"], ssl_context=trusting()) as imap:
        assert imap.login(alice, password)[0] == "OK"
    assert cram(roost, alice, password) == "OK"  # also after what PLAIN may have rewritten
    roost.cli("account", "app-password", "rm", alice, made["id"])
    assert cram(roost, alice, made["password"]) == refused
    roost.cli("settings", "set", "CRAM_MD5", "off")
    assert not offers(roost, "imaps", "CRAM-MD5")


def test_cram_md5_with_curl(make_roost: Maker) -> None:
    roost = make_roost(CRAM_MD5="on").start()
    alice = address("alice")
    password = roost.cli("account", "app-password", "add", alice, "curl").strip()
    for text, good in [(password, True), ("guess", False)]:
        done = subprocess.run(
            ["curl", "-ksv", "--user", f"{alice}:{text}", "--login-options", "AUTH=CRAM-MD5",
             f"imaps://127.0.0.1:{roost.ports['imaps']}/INBOX?NEW"],
            capture_output=True, text=True, timeout=30, check=False)
        assert (done.returncode == 0) == good, done.stderr
        assert "AUTHENTICATE CRAM-MD5" in done.stderr


@pytest.mark.parametrize("service", ["imap", "submission"])
def test_gsasl(make_roost: Maker, service: str) -> None:
    roost = make_roost(ALLOW_PLAINTEXT_AUTH="on").start()
    app = roost.cli("account", "app-password", "add", address("alice"), "gsasl").strip()
    for kind in ("SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN", "LOGIN"):
        done = gsasl(roost, service, kind, app if kind == "SCRAM-SHA-1" else PASSWORDS["alice"])
        assert done.returncode == 0, done.stdout + done.stderr
        assert gsasl(roost, service, kind, "guess").returncode != 0


def test_mbsync_with_cyrus_sasl(roost: Roost, tmp_path: Path) -> None:
    config = tmp_path / "rc"
    app = roost.cli("account", "app-password", "add", address("alice"), "mbsync").strip()
    for kind, password in (("SCRAM-SHA-256", PASSWORDS["alice"]), ("SCRAM-SHA-1", app)):
        config.write_text(f"""
IMAPStore far
Host 127.0.0.1
Port {roost.ports['imaps']}
User {address('alice')}
Pass "{password}"
SSLType IMAPS
AuthMechs {kind}
CertificateFile {clients.certificate(roost, tmp_path)}

MaildirStore near
Inbox {tmp_path}/inbox

Channel inbox
Far :far:
Near :near:
Create Near
SyncState *
""", "ascii")
        done = clients.run(["mbsync", "-V", "-c", str(config), "inbox"], tmp_path)
        assert kind in done.stdout + done.stderr
