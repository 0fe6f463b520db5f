"""What an administrator watches: overview, events, traces, the queue, locks, the backup."""
import http.client
import json
import smtplib
import threading
import time
from typing import Any

import pytest

from conftest import Maker
from harness import mail
from harness.api import Api, ApiError, as_owner, as_user
from harness.peer import SmtpPeer, trusting, until
from harness.server import PASSWORDS, Roost
from harness.smtp_sink import Sink


def story(api: Api, q: str, state: str) -> dict[str, Any]:
    """The one trace that has q, with steps, once it has come to this state."""
    def look() -> Any:
        found = api.get("/traces", q=q)["items"]
        return found[0] if len(found) == 1 and found[0]["state"] == state else None
    trace = api.get(f"/traces/{until(look, what=f'{q} {state}')['id']}")
    assert all(step["time"] and isinstance(step["ok"], bool) for step in trace["steps"])
    return trace


def steps(trace: dict[str, Any]) -> list[str]:
    """What happened."""
    return [step["what"] for step in trace["steps"]]


def test_a_delivered_message_is_traced(roost: Roost) -> None:
    api = as_owner(roost)
    raw = mail.letter("a letter")
    mail.deliver(roost, raw)
    message_id = mail.parse(raw)["Message-ID"]
    trace = story(api, message_id, "delivered")
    assert trace["message_id"] == message_id
    assert trace["from"] == "carol@example.net" and trace["to"] == ["alice@example.org"]
    assert steps(trace) == ["came", "checked", "delivered"]
    assert "INBOX" in trace["steps"][2]["detail"]
    assert [t["id"] for t in api.get("/traces", q="ALICE@example.org", since=trace["time"])["items"]] \
        == [trace["id"]]
    assert api.get("/traces", until="2001-01-01T00:00:00Z")["items"] == []
    with pytest.raises(ApiError, match="400 invalid"):
        api.get("/traces", since="yesterday")
    with pytest.raises(ApiError, match="404 missing"):
        api.get("/traces/12")


def test_traces_are_paged(roost: Roost) -> None:
    api = as_owner(roost)
    for i in range(5):
        mail.deliver(roost, mail.letter(f"{i}"))
    first = api.get("/traces", limit=3)
    rest = api.get("/traces", limit=3, after=first["next"])
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (3, 2, None)
    ids = [int(t["id"]) for t in first["items"] + rest["items"]]
    assert ids == sorted(ids, reverse=True)


def test_refused_mail_is_traced(roost: Roost) -> None:
    api = as_owner(roost)
    with SmtpPeer(roost.ports["smtp"]) as peer:
        peer.cmd("EHLO peer.example")
        peer.cmd("MAIL FROM:<spam@x.example>")
        assert peer.code("RCPT TO:<nobody1@example.org>") == 550
        assert peer.code("RCPT TO:<nobody2@example.org>") == 550
    trace = story(api, "nobody2@example.org", "refused")
    assert trace["to"] == ["nobody1@example.org", "nobody2@example.org"]
    assert "550 5.1.1" in trace["steps"][2]["detail"] and not trace["steps"][2]["ok"]
    assert api.get("/overview")["refused_today"] >= 2


def test_a_message_to_elsewhere_is_traced_to_its_end(sender: Roost, sink: Sink) -> None:
    api = as_owner(sender)
    sink.once("RCPT", "451 4.7.1 later")
    mail.submit(sender, mail.letter("hi", sender="alice@example.org"), "friend@example.net")
    trace = story(api, "friend@example.net", "delivered")
    assert steps(trace) == ["came", "checked", "queued", "delayed", "sent"]
    assert "451 4.7.1 later" in trace["steps"][3]["detail"]
    sink.always("RCPT", "550 5.1.1 no such user")
    mail.submit(sender, mail.letter("hi", sender="alice@example.org"), "gone@example.net")
    trace = story(api, "gone@example.net", "failed")
    assert steps(trace) == ["came", "checked", "queued", "failed", "bounced"]
    sender.fsck()


def test_traces_can_be_off(make_roost: Maker) -> None:
    roost = make_roost(TRACE_DAYS="0").start()
    api = as_owner(roost)
    mail.deliver(roost, mail.letter("x"))
    assert api.get("/traces")["items"] == []


