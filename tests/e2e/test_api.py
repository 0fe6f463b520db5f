"""The core of the API: who calls, what may be called, what comes back."""
import json
import re
import time

import pytest

from harness.api import Api, ApiError, as_owner, as_user
from harness.server import DOMAIN, PASSWORDS, Roost, address

ALICE = (address("alice"), PASSWORDS["alice"])


def refused(status: int, code: str, api: Api, method: str, path: str, *args: object) -> str:
    """The call is refused with this status and code; the sentence."""
    with pytest.raises(ApiError) as e:
        api.request(method, path, *args)  # type: ignore[arg-type]
    assert (e.value.status, e.value.code) == (status, code), e.value
    assert e.value.message
    return e.value.message


# --- sessions ---

def test_login_and_logout(roost: Roost) -> None:
    api = Api(roost)
    refused(401, "login_needed", api, "GET", "/session")
    session = api.login(*ALICE)
    assert session["address"] == ALICE[0] and session["role"] == "user"
    assert session["name"] == "Alice" and session["totp"] is False
    assert api.get("/session") == session
    cookie = api.cookie
    api.logout()
    api.cookie = cookie
    refused(401, "login_needed", api, "GET", "/session")


def test_cookie_is_for_our_pages_only(roost: Roost) -> None:
    _, fields, _ = Api(roost).call("POST", "/login", {"login": ALICE[0], "password": ALICE[1]})
    cookie = fields["set-cookie"]
    assert re.match(r"roost_session=[A-Za-z0-9_-]{48}; Path=/; ", cookie)
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Secure" not in cookie
    assert fields["cache-control"] == "no-store"
    assert fields["x-frame-options"] == "DENY"
    assert "'unsafe" not in fields["content-security-policy"]


def test_login_makes_a_new_session_each_time(roost: Roost) -> None:
    api = Api(roost)
    api.login(*ALICE)
    before = api.cookie
    api.csrf = ""
    api.login(*ALICE)
    assert api.cookie != before
    api.cookie = before
    refused(401, "login_needed", api, "GET", "/session")


def test_wrong_password_tells_nothing_and_locks(roost: Roost) -> None:
    api = Api(roost)
    bad = {"login": ALICE[0], "password": "wrong"}
    told = refused(401, "denied", api, "POST", "/login", bad)
    assert told == refused(401, "denied", api, "POST", "/login", {**bad, "login": f"no@{DOMAIN}"})
    for i in range(30):
        try:
            api.post("/login", {**bad, "password": f"wrong {i}"})
        except ApiError as e:
            if e.status == 503:
                break
            assert (e.status, e.code) == (401, "denied")
    else:
        pytest.fail("never locked")
    refused(503, "retry", api, "POST", "/login", {"login": ALICE[0], "password": ALICE[1]})


def test_session_outlives_a_restart_and_not_a_new_password(roost: Roost) -> None:
    api, other = as_user(roost), as_user(roost)
    roost.restart()
    assert api.get("/session")["address"] == address("bob")
    roost.cli("account", "passwd", address("bob"), stdin="quite another\n")
    refused(401, "login_needed", api, "GET", "/session")
    refused(401, "login_needed", other, "GET", "/session")


def test_session_of_an_account_that_goes(roost: Roost) -> None:
    api = as_user(roost)
    token = Api(roost, api.post("/tokens", {"label": "x", "scopes": ["self:read"]})["token"])
    assert token.get("/session")["role"] == "user"
    roost.cli("account", "rm", address("bob"))
    refused(401, "login_needed", api, "GET", "/session")
    refused(401, "login_needed", token, "GET", "/session")


# --- forged requests ---

def test_changes_need_the_csrf_header(roost: Roost) -> None:
    api = as_user(roost)
    csrf = api.csrf
    for wrong in ("", csrf[:-1], csrf[:-1] + "!", as_user(roost, "alice").csrf):
        api.csrf = wrong
        refused(403, "csrf", api, "POST", "/logout")
    api.csrf = csrf
    api.post("/logout")


@pytest.mark.parametrize("headers, ok", [
    ({"Origin": "http://evil.example"}, False),
    ({"Origin": "null"}, False),
    ({"Origin": "http://{host}.evil.example"}, False),
    ({"Origin": "http://{host}"}, True),
    ({"Origin": "https://{host}"}, True),
    ({"Sec-Fetch-Site": "cross-site"}, False),
    ({"Sec-Fetch-Site": "same-site"}, False),
    ({"Sec-Fetch-Site": "same-origin"}, True),
    ({"Content-Type": "text/plain"}, False),
    ({"Content-Type": "application/x-www-form-urlencoded"}, False),
    ({"Content-Type": "application/json; charset=utf-8"}, True),
])
def test_other_sites_cannot_log_in(roost: Roost, headers: dict[str, str], ok: bool) -> None:
    host = f"127.0.0.1:{roost.ports['http']}"
    sent = {k: v.replace("{host}", host) for k, v in headers.items()}
    status, fields, _ = Api(roost).call("POST", "/login",
                                        {"login": ALICE[0], "password": ALICE[1]}, sent)
    assert status == (200 if ok else 415 if "Content-Type" in headers else 403)
    assert ("set-cookie" in fields) == ok


