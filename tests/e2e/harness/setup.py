"""The setup of a server without an owner, as a browser goes through it."""
from typing import Any, Callable

import pytest

from harness.api import Api, ApiError
from harness.dns_server import A, MX, PTR, DnsServer
from harness.server import Roost
from harness.smtp_sink import Sink

TOKEN = "a-token-of-the-test"
OWNER = "me@example.org"
PASSWORD = "four words are enough"


class Setup(Api):
    """A browser on the setup page."""

    def __init__(self, roost: Roost, token: str | None = TOKEN):
        super().__init__(roost)
        if token is not None:
            self.headers["X-Setup-Token"] = token

    def host(self) -> Any:
        """Step 1."""
        return self.put("/setup/host", {"hostname": "mail.example.org", "domain": "example.org"})

    def owner(self, password: str = PASSWORD, address: str = OWNER) -> Any:
        """Step 2."""
        return self.put("/setup/owner", {"address": address, "name": "Me", "password": password})

    def delivery(self) -> Any:
        """Step 3."""
        return self.put("/setup/delivery", {"mode": "direct"})

    def certificate(self, mode: str = "self", **more: Any) -> Any:
        """Step 4."""
        return self.put("/setup/certificate", {"mode": mode, **more})


def first_start(make_roost: Callable[..., Roost], dns: DnsServer, sink: Sink,
                **settings: str | None) -> Roost:
    """A server whose data folder is empty, in a world where all is well; not started yet."""
    dns.add("mail.example.org", A, "203.0.113.7")
    dns.add("7.113.0.203.in-addr.arpa", PTR, "mail.example.org")
    dns.add("example.org", MX, "10 mail.example.org")
    dns.mail_host("gmail.com")
    dns.mail_host("example.net")
    return make_roost(empty=True, **{
        "HOSTNAME": None, "SETUP_TOKEN": TOKEN, "DNS_SERVERS": dns.address,
        "SMTP_OUT_PORT": str(sink.port), "DOCTOR_BLOCKLISTS": "bl.example", **settings})


def states(checks: Any) -> dict[str, str]:
    """id -> state"""
    return {check["id"]: check["state"] for check in checks["checks"]}


def refused(call: Any, *arguments: Any) -> ApiError:
    """The error a call ends with."""
    with pytest.raises(ApiError) as caught:
        call(*arguments)
    return caught.value
