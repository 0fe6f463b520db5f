"""What is outside: other people's servers, and the programs of those who visit ours. Sockets are
the visitor's where they are opened inside engine.as_visitor()."""
import imaplib
import smtplib
import ssl
import sys
from typing import Any

from engine import HOST, TREE, VISITOR

sys.path.append(str(TREE / "tests/e2e"))
from harness.api import Api  # noqa: E402
from harness.dns_server import A, MX, PTR, DnsServer  # noqa: E402
from harness.smtp_sink import Sink  # noqa: E402

OWNER = "me@example.org"
FRIEND = "carol@example.net"
LETTER = f"""From: {FRIEND}\r
To: {OWNER}\r
Subject: {{}}\r
\r
Hello.\r
"""


class World:
    """A name server that knows us and one domain elsewhere, and that domain's mail server."""

    def __init__(self) -> None:
        self.names = DnsServer(VISITOR[4], 53)
        self.sink = Sink(host=VISITOR[4], port=25)
        self.names.add("mail.example.org", A, HOST[4])
        self.names.add(".".join(reversed(HOST[4].split("."))) + ".in-addr.arpa", PTR, "mail.example.org")
        self.names.add("example.org", MX, "10 mail.example.org")
        for domain in ("example.net", "gmail.com"):  # the other one is ROOST_DOCTOR_TEST_DOMAIN
            self.names.mail_host(domain, VISITOR[4])

    def close(self) -> None:
        """Both end."""
        self.names.close()
        self.sink.close()


class Browser(Api):
    """On the web pages, which need no certificate yet."""

    web_host = HOST[4]
    ports = {"http": 80}

    def __init__(self, token: str) -> None:
        super().__init__(self)  # type: ignore[arg-type]  # of a server it asks for the ports alone
        self.headers["X-Setup-Token"] = token

    def step(self) -> Any:
        """The next one of the setup."""
        return self.get("/setup")["step"]


def any_certificate() -> ssl.SSLContext:
    """It is self-signed before ACME has got another."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def deliver(family: int, subject: str) -> None:
    """As another server brings it."""
    with smtplib.SMTP(HOST[family], 25, "mx.example.net", timeout=20) as server:
        server.starttls(context=any_certificate())
        server.sendmail(FRIEND, [OWNER], LETTER.format(subject))


def read(password: str, subject: str) -> str:
    """The message of this subject, as its owner's program fetches it."""
    with imaplib.IMAP4_SSL(HOST[4], 993, ssl_context=any_certificate(), timeout=20) as program:
        program.login(OWNER, password)
        program.select("INBOX")
        _, [found] = program.search(None, "SUBJECT", subject)
        assert len(found.split()) == 1, found
        _, answer = program.fetch(found.decode("ascii"), "(BODY.PEEK[])")
        return answer[0][1].decode("ascii")
