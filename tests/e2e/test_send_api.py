"""POST /api/send: programs that send mail over HTTP, what they hear of it, and what is refused."""
import base64
import concurrent.futures
import email
import email.policy
import json
import queue
import socket
import time
from datetime import datetime, timedelta, timezone
from email.message import EmailMessage
from typing import Any, Callable

import pytest

from conftest import Maker
from harness import mail
from harness.api import Api, ApiError, as_owner, as_user, refusal, token_of
from harness.dns_server import DnsServer
from harness.hook_host import HookHost
from harness.server import Roost, address
from harness.smtp_sink import HANG, Sink

FRIEND = "friend@example.net"


def letter(**more: Any) -> dict[str, Any]:
    """What a program sends; alice's usual one."""
    return {"from": "Alice <alice@example.org>", "to": [FRIEND], "subject": "hello",
            "text": "hi\n", **more}


def program(roost: Roost, user: str = "alice") -> Api:
    """With a token that is good for sending and nothing else."""
    return token_of(as_user(roost, user), "send")


def read(raw: bytes) -> EmailMessage:
    """As Python reads it."""
    message = email.message_from_bytes(raw.replace(b"\r\n", b"\n"), policy=email.policy.default)
    assert isinstance(message, EmailMessage) and not message.defects
    return message


def until(what: Callable[[], Any], timeout: float = 20) -> Any:
    """Wait for something to become true; what it is then."""
    end = time.monotonic() + timeout
    while not (value := what()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.1)
    return value


def state(api: Api, sent: dict[str, Any]) -> dict[str, str]:
    """Each recipient's."""
    return {r["address"]: r["state"] for r in api.get(f"/send/{sent['id']}")["to"]}


def later(**delta: float) -> str:
    """A time from now, in the form of the API."""
    return (datetime.now(timezone.utc) + timedelta(**delta)).strftime("%Y-%m-%dT%H:%M:%SZ")


def announced(api: Api, path: str, length: int) -> int:
    """The status that a body of this length gets before it is sent; 100: it is waited for."""
    fields = {"Host": "localhost", "Content-Type": "application/json",
              "Content-Length": str(length), "Expect": "100-continue", **api.headers}
    with socket.create_connection((api.web_host, api.roost.ports["http"]), 20) as s:
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        s.sendall(f"POST /api{path} HTTP/1.1\r\n{head}\r\n".encode())
        return int(s.makefile("rb").readline().split()[1])


# --- what is sent ---

def test_a_letter_with_everything(sender: Roost, sink: Sink) -> None:
    png = base64.b64encode(bytes(range(256))).decode()
    api = program(sender)
    sent = api.post("/send", letter(
        to=["Bob Böhm <friend@example.net>"], cc=["cc@example.net"], bcc=["hidden@example.net"],
        reply_to=["Team <alice+team@example.org>"], subject="Grüße an 日本",
        html="<img src='cid:logo@x'>é", headers={"X-Order": "17", "List-Id": "<x.example.org>"},
        attachments=[{"name": "Übersicht 日.bin", "content": png},
                     {"name": "logo.png", "type": "image/png", "content": png,
                      "content_id": "logo@x"}]))
    assert {r["address"] for r in sent["to"]} == {FRIEND, "cc@example.net", "hidden@example.net"}
    (got,) = sink.wait(1)
    assert set(got.rcpts) == {FRIEND, "cc@example.net", "hidden@example.net"}
    assert got.sender == "alice@example.org" and b"hidden" not in got.data
    message = read(got.data)
    assert message["To"].addresses[0].display_name == "Bob Böhm"
    assert message["Cc"] == "cc@example.net" and message["Bcc"] is None
    assert message["Subject"] == "Grüße an 日本" and message["X-Order"] == "17"
    assert message["Reply-To"].addresses[0].addr_spec == "alice+team@example.org"
    assert message["Message-ID"] == sent["message_id"]
    assert abs(message["Date"].datetime.timestamp() - time.time()) < 60
    assert " by mx.example.org (Roost) with HTTP id " in message["Received"]
    assert "d=example.org" in message["DKIM-Signature"]
    assert message.get_content_type() == "multipart/mixed"
    (file,) = message.iter_attachments()
    assert file.get_filename() == "Übersicht 日.bin"
    assert file.get_content() == bytes(range(256))
    body = message.get_body(("plain",))
    assert body is not None and body.get_content() == "hi\n"
    html = message.get_body(("html",))
    assert html is not None and html.get_content() == "<img src='cid:logo@x'>é\n"
    until(lambda: set(state(api, sent).values()) == {"delivered"})
    shown = api.get(f"/send/{sent['id']}")
    assert "250 2.0.0 taken" in shown["to"][0]["reply"]


