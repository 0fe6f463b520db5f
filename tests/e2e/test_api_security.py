"""What a stranger, another site's page, or a user who wants more cannot do over HTTP."""
import json
import re
import threading
import time
from typing import Any, Iterator

import pytest

from harness.api import Api, ApiError, as_owner, as_user
from harness.peer import Peer
from harness.server import DOMAIN, HOSTNAME, PASSWORDS, Roost, address

ALICE, BOB = address("alice"), address("bob")
EVIL = "evil.invalid"
NEW = "quite another one 7"


def refusal(api: Api, method: str, path: str, *args: Any) -> tuple[int, str]:
    """Status and code of a call that must not go well."""
    with pytest.raises(ApiError) as e:
        api.request(method, path, *args)
    return e.value.status, e.value.code


def raw(roost: Roost, request: bytes, tls: bool = False) -> tuple[int, bytes]:
    """Exactly these bytes as a request; the status, 0 for none, and all that came back."""
    with Peer(roost.ports["https" if tls else "http"], tls) as peer:
        try:
            peer.send(request)
        except ConnectionError:
            pass  # it has heard enough
        answer = peer.rest()
    return int(answer[9:12]) if answer.startswith(b"HTTP/1.1 ") else 0, answer


def raw_get(roost: Roost, target: bytes, host: bytes = b"localhost", more: bytes = b"",
            method: bytes = b"GET") -> tuple[int, bytes]:
    """A request with this target as it stands."""
    return raw(roost, method + b" " + target + b" HTTP/1.1\r\nHost: " + host + b"\r\n" + more +
               b"Connection: close\r\n\r\n")


def post(cookie: str, body: bytes, *fields: str) -> bytes:
    """A call of /api/tokens in bytes."""
    return "\r\n".join(["POST /api/tokens HTTP/1.1", "Host: localhost", f"Cookie: {cookie}",
                        "Content-Type: application/json", f"Content-Length: {len(body)}",
                        "Connection: close", *fields, "", ""]).encode() + body


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


# --- sessions ---

def test_planted_session_is_not_taken(roost: Roost) -> None:
    """Fixation: neither an invented id nor another's survives a login."""
    victim, other = Api(roost), as_user(roost)
    for planted in ("roost_session=" + "A" * 48, "roost_session=x; roost_session=y", other.cookie):
        victim.cookie, victim.csrf = planted, ""
        victim.login(ALICE, PASSWORDS["alice"])
        assert victim.cookie != planted and planted not in victim.cookie
        assert victim.get("/session")["address"] == ALICE
    assert refusal(other, "GET", "/session") == (401, "login_needed")


def test_failed_login_sets_no_cookie(roost: Roost) -> None:
    status, fields, _ = Api(roost).call("POST", "/login", {"login": ALICE, "password": "no"})
    assert status == 401 and "set-cookie" not in fields


def test_logout_ends_the_session_for_good(roost: Roost) -> None:
    api, other = as_user(roost), as_user(roost)
    cookie = api.cookie
    _, fields, _ = api.call("POST", "/logout")
    assert re.match(r"roost_session=; .*Max-Age=0;", fields["set-cookie"])
    api.cookie = cookie
    assert refusal(api, "GET", "/session") == (401, "login_needed")
    assert other.get("/session")["address"] == BOB


def test_new_password_ends_the_other_sessions(roost: Roost) -> None:
    api, other = as_user(roost), as_user(roost)
    assert refusal(api, "PUT", "/me/password", {"old": "wrong", "new": NEW}) == (403, "denied")
    other.get("/session")
    api.put("/me/password", {"old": PASSWORDS["bob"], "new": NEW})
    assert api.get("/session")["address"] == BOB
    assert refusal(other, "GET", "/session") == (401, "login_needed")
    assert refusal(Api(roost), "POST", "/login",
                   {"login": BOB, "password": PASSWORDS["bob"]}) == (401, "denied")


