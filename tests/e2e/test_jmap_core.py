"""JMAP's core (RFC 8620) and blobs (RFC 9404) over HTTP: session, login, problems, blobs."""
import base64
import gzip
import hashlib
import http.client
import imaplib
import json
import socket
from typing import Callable

import pytest

from harness import mail
from harness.ports import free_port
from harness.api import as_user
from harness.server import HOSTNAME, Roost, address
from jmap_client import CORE, Jmap, JmapError

MAIL = "urn:ietf:params:jmap:mail"
ECHO = {"using": [CORE], "methodCalls": [["Core/echo", {"a": 1}, "0"]]}


def bearer(token: str) -> dict[str, str]:
    """Header fields of a client with a token."""
    return {"Authorization": f"Bearer {token}"}


# --- session ---

def test_session_and_echo(roost: Roost) -> None:
    jmap = Jmap(roost)
    session = jmap.session
    assert session["username"] == address("alice")
    account = session["accounts"][jmap.account()]
    assert account["isPersonal"] is True and account["name"] == address("alice")
    assert session["capabilities"][CORE]["maxCallsInRequest"] == 64
    assert CORE in account["accountCapabilities"] and MAIL in account["accountCapabilities"]
    assert jmap.http("GET", "/jmap/session")[2] == json.dumps(
        session, separators=(",", ":"), ensure_ascii=False).encode()
    arguments = {"hello": True, "high": 5, "deep": [1.5, -2, None, {"a": "\u00e9\u0000"}]}
    status, body = jmap.post({"using": [CORE],
                              "methodCalls": [["Core/echo", arguments, "b3ff"]]})
    assert status == 200
    assert body["methodResponses"] == [["Core/echo", arguments, "b3ff"]]
    assert body["sessionState"] == session["state"]


def test_session_has_accounts_that_share(roost: Roost) -> None:
    alice, bob = mail.mailbox(roost, "alice"), Jmap(roost, "bob")
    before = bob.session
    assert list(before["accounts"]) == [bob.account()]
    assert alice.setacl("INBOX", address("bob"), "lrs")[0] == "OK"
    after = Jmap(roost, "bob").session
    assert after["state"] != before["state"]
    shared = after["accounts"][Jmap(roost, "alice").account()]
    assert shared["name"] == address("alice") and shared["isPersonal"] is False
    assert bob.post(ECHO)[1]["sessionState"] == after["state"]


# --- login ---

def test_logins(roost: Roost) -> None:
    for headers in ({}, bearer("x" * 48), {"Authorization": "Basic !"},
                    {"Authorization": "Basic " + base64.b64encode(b"alice").decode()}):
        status, fields, _ = Jmap(roost, headers=headers).http("GET", "/.well-known/jmap")
        assert status == 401 and fields["www-authenticate"].startswith("Basic realm="), headers
    assert Jmap(roost, password="wrong").http("GET", "/jmap/session")[0] == 401
    api = as_user(roost, "bob")
    token = api.post("/tokens", {"label": "mail", "scopes": ["mail"]})["token"]
    assert Jmap(roost, headers=bearer(token)).session["username"] == address("bob")
    other = api.post("/tokens", {"label": "x", "scopes": ["self:write"]})["token"]
    assert Jmap(roost, headers=bearer(other)).http("GET", "/jmap/session")[0] == 401


def test_password_that_changes_ends_the_login(roost: Roost) -> None:
    jmap = Jmap(roost, "bob")
    assert jmap.session and jmap.post(ECHO)[0] == 200
    assert jmap.post(ECHO)[0] == 200
    assert sum("login_ok" in line for line in roost.logs[-1].lines) == 1  # remembered
    roost.cli("account", "passwd", address("bob"), stdin="another word of a user\n")
    assert jmap.post(ECHO)[0] == 401


