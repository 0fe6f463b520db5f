"""Certificates made by openssl."""
import ssl
import subprocess
from pathlib import Path
from typing import Sequence


def make(folder: Path, name: str, common_name: str) -> tuple[Path, Path]:
    """A self-signed certificate for common_name; the files of certificate and key."""
    certificate, key = folder / f"{name}.crt", folder / f"{name}.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", f"/CN={common_name}", "-addext", f"subjectAltName=DNS:{common_name}",
                    "-keyout", str(key), "-out", str(certificate)],
                   check=True, capture_output=True)
    return certificate, key


class Authority:
    """A certification authority of one's own, as docs/how-to/client-certificates.md tells to make one."""

    def __init__(self, folder: Path, name: str = "ca"):
        self.folder, self.pem, self.key = folder, folder / f"{name}.pem", folder / f"{name}.key"
        self.issued = 0
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-days", "3650", "-subj", f"/CN={name}", "-keyout", self.key, "-out", self.pem)

    def server(self, name: str, days: int = 30, others: Sequence[str] = ()) -> tuple[Path, Path]:
        """The files of a server's certificate and key, for other names too; days below 0: it has
        expired."""
        names = ",".join(f"DNS:{each}" for each in (name, *others))
        return self._files(f"subjectAltName={names}\nextendedKeyUsage=serverAuth", days, "ec",
                           name)

    def issue(self, extensions: str, days: int = 30, key: str = "ec") -> ssl.SSLContext:
        """A client's TLS context with a certificate that has these lines of openssl's."""
        certificate, secret = self._files(extensions, days, key, "a client")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.load_cert_chain(certificate, secret)
        return context

    def _files(self, extensions: str, days: int, key: str, name: str) -> tuple[Path, Path]:
        self.issued += 1
        base = self.folder / f"{self.pem.stem}-{self.issued}"
        files = {end: base.with_suffix(end) for end in (".csr", ".key", ".ext", ".pem")}
        files[".ext"].write_text(extensions + "\n")
        kind = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"] if key == "ec" else [key]
        openssl("req", "-newkey", *kind, "-nodes", "-subj", f"/CN={name}",
                "-keyout", files[".key"], "-out", files[".csr"])
        openssl("x509", "-req", "-in", files[".csr"], "-CA", self.pem, "-CAkey", self.key,
                "-CAcreateserial", "-days", str(days), "-extfile", files[".ext"],
                "-out", files[".pem"])
        return files[".pem"], files[".key"]


def openssl(*words: str | Path) -> None:
    """Run it; it must go well."""
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)


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
