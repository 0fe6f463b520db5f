"""What an administrator does with the queue: pauses, other ways, many entries at once; what he is
told of it: history, suppressed addresses, metrics; and how much may lie there."""
import re
import time
import urllib.request

import pytest

from conftest import Maker
from harness import mail
from harness.api import Api, ApiError, as_owner
from harness.dns_server import DnsServer
from harness.peer import SmtpPeer, until
from harness.server import Roost
from harness.smtp_sink import Sink


def put(roost: Roost, *rcpts: str) -> None:
    mail.submit(roost, mail.letter("what waits", sender="alice@example.org"), list(rcpts))


def metric(roost: Roost, name: str) -> float:
    url = f"http://127.0.0.1:{roost.ports['http']}/metrics"
    with urllib.request.urlopen(url, timeout=10) as answer:
        found = re.search(rf"^{re.escape(name)} (\S+)$", answer.read().decode(), re.M)
    assert found, name
    return float(found[1])


# --- pauses ---


@pytest.mark.parametrize("what,name", [("all", ""), ("destination", "example.net"),
                                       ("queue", "default")])
def test_a_pause_lasts_until_it_is_ended(sender: Roost, sink: Sink, what: str, name: str) -> None:
    api = as_owner(sender)
    api.post("/pauses", {"what": what, "name": name, "reason": "they are moving"})
    (row,) = api.get("/pauses")["items"]
    assert (row["what"], row["name"], row["reason"]) == (what, name, "they are moving")
    put(sender, "friend@example.net")
    (entry,) = api.get("/queue")["items"]
    assert entry["paused"] and entry["state"] == "waiting"
    sender.stop()
    sender.start()
    time.sleep(1)
    assert sink.messages == []
    api = as_owner(sender)
    sender.cli("queue", "resume", f"what={what}", f"name={name}")
    sink.wait()
    assert api.get("/pauses")["items"] == []
    with pytest.raises(ApiError, match="404 missing"):
        api.delete(f"/pauses?what={what}&name={name}")
    assert [a["what"] for a in api.get("/audit", q="queue.")["items"]] == \
        ["queue.resume", "queue.pause"]
    sender.fsck()


def test_a_pause_of_a_domain_behind_a_smarthost(make_sender: Maker, sink: Sink) -> None:
    """Mail for it waits while that for others goes by the same smarthost, over a restart too."""
    sender = make_sender(SMARTHOST=f"smtp://127.0.0.1:{sink.port}").start()
    sender.cli("queue", "pause", "what=destination", "name=example.net")
    put(sender, "a@example.net", "b@example.com")
    put(sender, "c@example.com")
    sink.wait(2)
    sender.restart()
    put(sender, "d@example.net", "e@example.com")
    sink.wait(3)
    api = as_owner(sender)
    until(lambda: len(api.get("/queue")["items"]) == 2)
    waits = as_owner(sender).get("/queue")["items"]
    assert [(e["destination"], e["paused"]) for e in waits] == \
        [("@(smarthost)/example.net", True)] * 2
    sender.cli("queue", "resume", "what=destination", "name=example.net")
    sink.wait(5)
    assert sorted(rcpt for got in sink.messages for rcpt in got.rcpts) == [
        "a@example.net", "b@example.com", "c@example.com", "d@example.net", "e@example.com"]
    until(lambda: sender.cli("queue", "list") == "", what="an empty queue")


def test_a_pause_has_a_name(roost: Roost) -> None:
    api = as_owner(roost)
    for body in ({"what": "some"}, {"what": "queue"}, {"what": "destination", "name": ""}):
        with pytest.raises(ApiError, match="400 invalid"):
            api.post("/pauses", body)
    with pytest.raises(ApiError, match="422 limit"):
        api.post("/pauses", {"what": "destination", "name": "x" * 500})


# --- many at once ---


@pytest.fixture(name="full")
def _full(make_sender: Maker, dns: DnsServer, sink: Sink) -> tuple[Roost, Api, Sink]:
    """Five messages to two domains, which the other side does not take for now."""
    dns.mail_host("example.com")
    sender = make_sender(QUEUE_RETRY="1h", QUEUES="define=slow",
                         RELAYS=f"name=sink to=smtp://127.0.0.1:{sink.port}").start()
    sink.always("MAIL", "451 4.3.0 not now")
    for n in range(5):
        put(sender, f"friend{n}@example.{'net' if n < 3 else 'com'}")
    api = as_owner(sender)
    until(lambda: len(api.get("/queue", state="delayed")["items"]) == 5, what="delays")
    return sender, api, sink