@pytest.mark.parametrize("change", [
    lambda owner: owner.put(f"/accounts/{BOB}/password", {"password": NEW}),
    lambda owner: owner.put(f"/accounts/{BOB}", {"enabled": False}),
    lambda owner: owner.delete(f"/accounts/{BOB}"),
])
def test_an_administrator_ends_sessions(roost: Roost, change: Any) -> None:
    bob, owner = as_user(roost), as_owner(roost)
    change(owner)
    assert refusal(bob, "GET", "/session") == (401, "login_needed")


def test_role_counts_at_once(roost: Roost) -> None:
    owner, bob = as_owner(roost), as_user(roost)
    owner.put(f"/accounts/{BOB}", {"role": "owner"})
    token = token_of(bob, "admin:read")
    assert bob.get("/audit")["items"] and token.get("/audit")["items"]
    owner.put(f"/accounts/{BOB}", {"role": "user"})
    assert refusal(bob, "GET", "/audit") == (403, "denied")
    assert refusal(token, "GET", "/audit") == (403, "denied")


def test_cookie_flags_with_tls(roost: Roost) -> None:
    body = json.dumps({"login": BOB, "password": PASSWORDS["bob"]}).encode()
    status, answer = raw(roost, b"POST /api/login HTTP/1.1\r\nHost: localhost\r\n"
                         b"Content-Type: application/json\r\nConnection: close\r\n"
                         b"Content-Length: %d\r\n\r\n%s" % (len(body), body), tls=True)
    [cookie] = re.findall(rb"(?i)set-cookie: (.*)\r\n", answer)
    assert status == 200
    assert {b"HttpOnly", b"SameSite=Strict", b"Secure", b"Path=/"} <= set(cookie.split(b"; "))


# --- who may call what ---

def test_every_call_without_login(roost: Roost) -> None:
    anybody = set()
    for method, path, role, _ in calls(roost):
        if role == "anybody":
            anybody.add((method, path))
            continue
        status, fields, text = Api(roost).call(method, path, {} if method != "GET" else None)
        assert (status, json.loads(text)["error"]["code"]) == (401, "login_needed"), (method, path)
        assert "set-cookie" not in fields
    # what is added here is open to the world: setup is while nobody owns the server
    strangers = {c for c in anybody if not c[1].startswith("/setup")}
    assert strangers == {("POST", "/login"), ("GET", "/openapi.json")}


def test_every_call_as_user(roost: Roost) -> None:
    as_owner(roost)
    api, seen = as_user(roost), 0
    for method, path, role, _ in calls(roost):
        if role in ("admin", "owner"):
            status, _, text = api.call(method, path, {} if method != "GET" else None)
            assert (status, json.loads(text)["error"]["code"]) == (403, "denied"), (method, path)
            seen += 1
    assert seen > 20


def test_every_change_needs_the_csrf_header(roost: Roost) -> None:
    """None, a wrong one, and that of the same person's other session."""
    owner = as_owner(roost)
    other, seen = as_user(roost, "alice"), 0
    for method, path, role, _ in calls(roost):
        if method == "GET" or role == "anybody":
            continue
        for csrf in (None, "x" * 43, other.csrf):
            status, _, text = owner.call(method, path, {}, {"X-CSRF": csrf})  # type: ignore
            assert (status, json.loads(text)["error"]["code"]) == (403, "csrf"), (method, path)
        seen += 1
    assert seen > 20
    assert owner.get("/session")["role"] == "owner"


def test_every_call_with_a_token_of_other_scopes(roost: Roost) -> None:
    """A token is good for its scope only, of which write has read in it; it needs no CSRF
    header."""
    owner = as_owner(roost)
    scopes = ["self:read", "self:write", "admin:read", "admin:write"]
    for method, path, role, scope in calls(roost):
        assert role == "anybody" or scope in scopes, path
        assert method == "GET" or not scope.endswith(":read"), path
    enough = {s: {s, s.replace(":read", ":write")} for s in scopes}
    tokens = {s: token_of(owner, *(t for t in scopes if t not in enough[s])) for s in scopes}
    for method, path, role, scope in calls(roost):
        if role == "anybody":
            continue
        status, _, text = tokens[scope].call(method, path, {} if method != "GET" else None)
        error = json.loads(text)["error"]
        assert (status, error["code"]) == (403, "denied") and scope in error["message"], path
    token_of(owner, "admin:write").post("/domains", {"name": "new.example"})


