"""COMPRESS=DEFLATE (RFC 4978) with another zlib at the other end: below TLS and STARTTLS, with
literals, long answers and IDLE."""
import socket
import zlib

import pytest

from harness import mail
from harness.peer import trusting
from harness.server import PASSWORDS, Roost


class Packed:
    """A session whose bytes are packed from `compress` on."""

    def __init__(self, roost: Roost, starttls: bool) -> None:
        port = roost.ports["imap" if starttls else "imaps"]
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.held = b""
        self.packer: zlib._Compress | None = None
        self.unpacker: zlib._Decompress | None = None
        if not starttls:
            self.sock = trusting().wrap_socket(self.sock)
        self.until(b"ready\r\n")
        if starttls:
            self.command(b"s STARTTLS")
            self.sock = trusting().wrap_socket(self.sock)
        self.command(b'l LOGIN alice@example.org "' + PASSWORDS["alice"].encode() + b'"')
        self.compress()

    def compress(self) -> None:
        self.command(b"z COMPRESS DEFLATE")
        self.packer = zlib.compressobj(6, zlib.DEFLATED, -15)
        self.unpacker = zlib.decompressobj(-15)

    def send(self, data: bytes) -> None:
        if self.packer:
            data = self.packer.compress(data) + self.packer.flush(zlib.Z_SYNC_FLUSH)
        self.sock.sendall(data)

    def until(self, end: bytes) -> bytes:
        while end not in self.held:
            data = self.sock.recv(65536)
            assert data, f"the end instead of {end!r}: {self.held[-200:]!r}"
            self.held += self.unpacker.decompress(data) if self.unpacker else data
        at = self.held.index(end) + len(end)
        said, self.held = self.held[:at], self.held[at:]
        return said

    def command(self, line: bytes) -> bytes:
        self.send(line + b"\r\n")
        said = self.until(b"\r\n" + line.split()[0] + b" ") if b"FETCH" in line else b""
        return said + self.until(b"OK") + self.until(b"\r\n")


@pytest.mark.parametrize("starttls", [False, True])
def test_compress(roost: Roost, starttls: bool) -> None:
    session = Packed(roost, starttls)
    session.command(b"a SELECT INBOX")
    body = b"Subject: long\r\n\r\n" + b"".join(b"line %d of it\r\n" % n for n in range(200000))
    session.send(b"b APPEND INBOX {%d}\r\n" % len(body))
    session.until(b"+ ")
    session.until(b"\r\n")
    session.send(body + b"\r\n")
    session.until(b"b OK")
    session.until(b"\r\n")
    session.send(b"c FETCH 1 BODY.PEEK[]\r\n")
    assert body in session.until(b"c OK FETCH completed\r\n")
    session.send(b"d IDLE\r\n")
    session.until(b"+ idling\r\n")
    mail.deliver(roost, mail.letter("news", "x\n"))
    session.until(b"* 2 EXISTS\r\n")
    session.send(b"DONE\r\ne NOOP\r\n")
    session.until(b"e OK")
    session.until(b"\r\n")
    session.send(b"f COMPRESS DEFLATE\r\n")
    session.until(b"f BAD")
    session.sock.close()


@pytest.mark.parametrize("starttls", [False, True])
@pytest.mark.parametrize("how", [zlib.Z_FINISH, zlib.Z_SYNC_FLUSH])
@pytest.mark.parametrize("pipelined", [False, True])
def test_unauthenticate(roost: Roost, starttls: bool, how: int, pipelined: bool) -> None:
    """RFC 8437 4.1: both streams end, the server's with a last block behind the OK; then others log
    in and compress anew."""
    session = Packed(roost, starttls)
    login = b'v LOGIN bob@example.org "' + PASSWORDS["bob"].encode() + b'"\r\n'
    for _ in range(3):
        session.command(b"a SELECT INBOX")
        last = session.packer.compress(b"b NOOP\r\nu UNAUTHENTICATE\r\n") + session.packer.flush(how)
        session.sock.sendall(last + (login if pipelined else b""))
        session.until(b"u OK UNAUTHENTICATE completed\r\n")
        while not session.unpacker.eof:
            session.held += session.unpacker.decompress(session.sock.recv(65536))
        assert session.held == b""
        session.held = session.unpacker.unused_data
        session.packer = session.unpacker = None
        if not pipelined:
            session.send(login)
        session.until(b"v OK")
        session.until(b"\r\n")
        session.compress()
    session.sock.close()


def test_what_is_no_stream_ends_it(roost: Roost) -> None:
    session = Packed(roost, False)
    session.sock.sendall(b"\xff\xff\xff\xffa NOOP\r\n")
    assert session.sock.recv(1000) == b""