def test_traces_survive_a_kill(roost: Roost) -> None:
    mail.deliver(roost, mail.letter("x"))
    roost.kill()
    roost.start()
    assert [t["state"] for t in as_owner(roost).get("/traces")["items"]] == ["delivered"]


# --- the queue ---

@pytest.fixture(name="waiting")
def _waiting(sender: Roost, sink: Sink) -> tuple[Roost, Api, Sink]:
    """A message of alice's that the other side does not take for now."""
    sink.always("RCPT", "451 4.7.1 not now")
    mail.submit(sender, mail.letter("what waits", sender="alice@example.org"), "friend@example.net")
    api = as_owner(sender)
    until(lambda: api.get("/queue", state="delayed")["items"], what="a delay")
    return sender, api, sink


def test_queue_is_searched_and_shown(waiting: tuple[Roost, Api, Sink]) -> None:
    roost, api, _ = waiting
    (entry,) = api.get("/queue", q="FRIEND@")["items"]
    assert entry["from"] == "alice@example.org" and entry["destination"] == "example.net"
    assert "451" in entry["to"][0]["reply"] and "not now" in entry["reason"]
    assert api.get("/queue", q="nobody")["items"] == []
    assert api.get("/queue", state="held")["items"] == []
    whole = api.get(f"/queue/{entry['id']}")
    assert "Subject: what waits" in whole["headers"] and "Hello." not in whole["headers"]
    assert "Subject: what waits" in roost.cli("queue", "show", entry["id"])
    assert api.get("/overview")["queue"] == 1
    for path in ("/queue/77", "/queue/x"):
        with pytest.raises(ApiError, match="404 missing"):
            api.get(path)


def test_held_until_released(waiting: tuple[Roost, Api, Sink]) -> None:
    roost, api, sink = waiting
    (entry,) = api.get("/queue")["items"]

    def held() -> bool:
        return api.get(f"/queue/{entry['id']}")["held"]

    api.post(f"/queue/{entry['id']}/hold")
    assert held()
    with pytest.raises(ApiError, match="409 conflict"):
        api.post(f"/queue/{entry['id']}/hold")
    sink.always("RCPT", None)
    until(lambda: api.get("/queue", state="held")["items"], what="the attempt's end")
    with pytest.raises(ApiError, match="409 conflict"):
        api.post(f"/queue/{entry['id']}/retry")
    assert "held" in roost.cli("queue", "list")
    assert roost.run("queue", "hold", entry["id"]).returncode != 0
    roost.cli("queue", "release", entry["id"])
    sink.wait()
    until(lambda: api.get("/queue")["items"] == [], what="an empty queue")
    release, hold = api.get("/audit", q="queue.")["items"]
    assert (hold["what"], release["what"]) == ("queue.hold", "queue.release")
    assert (hold["before"]["held"], hold["after"]["held"]) == (False, True)
    assert (release["before"]["held"], release["after"]["held"]) == (True, False)
    assert hold["before"]["to"] == ["friend@example.net"]
    roost.fsck()


def test_retry_and_drop(waiting: tuple[Roost, Api, Sink]) -> None:
    roost, api, sink = waiting
    (entry,) = api.get("/queue")["items"]
    api.post(f"/queue/{entry['id']}/hold")
    until(lambda: api.get("/queue", state="held")["items"], what="the attempt's end")
    api.delete(f"/queue/{entry['id']}?bounce=1")
    assert api.get("/queue")["items"] == []
    (raw,) = until(lambda: mail.inbox(roost), what="a bounce")
    assert b"an administrator has given it up" in raw
    assert steps(story(api, "friend@example.net", "failed"))[-2:] == ["failed", "bounced"]
    mail.submit(roost, mail.letter("2", sender="alice@example.org"), "other@example.net")
    (entry,) = until(lambda: api.get("/queue", state="delayed")["items"], what="a delay")
    api.delete(f"/queue/{entry['id']}")
    assert api.get("/queue")["items"] == []
    assert story(api, "other@example.net", "dropped")
    assert len(mail.inbox(roost)) == 1
    sink.always("RCPT", None)
    roost.fsck()


# --- events ---