def test_token_cannot_become_more(roost: Roost) -> None:
    owner = as_owner(roost)
    token = token_of(owner, "self:read", "self:write")
    for method, path, body in (
            ("POST", "/tokens", {"label": "y", "scopes": ["admin:write"]}),
            ("PUT", "/me/password", {"old": PASSWORDS["alice"], "new": NEW}),
            ("POST", "/me/app-passwords", {"label": "y"}),
            ("POST", "/me/totp", None)):
        assert refusal(token, method, path, body) == (403, "denied"), path


def test_token_of_odd_form_is_nobody(roost: Roost) -> None:
    good = token_of(as_user(roost), "self:read").headers["Authorization"]
    for bad in (good[:-1], good + "A", good.replace("Bearer ", "Basic "), "Bearer", "Bearer ",
                "Bearer " + "A" * 5000, good.removeprefix("Bearer ")):
        api = Api(roost)
        api.headers["Authorization"] = bad
        assert refusal(api, "GET", "/session") == (401, "login_needed"), bad


def test_token_ends_in_time(roost: Roost) -> None:
    soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 2))
    token = token_of(as_user(roost), "self:read", expires=soon)
    token.get("/session")
    time.sleep(2.1)
    assert refusal(token, "GET", "/session") == (401, "login_needed")


# --- the last owner ---

@pytest.mark.parametrize("method, path, body", [
    ("DELETE", f"/accounts/{ALICE}", None),
    ("PUT", f"/accounts/{ALICE}", {"enabled": False}),
    ("PUT", f"/accounts/{ALICE}", {"role": "user"}),
    ("PUT", f"/accounts/{ALICE}", {"role": "admin", "domains": [DOMAIN]}),
    ("DELETE", f"/domains/{DOMAIN}", None),
    ("DELETE", f"/accounts/{ALICE.upper()}", None),
])
def test_last_owner_stays(roost: Roost, method: str, path: str, body: Any) -> None:
    owner = as_owner(roost)
    # an owner who cannot log in is none
    owner.put(f"/accounts/{BOB}", {"role": "owner"})
    owner.put(f"/accounts/{BOB}", {"enabled": False})
    assert refusal(owner, method, path, body)[0] in (403, 404, 409, 422)
    assert token_of(owner, "self:read").get("/session")["role"] == "owner"
    owner.logout()
    assert as_user(roost, "alice").get("/session")["role"] == "owner"


def test_last_owner_stays_by_command(roost: Roost) -> None:
    as_owner(roost)
    for words in (("account", "rm", ALICE), ("account", "disable", ALICE),
                  ("account", "user", ALICE)):
        roost.run(*words)
    assert as_user(roost, "alice").get("/session")["role"] == "owner"


def test_two_owners_cannot_end_each_other_at_once(roost: Roost) -> None:
    first = as_owner(roost)
    second = as_owner(roost, "bob")
    threads = [threading.Thread(target=api.call, args=("DELETE", f"/accounts/{who}"))
               for api, who in ((first, BOB), (second, ALICE))]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    left = [api for api in (first, second) if api.call("GET", "/session")[0] == 200]
    assert len(left) == 1 and left[0].get("/session")["role"] == "owner"