def test_a_message_that_comes_whole(sender: Roost, sink: Sink) -> None:
    api = program(sender)
    raw = (b"From: alice@example.org\nTo: friend@example.net\nBcc: hidden@example.net\n"
           b"Subject: raw\n\nline\n.\nFrom here\n")
    status, _, answer = api.call("POST", "/send", raw, {"Content-Type": "message/rfc822"})
    assert status == 202, answer
    (got,) = sink.wait(1)
    assert sorted(got.rcpts) == [FRIEND, "hidden@example.net"] and b"hidden" not in got.data
    message = read(got.data)
    assert message["Message-ID"] == json.loads(answer)["message_id"] and message["Date"]
    assert message.get_content() == "line\n.\nFrom here\n"
    status, _, answer = api.call("POST", "/send?to=other@example.net&from=alice%2Bx@example.org",
                                 raw, {"Content-Type": "message/rfc822"})
    assert status == 202, answer
    got = sink.wait(2)[1]
    assert got.rcpts == ["other@example.net"] and got.sender == "alice+x@example.org"


def test_to_a_mailbox_here(roost: Roost) -> None:
    api = program(roost)
    sent = api.post("/send", letter(to=[address("bob")]))
    assert state(api, sent) == {address("bob"): "delivered"}
    (raw,) = mail.inbox(roost, "bob")
    assert mail.parse(raw)["Subject"] == "hello"


def test_an_address_beyond_ascii(sender: Roost, sink: Sink) -> None:
    sink.extensions.append("SMTPUTF8")
    program(sender).post("/send", letter(to=["Jörg <jörg@bücher.example>", FRIEND]))
    (got, *_) = sink.wait(1)
    assert "SMTPUTF8" in got.parameters and "jörg@xn--bcher-kva.example" in got.data.decode()


def test_large_attachments(sender: Roost, sink: Sink) -> None:
    """Long bodies are read from who may send, and from nobody else."""
    content = base64.b64encode(bytes(range(256)) * 20000).decode()  # 5 MB
    api = program(sender)
    big = letter(attachments=[{"name": "big", "content": content}])
    api.post("/send", big)
    (got,) = sink.wait(1, timeout=60)
    (file,) = read(got.data).iter_attachments()
    assert file.get_content() == bytes(range(256)) * 20000
    for other, said in ((Api(sender), 401), (token_of(as_user(sender), "self:write"), 403),
                        (api, 100)):
        assert announced(other, "/send", 2 << 20) == said
    assert announced(api, "/send", 65 << 20) == 413
    assert announced(api, "/tokens", 2 << 20) == 413
    long = [{"name": "x", "content": base64.b64encode(bytes(13 << 20)).decode()}]
    assert refusal(api, "POST", "/send", letter(attachments=long)) == (413, "too_large")


# --- who may ---

def test_scopes(roost: Roost) -> None:
    """A token for sending is good for nothing else, and others do not send."""
    api = program(roost)
    for path in ("/me", "/session", "/tokens"):
        assert refusal(api, "GET", path) == (403, "denied")
    for scopes in (["self:read", "self:write"], ["admin:write"]):
        other = token_of(as_user(roost), *scopes)
        assert refusal(other, "POST", "/send", letter()) == (403, "denied")
    assert refusal(Api(roost), "POST", "/send", letter()) == (401, "login_needed")
    sent = api.post("/send", letter(to=[address("bob")]))
    other = program(roost, "bob")
    assert refusal(other, "GET", f"/send/{sent['id']}") == (404, "missing")
    assert refusal(other, "DELETE", f"/send/{sent['id']}") == (404, "missing")
    assert refusal(api, "GET", "/send/x") == (404, "missing")
    roost.cli("account", "disable", address("alice"))
    assert refusal(api, "POST", "/send", letter()) == (401, "login_needed")


