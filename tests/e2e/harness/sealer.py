"""Somebody else who seals mail that he hands on (ARC), with one RSA key for all his names."""
import base64
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from harness.dns_server import TXT, DnsServer
from harness.server import Roost

SELECTOR = "k2"


class Sealer:
    """His key is in a folder of the test's."""

    def __init__(self, roost: Roost, folder: Path) -> None:
        self.roost, self.key, self.letter = roost, folder / "sealers-key", folder / "sealers-letter"
        key = rsa.generate_private_key(65537, 2048)
        self.key.write_bytes(key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption()))
        public = base64.b64encode(key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)).decode()
        self.record = f"v=DKIM1; k=rsa; p={public}"

    def publish(self, dns: DnsServer, *domains: str) -> None:
        for domain in domains:
            dns.records[(f"{SELECTOR}._domainkey.{domain}", TXT)] = [self.record]

    def seal(self, message: bytes, domain: str, said: str, names: str = "") -> bytes:
        """With one set more, which says this of how it came to him, and covers these fields or the
        usual ones."""
        self.letter.write_bytes(message)
        sets = self.roost.cli("arc", "seal", str(self.key), str(self.letter), f"domain={domain}",
                              f"selector={SELECTOR}", f"results=mx.{domain}; {said}",
                              f"cv={'pass' if b'ARC-Seal' in message else 'none'}",
                              f"names={names}")
        return sets.replace("\r\n", "\n").replace("\n", "\r\n").encode() + message