def test_domain_administrator_stays_in_his_domain(roost: Roost) -> None:
    owner = as_owner(roost)
    owner.post("/domains", {"name": "other.example"})
    owner.post("/accounts", {"address": "eve@other.example", "password": NEW, "role": "admin",
                             "domains": ["other.example"]})
    eve = Api(roost)
    eve.login("eve@other.example", NEW)
    assert [a["address"] for a in eve.get("/accounts")["items"]] == ["eve@other.example"]
    for method, path, body in (
            ("GET", f"/accounts/{BOB}", None),
            ("DELETE", f"/accounts/{BOB}", None),
            ("PUT", f"/accounts/{BOB}", {"name": "x"}),
            ("PUT", f"/accounts/{BOB}/password", {"password": NEW}),
            ("DELETE", f"/accounts/{BOB}/totp", None),
            ("GET", f"/accounts/{BOB}/logins", None),
            ("GET", f"/domains/{DOMAIN}", None),
            ("PUT", f"/domains/{DOMAIN}", {"catchall": "eve@other.example"}),
            ("POST", "/accounts", {"address": f"new@{DOMAIN}"}),
            ("POST", "/accounts", {"address": "new@other.example", "role": "owner"}),
            ("PUT", "/accounts/eve@other.example", {"role": "owner"}),
            ("PUT", "/accounts/eve@other.example", {"domains": ["other.example", DOMAIN]}),
            ("POST", "/aliases", {"address": f"all@{DOMAIN}", "targets": ["eve@other.example"]})):
        assert refusal(eve, method, path, body)[0] in (403, 404), (method, path, body)
    assert eve.get("/session")["role"] == "admin"


# --- answers for browsers ---