@pytest.mark.parametrize("more", [
    {"from": "bob@example.org"}, {"from": "x@example.net"}, {"envelope_from": "bob@example.org"},
    {"envelope_from": "x@example.net"}])
def test_only_as_oneself(roost: Roost, more: dict[str, str]) -> None:
    status, _ = refusal(program(roost), "POST", "/send", letter(to=[address("bob")], **more))
    assert status in (403, 422)
    assert mail.inbox(roost, "bob") == []


def test_the_limits_of_submission_count(make_sender: Maker) -> None:
    roost = make_sender(LIMITS="account messages=3/1h recipients=5/1h then=hold").start()
    api = program(roost)
    for _ in range(3):
        api.post("/send", letter(to=[address("bob")]))
    with pytest.raises(ApiError) as refused:
        api.post("/send", letter(to=[address("bob")]))
    assert refused.value.status == 422 and "may not send" in refused.value.message
    assert len([m for m in mail.inbox(roost, "bob") if mail.parse(m)["Subject"] == "hello"]) == 3
    assert address("alice") in roost.cli("blocked", "list")
    with pytest.raises(Exception):
        mail.submit(roost, mail.letter("held"), address("bob"))


def test_recipients_one_by_one(roost: Roost) -> None:
    api = program(roost)
    sent = api.post("/send", letter(to=[address("bob"), address("nobody")]))
    assert state(api, sent) == {address("bob"): "delivered", address("nobody"): "refused"}
    (reply,) = [r["reply"] for r in sent["to"] if r["state"] == "refused"]
    assert reply.startswith("550 5.1.1")
    assert refusal(api, "POST", "/send", letter(to=[address("nobody")])) == (422, "refused")


@pytest.mark.parametrize("more, words", [
    ({"subject": "x\r\nBcc: evil@example.net"}, "subject"),
    ({"headers": {"X": "a\r\nBcc: evil@example.net"}}, "one line"),
    ({"headers": {"Bcc": "evil@example.net"}}, "not for you"),
    ({"to": ["friend@example.net\r\nRCPT TO:<evil@example.net>"]}, "address 1 of to"),
    ({"to": []}, "say who"), ({"text": None}, "say something"), ({"unknown": 1}, "not known"),
    ({"send_at": "soon"}, "send_at"), ({"attachments": [{"content": "?"}]}, "base64"),
])
def test_what_is_refused(roost: Roost, more: dict[str, Any], words: str) -> None:
    with pytest.raises(ApiError) as refused:
        program(roost).post("/send", letter(**more))
    assert refused.value.status == 400 and words in refused.value.message


# --- later, or not at all ---

def test_a_later_time(sender: Roost, sink: Sink) -> None:
    api = program(sender)
    when = later(seconds=4)
    began = time.time()
    sent = api.post("/send", letter(to=[FRIEND, address("bob")], send_at=when))
    assert sent["send_at"] == when and set(state(api, sent).values()) == {"queued"}
    assert mail.inbox(sender, "bob") == []
    (got,) = sink.wait(1)
    assert time.time() - began > 2
    assert read(got.data)["Date"].datetime.strftime("%Y-%m-%dT%H:%M:%SZ") == when
    until(lambda: set(state(api, sent).values()) == {"delivered"})
    assert len(mail.inbox(sender, "bob")) == 1
    assert refusal(api, "DELETE", f"/send/{sent['id']}") == (409, "conflict")
    assert refusal(api, "POST", "/send", letter(send_at=later(days=200))) == (422, "refused")


