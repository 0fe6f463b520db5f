"""Webhooks: programs that hear what became of mail, whatever happens to them or to the server.

Slow: a receiver that hangs uses up the timeout of a request.
"""
import queue
import time
from datetime import datetime
from typing import Any, Iterator

import pytest

from conftest import Maker
from harness import mail
from harness.api import Api, ApiError, as_owner, as_user, token_of
from harness.hook_host import SECRET, HookHost, verify
from harness.peer import until
from harness.server import Roost, address
from harness.smtp_sink import Sink

FRIEND = "friend@example.net"


@pytest.fixture
def hook() -> Iterator[HookHost]:
    """One that takes everything."""
    made = HookHost()
    yield made
    made.close()


def program(roost: Roost) -> Api:
    """That sends as alice."""
    return token_of(as_user(roost, "alice"), "send")


def letter(*to: str, **more: Any) -> dict[str, Any]:
    """A plain one."""
    return {"from": address("alice"), "to": list(to), "subject": "x", "text": "x", **more}


def told(hook: HookHost, count: int, timeout: float = 20) -> list[dict[str, Any]]:
    """So many events, by recipient and type."""
    events = [hook.asked.get(timeout=timeout)["json"] for _ in range(count)]
    return sorted(events, key=lambda e: (e["data"]["recipient"], e["type"]))


def instant(time_text: str) -> float:
    """A time of the API as seconds since 1970."""
    return datetime.fromisoformat(time_text.replace("Z", "+00:00")).timestamp()


def silent(hook: HookHost, seconds: float = 1) -> None:
    """Nothing more is told."""
    with pytest.raises(queue.Empty):
        hook.asked.get(timeout=seconds)


def test_what_is_told(make_sender: Maker, sink: Sink, hook: HookHost) -> None:
    roost = make_sender(WEBHOOKS=f"{hook.url} secret={SECRET}").start()
    sink.always("RCPT gone@example.net", "550 5.1.1 nobody")
    sent = program(roost).post("/send", letter(
        FRIEND, "gone@example.net", address("bob"), tag="bill", metadata={"order": "17"}))
    asked = [hook.asked.get(timeout=20) for _ in range(3)]
    for one in asked:
        verify(one)
        assert one["headers"]["webhook-id"] == one["json"]["id"]
        assert one["headers"]["Content-Type"] == "application/json"
    (bob, friend, gone) = sorted((a["json"] for a in asked), key=lambda e: e["data"]["recipient"])
    assert [e["type"] for e in (bob, friend, gone)] == ["delivered", "delivered", "bounced"]
    assert len({e["id"] for e in (bob, friend, gone)}) == 3
    for data in (bob["data"], friend["data"], gone["data"]):
        assert data["id"] == sent["id"] and data["message_id"] == sent["message_id"]
        assert data["from"] == address("alice") and data["attempts"] == 1
        assert data["tag"] == "bill" and data["metadata"] == {"order": "17"}
    assert gone["data"]["reply"]["code"] == 550
    assert gone["data"]["reply"]["status"] == "5.1.1"
    assert gone["data"]["reply"]["text"] == "nobody"
    assert friend["data"]["recipient"] == FRIEND and friend["data"]["queue"]
    silent(hook)
    assert SECRET not in roost.cli("settings") and hook.url not in roost.cli("settings")


def test_mail_by_submission_and_mail_of_others(make_sender: Maker, hook: HookHost,
                                               sink: Sink) -> None:
    roost = make_sender(WEBHOOKS=hook.url).start()
    mail.deliver(roost, mail.letter("from outside"))
    mail.submit(roost, mail.letter("by a program", sender=address("alice"), to=FRIEND), FRIEND)
    sink.wait(1)
    (event,) = told(hook, 1)
    assert event["type"] == "delivered" and event["data"]["recipient"] == FRIEND
    assert event["data"]["id"] is None and event["data"]["metadata"] == {}
    silent(hook)