PAGES = ("/", "/nothing", "/setup", "/assets/nothing.js", "/healthz/live", "/metrics",
         "/api/openapi.json", "/api/session", "/api/nothing", "/api", "/api/",
         "/.well-known/mta-sts.txt", "/mail/config-v1.1.xml?emailaddress=bob@example.org",
         "/apple.mobileconfig?address=bob@example.org")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_page_is_framed_or_runs_what_is_not_ours(roost: Roost, path: str, method: str) -> None:
    _, answer = raw_get(roost, path.encode(), method=method.encode(),
                        more=b"Accept: text/html\r\n")
    head = answer.split(b"\r\n\r\n")[0].decode().lower()
    fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:])
    assert fields["x-frame-options"] == "deny"
    assert fields["x-content-type-options"] == "nosniff"
    assert fields["referrer-policy"] == "no-referrer"
    policy = dict((p.split() + [""])[:2] for p in fields["content-security-policy"].split(";"))
    assert policy["frame-ancestors"] == policy["default-src"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in fields["content-security-policy"]
    assert "*" not in fields["content-security-policy"]
    assert "access-control-allow-origin" not in fields


def test_page_has_nothing_inline(roost: Roost) -> None:
    status, page = raw_get(roost, b"/", more=b"Accept: text/html\r\n")
    assert status == 200
    text = page.decode()
    for script in re.findall(r"<script[^>]*>", text):
        assert "src=" in script
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", text)
    assert not re.search(r"(src|href)=\"?(https?:)?//", text)


# --- Host, and targets of other forms ---

@pytest.mark.parametrize("path", PAGES + ("/autodiscover/autodiscover.json",))
@pytest.mark.parametrize("host", [EVIL, f"localhost@{EVIL}", f"{EVIL}:80", f"mta-sts.{EVIL}",
                                  f"{EVIL}\"><script>"])
def test_host_is_not_reflected(roost: Roost, path: str, host: str) -> None:
    _, answer = raw_get(roost, path.encode(), host.encode())
    assert EVIL.encode() not in answer.lower() and b"<script>" not in answer


def test_host_is_not_in_links(roost: Roost) -> None:
    api = as_user(roost)
    more = {"Host": EVIL, "X-Forwarded-Host": EVIL, "Forwarded": f"host={EVIL}"}
    status, _, text = api.call("GET", "/client-settings", headers=more)
    assert status == 200 and EVIL.encode() not in text
    assert json.loads(text)["profile"].startswith(f"https://{HOSTNAME}")


@pytest.mark.parametrize("more", [
    b"X-Forwarded-Host: " + EVIL.encode(), b"X-Original-URL: /api/audit",
    b"X-Rewrite-URL: /api/audit", b"X-HTTP-Method-Override: DELETE",
    b"X-Forwarded-For: 127.0.0.1", b"X-Real-IP: 127.0.0.1"])
def test_fields_of_proxies_change_nothing(roost: Roost, more: bytes) -> None:
    status, answer = raw_get(roost, b"/api/session", more=more + b"\r\n")
    assert status == 401 and b"login_needed" in answer and EVIL.encode() not in answer


def test_forwarded_address_does_not_escape_the_lock(roost: Roost) -> None:
    api, statuses = Api(roost), set()
    for i in range(25):
        status = api.call("POST", "/login", {"login": f"u{i}@{DOMAIN}", "password": "x"},
                          {"X-Forwarded-For": f"198.51.100.{i}"})[0]
        statuses.add(status)
    assert statuses == {401, 503}
    assert roost.log and "198.51.100." not in "\n".join(roost.log.lines)


@pytest.mark.parametrize("target", [
    f"http://{EVIL}/api/session", f"https://{EVIL}/", "http://localhost/api/session",
    f"//{EVIL}/api/session", f"{EVIL}:443", "*"])
def test_targets_of_other_forms(roost: Roost, target: str) -> None:
    for method in (b"GET", b"POST", b"CONNECT"):
        status, answer = raw_get(roost, target.encode(), method=method)
        assert status in (0, 400, 401, 404, 405, 501)
        assert b"location:" not in answer.lower() and EVIL.encode() not in answer


def test_one_host_only(roost: Roost) -> None:
    """RFC 9112 3.2"""
    for more in (b"Host: localhost\r\n", f"Host: {EVIL}\r\n".encode()):
        assert raw_get(roost, b"/api/openapi.json", more=more)[0] == 400
    assert raw(roost, b"GET /api/openapi.json HTTP/1.1\r\nConnection: close\r\n\r\n")[0] == 400


# --- paths and methods ---

@pytest.mark.parametrize("target", [
    "/api/../api/openapi.json", "/api/./openapi.json", "/api/x/../openapi.json",
    "/api/%2e%2e/api/openapi.json", "/api/%2e/openapi.json", "//api/openapi.json",
    "/api//openapi.json", "/api/openapi.json/", "/api/openapi.json.", "/api/openapi.json%00",
    "/api/openapi.json%00.png", "/api/openapi.json%20", "/api/openapi.json;x", "/API/openapi.json",
    "/api/openapi.json%0d%0aX: y", "/api%5copenapi.json", "/api\\openapi.json",
    "/api/%252e%252e/openapi.json", "/assets/../api/openapi.json", "/assets/..%2f..%2fetc/passwd",
    "/assets/%2e%2e/index.html", "/.%2e/.%2e/etc/passwd", "/%00", "/api/%ff%fe", "/api/%zz",
    "/api/accounts/" + "../" * 500 + "etc/passwd", "/api/" + "a" * 12000, "/" + "%41" * 4000,
])
def test_path_is_taken_as_it_stands(roost: Roost, target: str) -> None:
    status, answer = raw_get(roost, target.encode())
    assert status in (400, 401, 404, 414, 431), answer[:200]
    assert b"root:" not in answer and b"openapi\"" not in answer and b"\r\nX: y" not in answer


@pytest.mark.parametrize("target, method, status", [
    (f"/api/accounts/{BOB}%2fpassword", b"PUT", 403),
    (f"/api/accounts/{BOB}%2f..%2f..%2faudit", b"GET", 404),
    ("/api/accounts/%00", b"GET", 404),
    (f"/api/accounts/{BOB}%00", b"GET", 404),
    ("/api/accounts/..", b"GET", 404),
    ("/api/accounts/%2e%2e", b"GET", 404),
])
def test_odd_names_in_paths(roost: Roost, target: str, method: bytes, status: int) -> None:
    """Also for an owner they are names of nothing."""
    owner = as_owner(roost)
    more = f"Cookie: {owner.cookie}\r\nContent-Type: application/json\r\n".encode()
    assert raw_get(roost, target.encode(), more=more, method=method)[0] == status


@pytest.mark.parametrize("method", ["PATCH", "TRACE", "OPTIONS", "PROPFIND", "get", "X" * 3000,
                                    "G\tET", "CONNECT"])
def test_methods_that_are_none(roost: Roost, method: str) -> None:
    for path in (b"/api/session", b"/api/login", b"/"):
        status, answer = raw_get(roost, path, method=method.encode(),
                                 more=b"Cookie: roost_session=secret\r\n")
        assert status in (0, 400, 405, 414, 431, 501), (method, path)
        assert b"roost_session" not in answer, "as TRACE would"


# --- what a value becomes ---

def test_values_do_not_become_fields(roost: Roost) -> None:
    break_out = "%0d%0aSet-Cookie:%20x=y%0d%0a%0d%0a<script>"
    api = as_owner(roost)
    for path in (f"/apple.mobileconfig?address={break_out}",
                 f"/mail/config-v1.1.xml?emailaddress={break_out}",
                 f"/api/client-settings?address={break_out}", f"/api/accounts/{break_out}",
                 f"/api/domains/{break_out}", f"/api/audit?after={break_out}", f"/{break_out}"):
        status, answer = raw_get(roost, path.encode(), more=f"Cookie: {api.cookie}\r\n".encode())
        head, body = answer.split(b"\r\n\r\n", 1)
        assert status in (200, 400, 403, 404) and b"set-cookie" not in head.lower(), path
        assert b"html" not in head.lower() or b"<script>" not in body, path


def test_names_stay_text(roost: Roost) -> None:
    """What a user calls himself is JSON in an answer and XML in a profile, whatever it is."""
    name = '</string><script>alert(1)</script>"\\\u2028&amp;'
    api = as_user(roost)
    try:
        api.put("/me", {"name": name})
    except ApiError as e:
        assert e.status == 400
        return
    assert api.get("/me")["name"] == name
    _, fields, text = api.call("GET", "/me")
    assert fields["content-type"] == "application/json" and json.loads(text)["name"] == name


# --- bodies ---

def test_bodies_too_large(roost: Roost) -> None:
    cookie = as_user(roost).cookie
    for size in ("65537", "1048577", "99999999999999999999", "-1", "0x10"):
        request = post(cookie, b"").replace(b"Content-Length: 0", b"Content-Length: " +
                                            size.encode())
        status, _ = raw(roost, request)
        assert status in (400, 413), size
    # without a length it is known too late for an answer
    status, _ = raw(roost, post(cookie, b"").replace(b"Content-Length: 0",
                                                     b"Transfer-Encoding: chunked")
                    + (b"1000\r\n" + b" " * 4096 + b"\r\n") * 40 + b"0\r\n\r\n")
    assert status in (0, 413)
    assert Api(roost).get("/openapi.json")


def test_requests_in_requests(roost: Roost) -> None:
    """Two lengths, or a length and chunks, are how one request hides in another."""
    cookie = as_user(roost).cookie
    inner = b"GET /api/openapi.json HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    for fields in ((b"Content-Length: 0", b"Content-Length: %d" % len(inner)),
                   (b"Content-Length: %d" % len(inner), b"Transfer-Encoding: chunked"),
                   (b"Content-Length: 0, %d" % len(inner),),
                   (b"Content-Length : %d" % len(inner),),
                   (b"Content-Length: +%d" % len(inner),),
                   (b"Transfer-Encoding: chunked, identity",),
                   (b"Transfer-Encoding: xchunked",),
                   (b"Transfer-Encoding : chunked",)):
        _, answer = raw(roost, b"POST /api/session HTTP/1.1\r\nHost: x\r\nCookie: " +
                        cookie.encode() + b"\r\n" + b"\r\n".join(fields) + b"\r\n\r\n" + inner)
        assert b"\"openapi\"" not in answer, fields