def test_events_are_told_as_they_happen(roost: Roost) -> None:
    api = as_owner(roost)
    begun = api.get("/events", level="info")
    assert any(e["name"] == "server_ready" for e in begun["events"])
    sender = threading.Timer(1, lambda: mail.deliver(roost, mail.letter("x")))
    sender.start()
    start = time.monotonic()
    told = api.get("/events", after=begun["next"], address="carol@example.net", wait=20)
    assert time.monotonic() - start < 15
    assert told["events"][0]["name"] == "mail_accepted"
    assert told["events"][0]["fields"]["from"] == "carol@example.net"
    session = told["events"][0]["session"]
    sender.join()
    whole = api.get("/events", session=session)["events"]
    assert [e["name"] for e in whole] == ["mail_accepted", "mail_delivered"]
    assert api.get("/events", account="alice@example.org", level="warn")["events"] == []
    assert api.get("/events", account="alice@example.org")["events"]
    with pytest.raises(ApiError, match="400 invalid"):
        api.get("/events", level="loud")


def test_who_waits_for_events_does_not_hold_up_a_stop(roost: Roost) -> None:
    api = as_owner(roost)
    last = api.get("/events")["next"]
    ended: list[object] = []

    def wait() -> None:
        try:
            ended.append(api.get("/events", after=last, session="none", wait=25))
        except (OSError, http.client.HTTPException) as e:
            ended.append(e)

    thread = threading.Thread(target=wait)
    thread.start()
    time.sleep(0.5)
    start = time.monotonic()
    roost.stop()
    assert time.monotonic() - start < 5
    thread.join(10)
    assert ended
    roost.start()


# --- overview, locks, backup ---

def test_overview(roost: Roost) -> None:
    api = as_owner(roost)
    mail.deliver(roost, mail.letter("x"))
    o = api.get("/overview")
    assert o["received_today"] == 1 and o["queue"] == 0 and o["uptime_s"] >= 0
    assert o["storage"]["used_bytes"] > 0 and o["storage"]["free_bytes"] > 0
    assert len(o["history"]["points"]) == 288 and o["history"]["step_s"] == 300
    assert sum(p["in"] for p in o["history"]["points"]) == 1
    assert o["certificates"] and o["hostname"]
    roost.stop()
    roost.start()
    assert as_owner(roost).get("/overview")["received_today"] == 1  # also after a restart


def test_locks_are_told_and_ended(roost: Roost) -> None:
    api = as_owner(roost)
    for i in range(10):
        with pytest.raises(ApiError):
            Api(roost).login("bob@example.org", f"guess {i}")
    (lock,) = [b for b in api.get("/blocked")["items"] if b["address"] == "bob@example.org"]
    assert lock["since"] < lock["until"] and lock["reason"]
    for b in api.get("/blocked")["items"]:
        api.delete(f"/blocked/{b['address']}")
    assert api.get("/blocked")["items"] == []
    assert Api(roost).login("bob@example.org", PASSWORDS["bob"])
    with pytest.raises(ApiError, match="404 missing"):
        api.delete("/blocked/192.0.2.77")


def test_backup_is_downloaded_and_restored(roost: Roost, make_roost: Maker) -> None:
    api = as_owner(roost)
    mail.deliver(roost, mail.letter("in the backup"))
    status, fields, body = api.call("GET", "/backup")
    assert status == 200 and fields["content-type"] == "application/octet-stream"
    assert int(fields["content-length"]) == len(body)
    assert ".backup" in fields["content-disposition"]
    copy = roost.folder / "downloaded.backup"
    copy.write_bytes(body)
    other = make_roost()
    other.cli("restore", str(copy), "--replace")
    other.start()
    assert b"in the backup" in mail.inbox(other)[0]
    assert [a["what"] for a in api.get("/audit")["items"]][0] == "backup"


# --- who may watch ---

@pytest.mark.parametrize("path", ["/overview", "/events", "/traces", "/queue", "/blocked", "/backup"])
def test_users_do_not_watch(roost: Roost, path: str) -> None:
    with pytest.raises(ApiError, match="401 login_needed"):
        Api(roost).get(path)
    with pytest.raises(ApiError, match="403 denied"):
        as_user(roost).get(path)


