"""Email/query and Email/queryChanges (RFC 8621 4.4, 4.5)."""
import random
from typing import Any

import pytest

from harness import mail
from harness.server import Roost
from jmap_client import Jmap, JmapError

FROM = ("Ann", "Bob", "Cyd")
WORDS = ("apple", "pear", "plum", "fig")


def fill(roost: Roost, count: int, seed: int) -> Jmap:
    """Letters with random senders, words, dates and flags in INBOX and Archive."""
    rng = random.Random(seed)
    imap = mail.mailbox(roost, "alice")
    for n in range(count):
        parent = f"In-Reply-To: <{rng.randrange(n)}@q>\r\n" if n and rng.random() < .4 else ""
        raw = (f"From: {rng.choice(FROM)} <x@example.net>\r\nMessage-ID: <{n}@q>\r\n{parent}"
               f"Date: Mon, {rng.randint(1, 28):02} Jan 2024 00:00:00 +0000\r\nSubject: s\r\n\r\n"
               f"{' '.join(rng.sample(WORDS, 2))}{' .' * rng.randrange(50)}\r\n")
        flags = " ".join(f for f in ("\\Seen", "\\Flagged") if rng.random() < .5)
        date = f'"{rng.randint(1, 28):02}-Feb-2024 10:00:00 +0000"'
        box = rng.choice(("INBOX", "Archive"))
        assert imap.append(box, f"({flags})", date, raw.encode())[0] == "OK"
    return Jmap(roost)


def emails(jmap: Jmap) -> list[dict[str, Any]]:
    """All emails, with what the model needs."""
    ids = jmap.call("Email/query")["ids"]
    return jmap.call("Email/get", ids=ids, fetchTextBodyValues=True, properties=[
        "id", "threadId", "mailboxIds", "keywords", "size", "receivedAt", "from", "sentAt",
        "bodyValues"])["list"]


def matches(f: dict[str, Any], e: dict[str, Any], every: list[dict[str, Any]]) -> bool:
    """The naive model of a filter."""
    if "operator" in f:
        got = [matches(c, e, every) for c in f["conditions"]]
        return {"AND": all(got), "OR": any(got), "NOT": not any(got)}[f["operator"]]
    thread = [x for x in every if x["threadId"] == e["threadId"]]
    body = " ".join(v["value"] for v in e["bodyValues"].values())
    tests = {
        "inMailbox": lambda v: v in e["mailboxIds"],
        "inMailboxOtherThan": lambda v: bool(set(e["mailboxIds"]) - set(v)),
        "hasKeyword": lambda v: v in e["keywords"],
        "notKeyword": lambda v: v not in e["keywords"],
        "allInThreadHaveKeyword": lambda v: all(v in x["keywords"] for x in thread),
        "someInThreadHaveKeyword": lambda v: any(v in x["keywords"] for x in thread),
        "noneInThreadHaveKeyword": lambda v: not any(v in x["keywords"] for x in thread),
        "before": lambda v: e["receivedAt"] < v,
        "after": lambda v: e["receivedAt"] >= v,
        "minSize": lambda v: e["size"] >= v,
        "maxSize": lambda v: e["size"] < v,
        "from": lambda v: v.lower() in e["from"][0]["name"].lower(),
        "body": lambda v: all(w in body for w in v.split()),
    }
    return all(tests[k](v) for k, v in f.items())


def condition(rng: random.Random, boxes: list[str], depth: int) -> dict[str, Any]:
    """A random filter."""
    if depth and rng.random() < .5:
        return {"operator": rng.choice(("AND", "OR", "NOT")),
                "conditions": [condition(rng, boxes, depth - 1)
                               for _ in range(rng.randrange(4))]}
    word = rng.choice(("$seen", "$flagged", "$none"))
    date = f"2024-02-{rng.randint(1, 28):02}T10:00:00Z"
    every = {"inMailbox": rng.choice(boxes), "inMailboxOtherThan": [rng.choice(boxes)],
             "hasKeyword": word, "notKeyword": word, "allInThreadHaveKeyword": word,
             "someInThreadHaveKeyword": word, "noneInThreadHaveKeyword": word,
             "before": date, "after": date, "minSize": rng.randint(100, 300),
             "maxSize": rng.randint(100, 300), "from": rng.choice(FROM).upper(),
             "body": " ".join(rng.sample(WORDS, rng.randint(1, 2)))}
    return {k: every[k] for k in rng.sample(sorted(every), rng.randint(1, 2))}


def expected(e: dict[str, Any], by: str) -> Any:
    """The value of a sort."""
    return {"receivedAt": e["receivedAt"], "size": e["size"], "from": e["from"][0]["name"],
            "sentAt": e["sentAt"], "hasKeyword": "$seen" in e["keywords"]}[by]