def test_a_later_time_for_several(make_sender: Maker, sink: Sink) -> None:
    """Each hears it once, and each recipient has a state, by what became of it."""
    roost = make_sender(QUEUE_RETRY="1s").start()
    roost.cli("list", "set", address("team"), "anybody", address("alice"), address("bob"))
    roost.cli("alias", "add", address("both"), address("alice"), address("bob"))
    roost.cli("alias", "add", address("gone"), address("bob"))
    api = program(roost)
    to = [address("team"), address("both"), address("bob"), address("gone"), FRIEND]
    sent = api.post("/send", letter(to=to, send_at=later(seconds=2)))
    roost.cli("alias", "rm", address("gone"))
    assert set(state(api, sent).values()) == {"queued"}
    until(lambda: "queued" not in state(api, sent).values())
    assert state(api, sent) == {rcpt: "delivered" for rcpt in to} | {address("gone"): "bounced"}
    assert len(mail.inbox(roost, "bob")) == 1 and len(sink.wait(1)) == 1
    assert sorted(read(raw)["Subject"] == "hello" for raw in mail.inbox(roost)) == [False, True]
    assert roost.cli("queue", "list") == ""


def test_taking_back(sender: Roost, sink: Sink) -> None:
    api = program(sender)
    sent = api.post("/send", letter(to=[FRIEND, "x@other.example"], send_at=later(hours=1)))
    sender.restart()
    api.roost = sender
    answer = api.delete(f"/send/{sent['id']}")
    assert {r["state"] for r in answer["to"]} == {"cancelled"}
    assert sender.cli("queue", "list") == ""
    assert refusal(api, "DELETE", f"/send/{sent['id']}") == (409, "conflict")
    assert not sink.messages


def test_taking_back_what_waits_of_an_alias(make_sender: Maker, sink: Sink,
                                            dns: DnsServer) -> None:
    """One has it, one does not get it any more, and one is being sent to just then."""
    dns.mail_host("other.example")
    sender = make_sender(QUEUE_RETRY="1h").start()
    sender.cli("alias", "add", address("team"), address("bob"), "slow@other.example",
               "busy@example.net")
    sender.cli("alias", "add", address("duo"), "lost@other.example", "held@example.net")
    for name in ("slow", "late", "lost"):
        sink.always(f"RCPT {name}@other.example", "451 4.2.0 later")
    sink.once("END", HANG)
    api = program(sender)
    sent = api.post("/send", letter(to=[address("team"), address("duo"), "late@other.example"]))
    assert sender.log and sender.log.wait(" queue_delayed .*rcpt=late@")
    until(lambda: sink.messages)
    assert state(api, sent)[address("team")] == "delivered"
    answer = {r["address"]: (r["state"], r["stopped"])
              for r in api.delete(f"/send/{sent['id']}")["to"]}
    assert answer == {address("team"): ("delivered", True), address("duo"): ("queued", True),
                      "late@other.example": ("cancelled", True)}
    waits = sender.cli("queue", "list")
    assert "@other.example" not in waits and "busy@example.net" in waits
    assert refusal(api, "DELETE", f"/send/{sent['id']}") == (409, "conflict")
    shown = api.get(f"/send/{sent['id']}")["to"]
    assert all(r["stopped"] for r in shown) and len(mail.inbox(sender, "bob")) == 1


def test_list_of_what_waits_behind_an_alias(make_sender: Maker, sink: Sink) -> None:
    """It reads delivered, since one has it; another waits."""
    sender = make_sender(QUEUE_RETRY="1h").start()
    sender.cli("alias", "add", address("team"), address("bob"), "slow@example.net")
    sink.once("RCPT slow@example.net", "451 4.2.0 later")
    api, owner = program(sender), as_owner(sender)
    sent = api.post("/send", letter(to=[address("team")]))
    assert sender.log and sender.log.wait(" queue_delayed .*rcpt=slow@")
    assert state(api, sent)[address("team")] == "delivered"
    assert [s["id"] for s in owner.get("/sent", waiting=1)["items"]] == [sent["id"]]
    sender.restart()
    api.delete(f"/send/{sent['id']}")
    assert owner.get("/sent", waiting=1)["items"] == []
    assert [s["id"] for s in owner.get("/sent")["items"]] == [sent["id"]]


def test_a_later_time_over_an_alias(sender: Roost, sink: Sink) -> None:
    """What is only queued again for where it leads has reached nobody yet."""
    sender.cli("alias", "add", address("away"), "slow@example.net")
    sink.once("RCPT slow@example.net", "451 4.2.0 later", "451 4.2.0 later")
    api = program(sender)
    sent = api.post("/send", letter(to=[address("away")], send_at=later(seconds=2)))
    seen: list[str] = []

    def came() -> bool:
        seen.append(state(api, sent)[address("away")])
        return seen[-1] == "delivered"

    until(came)
    assert "delayed" in seen and len(sink.wait(1)) == 1
    assert "250 2.0.0 taken" in api.get(f"/send/{sent['id']}")["to"][0]["reply"]