def test_app_passwords(roost: Roost) -> None:
    api = as_user(roost, "bob")
    phone = api.post("/me/app-passwords", {"label": "phone"})["password"]
    assert Jmap(roost, "bob", phone).call("Core/echo", {"x": 1}) == {"x": 1}
    pop = api.post("/me/app-passwords", {"label": "pop", "scopes": ["pop3"]})["password"]
    assert Jmap(roost, "bob", pop).http("GET", "/jmap/session")[0] == 401
    imap = api.post("/me/app-passwords", {"label": "imap", "scopes": ["imap"]})["password"]
    account = Jmap(roost, "bob", imap).session["accounts"]
    assert MAIL in next(iter(account.values()))["accountCapabilities"]


def test_cookie_needs_csrf(roost: Roost) -> None:
    api = as_user(roost, "bob")
    jmap = Jmap(roost, "bob", headers={"Cookie": api.cookie})
    assert jmap.session["username"] == address("bob")
    assert jmap.post(ECHO)[0] == 401
    jmap.headers["X-CSRF"] = api.csrf
    assert jmap.post(ECHO)[0] == 200
    jmap.headers["Origin"] = "https://evil.example"
    assert jmap.post(ECHO)[0] == 401


def test_imap_names_the_session(make_roost: Callable[..., Roost]) -> None:
    """RFC 9698: the URL of JMAP over TLS, after login."""
    port = free_port()
    roost = make_roost(LISTEN_HTTPS=f"127.0.0.1:{port}").start()
    imap = mail.mailbox(roost, "alice")
    assert "JMAPACCESS" in imap.capability()[1][0].decode().split()
    imaplib.Commands["GETJMAPACCESS"] = ("AUTH", "SELECTED")
    imap._simple_command("GETJMAPACCESS")  # pylint: disable=protected-access
    url = imap.response("JMAPACCESS")[1][0].decode().strip('"')
    assert url == f"https://{HOSTNAME}:{port}/.well-known/jmap"


# --- HTTP ---

