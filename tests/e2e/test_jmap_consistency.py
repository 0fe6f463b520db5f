"""Random operations by IMAP, JMAP, POP3 and deliveries through a Sieve script at once. Then every
state that an observer saw on the way is replayed by /changes and /queryChanges, and must give the
truth; IMAP and JMAP must show the same mail."""
import contextlib
import imaplib
import itertools
import os
import random
import threading
from typing import Any, Callable

from harness import pop3
from harness.mail import deliver, letter, mailbox
from harness.server import Roost
from jmap_client import Jmap, JmapError
from test_sieve_delivery import script

SEED = int(os.environ.get("MODEL_SEED", "1"))
OPERATIONS = int(os.environ.get("MODEL_OPERATIONS", "200"))  # of each thread
BOXES = ("INBOX", "Archive", "Junk", "Drafts")
NEWEST = [{"property": "receivedAt", "isAscending": False}]
QUERIES: list[dict[str, Any]] = [
    {"sort": NEWEST}, {"sort": NEWEST, "collapseThreads": True},
    {"filter": {"hasKeyword": "$seen"}, "sort": NEWEST},
    {"filter": {"text": "plover"}, "sort": [{"property": "size"}]}]


def message(rng: random.Random, number: int) -> bytes:
    words = " ".join(rng.choice(("plover", "heron", "crane")) for _ in range(rng.randint(1, 9)))
    parent = f"In-Reply-To: <m{rng.randrange(8)}@x>\r\n" if rng.random() < .6 else ""
    return (f"Message-ID: <m{number}@x>\r\n{parent}Subject: birds\r\n"
            f"Date: Mon, 5 Jan 2026 10:{number % 60:02}:00 +0000\r\n\r\n{words}\r\n").encode()


def by_imap(roost: Roost, rng: random.Random, numbers: "itertools.count[int]") -> None:
    with mailbox(roost) as m:
        for _ in range(OPERATIONS):
            m.select(rng.choice(BOXES))
            uids = m.uid("SEARCH", None, "ALL")[1][0].split()
            uid = rng.choice(uids).decode() if uids else "1"
            with contextlib.suppress(imaplib.IMAP4.error):  # another door was first
                match rng.randrange(6):
                    case 0 | 1:
                        m.append(rng.choice(BOXES), "", None, message(rng, next(numbers)))
                    case 2:
                        m.uid("COPY", uid, rng.choice(BOXES))
                    case 3:
                        m.uid("MOVE", uid, rng.choice(BOXES))
                    case 4:
                        m.uid("STORE", uid, rng.choice(("+FLAGS", "-FLAGS")),
                              rng.choice(("(\\Seen)", "(\\Flagged)", "(\\Deleted)", "(tag)")))
                    case 5:
                        if rng.random() < .3:
                            m.expunge()


def by_jmap(roost: Roost, rng: random.Random, numbers: "itertools.count[int]") -> None:
    jmap = Jmap(roost)
    for n in range(OPERATIONS):
        boxes = [b["id"] for b in jmap.call("Mailbox/get", {"ids": None})["list"]
                 if b["name"] in BOXES]
        ids = jmap.call("Email/query", {})["ids"]
        email = rng.choice(ids) if ids else "M1-1"
        where = {b: True for b in rng.sample(boxes, rng.randint(1, 2))}
        change: dict[str, Any]
        match rng.randrange(6):
            case 0:
                change = {"create": {"c": {"mailboxIds": where, "subject": "birds",
                                           "messageId": [f"m{next(numbers)}@x"]}}}
            case 1:
                change = {"update": {email: {"mailboxIds": where}}}
            case 2:
                change = {"update": {email: {f"mailboxIds/{rng.choice(boxes)}": True}}}
            case 3 | 4:
                change = {"update": {email: {f"keywords/{rng.choice(('$seen', '$flagged', 'tag'))}":
                                             rng.choice((True, None))}}}
            case _:
                change = {"destroy": [email] if rng.random() < .4 else []}
        jmap.call("Email/set", change)
        if n % 10 == 0:
            made = jmap.call("Mailbox/set", {"create": {"m": {"name": f"box {rng.random()}"}}})
            if rng.random() < .5:
                jmap.call("Mailbox/set", {"destroy": [made["created"]["m"]["id"]],
                                          "onDestroyRemoveEmails": True})