def test_domain_administrators_watch_their_own(sender: Roost, sink: Sink) -> None:
    """bob looks after b.example; alice@example.org is somebody else's."""
    api = as_owner(sender)
    api.post("/domains", {"name": "b.example"})
    api.post("/accounts", {"address": "new@b.example", "password": "long enough"})
    api.post("/aliases", {"address": "far@example.org", "targets": ["private@example.net"]})
    api.put("/accounts/bob@example.org", {"role": "admin", "domains": ["b.example"]})
    bob = as_user(sender)
    sink.always("RCPT", "451 4.7.1 not now")
    mail.submit(sender, mail.letter("theirs", sender="alice@example.org"), "friend@example.net")
    mail.deliver(sender, mail.letter("both"), to=["alice@example.org", "new@b.example"])
    # whoever says to be new@b.example is none of his: where far@ leads is not his to know
    mail.deliver(sender, mail.letter("forged"), sender="new@b.example", to="far@example.org")
    with smtplib.SMTP("127.0.0.1", sender.ports["submission"], "laptop.local", timeout=20) as s:
        s.starttls(context=trusting())
        s.login("new@b.example", "long enough")
        s.sendmail("new@b.example", "other@example.net",
                   mail.letter("his", sender="new@b.example"))
    until(lambda: len(api.get("/queue", state="delayed")["items"]) == 3, what="three delays")
    # the queue: his entry only, however he asks, and whatever he does
    (own,) = bob.get("/queue")["items"]
    assert own["from"] == "new@b.example" and own["to"][0]["address"] == "other@example.net"
    assert bob.get("/queue", q="friend@")["items"] == []
    assert bob.get("/queue", q="private@")["items"] == []
    for entry in api.get("/queue")["items"]:
        path = f"/queue/{entry['id']}"
        if entry["id"] == own["id"]:
            assert "Subject: his" in bob.get(path)["headers"]
            continue
        for method, what in (("GET", path), ("POST", path + "/retry"), ("POST", path + "/hold"),
                             ("POST", path + "/release"), ("DELETE", path),
                             ("DELETE", path + "?bounce=1")):
            with pytest.raises(ApiError, match="404 missing"):
                bob.request(method, what)
    assert len(api.get("/queue")["items"]) == 3
    # which way it goes is not his to say, not even of his own
    for what, body in ((f"/queue/{own['id']}/route", {"route": "mx"}),
                       (f"/queue/{own['id']}/queue", {"queue": ""}),
                       ("/queue-actions", {"action": "route", "route": "mx", "dry_run": True}),
                       ("/queue-actions", {"action": "queue", "to_queue": ""})):
        with pytest.raises(ApiError, match="403 denied"):
            bob.post(what, body)
    assert bob.post("/queue-actions", {"action": "retry", "dry_run": True})["count"] == 1
    bob.post(f"/queue/{own['id']}/hold")
    bob.delete(f"/queue/{own['id']}")
    assert len(api.get("/queue")["items"]) == 2
    assert [a["who"] for a in api.get("/audit", q="queue.drop")["items"]] == ["bob@example.org"]
    # traces: the one he sent, and his part of the one for both
    sent, both = (bob.get(f"/traces/{t['id']}") for t in bob.get("/traces")["items"])
    assert sent["from"] == "new@b.example" and sent["to"] == ["other@example.net"]
    assert both["to"] == ["new@b.example"] and both["to_more"] == 0
    assert "alice" not in json.dumps(both) and both["state"] == "delivered"
    for q in ("alice", "friend@", "private@", "far@"):
        assert bob.get("/traces", q=q)["items"] == []
    shown = {sent["id"], both["id"]}
    hidden = [t["id"] for t in api.get("/traces")["items"] if t["id"] not in shown]
    assert len(hidden) == 2
    for trace in hidden:
        with pytest.raises(ApiError, match="404 missing"):
            bob.get(f"/traces/{trace}")
    # events: none names anybody of example.org, nor the server's own doings
    events = bob.get("/events")["events"]
    assert any(e["name"] == "mail_delivered" for e in events)
    assert all("b.example" in json.dumps(e["fields"]) for e in events)
    assert "@example.org" not in json.dumps(events) and "private@" not in json.dumps(events)
    seen = bob.get("/overview")
    assert seen["queue"] == 0 and seen["certificates"] == [] and seen["warnings"] == []
    (warned,) = api.get("/overview")["warnings"]  # the owner: how the server is, not a domain
    assert warned["id"] == "certificate_self" and "Certificates" in warned["advice"]
    assert seen["received_today"] == 1 and seen["sent_today"] == 1
    assert api.get("/overview")["queue"] == 2
    for path in ("/blocked", "/backup", "/audit", "/settings"):
        with pytest.raises(ApiError, match="403 denied"):
            bob.get(path)
