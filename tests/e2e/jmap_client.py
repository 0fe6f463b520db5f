"""A JMAP client (RFC 8620) over HTTP, as small as the tests need it."""
import base64
import http.client
import json
from typing import Any
from urllib.parse import quote, urlsplit

from harness.server import PASSWORDS, Roost, address

CORE = "urn:ietf:params:jmap:core"
MAIL = "urn:ietf:params:jmap:mail"
SUBMISSION = "urn:ietf:params:jmap:submission"


class JmapError(Exception):
    """A method-level error (RFC 8620 3.6.2), or a problem of the whole request (3.6.1)."""

    def __init__(self, error: dict[str, Any]):
        super().__init__(str(error))
        self.error = error
        self.type = error.get("type")


class Jmap:
    """One user. call() makes one method call in the own account; request() makes several."""

    def __init__(self, roost: Roost, user: str = "alice", password: str | None = None,
                 headers: dict[str, str] | None = None):
        self.roost = roost
        word = PASSWORDS[user] if password is None else password
        name = user if "@" in user else address(user)
        basic = base64.b64encode(f"{name}:{word}".encode()).decode()
        self.headers = {"Authorization": f"Basic {basic}"} if headers is None else headers
        self.connection: http.client.HTTPConnection | None = None
        self._session: dict[str, Any] | None = None

    def http(self, method: str, path: str, body: bytes | None = None,
             **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Status, header fields by name in lower case, and body. headers: Content_Type="..."."""
        sent = dict(self.headers)
        sent.update({k.replace("_", "-"): v for k, v in headers.items()})
        for _ in range(2):  # the server may have closed an idle connection
            if self.connection is None:
                self.connection = http.client.HTTPConnection(
                    "127.0.0.1", self.roost.ports["http"], timeout=30)
            try:
                self.connection.request(method, path, body=body, headers=sent)
                answer = self.connection.getresponse()
                return (answer.status, {k.lower(): v for k, v in answer.getheaders()},
                        answer.read())
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                self.close()
        raise AssertionError("the server closed the connection twice")

    def close(self) -> None:
        """Close the connection; the next call opens another."""
        if self.connection is not None:
            self.connection.close()
        self.connection = None

    @property
    def session(self) -> dict[str, Any]:
        """The session object, read once."""
        if self._session is None:
            status, _, body = self.http("GET", "/.well-known/jmap")
            assert status == 200, (status, body)
            self._session = json.loads(body)
        return self._session

    def account(self, name: str | None = None) -> str:
        """The id of the own account, or of the one with that name."""
        if name is None:
            return self.session["primaryAccounts"][CORE]
        return next(i for i, a in self.session["accounts"].items() if a["name"] == name)

    def path(self, url: str, **parts: str) -> str:
        """A URL of the session as a path, with the parts of its template filled in."""
        text = self.session[url]
        for key, value in parts.items():
            text = text.replace("{" + key + "}", quote(value, safe=""))
        split = urlsplit(text)
        return split.path + ("?" + split.query if split.query else "")

    def post(self, request: Any) -> tuple[int, dict[str, Any]]:
        """A request as it is: status and decoded body."""
        body = request if isinstance(request, bytes) else json.dumps(request).encode()
        status, _, answer = self.http("POST", "/jmap/api", body,
                                      Content_Type="application/json")
        return status, json.loads(answer)

    def request(self, calls: list[Any], using: list[str] | None = None,
                **more: Any) -> list[Any]:
        """Method calls [name, arguments, id]; accountId is added to arguments without one. The
        method responses."""
        filled = [[name, arguments if "accountId" in arguments or
                   name.startswith(("Core/", "PushSubscription/")) else
                   {"accountId": self.account(), **arguments}, call]
                  for name, arguments, call in calls]
        status, body = self.post({"using": self.using() if using is None else using,
                                  "methodCalls": filled, **more})
        if status != 200:
            raise JmapError(body)
        return body["methodResponses"]

    def using(self) -> list[str]:
        """All capabilities of the server."""
        return list(self.session["capabilities"])

    def call(self, name: str, arguments: dict[str, Any] | None = None, **more: Any) -> Any:
        """The arguments of the response to one call; JmapError for an error."""
        responses = self.request([[name, {**(arguments or {}), **more}, "0"]])
        if responses[0][0] == "error":
            raise JmapError(responses[0][1])
        assert responses[0][0] == name, responses
        return responses[0][1]

    def upload(self, content: bytes, kind: str = "application/octet-stream",
               account: str | None = None) -> dict[str, Any]:
        """The answer to an upload: blobId, type, size."""
        status, _, body = self.http(
            "POST", self.path("uploadUrl", accountId=account or self.account()), content,
            Content_Type=kind)
        assert status in (200, 201), (status, body)
        return json.loads(body)

    def download(self, blob: str, account: str | None = None, name: str = "file",
                 kind: str = "application/octet-stream", **headers: str) -> bytes:
        """The bytes of a blob."""
        status, _, body = self.http("GET", self.path(
            "downloadUrl", accountId=account or self.account(), blobId=blob, name=name,
            type=kind), **headers)
        assert status in (200, 206), (status, body)
        return body