def by_pop3(roost: Roost, rng: random.Random, numbers: "itertools.count[int]") -> None:
    for _ in range(OPERATIONS // 10):
        with contextlib.suppress(Exception):  # the maildrop is locked, or the message has gone
            session = pop3.session(roost)
            if session.stat()[0] > 2:
                session.dele(rng.randint(1, 2))
            session.quit()
        deliver(roost, letter("by POP3's thread", f"{next(numbers)} plover\n"))


def by_delivery(roost: Roost, rng: random.Random, numbers: "itertools.count[int]") -> None:
    for _ in range(OPERATIONS // 2):
        deliver(roost, message(rng, next(numbers)))


def observe(roost: Roost, done: threading.Event, seen: list[Any]) -> None:
    jmap = Jmap(roost)
    while not done.is_set():
        query = [["Email/query", q, f"q{i}"] for i, q in enumerate(QUERIES)]
        responses = jmap.request([["Mailbox/get", {"ids": None, "properties": ["id"]}, "m"],
                                  ["Email/get", {"ids": []}, "e"], ["Thread/get", {"ids": []}, "t"],
                                  *query, ["Email/get", {"ids": []}, "e2"]])
        seen.append([arguments for _, arguments, _ in responses])
        done.wait(.02)


def replay(jmap: Jmap, kind: str, state: str, old: set[str], most: int | None) -> set[str]:
    """The ids after all changes since then."""
    ids = set(old)
    while True:
        c = jmap.call(f"{kind}/changes", {"sinceState": state, "maxChanges": most})
        ids = (ids | set(c["created"])) - set(c["destroyed"])
        if not c["hasMoreChanges"]:
            return ids
        assert c["newState"] != state
        state = c["newState"]


def test_every_door_at_once(roost: Roost) -> None:
    script(roost, 'require ["fileinto", "imap4flags"]; if header :contains "in-reply-to" "m1" '
                  '{ fileinto :flags "\\\\Flagged" "Archive"; }')
    numbers = itertools.count(1)
    failures: list[BaseException] = []

    def run(work: Callable[..., None], seed: int) -> None:
        try:
            work(roost, random.Random(seed), numbers)
        except BaseException as error:  # pylint: disable=broad-except
            failures.append(error)
    done, seen = threading.Event(), []
    threads = [threading.Thread(target=run, args=(work, SEED * 100 + i)) for i, work in
               enumerate((by_imap, by_imap, by_jmap, by_jmap, by_pop3, by_delivery))]
    watcher = threading.Thread(target=observe, args=(roost, done, seen))
    for thread in (*threads, watcher):
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    watcher.join()
    assert not failures, failures
    compare(Jmap(roost), seen)
    same_as_imap(roost, Jmap(roost))


def compare(jmap: Jmap, seen: list[Any]) -> None:
    assert len(seen) > 5
    boxes = {b["id"] for b in jmap.call("Mailbox/get", {"ids": None})["list"]}
    now = [jmap.call("Email/query", q) for q in QUERIES]
    for n, (box, before, _, *queries, after) in enumerate(seen[::max(1, len(seen) // 40)]):
        most = 7 if n % 2 else None
        assert replay(jmap, "Mailbox", box["state"], {b["id"] for b in box["list"]}, most) == boxes
        if before["state"] == after["state"]:  # else the ids may be of another state
            assert replay(jmap, "Email", before["state"], set(queries[0]["ids"]),
                          most) == set(now[0]["ids"])
        for q, old, new in zip(QUERIES, queries, now):
            try:
                c = jmap.call("Email/queryChanges", sinceQueryState=old["queryState"], **q)
            except JmapError as error:
                raise AssertionError((q, old["queryState"])) from error
            ids = [i for i in old["ids"] if i not in c["removed"]]
            for added in c["added"]:
                ids.insert(added["index"], added["id"])
            assert ids == new["ids"], (q, old["queryState"], c)


def same_as_imap(roost: Roost, jmap: Jmap) -> None:
    emails = []
    ids = jmap.call("Email/query", {})["ids"]
    for i in range(0, len(ids), 500):
        emails += jmap.call("Email/get", {"ids": ids[i:i + 500], "properties": [
            "mailboxIds", "keywords", "threadId"]})["list"]
    threads = {t["id"]: t["emailIds"] for t in jmap.call(
        "Thread/get", {"ids": list({e["threadId"] for e in emails})[:900]})["list"]}
    for email in emails:
        if email["threadId"] in threads:
            assert email["id"] in threads[email["threadId"]]
    for box in jmap.call("Mailbox/get", {"ids": None})["list"]:
        inside = [e for e in emails if box["id"] in e["mailboxIds"]]
        with mailbox(roost, name=None) as m:
            if m.select(f'"{box["name"]}"', readonly=True)[0] != "OK":
                continue
            rows = m.uid("FETCH", "1:*", "(FLAGS EMAILID)")[1]
        shown = [r.split(b"EMAILID (")[1].split(b")")[0].decode() for r in rows
                 if r is not None and b"\\Deleted" not in r]
        assert set(shown) == {e["id"] for e in inside}, box["name"]
        if len(shown) == len(set(shown)):  # a second copy in one mailbox counts again
            assert box["totalEmails"] == len(inside)
        assert box["totalThreads"] == len({e["threadId"] for e in inside})