@pytest.mark.parametrize("host", ["", "a b", "x/../y", "a<b>", "user@host"])
def test_odd_host(roost: Roost, host: str) -> None:
    assert Api(roost).call("GET", "/openapi.json", headers={"Host": host})[0] == 400


# --- what comes in ---

def test_paths_and_methods(roost: Roost) -> None:
    api = as_user(roost)
    refused(404, "missing", api, "GET", "/nothing")
    refused(404, "missing", api, "GET", "/session/")
    refused(404, "missing", api, "GET", "//session")
    refused(404, "missing", api, "GET", "/x/../session")
    refused(405, "method", api, "PUT", "/session")
    status, fields, _ = api.call("DELETE", "/tokens")
    assert status == 405 and fields["allow"] == "GET, HEAD, POST"
    status, fields, text = api.call("HEAD", "/session")
    assert status == 200 and int(fields["content-length"]) > 0 and text == b""


@pytest.mark.parametrize("body, word", [
    ({"login": "x"}, "password"),
    ({"login": "x", "password": "y", "admin": True}, "admin"),
    ({"login": 1, "password": "y"}, "login"),
    ({"login": "x", "password": "y", "code": 7}, "code"),
    ([], "object"),
    (b"{", "JSON"),
    (b'{"login":"x","login":"y","password":"z"}', "JSON"),
    (b"[" * 1000 + b"]" * 1000, "JSON"),
    (b"\xff", "JSON"),
])
def test_body_must_have_its_shape(roost: Roost, body: object, word: str) -> None:
    assert word in refused(400, "invalid", Api(roost), "POST", "/login", body)


def test_body_too_large(roost: Roost) -> None:
    refused(413, "too_large", Api(roost), "POST", "/login",
            {"login": "x" * 70_000, "password": "y"})


# --- tokens ---

def test_token(roost: Roost) -> None:
    api = as_owner(roost)
    made = api.post("/tokens", {"label": "backup", "scopes": ["admin:read", "self:read"]})
    [listed] = api.get("/tokens")["items"]
    assert listed == {k: v for k, v in made.items() if k != "token"}
    assert listed["last_used"] is None and listed["expires"] is None
    token = Api(roost, made["token"])
    assert token.get("/session")["address"] == address("alice")
    assert token.get("/audit")["items"][0]["what"] == "token.create"
    assert api.get("/tokens")["items"][0]["last_used"] is not None
    # neither more than its scopes, nor others of its kind
    assert "Log in." in refused(403, "denied", token, "DELETE", f"/tokens/{made['id']}")
    strong = Api(roost, api.post("/tokens", {"label": "x", "scopes": ["self:write"]})["token"])
    refused(403, "denied", strong, "POST", "/tokens", {"label": "y", "scopes": ["self:write"]})
    refused(403, "denied", strong, "GET", "/audit")
    api.delete(f"/tokens/{made['id']}")
    refused(401, "login_needed", token, "GET", "/session")
    refused(404, "missing", api, "DELETE", f"/tokens/{made['id']}")


def test_token_is_narrower_than_its_owner(roost: Roost) -> None:
    bob = as_user(roost)
    token = bob.post("/tokens", {"label": "x", "scopes": ["admin:read"]})["token"]
    refused(403, "denied", Api(roost, token), "GET", "/audit")


def test_token_expires(roost: Roost) -> None:
    api = as_user(roost)
    soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3))
    token = Api(roost, api.post("/tokens", {"label": "x", "scopes": ["self:read"],
                                            "expires": soon})["token"])
    token.get("/session")
    time.sleep(3.1)
    refused(401, "login_needed", token, "GET", "/session")


@pytest.mark.parametrize("body", [
    {"label": "", "scopes": ["self:read"]},
    {"label": "a\nb", "scopes": ["self:read"]},
    {"label": "a" * 201, "scopes": ["self:read"]},
    {"label": "x", "scopes": []},
    {"label": "x", "scopes": ["everything"]},
    {"label": "x", "scopes": [1]},
    {"label": "x", "scopes": ["self:read"], "expires": "2020-01-01T00:00:00Z"},
    {"label": "x", "scopes": ["self:read"], "expires": "tomorrow"},
])
def test_token_of_odd_form(roost: Roost, body: dict[str, object]) -> None:
    refused(400, "invalid", as_user(roost), "POST", "/tokens", body)


def test_token_by_command(roost: Roost) -> None:
    text = roost.cli("token", "add", address("bob"), "script", "self:read").strip()
    assert Api(roost, text).get("/session")["address"] == address("bob")
    listed = roost.cli("token", "list", address("bob"))
    name, rest = listed.strip().split(" ", 1)
    assert "script" in rest and text not in listed
    roost.cli("token", "rm", address("bob"), name)
    refused(401, "login_needed", Api(roost, text), "GET", "/session")
    assert roost.cli("token", "list", address("bob")) == ""


# --- the trail ---