@pytest.mark.parametrize("body", [
    b"", b"null", b"[]", b"\"x\"", b"7", b"{", b"{}", b"{}{}", b"\xef\xbb\xbf{}",
    b"[" * 60000, b'{"a":' * 9000, b'{"label":' + b"[" * 30000,
    b'{"label":"x","scopes":["self:read"],"owner":true}',
    b'{"label":"x","label":"y","scopes":["self:read"]}',
    b'{"label":"x","l\\u0061bel":"y","scopes":["self:read"]}',
    b'{"label":["x"],"scopes":["self:read"]}', b'{"label":"x","scopes":"self:read"}',
    b'{"label":"x","scopes":{"0":"self:read"}}', b'{"label":"x","scopes":[["self:read"]]}',
    b'{"label":"x","scopes":[null]}', b'{"label":null,"scopes":["self:read"]}',
    b'{"label":"\xff","scopes":["self:read"]}', b'{"label":"\xed\xa0\x80","scopes":["self:read"]}',
    b'{"label":"\xc0\x80","scopes":["self:read"]}', b'{"label":"\\ud800","scopes":["self:read"]}',
    b'{"label":"a\\u0000b","scopes":["self:read"]}', b'{"label":"a\nb","scopes":["self:read"]}',
    b'{"label":"x","scopes":["self:read"],"expires":9e999}',
    b'{"label":"x","scopes":["self:read"],"expires":"99999-01-01T00:00:00Z"}',
    b'{"label":"x","scopes":["self:read"],"expires":"2030-02-30T00:00:00Z"}',
    b'{"label":"x","scopes":["self:read"],}', b"{'label':'x'}", b'{"label":"x" /* */}',
])
def test_bodies_that_are_not_taken(roost: Roost, body: bytes) -> None:
    api = as_user(roost)
    status, answer = raw(roost, post(api.cookie, body, f"X-CSRF: {api.csrf}"))
    assert status == 400 and b'"invalid"' in answer, answer[-300:]
    assert api.get("/tokens")["items"] == []


