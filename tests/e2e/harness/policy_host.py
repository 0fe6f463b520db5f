"""An HTTPS server that hands out a policy of MTA-STS, or whatever else it is told to."""
import http.server
import ssl
import threading


class PolicyHost:
    """Runs from its creation to close(). What it answers may be changed at any time; asked lists
    the host and path of each request, posted what it was sent: path, type and body."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.status, self.type, self.body = 200, "text/plain", ""
        self.location: str | None = None
        self.asked: list[tuple[str, str]] = []
        self.posted: list[tuple[str, str, bytes]] = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            """One request."""

            def do_GET(self) -> None:  # pylint: disable=invalid-name
                """Answer as told."""
                outer.asked.append((self.headers["Host"], self.path))
                body = outer.body.encode()
                self.send_response(outer.status)
                self.send_header("Content-Type", outer.type)
                self.send_header("Content-Length", str(len(body)))
                if outer.location:
                    self.send_header("Location", outer.location)
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:  # pylint: disable=invalid-name
                """Take it."""
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.posted.append((self.path, self.headers["Content-Type"], body))
                self.do_GET()

            def log_message(self, format: str, *args: object) -> None:
                """Nothing."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def policy(self, mode: str, *mx: str, max_age: int = 86400) -> None:
        """Hand out a good one."""
        lines = ["version: STSv1", f"mode: {mode}", *(f"mx: {name}" for name in mx),
                 f"max_age: {max_age}"]
        self.body = "".join(line + "\r\n" for line in lines)

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()