def test_audit(roost: Roost) -> None:
    api = as_owner(roost)
    for i in range(5):
        api.post("/tokens", {"label": f"label {i}", "scopes": ["self:read"]})
    page = api.get("/audit", limit=2)
    assert [e["target"] for e in page["items"]] == ["label 4", "label 3"]
    assert page["items"][0]["who"] == address("alice")
    assert page["items"][0]["from"] == "127.0.0.1"
    page = api.get("/audit", limit=2, after=page["next"])
    assert [e["target"] for e in page["items"]] == ["label 2", "label 1"]
    assert [e["target"] for e in api.get("/audit", q="LABEL 3")["items"]] == ["label 3"]
    refused(403, "denied", as_user(roost), "GET", "/audit")


# --- the description ---

def test_openapi_describes_what_is_there(roost: Roost) -> None:
    api = Api(roost)
    doc = api.get("/openapi.json")
    assert doc["openapi"] == "3.1.0"
    names = set(re.findall(r'"#/components/(\w+/\w+)"', json.dumps(doc)))
    for name in names:
        kind, what = name.split("/")
        assert what in doc["components"][kind], name
    for path, methods in doc["paths"].items():
        for method, operation in methods.items():
            given = {p["name"] for p in operation["parameters"] if p["in"] == "path"}
            assert given == set(re.findall(r"\{(\w+)\}", path)), path
            # every call exists, and asks who calls before anything else
            filled = re.sub(r"\{\w+\}", "x", path).removeprefix("/api")
            status = api.call(method.upper(), filled)[0]
            if operation["x-role"] != "anybody":
                assert status == 401, (method, path)
            else:
                assert status not in (401, 404, 405) or path.startswith("/api/setup"), path


def test_each_call_reads_what_it_declares(roost: Roost) -> None:
    """A handler that read another name would end the server: api_argument asserts."""
    api = as_owner(roost)
    odd = "%C3%BC%00%25x"
    declared = set()
    for path, methods in api.get("/openapi.json")["paths"].items():
        names = [p["name"] for p in methods.get("get", {"parameters": []})["parameters"]
                 if p["in"] == "query"]
        declared.update((path, name) for name in names)
        if "get" not in methods or path.startswith("/api/setup") or path == "/api/backup":
            continue
        filled = path.replace("{domain}", DOMAIN).replace("{address}", ALICE[0])
        filled = re.sub(r"\{\w+\}", "1", filled).removeprefix("/api")
        for query in ("", "?" + "&".join(f"{n}={odd}" for n in names), "?after=1&limit=1&x=1"):
            status, _, text = api.call("GET", filled + query)
            assert status in (200, 204, 400, 404, 501), (filled, query, text)
    assert ("/api/events", "wait") in declared and ("/api/traces", "since") in declared
    assert ("/api/tokens", "q") not in declared and ("/api/accounts", "domain") in declared


# --- behind a proxy ---

def test_forwarded_is_believed_of_trusted_proxies_only(roost: Roost) -> None:
    said = {"X-Forwarded-For": "203.0.113.9, 198.51.100.7", "X-Forwarded-Proto": "https"}
    api = Api(roost)
    _, fields, _ = api.call("POST", "/login", {"login": ALICE[0], "password": ALICE[1]}, said)
    assert "Secure" not in fields["set-cookie"]
    assert roost.log and "peer=198.51.100.7" not in "\n".join(roost.log.lines)


def test_trusted_proxy(make_roost) -> None:  # type: ignore[no-untyped-def]
    roost = make_roost(TRUSTED_PROXIES="127.0.0.0/8, ::1").start()
    said = {"X-Forwarded-For": "203.0.113.9, 198.51.100.7", "X-Forwarded-Proto": "https",
            "X-Forwarded-Host": "mail.example.org", "Origin": "https://mail.example.org"}
    _, fields, _ = Api(roost).call("POST", "/login",
                                   {"login": ALICE[0], "password": ALICE[1]}, said)
    assert "Secure" in fields["set-cookie"]
    roost.log.wait(r" login_ok .*peer=198\.51\.100\.7 ")


def test_trusted_proxies_change_while_it_runs(roost: Roost) -> None:
    said = {"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "https"}
    login = {"login": ALICE[0], "password": ALICE[1]}

    def secure() -> bool:
        _, fields, _ = Api(roost).call("POST", "/login", login, said)
        return "Secure" in fields["set-cookie"]

    api = as_owner(roost)
    assert not secure()
    api.put("/settings/TRUSTED_PROXIES", {"value": "127.0.0.1"})
    assert secure()
    with pytest.raises(ApiError, match="^400 invalid: .*TRUSTED_PROXIES"):
        api.put("/settings/TRUSTED_PROXIES", {"value": "127.0.0.1/99"})
    assert secure()
    roost.cli("settings", "set", "TRUSTED_PROXIES", "192.0.2.0/24")
    assert not secure()


def test_rate_is_limited(roost: Roost) -> None:
    api = Api(roost)
    for _ in range(1000):
        status, fields, text = api.call("GET", "/session")
        if status == 429:
            break
    assert status == 429 and json.loads(text)["error"]["code"] == "rate"
    assert int(fields["retry-after"]) > 0
