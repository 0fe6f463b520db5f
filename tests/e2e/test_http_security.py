"""What another site's page, and a request of odd form, cannot do over HTTP."""
import json
import re

import pytest

from harness.api import Api, ApiError, as_owner, as_user, calls, refusal
from harness.raw_http import raw, raw_get
from harness.server import DOMAIN, HOSTNAME, Roost, address

BOB = address("bob")
EVIL = "evil.invalid"


def post(cookie: str, body: bytes, *fields: str) -> bytes:
    """A call of /api/tokens in bytes."""
    return "\r\n".join(["POST /api/tokens HTTP/1.1", "Host: localhost", f"Cookie: {cookie}",
                        "Content-Type: application/json", f"Content-Length: {len(body)}",
                        "Connection: close", *fields, "", ""]).encode() + body


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


@pytest.mark.parametrize("target, get", [
    (f"http://{EVIL}/api/session", 401), (f"https://{EVIL}/", 200),
    ("http://localhost/api/session", 401), (f"//{EVIL}/api/session", None),
    (f"{EVIL}:443", None), ("*", None)])
def test_targets_of_other_forms(roost: Roost, target: str, get: int | None) -> None:
    """The absolute form is taken (RFC 9112 3.2.2), and its host is told to nobody; nothing is
    fetched from there."""
    for method in (b"GET", b"POST", b"CONNECT"):
        status, answer = raw_get(roost, target.encode(), method=method)
        assert status == get if method == b"GET" and get \
            else status in (0, 400, 401, 404, 405, 501), (method, status)
        assert b"location:" not in answer.lower() and EVIL.encode() not in answer


def test_one_host_only(roost: Roost) -> None:
    """RFC 9112 3.2"""
    for more in (b"Host: localhost\r\n", f"Host: {EVIL}\r\n".encode()):
        assert raw_get(roost, b"/api/openapi.json", more=more)[0] == 400
    for version in (b"1.1", b"1.0"):
        assert raw(roost, b"GET /api/openapi.json HTTP/" + version
                   + b"\r\nConnection: close\r\n\r\n")[0] == 400


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
    api = as_user(roost)
    cookie, csrf = api.cookie, f"X-CSRF: {api.csrf}"
    for size in ("65537", "1048577", "99999999999999999999", "-1", "0x10"):
        request = post(cookie, b"", csrf).replace(b"Content-Length: 0", b"Content-Length: " +
                                            size.encode())
        status, _ = raw(roost, request)
        assert status in (400, 413), size
    # without a length it is known too late for an answer
    status, _ = raw(roost, post(cookie, b"", csrf).replace(b"Content-Length: 0",
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


@pytest.mark.parametrize("name, path", [
    ("limit", "/accounts"), ("limit", "/traces"), ("limit", "/queue"), ("limit", "/audit"),
    ("after", "/traces"), ("after", "/queue"), ("after", "/audit"), ("after", "/events"),
    ("wait", "/events")])
@pytest.mark.parametrize("value", ["abc", "-1", "1x", "1.5", "+1", "9" * 30, "%F0%9F%90%A4"])
def test_what_is_no_number_is_refused(roost: Roost, name: str, path: str, value: str) -> None:
    owner = as_owner(roost)
    status, _, body = owner.call("GET", f"{path}?{name}={value}")
    error = json.loads(body)["error"]
    assert status == 400 and error["code"] == "invalid"
    assert error["message"].startswith(f'{name}: "')
    assert error["message"].endswith('" is not valid. Use a whole number of 0 or more.')
    assert owner.call("GET", f"{path}?{name}=")[0] == 200  # as when it is absent


@pytest.mark.parametrize("target, host, status", [
    (b"http://mail.example.org/api/session", b"elsewhere", b"401"),
    (b"HTTP://mail.example.org/api/session", b"elsewhere", b"401"),
    (b"http://mail.example.org:8080/api/session?x=1", b"elsewhere", b"401"),
    (b"http://mail.example.org", b"elsewhere", b"200"),  # the first page
    (b"http://user@mail.example.org/api/session", b"mail.example.org", b"400"),
    (b"http:///api/session", b"mail.example.org", b"400"),
    (b"http://a b/api/session", b"mail.example.org", b"400"),
    (b"http://mail.example.org/api/session", b"one\r\nHost: two", b"400"),
    (b"http:%2F%2Fmail.example.org/api/session", b"mail.example.org", b"404"),
    (b"ftp://mail.example.org/api/session", b"mail.example.org", b"404")])
def test_targets_in_absolute_form(roost: Roost, target: bytes, host: bytes, status: bytes) -> None:
    """RFC 9112 3.2.2: it is taken, and its host counts, not that of the field."""
    _, answer = raw(roost, b"GET " + target + b" HTTP/1.1\r\nHost: " + host +
                    b"\r\nConnection: close\r\n\r\n")
    assert answer.split()[1] == status, answer[:200]