def test_random_queries(roost: Roost) -> None:
    jmap = fill(roost, 60, 1)
    every = emails(jmap)
    assert len(every) == 60
    rng = random.Random(2)
    boxes = sorted({b for e in every for b in e["mailboxIds"]})
    by_id = {e["id"]: e for e in every}
    for _ in range(150):
        f = condition(rng, boxes, 2)
        by = rng.choice(("receivedAt", "size", "from", "sentAt", "hasKeyword"))
        up, collapse = rng.random() < .5, rng.random() < .5
        sort = [{"property": by, "isAscending": up, "keyword": "$seen"}]
        args = {"filter": f, "sort": sort, "collapseThreads": collapse}
        got = jmap.call("Email/query", calculateTotal=True, **args)
        want = {e["id"] for e in every if matches(f, e, every)}
        values = [expected(by_id[i], by) for i in got["ids"]]
        assert values == sorted(values, reverse=not up), args
        if collapse:
            assert {by_id[i]["threadId"] for i in got["ids"]} == {
                by_id[i]["threadId"] for i in want}, args
            assert len({by_id[i]["threadId"] for i in got["ids"]}) == len(got["ids"])
        else:
            assert set(got["ids"]) == want and len(got["ids"]) == len(want), args
        assert got["total"] == len(got["ids"])
        for _ in range(3):
            position, limit = rng.randint(-70, 70), rng.randint(0, 30)
            page = jmap.call("Email/query", position=position, limit=limit, **args)
            begin = position if position >= 0 else max(0, position + len(got["ids"]))
            assert page["ids"] == got["ids"][begin:begin + limit], (args, position, limit)
        if got["ids"]:
            at, offset = rng.randrange(len(got["ids"])), rng.randint(-5, 5)
            page = jmap.call("Email/query", anchor=got["ids"][at], anchorOffset=offset, limit=7,
                             **args)
            begin = max(0, at + offset)
            assert page["ids"] == got["ids"][begin:begin + 7] and page["position"] == min(
                begin, len(got["ids"]))


def test_changes_replayed(roost: Roost) -> None:
    jmap = fill(roost, 20, 3)
    rng = random.Random(4)
    imap = mail.mailbox(roost, "alice")
    queries: list[dict[str, Any]] = [
        {"filter": f, "sort": [{"property": "receivedAt", "isAscending": False}],
         "collapseThreads": c}
        for f in ({}, {"hasKeyword": "$seen"}, {"someInThreadHaveKeyword": "$flagged"})
        for c in (False, True)]
    old = [jmap.call("Email/query", **q) for q in queries]
    for step in range(12):
        imap.select(rng.choice(("INBOX", "Archive")))
        count = int(imap.response("EXISTS")[1][0] or 0)
        if count and rng.random() < .3:
            imap.store(str(rng.randint(1, count)), "+FLAGS", "\\Deleted")
            imap.expunge()
        elif count and rng.random() < .7:
            imap.store(str(rng.randint(1, count)), rng.choice(("+FLAGS", "-FLAGS")),
                       rng.choice(("\\Seen", "\\Flagged")))
        else:
            parent = f"In-Reply-To: <{rng.randrange(20)}@q>\r\n"
            imap.append("INBOX", "", None,
                        f"Message-ID: <n{step}@q>\r\n{parent}Subject: s\r\n\r\nx\r\n".encode())
        for q, was in zip(queries, old):
            changes = jmap.call("Email/queryChanges", sinceQueryState=was["queryState"], **q)
            ids = [i for i in was["ids"] if i not in changes["removed"]]
            for added in sorted(changes["added"], key=lambda a: a["index"]):
                ids.insert(added["index"], added["id"])
            now = jmap.call("Email/query", **q)
            assert ids == now["ids"], (q, changes)
            assert changes["newQueryState"] == now["queryState"]


@pytest.mark.parametrize("args,error", [
    ({"filter": {"colour": "red"}}, "unsupportedFilter"),
    ({"sort": [{"property": "colour"}]}, "unsupportedSort"),
    ({"sort": [{"property": "hasKeyword"}]}, "invalidArguments"),
    ({"filter": {"header": []}}, "invalidArguments"),
    ({"filter": {"text": 5}}, "invalidArguments"),
    ({"anchor": "M1-99999"}, "anchorNotFound"),
    ({"anchor": "F1-1"}, "anchorNotFound"),
    ({"filter": {"body": "a " * 5000}}, "unsupportedFilter"),
])
def test_errors(roost: Roost, args: dict[str, Any], error: str) -> None:
    with pytest.raises(JmapError) as e:
        Jmap(roost).call("Email/query", **args)
    assert e.value.type == error


