"""The JSON API as a browser or a program calls it."""
import http.client
import json
import re
from typing import Any, Iterator
from urllib.parse import quote

from harness.server import PASSWORDS, Roost, address


class ApiError(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, code: str, message: str):
        super().__init__(f"{status} {code}: {message}")
        self.status, self.code, self.message = status, code, message


class Api:
    """One client with its cookie, or with a token. Paths begin behind /api.

    get, post, put and delete return the decoded answer and raise ApiError; call returns
    whatever came. web_host is where the server is."""

    web_host = "127.0.0.1"

    def __init__(self, roost: Roost, token: str | None = None):
        self.roost = roost
        self.headers: dict[str, str] = {}
        if token is not None:
            self.headers["Authorization"] = f"Bearer {token}"
        self.cookie = ""
        self.csrf = ""

    def call(self, method: str, path: str, body: Any = None,
             headers: dict[str, str] | None = None) -> tuple[int, dict[str, str], bytes]:
        """Status, header fields by name in lower case, and body."""
        sent = dict(self.headers)
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        if body is not None:
            sent["Content-Type"] = "application/json"
        if self.cookie:
            sent["Cookie"] = self.cookie
        if self.csrf and method not in ("GET", "HEAD"):
            sent["X-CSRF"] = self.csrf
        sent.update(headers or {})
        c = http.client.HTTPConnection(self.web_host, self.roost.ports["http"], timeout=30)
        try:
            c.request(method, "/api" + path, body=body,
                      headers={k: v for k, v in sent.items() if v is not None})
            answer = c.getresponse()
            return (answer.status, {k.lower(): v for k, v in answer.getheaders()},
                    answer.read())
        finally:
            c.close()

    def request(self, method: str, path: str, body: Any = None,
                headers: dict[str, str] | None = None) -> Any:
        """The decoded answer; keeps the cookie it sets."""
        status, fields, text = self.call(method, path, body, headers)
        if "set-cookie" in fields:
            self.cookie = fields["set-cookie"].split(";")[0]
        if status >= 300:
            error = json.loads(text)["error"]
            raise ApiError(status, error["code"], error["message"])
        if fields.get("content-type") != "application/json":
            return text.decode() if text else None
        return json.loads(text)

    def get(self, path: str, **arguments: Any) -> Any:
        """arguments go into the query string."""
        query = "&".join(f"{k}={quote(str(v), safe='')}" for k, v in arguments.items())
        return self.request("GET", path + ("?" + query if query else ""))

    def post(self, path: str, body: Any = None) -> Any:
        """POST"""
        return self.request("POST", path, body)

    def put(self, path: str, body: Any = None) -> Any:
        """PUT"""
        return self.request("PUT", path, body)

    def delete(self, path: str, body: Any = None) -> Any:
        """DELETE"""
        return self.request("DELETE", path, body)

    def login(self, login: str, password: str, code: str | None = None) -> Any:
        """Begin a session, in which all further calls are made; the answer."""
        body = {"login": login, "password": password}
        session = self.post("/login", body if code is None else {**body, "code": code})
        self.csrf = session["csrf"]
        return session

    def logout(self) -> None:
        """End it."""
        self.post("/logout")
        self.cookie = self.csrf = ""


def as_user(roost: Roost, user: str = "bob") -> Api:
    """Logged in as one of the usual accounts."""
    api = Api(roost)
    api.login(address(user), PASSWORDS[user])
    return api


def as_owner(roost: Roost, user: str = "alice") -> Api:
    """The same, made an owner first."""
    roost.cli("account", "owner", address(user))
    return as_user(roost, user)


def refusal(api: Api, method: str, path: str, *args: Any) -> tuple[int, str]:
    """Status and code of a call that must not go well."""
    try:
        answer = api.request(method, path, *args)
    except ApiError as e:
        return e.status, e.code
    raise AssertionError(f"{method} {path} went well: {answer}")


def token_of(api: Api, *scopes: str, expires: str | None = None) -> Api:
    """Another client, with a token of this one's account."""
    made = api.post("/tokens", {"label": "x", "scopes": scopes, "expires": expires})
    return Api(api.roost, made["token"])


def calls(roost: Roost) -> Iterator[tuple[str, str, str, str]]:
    """Method, path with names filled in, role and scope of every call that there is."""
    for path, methods in Api(roost).get("/openapi.json")["paths"].items():
        for method, operation in methods.items():
            yield (method.upper(), re.sub(r"\{\w+\}", "x", path).removeprefix("/api"),
                   operation["x-role"], operation.get("x-scope", ""))
