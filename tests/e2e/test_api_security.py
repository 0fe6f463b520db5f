"""What a stranger, or a user who wants more, cannot do with the API."""
import json
import re
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from conftest import Maker
from harness.api import Api, ApiError, as_owner, as_user, calls, refusal, token_of
from harness.raw_http import raw
from harness.server import DOMAIN, PASSWORDS, Roost, address

ALICE, BOB = address("alice"), address("bob")
NEW = "quite another one 7"


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
    lambda owner: owner.put(f"/accounts/{BOB}", {"logins": False}),
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
    assert strangers == {("POST", "/login"), ("POST", "/login/passkey/begin"),
                         ("POST", "/login/passkey"), ("GET", "/openapi.json")}


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
    scopes = ["self:read", "self:write", "send", "admin:read", "admin:write"]
    for method, path, role, scope in calls(roost):
        assert role == "anybody" or scope in [*scopes, "login"], path
        assert method == "GET" or not scope.endswith(":read"), path
    enough = {s: {s, s.replace(":read", ":write")} for s in scopes}
    tokens = {s: token_of(owner, *(t for t in scopes if t not in enough[s])) for s in scopes}
    tokens["login"] = token_of(owner, *scopes)
    for method, path, role, scope in calls(roost):
        if role == "anybody":
            continue
        status, _, text = tokens[scope].call(method, path, {} if method != "GET" else None)
        error = json.loads(text)["error"]
        assert (status, error["code"]) == (403, "denied"), path
        assert scope.replace("login", "Log in.") in error["message"], path
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


# For each call that a token may make in part: what is refused to an owner's token.
PARTLY: dict[tuple[str, str], list[tuple[str, Any]]] = {
    ("POST", "/accounts"): [("/accounts", {"address": "new@example.org", "role": "admin"}),
                            ("/accounts", {"address": "new@example.org", "role": "owner"})],
    ("PUT", "/accounts/{address}"): [(f"/accounts/{ALICE}", {"logins": False}),
                                     (f"/accounts/{BOB}", {"role": "owner"})],
    ("DELETE", "/accounts/{address}"): [(f"/accounts/{ALICE}", None)],
    ("PUT", "/accounts/{address}/password"): [(f"/accounts/{ALICE}/password", {"password": NEW})],
    ("DELETE", "/accounts/{address}/app-passwords/{id}"):
        [(f"/accounts/{ALICE}/app-passwords/1", None)],
    ("DELETE", "/accounts/{address}/totp"): [(f"/accounts/{ALICE}/totp", None)],
    ("DELETE", "/accounts/{address}/passkeys/{id}"): [(f"/accounts/{ALICE}/passkeys/1", None)],
    ("PUT", "/settings/{name}"): [
        ("/settings/LISTEN_IMAP", {"value": "127.0.0.1:1"}),
        ("/settings/TRUSTED_PROXIES", {"value": "127.0.0.1"}),
        ("/settings/CLIENT_CA", {"value": "-----BEGIN CERTIFICATE-----"})],
    ("DELETE", "/settings/{name}"): [("/settings/PROXY_PROTOCOL", None)],
    ("PUT", "/accounts/{address}/vacation"): [(f"/accounts/{ALICE}/vacation", {"on": False})],
    ("PUT", "/acme"): [("/acme", {"hook": "/bin/sh"})],
}


def test_owners_token_cannot_become_an_owner(roost: Roost) -> None:
    """Passwords, factors and roles of who administers, and what opens the server."""
    owner = as_owner(roost)
    token = token_of(owner, "admin:write", "self:write", "send")
    token.put(f"/accounts/{BOB}/password", {"password": NEW})  # a user's is its business
    for (method, _), refused in PARTLY.items():
        for path, body in refused:
            assert refusal(token, method, path, body) == (403, "denied"), (method, path)
    assert refusal(token, "GET", "/backup", None) == (403, "denied")
    assert owner.get(f"/accounts/{BOB}")["role"] == "user"


def test_refusals_of_a_token_are_complete() -> None:
    """Each call that token_routes_test.c has as PARTLY is in the list above, and no other."""
    rows = Path("tests/unit/api/token_routes_test.c").read_text("ascii")
    partly = set(re.findall(r'\{ "(\w+)", "/api(/[^"]+)", PARTLY \}', rows))
    assert partly == PARTLY.keys() and all(PARTLY.values())


def test_nobody_sets_programs_files_and_sockets_by_the_api(make_roost: Maker) -> None:
    """Not the owner in the console either: only the environment and a command at the machine."""
    roost = make_roost(PROXY_PROTOCOL=None).start()
    owner, token = as_owner(roost), token_of(as_owner(roost), "admin:write")
    for caller in (owner, token):
        for name, value in (("LMTP_SOCKET", "/tmp/x.sock"),
                            ("LISTEN_LMTP", "0.0.0.0:24"), ("TLS_KEY", "/etc/shadow"),
                            ("ACME_CA", "/x.pem"), ("SMARTHOST_CA", "/x.pem"),
                            ("CLIENT_CA", "/x.pem"), ("MILTERS", "unix:/run/docker.sock"),
                            ("MILTERS", "inet:127.0.0.1:1\nlocal:/tmp/x.sock"),
                            ("RELAYS", "name=x to=lmtp:///run/docker.sock"),
                            ("RELAYS", "name=x to=LMTP://user:secret@/run/docker.sock"),
                            ("RELAYS", "name=x to=smtps://mx.example ca=/etc/shadow"),
                            ("RELAYS", "name=x to=smtps://mx.example ca=/nonexistent")):
            with pytest.raises(ApiError) as refused:
                caller.put(f"/settings/{name}", {"value": value})
            assert refused.value.status == 403, value
            if caller is owner:
                assert f"roost settings set {name}" in refused.value.message
        assert refusal(caller, "PUT", "/acme", {"hook": "/bin/sh"}) == (403, "denied")
        with pytest.raises(ApiError) as refused:
            caller.put("/settings/DNS_UPDATE_HOOK", {"value": "/bin/sh"})
        assert refused.value.status == 403 and "in the environment" in refused.value.message
    owner.put("/settings/DNS_UPDATE_HOOK", {"value": "https://dns.example/hook"})
    owner.put("/settings/MILTERS", {"value": "inet:127.0.0.1:1"})
    owner.put("/settings/RELAYS", {"value": "name=x to=lmtp://mx.example"})
    shown = {s["name"]: s for s in owner.get("/settings?limit=500")["items"]}
    assert shown["LMTP_SOCKET"]["machine"] and shown["LMTP_SOCKET"]["locked"]
    assert not shown["MILTERS"]["machine"] and not shown["MILTERS"]["locked"]
    roost.cli("settings", "set", "MILTERS", "local:/tmp/x.sock fail=accept")
    assert roost.cli("settings", "get", "MILTERS") == "local:/tmp/x.sock fail=accept\n"
    program = roost.run("settings", "set", "DNS_UPDATE_HOOK", "/bin/true")
    assert program.returncode == 1 and "ROOST_DNS_UPDATE_HOOK names a program: set it in the " \
        "environment" in program.stderr