def test_snippets(roost: Roost) -> None:
    imap = mail.mailbox(roost, "alice")
    for subject, kind, text in (("Plum & <fig>", "plain", "An apple & a <pear>. " + "x " * 300),
                                ("none", "html", "<p>A &lt;b&gt; <b>plum</b> of " + "y " * 300)):
        raw = f"Subject: {subject}\r\nContent-Type: text/{kind}\r\n\r\n{text}\r\n"
        imap.append("INBOX", "", None, raw.encode())
    jmap = Jmap(roost)
    ids = jmap.call("Email/query", sort=[{"property": "size"}])["ids"]
    by_subject = {e["subject"]: e["id"] for e in jmap.call(
        "Email/get", ids=ids, properties=["subject"])["list"]}
    plain, html = by_subject["Plum & <fig>"], by_subject["none"]

    def get(where: dict[str, Any] | None) -> dict[str, tuple[str | None, str | None]]:
        got = jmap.call("SearchSnippet/get", filter=where, emailIds=[plain, html, "M1-9999", "x"])
        assert got["notFound"] == ["M1-9999", "x"]
        assert [s["emailId"] for s in got["list"]] == [plain, html]
        assert all(len((s["preview"] or "").encode()) <= 255 for s in got["list"])
        return {s["emailId"]: (s["subject"], s["preview"]) for s in got["list"]}

    got = get({"text": "plum"})
    assert got[plain] == ("<mark>Plum</mark> &amp; &lt;fig&gt;", None)
    assert got[html][0] is None
    assert (got[html][1] or "").startswith("A &lt;b&gt; <mark>plum</mark> of y y")
    got = get({"operator": "AND", "conditions": [{"subject": "FIG"}, {"body": "pear apple"}]})
    assert got[plain][0] == "Plum &amp; &lt;<mark>fig</mark>&gt;"
    assert (got[plain][1] or "").startswith(
        "An <mark>apple</mark> &amp; a &lt;<mark>pear</mark>&gt;. x x")
    assert got[html] == (None, None)
    for nothing in (None, {}, {"from": "plum"}, {"hasKeyword": "plum"}):
        assert set(get(nothing).values()) == {(None, None)}
    assert jmap.call("SearchSnippet/get", filter=None, emailIds=[plain])["notFound"] is None


@pytest.mark.parametrize("args,error", [
    ({"filter": {"colour": "red"}, "emailIds": []}, "unsupportedFilter"),
    ({"filter": {"text": "a"}}, "invalidArguments"),
    ({"filter": {"text": "a"}, "emailIds": ["a"] * 5000}, "requestTooLarge"),
])
def test_snippet_errors(roost: Roost, args: dict[str, Any], error: str) -> None:
    with pytest.raises(JmapError) as e:
        Jmap(roost).call("SearchSnippet/get", **args)
    assert e.value.type == error


def test_texts(roost: Roost) -> None:
    imap = mail.mailbox(roost, "alice")
    for name, word in (("one", "quince"), ("two", "cherry")):
        raw = (f"From: f{word}@a.example\r\nTo: t{word}@a.example\r\nCc: c{word}@a.example\r\n"
               f"Bcc: b{word}@a.example\r\nSubject: {name} s{word}\r\nX-Y: x{word}\r\n\r\n"
               f"body{word}\r\n")
        imap.append("INBOX", "", None, raw.encode())
    jmap = Jmap(roost)
    for name, word in (("one", "quince"), ("two", "cherry")):
        for where in ({"from": "f" + word}, {"to": "T" + word}, {"cc": "c" + word},
                      {"bcc": "b" + word}, {"subject": "s" + word}, {"body": "body" + word},
                      {"header": ["x-y", "X" + word]}, {"text": "x" + word},
                      {"text": f"s{word} body{word}"}):
            ids = jmap.call("Email/query", filter=where)["ids"]
            got = jmap.call("Email/get", ids=ids, properties=["subject"])["list"]
            assert [e["subject"] for e in got] == [f"{name} s{word}"], where
    for where in ({"from": "tquince"}, {"cc": "tquince"}, {"body": "squince"}, {"header": ["x-z"]}):
        assert jmap.call("Email/query", filter=where)["ids"] == [], where
    for by, up in (("to", "cherry"), ("subject", "quince")):
        ids = jmap.call("Email/query", sort=[{"property": by}])["ids"]
        got = jmap.call("Email/get", ids=ids[:1], properties=["subject"])["list"]
        assert up in got[0]["subject"]