def test_many_entries_at_once(full: tuple[Roost, Api, Sink]) -> None:
    roost, api, sink = full

    def act(action: str, **fits: object) -> int:
        done = api.post("/queue-actions", {"action": action, **fits})
        assert done["next"] == ""
        return int(done["count"])

    assert act("drop", domain="example.net", dry_run=True) == 3
    roost.cli("queue", "pause", "what=destination", "name=straße.test")
    put(roost, "friend9@xn--strae-oqa.test")
    assert act("drop", domain="Straße.test") == 1
    roost.cli("queue", "resume", "what=destination", "name=xn--strae-oqa.test")
    assert act("hold", domain="example.net") == 3
    assert act("hold", domain="example.net") == 0  # none is left that is not
    assert act("drop", state="held", sender="example.com") == 0
    assert act("drop", age=3600) == 0
    assert act("queue", q="friend4", to_queue="slow") == 1
    assert [e["to"][0]["address"] for e in api.get("/queue", queue="slow")["items"]] == \
        ["friend4@example.com"]
    assert act("drop", queue="slow") == 1
    assert act("bounce", q="friend0@") == 1
    assert act("release", state="held") == 2
    until(lambda: len(api.get("/queue", state="delayed")["items"]) == 3, what="their attempts")
    until(lambda: any(b"given it up" in raw for raw in mail.inbox(roost)), what="a bounce")
    for wrong in ({"action": "eat"}, {"action": "route"}, {"action": "drop", "state": "sad"},
                  {"action": "drop", "after": "x"}, {"action": "route", "route": "nowhere"}):
        with pytest.raises(ApiError, match="400 invalid"):
            api.post("/queue-actions", wrong)
    sink.always("MAIL", None)
    seen: list[str] = []

    def all_routed() -> bool:
        """An entry that is being tried is left alone, so it may take more than once."""
        seen.append(roost.cli("queue", "act", "action=route", "route=sink",
                              "sender=alice@example.org"))
        return len(sink.messages) == 3

    until(all_routed, 20, "all by the other route")
    assert any(f"count={n}\n" in seen[0] for n in (1, 2, 3))
    until(lambda: api.get("/queue")["items"] == [], what="an empty queue")
    assert {d["route"] for d in api.get("/deliveries")["items"] if d["delivered"]} == {"sink"}
    whats = [a["what"] for a in api.get("/audit", q="queue.all")["items"]]
    assert whats[0] == "queue.all.route" and "queue.all.bounce" in whats
    roost.fsck()


def test_an_entry_by_another_route(full: tuple[Roost, Api, Sink]) -> None:
    roost, api, sink = full
    sink.always("MAIL", None)
    (entry,) = api.get("/queue", q="friend2")["items"]
    with pytest.raises(ApiError, match="400 invalid"):
        api.post(f"/queue/{entry['id']}/route", {"route": "nowhere"})
    api.post(f"/queue/{entry['id']}/queue", {"queue": "slow"})
    assert api.get(f"/queue/{entry['id']}")["queue"] == "slow"
    roost.cli("queue", "route", entry["id"], "route=sink")
    sink.wait()
    (past,) = until(lambda: api.get("/deliveries", q="friend2")["items"], what="the history")
    assert (past["route"], past["queue"]) == ("sink", "slow")


# --- the history, and who is written to no more ---


def test_history(sender: Roost, sink: Sink) -> None:
    api = as_owner(sender)
    put(sender, "friend@example.net")
    sink.wait()
    (row,) = until(lambda: api.get("/deliveries")["items"], what="the history")
    assert row["delivered"] and row["attempts"] == 1 and row["code"] == 250
    assert (row["from"], row["to"]) == ("alice@example.org", "friend@example.net")
    assert row["address"] == f"127.0.0.1:{sink.port}" and row["host"]
    sink.always("RCPT", "550 5.1.1 who is that")
    put(sender, "gone@example.net")
    until(lambda: len(api.get("/deliveries")["items"]) == 2, what="the failure")
    failed, sent = api.get("/deliveries")["items"]
    assert not failed["delivered"] and "who is that" in failed["reply"]
    assert sent == row
    assert api.get("/deliveries", q="WHO IS")["items"] == [failed]
    assert api.get("/deliveries", until=row["time"])["items"] == []
    first = api.get("/deliveries", limit=1)
    assert api.get("/deliveries", limit=1, after=first["next"])["items"] == [sent]
    with pytest.raises(ApiError, match="400 invalid"):
        api.get("/deliveries", since="lately")
    sender.fsck()