def test_a_member_here_who_does_not_take_it(make_roost: Maker) -> None:
    """His list's owner hears of it (RFC 5321 3.9.2); to who sent it, it was passed on."""
    roost = make_roost()
    roost.cli("list", "set", address("team"), "anybody", address("alice"), address("bob"))
    roost.start()
    roost.cli("alias", "set", address("team"), f"owner={address('alice')}")
    roost.cli("account", "set", address("bob"), "message_bytes=1000")
    api = program(roost)
    sent = api.post("/send", letter(to=[address("team")], text="hi\n" * 600))
    assert state(api, sent) == {address("team"): "delivered"}
    report = next(m for m in mail.inbox(roost, "alice") if b"multipart/report" in m)
    assert f"Final-Recipient: rfc822; {address('bob')}".encode() in report


@pytest.mark.parametrize("when", [{}, {"send_at": 2}], ids=["now", "later"])
def test_a_list_with_members_elsewhere(make_sender: Maker, sink: Sink,
                                       when: dict[str, int]) -> None:
    """It is passed on to the list; who is on that is told to nobody."""
    hook = HookHost()
    try:
        roost = make_sender(WEBHOOKS=f"{hook.url} events=delivered,delayed,bounced").start()
        roost.cli("list", "set", address("club"), "anybody", "hidden@example.net")
        roost.cli("alias", "set", address("club"), f"owner={address('bob')}")
        sink.always("RCPT hidden@example.net", "550 5.1.1 nobody")
        api = program(roost)
        more = {"send_at": later(seconds=when["send_at"])} if when else {}
        sent = api.post("/send", letter(to=[address("club")], **more))
        until(lambda: state(api, sent) == {address("club"): "delivered"})
        assert api.get(f"/send/{sent['id']}")["to"][0]["reply"].endswith("passed on to the list")
        event = hook.asked.get(timeout=20)["json"]
        assert (event["type"], event["data"]["recipient"]) == ("delivered", address("club"))
        until(lambda: mail.inbox(roost, "bob"))  # its owner hears of the failure
        with pytest.raises(queue.Empty):
            hook.asked.get(timeout=1)
    finally:
        hook.close()


def test_a_filter_that_hangs(make_sender: Maker) -> None:
    """One program whose mail waits for a hook does not take all places."""
    hook = HookHost()
    hook.says = None
    try:
        roost = make_sender(HOOKS=f"{hook.url} timeout=3s fail=accept stages=end").start()
        api = program(roost)

        def ask(_: int) -> int:
            return api.call("POST", "/send", letter(to=[address("bob")]))[0]

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = sorted(pool.map(ask, range(8)))
        assert answers == [202] * 4 + [503] * 4
        status, fields, _ = api.call("POST", "/send", letter(to=[address("bob")]))
        assert status == 202 and "retry-after" not in fields
    finally:
        hook.says = (200, {})
        hook.close()


def test_bounced_and_delayed(sender: Roost, sink: Sink) -> None:
    sink.always("RCPT gone@example.net", "550 5.1.1 nobody")
    sink.once("RCPT slow@example.net", "451 4.2.0 later")
    api = program(sender)
    sent = api.post("/send", letter(to=["gone@example.net", "slow@example.net"]))
    until(lambda: state(api, sent)["gone@example.net"] == "bounced")
    until(lambda: state(api, sent)["slow@example.net"] == "delivered")
    (gone, _) = api.get(f"/send/{sent['id']}")["to"]
    assert "550 5.1.1 nobody" in gone["reply"]
    assert any("Undeliver" in str(mail.parse(m)["Subject"]) or "report" in str(mail.parse(m))
               for m in mail.inbox(sender))


# --- the same once more ---

