"""Something in front of pebble that says what pebble does not: rate limits, errors, renewal
information (RFC 9773). Everything else goes through."""
import base64
import http.client
import json
import ssl
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from harness.pebble import Pebble
from harness.peer import trusting


@dataclass
class Fault:
    """What is answered instead, so many times, where the path begins like this."""
    path: str
    status: int
    problem: dict[str, Any]
    fields: dict[str, str]
    times: int


class Front:
    """Runs from its creation to close(). directory and settings as Pebble has them."""

    def __init__(self, pebble: Pebble):
        self.pebble = pebble
        self.faults: list[Fault] = []
        self.window: tuple[str, str] | None = None  # of the renewal information; None: not offered
        self.asked: list[str] = []  # ids of certificates whose renewal information was asked for
        self.orders: list[dict[str, Any]] = []  # what new orders said
        outer = self

        class Handler(BaseHTTPRequestHandler):
            """One connection."""
            protocol_version = "HTTP/1.1"

            def do_any(self) -> None:
                """Whatever the method is."""
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, fields, text = outer.answer(self.command, self.path, dict(self.headers),
                                                    body)
                self.send_response_only(status)
                for name, value in fields.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(text)

            do_GET = do_HEAD = do_POST = do_any

            def log_message(self, *_: Any) -> None:  # type: ignore[override]
                """Silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pebble.ca, pebble.ca.with_suffix(".key"))
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def directory(self) -> str:
        """For ROOST_ACME_DIRECTORY."""
        return f"https://localhost:{self.port}/dir"

    def settings(self, **more: str) -> dict[str, str]:
        """What a server needs to get its certificates here."""
        return {**self.pebble.settings(), "ACME_DIRECTORY": self.directory, **more}

    def refuse(self, path: str, status: int, kind: str, detail: str, times: int = 1,
               **fields: str) -> None:
        """Answer this problem instead of what pebble would."""
        problem = {"type": "urn:ietf:params:acme:error:" + kind, "detail": detail,
                   "status": status}
        self.faults.append(Fault(path, status, problem,
                                 {k.replace("_", "-"): v for k, v in fields.items()}, times))

    def answer(self, method: str, path: str, headers: dict[str, str],
               body: bytes) -> tuple[int, dict[str, str], bytes]:
        """Status, header fields and body."""
        for fault in self.faults:
            if path.startswith(fault.path) and fault.times > 0:
                fault.times -= 1
                nonce = self.ask("HEAD", "/nonce-plz", headers, b"")[1].get("Replay-Nonce", "")
                return (fault.status, {"Replay-Nonce": nonce, **fault.fields,
                                       "Content-Type": "application/problem+json"},
                        json.dumps(fault.problem).encode())
        if path.startswith("/renewal-info/"):
            self.asked.append(path.rsplit("/", 1)[1])
            assert self.window
            text = json.dumps({"suggestedWindow": {"start": self.window[0],
                                                   "end": self.window[1]}})
            return 200, {"Content-Type": "application/json", "Retry-After": "3600"}, text.encode()
        if path.startswith("/order-plz"):
            self.orders.append(payload_of(body))
        status, fields, text_of = self.ask(method, path, headers, body)
        if path == "/dir" and self.window:
            offered = json.loads(text_of)
            offered["renewalInfo"] = f"https://localhost:{self.port}/renewal-info"
            text_of = json.dumps(offered).encode()
        return status, fields, text_of

    def ask(self, method: str, path: str, headers: dict[str, str],
            body: bytes) -> tuple[int, dict[str, str], bytes]:
        """What pebble answers; it makes its URLs of the Host field."""
        c = http.client.HTTPSConnection("localhost", self.pebble.port, timeout=30,
                                        context=trusting())
        try:
            c.request(method, path, body=body or None,
                      headers={**{k: v for k, v in headers.items() if k != "Content-Length"},
                               "Host": f"localhost:{self.port}"})
            got = c.getresponse()
            kept = ("Replay-Nonce", "Location", "Content-Type", "Retry-After", "Link")
            return (got.status, {k: v for k in kept if (v := got.getheader(k))}, got.read())
        finally:
            c.close()

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()


def payload_of(body: bytes) -> dict[str, Any]:
    """What a signed request says (RFC 7515)."""
    text: str = json.loads(body)["payload"]
    said: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return said