def test_addresses_that_nothing_is_sent_to(make_sender: Maker, sink: Sink) -> None:
    sender = make_sender(QUEUE_SUPPRESS_DAYS="3").start()
    api = as_owner(sender)
    sink.always("RCPT", "550 5.1.1 who is that")
    put(sender, "gone@example.net")
    (row,) = until(lambda: api.get("/suppressed")["items"], what="the suppression")
    assert (row["address"], row["domain"], row["by_hand"]) == \
        ("gone@example.net", "example.org", False)
    assert "who is that" in row["reason"]
    sink.always("RCPT", None)
    put(sender, "gone@example.net")
    until(lambda: len(mail.inbox(sender)) == 2, what="both bounces")
    assert sink.messages == []
    (row,) = api.get("/suppressed")["items"]
    assert row["hits"] == 1
    sender.cli("queue", "unsuppress", "gone@example.net", "domain=example.org")
    put(sender, "gone@example.net")
    sink.wait()
    sender.cli("queue", "suppress", "address=x@straße.test")
    assert "x@xn--strae-oqa.test" in sender.cli("queue", "suppressed")
    sender.cli("queue", "unsuppress", "x@straße.test")
    api.post("/suppressed", {"address": "Never@example.net", "reason": "she asked"})
    (row,) = api.get("/suppressed")["items"]
    assert (row["address"], row["until"], row["by_hand"]) == ("never@example.net", None, True)
    put(sender, "never@example.net")
    until(lambda: any(b"she asked" in raw for raw in mail.inbox(sender)), what="its bounce")
    for wrong in ({"address": "nobody"}, {"address": "a@b.example", "days": -1}):
        with pytest.raises(ApiError, match="400 invalid"):
            api.post("/suppressed", wrong)
    with pytest.raises(ApiError, match="404 missing"):
        api.delete("/suppressed/other@example.net")
    sender.fsck()


# --- how much may lie there ---


def code(roost: Roost, rcpt: str, size: int = 1000) -> bytes:
    """What alice is answered who wants to send so many bytes to this address."""
    with mail.submission(roost) as s:
        s.ehlo_or_helo_if_needed()
        s.mail("alice@example.org", [f"SIZE={size}"])
        number, text = s.rcpt(rcpt)
        return b"%d %s" % (number, text)


@pytest.mark.parametrize("settings,answer", [
    ({"QUEUE_MAX_MESSAGES": "2"}, b"452 4.3.1"),
    ({"QUEUES": "each=account most=2"}, b"452 4.2.2"),
    ({"QUEUES": "each=domain from=example.org most=2"}, b"452 4.2.2"),
])
def test_no_more_than_may_wait(make_sender: Maker, dns: DnsServer, sink: Sink,
                               settings: dict[str, str], answer: bytes) -> None:
    dns.mail_host("example.com")
    sender = make_sender(**settings).start()
    api = as_owner(sender)
    api.post("/pauses", {"what": "all"})
    put(sender, "one@example.net")
    put(sender, "two@example.com")
    assert code(sender, "three@example.net").startswith(answer)
    assert code(sender, "bob@example.org").startswith(b"250")  # who is here is not asked for it
    sender.kill()
    sender.start()
    assert code(sender, "three@example.net").startswith(answer)
    as_owner(sender).delete("/pauses?what=all")
    sink.wait(2)
    until(lambda: code(sender, "three@example.net").startswith(b"250"), what="room")
    sender.fsck()


def test_bytes_are_announced_and_counted(make_sender: Maker) -> None:
    sender = make_sender(QUEUE_MAX_BYTES="100K", QUEUES="each=account most-size=20K").start()
    as_owner(sender).post("/pauses", {"what": "all"})
    assert code(sender, "one@example.net", 200000).startswith(b"452 4.3.1")
    assert code(sender, "one@example.net", 50000).startswith(b"452 4.2.2")
    big = mail.letter("big", sender="alice@example.org") + (b"x" * 70 + b"\r\n") * 200
    mail.submit(sender, big, "one@example.net")
    assert code(sender, "one@example.net", 15000).startswith(b"452 4.2.2")
    assert code(sender, "one@example.net", 500).startswith(b"250")
    with mail.submission(sender) as s:  # who has not said how much would come
        s.mail("alice@example.org")
        assert s.rcpt("two@example.net")[0] == 250
        assert s.data(big)[0] == 452
    sender.fsck()


def test_what_is_sent_on_waits_too(make_sender: Maker) -> None:
    sender = make_sender(QUEUE_MAX_MESSAGES="1").start()
    api = as_owner(sender)
    api.post("/aliases", {"address": "away@example.org", "targets": ["carol@example.net"]})
    api.post("/pauses", {"what": "all"})
    put(sender, "one@example.net")
    with SmtpPeer(sender.ports["smtp"]) as peer:
        peer.cmd("EHLO peer.example")
        peer.cmd("MAIL FROM:<x@example.net>")
        assert peer.code("RCPT TO:<away@example.org>") == 452
        assert peer.code("RCPT TO:<bob@example.org>") == 250
        assert peer.code("RCPT TO:<other@example.net>") == 550  # not ours to tell


# --- metrics ---


def test_metrics_of_the_queue(full: tuple[Roost, Api, Sink]) -> None:
    roost, api, _ = full
    assert metric(roost, 'roost_queue_entries{queue="",state="delayed"}') == 5
    assert metric(roost, "roost_queue_bytes") > 500
    assert metric(roost, "roost_queue_oldest_seconds") < 60
    assert metric(roost, 'roost_queue_kinds_total{kind="deferred"}') >= 5
    assert metric(roost, "roost_queue_wait_seconds_count") == 0
    api.post("/queue-actions", {"action": "bounce"})
    assert metric(roost, "roost_queue_wait_seconds_count") == 5
    assert metric(roost, 'roost_queue_wait_seconds_bucket{le="+Inf"}') == 5
