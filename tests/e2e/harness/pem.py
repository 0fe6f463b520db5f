"""Certificates made by openssl."""
import ssl
import subprocess
from pathlib import Path


def make(folder: Path, name: str, common_name: str) -> tuple[Path, Path]:
    """A self-signed certificate for common_name; the files of certificate and key."""
    certificate, key = folder / f"{name}.crt", folder / f"{name}.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", f"/CN={common_name}", "-addext", f"subjectAltName=DNS:{common_name}",
                    "-keyout", str(key), "-out", str(certificate)],
                   check=True, capture_output=True)
    return certificate, key


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """What a TLS server with that certificate needs."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def subject_of(der: bytes) -> str:
    """The subject of a certificate: "subject=CN=mx.example.org" with every openssl."""
    done = subprocess.run(["openssl", "x509", "-inform", "DER", "-noout", "-subject",
                           "-nameopt", "RFC2253"], input=der, check=True, capture_output=True)
    return done.stdout.decode().strip()