def test_pages_of_other_origins(make_roost: Callable[..., Roost]) -> None:
    roost = make_roost(CORS_ORIGINS="https://mail.example.net, https://b.example").start()
    jmap = Jmap(roost, headers={"Origin": "https://mail.example.net"})
    status, fields, _ = jmap.http("OPTIONS", "/jmap/api",
                                  Access_Control_Request_Method="POST")
    assert status == 204
    assert fields["access-control-allow-origin"] == "https://mail.example.net"
    assert "Authorization" in fields["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in fields
    status, fields, _ = jmap.http("GET", "/.well-known/jmap")
    assert status == 401 and fields["access-control-allow-origin"] == "https://mail.example.net"
    jmap.headers["Origin"] = "https://evil.example"
    status, fields, _ = jmap.http("OPTIONS", "/jmap/api")
    assert status == 403 and "access-control-allow-origin" not in fields
    assert "access-control-allow-origin" not in jmap.http("GET", "/jmap/session")[1]


def test_compressed_responses(roost: Roost) -> None:
    jmap = Jmap(roost)
    long = json.dumps({"using": [CORE], "methodCalls": [["Core/echo", {"a": "x" * 5000}, "0"]]})
    status, fields, body = jmap.http("POST", "/jmap/api", long.encode(),
                                     Content_Type="application/json", Accept_Encoding="br, gzip")
    assert status == 200 and fields["content-encoding"] == "gzip" and len(body) < 500
    assert json.loads(gzip.decompress(body))["methodResponses"][0][1]["a"] == "x" * 5000
    for accept in ("identity", "gzip;q=0", "br"):
        _, fields, body = jmap.http("POST", "/jmap/api", long.encode(),
                                    Content_Type="application/json", Accept_Encoding=accept)
        assert "content-encoding" not in fields and json.loads(body)
    _, fields, _ = jmap.http("POST", "/jmap/api", json.dumps(ECHO).encode(),
                             Content_Type="application/json", Accept_Encoding="gzip")
    assert "content-encoding" not in fields  # short


def test_keep_alive_and_pipelining(roost: Roost) -> None:
    jmap = Jmap(roost)
    body = json.dumps(ECHO).encode()
    request = (f"POST /jmap/api HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
               f"Authorization: {jmap.headers['Authorization']}\r\n"
               f"Content-Length: {len(body)}\r\n\r\n").encode() + body
    with socket.create_connection(("127.0.0.1", roost.ports["http"]), timeout=20) as s:
        s.sendall(request * 5)
        answers = b""
        while answers.count(b"sessionState") < 5:
            more = s.recv(65536)
            assert more, answers
            answers += more
    assert answers.count(b"HTTP/1.1 200") == 5


def test_head_and_methods(roost: Roost) -> None:
    jmap = Jmap(roost)
    status, fields, body = jmap.http("HEAD", "/.well-known/jmap")
    assert (status, body) == (200, b"") and fields["content-type"] == "application/json"
    assert jmap.http("PUT", "/jmap/api")[0] == 405
    assert jmap.http("GET", "/jmap/api")[0] in (404, 405)


# --- problems ---

@pytest.mark.parametrize("body,kind,error", [
    (b"{", "application/json", "notJSON"),
    (b'{"using":[],"methodCalls":[]}', "text/plain", "notJSON"),
    (b'{"using":[],"methodCalls":[["\xff",{},""]]}', "application/json", "notJSON"),
    (b'{"using":[],"methodCalls":[],"using":[]}', "application/json", "notJSON"),
    (b"[" * 5000, "application/json", "notJSON"),
    (b'{"using":[]}', "application/json", "notRequest"),
    (b'{"using":["urn:x"],"methodCalls":[]}', "application/json", "unknownCapability"),
    (json.dumps({"using": [], "methodCalls": [["a", {}, "0"]] * 65}).encode(),
     "application/json", "limit"),
])
def test_problems(roost: Roost, body: bytes, kind: str, error: str) -> None:
    status, fields, text = Jmap(roost).http("POST", "/jmap/api", body, Content_Type=kind)
    answer = json.loads(text)
    assert status == 400 and fields["content-type"] == "application/problem+json"
    assert answer["type"] == f"urn:ietf:params:jmap:error:{error}" and answer["status"] == 400
    if error == "limit":
        assert answer["limit"] == "maxCallsInRequest"


def test_request_that_is_too_large(roost: Roost) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", roost.ports["http"], timeout=20)
    connection.putrequest("POST", "/jmap/api")
    connection.putheader("Authorization", Jmap(roost).headers["Authorization"])
    connection.putheader("Content-Length", "10000001")
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


# --- blobs ---

def test_upload_and_download(roost: Roost) -> None:
    jmap = Jmap(roost)
    content = bytes(range(256)) * 400
    made = jmap.upload(content, "image/png")
    assert made["type"] == "image/png" and made["size"] == len(content)
    assert made["accountId"] == jmap.account()
    path = jmap.path("downloadUrl", accountId=jmap.account(), blobId=made["blobId"],
                     name="a b/\u00e9.png", type="image/png")
    status, fields, body = jmap.http("GET", path)
    assert (status, body) == (200, content) and fields["content-type"] == "image/png"
    assert fields["content-disposition"] == "attachment; filename*=UTF-8''a%20b%2F%C3%A9.png"
    assert "immutable" in fields["cache-control"] and "sandbox" in fields["content-security-policy"]
    assert jmap.http("GET", path, If_None_Match=fields["etag"])[0] == 304


@pytest.mark.parametrize("field,status,first,last", [
    ("bytes=0-0", 206, 0, 1), ("bytes=10-19", 206, 10, 20), ("bytes=990-", 206, 990, 1000),
    ("bytes=-10", 206, 990, 1000), ("bytes=-5000", 206, 0, 1000), ("bytes=5-5000", 206, 5, 1000),
    ("bytes=1000-", 416, 0, 0), ("bytes=-0", 416, 0, 0), ("bytes=9-3", 200, 0, 1000),
    ("bytes=0-1,4-5", 200, 0, 1000), ("lines=0-1", 200, 0, 1000),
])
def test_ranges(roost: Roost, field: str, status: int, first: int, last: int) -> None:
    jmap = Jmap(roost)
    content = bytes(i % 251 for i in range(1000))
    path = jmap.path("downloadUrl", accountId=jmap.account(),
                     blobId=jmap.upload(content)["blobId"], name="x", type="text/plain")
    got, fields, body = jmap.http("GET", path, Range=field)
    assert got == status
    if status == 416:
        assert fields["content-range"] == "bytes */1000"
    else:
        assert body == content[first:last]
    if status == 206:
        assert fields["content-range"] == f"bytes {first}-{last - 1}/1000"


def test_blobs_of_others(roost: Roost) -> None:
    alice, bob = Jmap(roost), Jmap(roost, "bob")
    blob = alice.upload(b"secret")["blobId"]
    for account in (alice.account(), bob.account()):
        path = bob.path("downloadUrl", accountId=account, blobId=blob, name="x", type="a/b")
        assert bob.http("GET", path)[0] == 404
    assert bob.http("POST", bob.path("uploadUrl", accountId=alice.account()), b"x",
                    Content_Type="a/b")[0] == 404
    assert bob.call("Blob/get", ids=[blob])["notFound"] == [blob]
    # alice shares a mailbox: her uploads stay hers
    assert mail.mailbox(roost, "alice").setacl("INBOX", address("bob"), "lrs")[0] == "OK"
    answer = bob.call("Blob/get", accountId=alice.account(), ids=[blob])
    assert answer["notFound"] == [blob]


def test_html_is_no_page(roost: Roost) -> None:
    jmap = Jmap(roost)
    blob = jmap.upload(b"<script>1</script>", "text/html")["blobId"]
    _, fields, _ = jmap.http("GET", jmap.path(
        "downloadUrl", accountId=jmap.account(), blobId=blob, name="x.html", type="text/html"))
    assert fields["content-disposition"].startswith("attachment")
    assert fields["x-content-type-options"] == "nosniff"
    _, fields, _ = jmap.http("GET", jmap.path(
        "downloadUrl", accountId=jmap.account(), blobId=blob, name="x", type="a/b\r\nSet-Cookie: x"))
    assert fields["content-type"] == "application/octet-stream" and "set-cookie" not in fields


def test_blob_methods(roost: Roost) -> None:
    """RFC 9404 4.1.2 and 4.2.2, with its data."""
    jmap = Jmap(roost)
    quick = "The quick brown fox jumped over the \x81\x81 dog."
    raw = quick.encode("latin-1")
    responses = jmap.request([
        ["Blob/upload", {"create": {
            "cat": {"data": [{"data:asText": "How"}, {"blobId": "#b4", "offset": 3, "length": 4},
                             {"data:asText": "are you?"}]},
            "b4": {"data": [{"data:asBase64": base64.b64encode(raw).decode()}],
                   "type": "text/plain"},
            "bad": {"data": [{"data:asBase64": "!"}]},
            "far": {"data": [{"blobId": "#b4", "offset": 40, "length": 40}]},
            "none": {"data": [{"blobId": "#nope"}]},
            "two": {"data": [{"data:asText": "a", "data:asBase64": "YQ=="}]},
            "empty": {"data": []}}}, "S4"],
        ["Blob/get", {"ids": ["#b4", "B1-99999"]}, "G1"],
        ["Blob/get", {"ids": ["#b4"], "properties": ["data:asText", "size"]}, "G2"],
        ["Blob/get", {"ids": ["#b4"], "properties": ["data:asBase64", "size"]}, "G3"],
        ["Blob/get", {"ids": ["#b4"], "offset": 0, "length": 5}, "G4"],
        ["Blob/get", {"ids": ["#b4"], "offset": 20, "length": 100}, "G5"],
        ["Blob/get", {"ids": ["#cat"], "properties": ["data", "digest:sha", "digest:sha-256"]}, "G6"],
        ["Blob/get", {"ids": ["#cat"], "properties": ["nope"]}, "G7"],
        ["Blob/lookup", {"typeNames": ["Mailbox", "Thread", "Email"], "ids": ["#b4"]}, "L"],
        ["Blob/lookup", {"typeNames": ["Nope"], "ids": []}, "L2"],
    ])
    made = responses[0][1]
    assert set(made["created"]) == {"cat", "b4", "empty"}
    assert made["created"]["b4"]["size"] == len(raw)
    assert {k: v["type"] for k, v in made["notCreated"].items()} == {
        "bad": "invalidProperties", "far": "invalidProperties", "none": "blobNotFound",
        "two": "invalidProperties"}
    blob = made["created"]["b4"]["id"]
    b64 = base64.b64encode(raw).decode()
    got = {call: (answer["list"][0] if answer.get("list") else answer)
           for name, answer, call in responses[1:]}
    assert responses[1][1]["notFound"] == ["B1-99999"]
    assert got["G1"] == {"id": blob, "isEncodingProblem": True, "data:asBase64": b64,
                         "size": len(raw)}
    assert got["G2"] == {"id": blob, "isEncodingProblem": True, "data:asText": None,
                         "size": len(raw)}
    assert got["G3"] == {"id": blob, "data:asBase64": b64, "size": len(raw)}
    assert got["G4"] == {"id": blob, "data:asText": "The q", "size": len(raw)}
    assert got["G5"]["isTruncated"] is True
    assert got["G5"]["data:asBase64"] == base64.b64encode(raw[20:]).decode()
    text = "How" + quick[3:7] + "are you?"
    assert got["G6"]["data:asText"] == text
    for name, h in (("sha", hashlib.sha1), ("sha-256", hashlib.sha256)):
        assert got["G6"][f"digest:{name}"] == base64.b64encode(h(text.encode()).digest()).decode()
    assert got["G7"]["type"] == "invalidArguments"
    assert got["L"]["matchedIds"] == {"Mailbox": [], "Thread": [], "Email": []}
    assert got["L2"]["type"] == "unknownDataType"


def test_blobs_of_messages(roost: Roost) -> None:
    mail.deliver(roost, mail.letter("a blob"))
    jmap = Jmap(roost)
    imap = mail.mailbox(roost, "alice")
    imap.select("INBOX")
    answer = imap.fetch("1", "(EMAILID THREADID)")[1][0].decode()
    email = answer.split("EMAILID (")[1].split(")")[0]
    blob = "B" + email[1:]
    assert b"Subject: a blob" in jmap.download(blob)
    found = jmap.call("Blob/lookup", typeNames=["Email", "Mailbox"], ids=[blob])
    assert found["list"][0]["matchedIds"]["Email"] == [email]
    assert len(found["list"][0]["matchedIds"]["Mailbox"]) == 1
    with pytest.raises(JmapError) as e:
        jmap.call("Blob/lookup", typeNames=5, ids=[])
    assert e.value.type == "invalidArguments"


def test_blob_copy(roost: Roost) -> None:
    alice, bob = Jmap(roost), Jmap(roost, "bob")
    assert mail.mailbox(roost, "alice").setacl("INBOX", address("bob"), "lrs")[0] == "OK"
    blob = bob.upload(b"mine")["blobId"]
    copied = bob.call("Blob/copy", fromAccountId=bob.account(), accountId=alice.account(),
                      blobIds=[blob, "U1-999"])
    assert list(copied["notCopied"]) == ["U1-999"]
    assert bob.download(copied["copied"][blob], account=alice.account()) == b"mine"