def test_a_program_that_an_older_console_stored(roost: Roost) -> None:
    """It is never run, and the log says so at the start."""
    url, program = b"https://dns.example/hook", b"/usr/local/bin/dns-hooks"
    roost.cli("settings", "set", "DNS_UPDATE_HOOK", url.decode())
    assert roost.stop() == 0
    store = roost.folder / "roost.mdb"
    store.write_bytes(store.read_bytes().replace(url, program))
    roost.start()
    assert roost.log
    roost.log.wait(f" error dns_hook_stored hook={program.decode()}$")
    roost.cli("settings", "unset", "DNS_UPDATE_HOOK")


@pytest.mark.parametrize("name", ["PROXY_PROTOCOL", "TRUSTED_PROXIES"])
@pytest.mark.parametrize("value", ["0.0.0.0/0", "::/0", "128.0.0.0/1", "2000::/3"])
def test_proxies_are_not_everybody(roost: Roost, name: str, value: str) -> None:
    with pytest.raises(ApiError) as refused:
        as_owner(roost).put(f"/settings/{name}", {"value": value})
    assert refused.value.status in (400, 403) and "too wide for proxies" in refused.value.message


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


@pytest.mark.parametrize("method, path, body", [
    ("POST", "/setup/claim", {"token": "A" * 43}),
    ("PUT", "/setup/host", {"hostname": "mx.evil.example", "domain": "evil.example"}),
    ("PUT", "/setup/owner", {"address": "e@evil.example", "name": "", "password": "long enough"}),
    ("POST", "/setup/look-around", None),
    ("PUT", "/setup/delivery", {"mode": "direct"}),
    ("PUT", "/setup/certificate", {"mode": "self"}),
    ("GET", "/setup/certificate", None),
    ("GET", "/setup/challenges", None),
    ("GET", "/setup/dns", None),
    ("POST", "/setup/test-mail", {"to": "e@evil.example"}),
    ("POST", "/setup/finish", None),
    ("GET", "/setup", None),
])
def test_setup_is_over_when_somebody_owns_the_server(roost: Roost, method: str, path: str,
                                                     body: Any) -> None:
    owner = as_owner(roost)
    status = Api(roost).call(method, path, body, {"X-Setup-Token": "A" * 43})[0]
    assert status == 404
    assert owner.call("GET", "/domains/evil.example")[0] == 404


# --- the last owner ---

@pytest.mark.parametrize("method, path, body", [
    ("DELETE", f"/accounts/{ALICE}", None),
    ("PUT", f"/accounts/{ALICE}", {"logins": False}),
    ("PUT", f"/accounts/{ALICE}", {"role": "user"}),
    ("PUT", f"/accounts/{ALICE}", {"role": "admin", "domains": [DOMAIN]}),
    ("DELETE", f"/domains/{DOMAIN}", None),
    ("DELETE", f"/accounts/{ALICE.upper()}", None),
])
def test_last_owner_stays(roost: Roost, method: str, path: str, body: Any) -> None:
    owner = as_owner(roost)
    # an owner who cannot log in is none
    owner.put(f"/accounts/{BOB}", {"role": "owner"})
    owner.put(f"/accounts/{BOB}", {"logins": False})
    assert refusal(owner, method, path, body)[0] in (403, 404, 409, 422)
    assert token_of(owner, "self:read").get("/session")["role"] == "owner"
    owner.logout()
    assert as_user(roost, "alice").get("/session")["role"] == "owner"


def test_last_owner_stays_by_command(roost: Roost) -> None:
    as_owner(roost)
    for words in (("rm", ALICE), ("disable", ALICE), ("role", ALICE, "user"),
                  ("role", ALICE, "admin", DOMAIN)):
        done = roost.run("account", *words)
        assert done.returncode == 1 and "owner" in done.stderr, done
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
    """A password is hashed for a name that does not exist, too. The quickest of some tries counts, by
    turns: what else the machine has to do makes answers slower, and none quicker."""
    took: dict[str, list[float]] = {ALICE: [], f"nobody@{DOMAIN}": []}
    for i in range(4):
        for name, times in took.items():
            begun = time.monotonic()
            Api(roost).call("POST", "/login", {"login": name, "password": f"guess {i}"})
            times.append(time.monotonic() - begun)
    quickest = [min(times) for times in took.values()]
    assert min(quickest) * 3 > max(quickest), took
