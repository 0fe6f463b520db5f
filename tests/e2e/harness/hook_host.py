"""A program that others tell things over HTTP, and that answers as it is told to."""
import base64
import hashlib
import hmac
import json
import queue
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()


class HookHost:
    """Keeps what it is asked and answers what says is set to: a status and a body, or None to say
    nothing for a while."""

    def __init__(self, port: int = 0) -> None:
        self.asked: "queue.Queue[dict[str, Any]]" = queue.Queue()
        self.says: tuple[int, object] | None = (200, {})
        hook = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:  # pylint: disable=invalid-name
                """The only thing it can."""
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.asked.put({"headers": self.headers, "body": body, "json": json.loads(body)})
                if hook.says is None:
                    time.sleep(5)
                    return
                status, answer = hook.says
                raw = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, format: str, *args: object) -> None:
                """Silence."""

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.port: int = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/mail"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self.server.shutdown()
        self.server.server_close()


def verify(asked: dict[str, Any]) -> None:
    """Is it signed with SECRET, and of now?"""
    headers = asked["headers"]
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + asked["body"]
    mac = hmac.new(base64.b64decode(SECRET.removeprefix("whsec_")), signed, hashlib.sha256)
    assert headers["webhook-signature"] == "v1," + base64.b64encode(mac.digest()).decode()
