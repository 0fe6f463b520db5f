"""What TLSA records say of certificates (RFC 6698)."""
import hashlib
import subprocess
from pathlib import Path

WRONG = "00" * 32  # nothing's hash


def der(pem: Path) -> bytes:
    """The whole certificate."""
    return subprocess.run(["openssl", "x509", "-in", str(pem), "-outform", "DER"], check=True,
                          capture_output=True).stdout


def key_of(pem: Path) -> bytes:
    """Its SubjectPublicKeyInfo."""
    key = subprocess.run(["openssl", "x509", "-in", str(pem), "-noout", "-pubkey"], check=True,
                         capture_output=True).stdout
    return subprocess.run(["openssl", "pkey", "-pubin", "-outform", "DER"], input=key,
                          check=True, capture_output=True).stdout


def sha256(data: bytes) -> str:
    """As a record has it."""
    return hashlib.sha256(data).hexdigest()