@pytest.mark.parametrize("number", [
    b"-1", b"1.5", b"1e3", b"18446744073709551616", b"1e999", b"-0.0001", b"NaN", b"01", b"true",
    b'"5"', b"9" * 5000])
def test_numbers_that_are_none(roost: Roost, number: bytes) -> None:
    owner = as_owner(roost)
    assert refusal(owner, "PUT", f"/accounts/{BOB}",
                   b'{"quota_bytes":' + number + b"}") == (400, "invalid")
    assert owner.get(f"/accounts/{BOB}")["quota_bytes"] == 0


@pytest.mark.parametrize("query", ["limit=-1", "limit=99999999999999999999", "limit=x", "limit=",
                                   "limit=0", "after=%00", "after=" + "x" * 5000, "q=%ff", "&&=&",
                                   "limit=1&limit=2"])
def test_odd_arguments(roost: Roost, query: str) -> None:
    owner, seen = as_owner(roost), 0
    for method, path, role, _ in calls(roost):
        if method == "GET" and role != "anybody" and path not in ("/events", "/backup"):
            assert owner.call("GET", f"{path}?{query}")[0] in (200, 400, 404), path
            seen += 1
    assert seen > 10


# --- guessing ---

def test_lock_does_not_tell_who_exists(roost: Roost) -> None:
    """The same answers for a name that is there and one that is not, before the lock and after."""
    told = []
    for name in (BOB, f"nobody@{DOMAIN}"):
        roost.restart()
        api = Api(roost)
        told.append([])
        for i in range(13):
            status, fields, text = api.call("POST", "/login", {"login": name,
                                                               "password": f"guess {i}"})
            told[-1].append((status, sorted(fields), text.replace(name.encode(), b"NAME")))
    assert told[0] == told[1]
    assert {s for s, _, _ in told[0]} == {401, 503}


def test_answers_to_strangers_take_as_long(roost: Roost) -> None:
    """A password is hashed for a name that does not exist, too."""
    took = {}
    for name in (ALICE, f"nobody@{DOMAIN}"):
        begun = time.monotonic()
        for i in range(3):
            Api(roost).call("POST", "/login", {"login": name, "password": f"guess {i}"})
        took[name] = time.monotonic() - begun
    assert min(took.values()) * 5 > max(took.values()), took