def test_a_key_is_good_once(sender: Roost, sink: Sink) -> None:
    api = program(sender)
    status, first, one = api.call("POST", "/send", letter(), {"Idempotency-Key": "order-17"})
    assert status == 202 and "idempotency-replayed" not in first
    status, again, two = api.call("POST", "/send", letter(), {"Idempotency-Key": "order-17"})
    assert (status, two) == (202, one) and again["idempotency-replayed"] == "true"
    status, _, _ = api.call("POST", "/send", letter(text="other"), {"Idempotency-Key": "order-17"})
    assert status == 409
    raw = (b"From: alice@example.org\nTo: friend@example.net\n\nx\n",
           {"Content-Type": "message/rfc822", "Idempotency-Key": "order-19"})
    path = "/send?send_at=" + later(hours=1)
    assert [api.call("POST", path + more, *raw)[0]
            for more in ("", "&priority=low", "&notify=never", "")] == [202, 409, 409, 202]
    other = api.post("/send", letter(idempotency_key="order-18"))
    assert other["id"] != json.loads(one)["id"]
    assert len(sink.wait(2)) == 2
    time.sleep(1)
    assert len(sink.messages) == 2


def test_a_key_that_many_use_at_once(roost: Roost) -> None:
    api = program(roost)
    body = letter(to=[address("bob")], idempotency_key="k")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        ids = {a["id"] for a in pool.map(lambda _: api.post("/send", body), range(16))}
    assert len(ids) == 1 and len(mail.inbox(roost, "bob")) == 1


def test_a_kill_loses_nothing_and_sends_nothing_twice(make_roost: Maker) -> None:
    """What was answered is there; what was asked again with its key came once."""
    roost = make_roost().start()
    api = program(roost)
    answers: dict[str, str] = {}
    bodies = {f"k{n}": letter(to=[address("bob")], subject=f"k{n}", idempotency_key=f"k{n}")
              for n in range(60)}

    def ask(key: str) -> None:
        try:
            answers[key] = api.post("/send", bodies[key])["id"]
        except Exception:  # pylint: disable=broad-except
            pass  # the kill came first

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(ask, key) for key in bodies]
        until(lambda: len(answers) >= 10)
        roost.kill()
        concurrent.futures.wait(futures)
    known = dict(answers)
    roost.start()
    for key, body in bodies.items():
        answer = api.post("/send", body)
        assert known.get(key, answer["id"]) == answer["id"]
    subjects = sorted(str(mail.parse(m)["Subject"]) for m in mail.inbox(roost, "bob"))
    assert subjects == sorted(bodies)


# --- as somebody, and by command ---

def test_an_owner_sends_as_another(roost: Roost) -> None:
    owner = as_owner(roost)
    path = f"/send/as/{address('bob')}"
    body = letter(**{"from": address("bob"), "to": [address("alice")]})
    sent = owner.post(path, body)
    assert owner.get(f"{path}/{sent['id']}")["to"][0]["state"] == "delivered"
    assert refusal(program(roost), "POST", path, body) == (403, "denied")
    assert any(e["what"] == "account.send" and e["target"] == address("bob")
               for e in owner.get("/audit")["items"])
    assert refusal(owner, "POST", "/send/as/nobody@example.org", body) == (404, "missing")


