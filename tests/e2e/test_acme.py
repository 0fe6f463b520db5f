"""Certificates by ACME from pebble: every challenge, faults, renewal, and what stays when it
fails."""
import socket
import ssl
import subprocess
from pathlib import Path
from typing import Callable, Iterator

import pytest

from conftest import Maker
from harness.dns_server import DnsServer
from harness.pebble import Pebble, available, here
from harness.peer import trusting, until
from harness.server import HOSTNAME, Roost, new_folder

pytestmark = pytest.mark.skipif(not available(), reason="pebble is not installed")
GOT_S = 60


@pytest.fixture
def make_pebble(dns: DnsServer) -> Iterator[Callable[..., Pebble]]:
    """make_pebble(**environment): a certification authority that runs."""
    made: list[Pebble] = []

    def make(address: str | None = None, eab: dict[str, str] | None = None,
             **environment: str) -> Pebble:
        made.append(Pebble(new_folder(), address or dns.address, eab, **environment))
        return made[-1].start()

    yield make
    for pebble in made:
        if pebble.log:
            print("--- log of pebble\n" + pebble.log.tail(60))
        pebble.close()


def shown(port: int, name: str = HOSTNAME, ciphers: str | None = None) -> str:
    """The certificate that a TLS port shows for a name, as openssl prints it."""
    context = trusting()
    if ciphers:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(ciphers)
    with socket.create_connection(("127.0.0.1", port), 15) as raw:
        with context.wrap_socket(raw, server_hostname=name) as s:
            der = s.getpeercert(binary_form=True)
    assert der
    return subprocess.run(["openssl", "x509", "-inform", "DER", "-noout", "-text"], input=der,
                          check=True, capture_output=True).stdout.decode()


def key_of(text: str) -> str:
    """The public key in it."""
    return text.split("Public Key Algorithm")[1].split("X509v3")[0]


def serial_of(text: str) -> str:
    """The serial number in it."""
    return text.split("Serial Number:")[1].split("Signature")[0].strip()


def wait_for_certificate(roost: Roost, seconds: float = GOT_S) -> str:
    """Wait for the host's; what is shown then."""
    assert roost.log
    roost.log.wait(r"certificate_got id=- \S+|certificate_got .*host", seconds)
    text = until(lambda: (t := shown(roost.ports["imaps"])) and "Pebble" in t and t)
    return str(text)


def test_http_01(make_roost: Maker, make_pebble: Callable[..., Pebble], dns: DnsServer) -> None:
    here(dns, HOSTNAME)
    pebble = make_pebble(PEBBLE_WFE_NONCEREJECT="15")
    roost = make_roost(DNS_SERVERS=dns.address, **pebble.settings(ACME_CHALLENGE="http-01")).start()
    text = wait_for_certificate(roost)
    assert f"DNS:{HOSTNAME}" in text
    assert "prime256v1" in text