def test_which_are_told(make_sender: Maker, sink: Sink, hook: HookHost) -> None:
    rules = (f"{hook.url}/1 events=delayed\n{hook.url}/2 events=bounced,cancelled from=bob@*\n"
             f"{hook.url}/3 events=delivered tag=bill-*")
    roost = make_sender(WEBHOOKS=rules).start()
    sink.once("RCPT slow@example.net", "451 4.2.0 later", "451 4.2.0 later")
    sink.always("RCPT gone@example.net", "550 5.1.1 nobody")
    api = program(roost)
    api.post("/send", letter("slow@example.net", tag="bill-1"))
    assert [(e["type"], e["data"]["attempts"]) for e in (hook.asked.get(timeout=20)["json"]
                                                        for _ in range(3))] == [
        ("delayed", 1), ("delayed", 2), ("delivered", 3)]
    api.post("/send", letter("gone@example.net", tag="bill-2"))  # not from bob
    silent(hook)
    other = token_of(as_user(roost, "bob"), "send")
    sent = other.post("/send", letter(FRIEND,
                                       **{"from": address("bob")}))
    assert sent["to"][0]["state"] == "queued"
    other.post("/send", {**letter("gone@example.net"), "from": address("bob")})
    assert [e["type"] for e in told(hook, 1)] == ["bounced"]
    silent(hook)


def test_taking_back_is_told(make_sender: Maker, hook: HookHost) -> None:
    roost = make_sender(WEBHOOKS=f"{hook.url} events=cancelled").start()
    api = program(roost)
    when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
    sent = api.post("/send", letter(FRIEND, send_at=when, tag="t"))
    api.delete(f"/send/{sent['id']}")
    (event,) = told(hook, 1)
    assert (event["type"], event["data"]["id"], event["data"]["tag"]) == (
        "cancelled", sent["id"], "t")
    # by an administrator, too
    sent = api.post("/send", letter(FRIEND, send_at=when, tag="u"))
    owner = as_owner(roost)
    (entry,) = owner.get("/queue")["items"]
    owner.delete(f"/queue/{entry['id']}")
    (event,) = told(hook, 1)
    assert (event["type"], event["data"]["id"], event["data"]["tag"]) == (
        "cancelled", sent["id"], "u")
    assert api.get(f"/send/{sent['id']}")["to"][0]["state"] == "dropped"
    # by his command beside the server, too
    sent = api.post("/send", letter(FRIEND, send_at=when, tag="v"))
    roost.cli("queue", "drop", roost.cli("queue", "list").split()[0])
    (event,) = told(hook, 1)
    assert (event["type"], event["data"]["id"], event["data"]["tag"]) == (
        "cancelled", sent["id"], "v")


@pytest.mark.parametrize("says", [(500, {}), (301, {}), (200, b" " * (1 << 17)), None],
                         ids=["500", "301", "long", "hangs"])
def test_what_fails_is_told_again(make_roost: Maker, hook: HookHost,
                                  says: tuple[int, object] | None) -> None:
    roost = make_roost(WEBHOOKS=f"{hook.url}/geheim name=shop").start()
    hook.says = says
    program(roost).post("/send", letter(address("bob")))
    first = hook.asked.get(timeout=20)["json"]
    hook.says = (204, b"")
    again = hook.asked.get(timeout=30)["json"]
    assert again == first
    silent(hook, 3)
    assert roost.log
    failed = [line for line in roost.log.lines if " webhook_failed " in line]
    assert len(failed) == 1 and "name=shop" in failed[0] and "evt_" in failed[0]
    assert not [line for line in roost.log.lines if "geheim" in line]  # a URL may be a password