def test_the_list_of_administrators(make_roost: Maker) -> None:
    """Newest first over all accounts, page by page; each administrator what is of his domains."""
    roost = make_roost().start()
    owner, alice, bob = as_owner(roost), program(roost), program(roost, "bob")
    mine = alice.post("/send", letter(to=[address("bob")] + [f"x{i}@example.net" for i in range(6)],
                                      send_at=later(hours=1), tag="bill"))
    his = bob.post("/send", letter(**{"from": address("bob"), "to": [address("alice")]}))
    last = alice.post("/send", letter(to=[address("bob")]))
    page = owner.get("/sent")
    assert [(s["id"], s["account"]) for s in page["items"]] == [
        (last["id"], address("alice")), (his["id"], address("bob")), (mine["id"], address("alice"))]
    assert page["next"] is None
    waits = page["items"][2]
    assert (waits["tag"], waits["from"], waits["message_id"]) == (
        "bill", address("alice"), mine["message_id"])
    assert waits["send_at"] == mine["send_at"] and page["items"][1]["send_at"] is None
    assert waits["states"] == {"queued": 7, "delayed": 0, "delivered": 0, "bounced": 0,
                               "cancelled": 0, "dropped": 0, "refused": 0}
    assert len(waits["to"]) == 5 and waits["to_more"] == 2
    assert page["items"][1]["to"][0]["state"] == "delivered"
    pages, after = [], ""
    while after is not None:
        got = owner.get("/sent", limit=1, **({"after": after} if after else {}))
        pages += [s["id"] for s in got["items"]]
        after = got["next"]
    assert pages == [s["id"] for s in page["items"]]
    assert [s["id"] for s in owner.get("/sent", account=address("bob"))["items"]] == [his["id"]]
    assert [s["id"] for s in owner.get("/sent", waiting=1)["items"]] == [mine["id"]]
    assert refusal(owner, "GET", "/sent?account=nobody@example.org") == (404, "missing")
    assert refusal(owner, "GET", "/sent?after=x")[0] == 400
    assert mine["id"] in roost.cli("send", "list", "waiting=1")
    # who administers another domain sees nothing of it, and takes nothing back
    owner.post("/domains", {"name": "b.example"})
    owner.put(f"/accounts/{address('bob')}", {"role": "admin", "domains": ["b.example"]})
    admin = as_user(roost, "bob")
    path = f"/send/as/{address('alice')}/{mine['id']}"
    assert admin.get("/sent")["items"] == []
    for method in ("GET", "DELETE"):
        assert refusal(admin, method, path) == (404, "missing")
    # of his own domain, all but what those do who administer, which he only sees
    owner.put(f"/accounts/{address('bob')}", {"role": "admin", "domains": ["example.org"]})
    assert len(as_user(roost, "bob").get("/sent")["items"]) == 3
    assert as_user(roost, "bob").get(path)["to"][0]["state"] == "queued"
    assert refusal(as_user(roost, "bob"), "DELETE", path) == (403, "denied")


def test_taken_back_by_an_administrator(make_roost: Maker) -> None:
    """Also what an account has sent that is disabled: it may have been stolen."""
    roost = make_roost().start()
    owner = as_owner(roost)
    sent = program(roost, "bob").post("/send", letter(**{
        "from": address("bob"), "to": [FRIEND], "send_at": later(hours=1)}))
    owner.put(f"/accounts/{address('bob')}", {"logins": False})
    path = f"/send/as/{address('bob')}"
    assert refusal(owner, "POST", path, letter(**{"from": address("bob")})) == (409, "conflict")
    assert owner.delete(f"{path}/{sent['id']}")["to"][0]["state"] == "cancelled"
    assert owner.get("/sent")["items"][0]["states"]["cancelled"] == 1
    assert any(e["what"] == "account.send_cancel" and e["target"] == address("bob")
               for e in owner.get("/audit")["items"])


def test_forgotten_with_the_account(roost: Roost) -> None:
    program(roost, "bob").post("/send", letter(**{"from": address("bob"),
                                                  "to": [address("alice")],
                                                  "idempotency_key": "k"}))
    roost.cli("account", "rm", address("bob"))  # fsck looks for what is left


def test_by_command(sender: Roost, sink: Sink) -> None:
    """JSON or a whole message, from a file or standard input; what became of it; taking back."""
    said = sender.cli("send", address("bob"), stdin=json.dumps(
        letter(**{"from": address("bob"), "subject": "by command"})))
    (got,) = sink.wait(1)
    assert read(got.data)["Subject"] == "by command" and "queued" in said
    path = sender.folder / "letter.eml"
    path.write_bytes(b"From: alice@example.org\nTo: friend@example.net\nSubject: raw\n\nx\n")
    said = sender.cli("send", address("alice"), str(path))
    path.unlink()
    assert read(sink.wait(2)[1].data)["Subject"] == "raw"
    number = said.split("id=")[1].split()[0]
    until(lambda: "delivered" in sender.cli("send", "status", address("alice"), number))
    done = sender.run("send", "cancel", address("alice"), number)
    assert done.returncode != 0 and "too late" in done.stderr
    done = sender.run("send", address("alice"), stdin="{}")
    assert done.returncode != 0 and "from is missing" in done.stderr
    assert sender.run("send", address("alice"), stdin="").returncode != 0