def test_over_a_kill_and_a_program_that_is_away(make_roost: Maker) -> None:
    """What happened is told once the program is there, whatever became of the server."""
    hook = HookHost()
    port = hook.port
    hook.close()
    roost = make_roost(WEBHOOKS=f"http://127.0.0.1:{port}/x").start()
    api = program(roost)
    sent = [api.post("/send", letter(address("bob")))["id"] for _ in range(5)]
    roost.kill()
    hook = HookHost(port)
    try:
        roost.start()
        events = told(hook, 5, timeout=60)
        assert sorted(e["data"]["id"] for e in events) == sorted(sent)
    finally:
        hook.close()


def test_nobody_waits_for_another(make_roost: Maker, hook: HookHost) -> None:
    slow = HookHost()
    slow.says = None
    try:
        roost = make_roost(WEBHOOKS=f"{slow.url}\n{hook.url}").start()
        api = program(roost)
        began = time.monotonic()
        for _ in range(10):
            api.post("/send", letter(address("bob")))
        assert len(told(hook, 10)) == 10 and time.monotonic() - began < 4
    finally:
        slow.says = (200, {})
        slow.close()


def test_a_setting_that_changes(make_roost: Maker, hook: HookHost) -> None:
    """Live; what was for others is forgotten, and a rule that is none is refused."""
    gone = HookHost()
    gone.close()
    roost = make_roost().start()
    roost.cli("settings", "set", "WEBHOOKS", f"{gone.url}/gone")
    api = program(roost)
    api.post("/send", letter(address("bob")))
    roost.cli("settings", "set", "WEBHOOKS", hook.url)
    api.post("/send", letter(address("bob")))
    assert len(told(hook, 1)) == 1
    assert roost.log
    roost.log.wait(r" webhook_dropped name=\"1 events\"", 70)
    for bad in ("ftp://x/", "http://user@x/", f"{hook.url} secret=short", f"{hook.url} events=x",
                f"{hook.url} url=x"):
        done = roost.run("settings", "set", "WEBHOOKS", bad)
        assert done.returncode != 0 and "ROOST_WEBHOOKS" in done.stderr, done
        assert "short" not in done.stderr


def test_how_it_goes(make_roost: Maker, hook: HookHost) -> None:
    """What an owner is shown of each program: no secret, and no path, which may be one."""
    away = HookHost()
    away.close()
    roost = make_roost(WEBHOOKS=f"{hook.url}/geheim name=shop secret={SECRET} from=alice@* tag=b-*\n"
                                f"{away.url}/geheim events=delivered,cancelled").start()
    owner, before = as_owner(roost), time.time()
    shop, gone = owner.get("/webhooks")["items"]
    assert shop == {
        "id": "1", "name": "shop", "site": hook.url.removesuffix("/mail"), "events": ["delivered", "bounced"],
        "from": "alice@*", "tag": "b-*", "signed": True, "waiting": 0, "next": None, "failures": 0,
        "told": None, "failed": None, "reason": ""}
    assert (gone["name"], gone["site"]) == (f"127.0.0.1:{away.port}", f"http://127.0.0.1:{away.port}")
    assert (gone["events"], gone["signed"]) == (["delivered", "cancelled"], False)
    program(roost).post("/send", letter(address("bob"), tag="b-1"))
    assert len(told(hook, 1)) == 1
    until(lambda: owner.get("/webhooks")["items"][1]["failures"] > 1)
    until(lambda: owner.get("/webhooks")["items"][0]["told"])
    shop, gone = owner.get("/webhooks")["items"]
    assert (shop["waiting"], shop["failures"], shop["failed"]) == (0, 0, None)
    assert instant(shop["told"]) >= before - 1
    assert (gone["waiting"], gone["told"]) == (1, None)
    assert before - 1 <= instant(gone["failed"]) <= time.time() and gone["next"]
    assert "127.0.0.1" in gone["reason"]
    shown = roost.cli("webhook", "list")
    assert "shop" in shown and gone["reason"] in shown
    assert "geheim" not in shown and SECRET not in shown
    with pytest.raises(ApiError, match="403"):
        as_user(roost, "bob").get("/webhooks")
