"""Requirements of RFC 8620 and RFC 8621 without another test; tests/jmap/must.tsv lists all."""
import json
from typing import Any

import pytest

from harness import mail
from harness.account import ok
from harness.server import Roost, address
from harness.smtp_sink import Sink
from jmap_client import CORE, Jmap, JmapError
from test_jmap_email_set import box, create, get
from test_jmap_mail import PLAIN, append
from test_jmap_submission import FRIEND, draft, envelope, sent


def refused(jmap: Jmap, name: str, **arguments: Any) -> str:
    """The type of the method-level error."""
    with pytest.raises(JmapError) as error:
        jmap.call(name, arguments)
    return error.value.type


# --- RFC 8620 ---

def test_session_urls(roost: Roost) -> None:
    """RFC 8620 2: variables of the URL templates, and limits of the core capability."""
    session = Jmap(roost).session
    for url, names in (("downloadUrl", ("accountId", "blobId", "type", "name")),
                       ("uploadUrl", ("accountId",)),
                       ("eventSourceUrl", ("types", "closeafter", "ping"))):
        assert all("{" + name + "}" in session[url] for name in names)
    assert set(session["capabilities"][CORE]) >= {
        "maxSizeUpload", "maxConcurrentUpload", "maxSizeRequest", "maxConcurrentRequests",
        "maxCallsInRequest", "maxObjectsInGet", "maxObjectsInSet", "collationAlgorithms"}
    account = session["accounts"][Jmap(roost).account()]["accountCapabilities"]
    assert set(account["urn:ietf:params:jmap:mail"]) >= {
        "maxMailboxesPerEmail", "maxMailboxDepth", "maxSizeMailboxName",
        "maxSizeAttachmentsPerEmail", "emailQuerySortOptions", "mayCreateTopLevelMailbox"}
    assert account["urn:ietf:params:jmap:mail"]["maxSizeMailboxName"] >= 100
    most = account["urn:ietf:params:jmap:mail"]["maxMailboxesPerEmail"]
    assert most is None or most >= 1
    assert set(account["urn:ietf:params:jmap:submission"]) >= {
        "maxDelayedSend", "submissionExtensions"}


def test_calls_after_an_error(roost: Roost) -> None:
    """RFC 8620 3.3 to 3.6: unknown properties of a request, order, an error amid the calls."""
    body = {"using": [CORE], "future": {"x": 1}, "methodCalls": [
        ["Core/echo", {"n": 1}, "a"], ["No/such", {}, "b"], ["Core/echo", {"n": 3}, "c"]]}
    status, fields, text = Jmap(roost).http("POST", "/jmap/api", json.dumps(body).encode(),
                                            Content_Type="application/json")
    assert status == 200 and fields["content-type"].split(";")[0] == "application/json"
    got = json.loads(text)["methodResponses"]
    assert [r[2] for r in got] == ["a", "b", "c"] and got[1][0] == "error"
    assert got[1][1]["type"] == "unknownMethod" and got[2][1] == {"n": 3}


def test_argument_in_both_forms(roost: Roost) -> None:
    """RFC 8620 3.7: an argument as a value and as a reference."""
    jmap = Jmap(roost)
    got = jmap.request([["Core/echo", {"v": []}, "0"], ["Mailbox/get", {"ids": [], "#ids": {
        "resultOf": "0", "name": "Core/echo", "path": "/v"}}, "1"]])
    assert got[1][0] == "error" and got[1][1]["type"] == "invalidArguments"


def test_get_arguments(roost: Roost) -> None:
    """RFC 8620 5.1: an id given twice, a property that does not exist, wrong types."""
    jmap = Jmap(roost)
    inbox = box(jmap, "inbox")
    got = jmap.call("Mailbox/get", ids=[inbox, inbox, "F1-9999", "F1-9999"], properties=["name"])
    assert [set(m) for m in got["list"]] == [{"id", "name"}] and got["notFound"] == ["F1-9999"]
    assert refused(jmap, "Mailbox/get", ids=None, properties=["colour"]) == "invalidArguments"
    assert refused(jmap, "Mailbox/get", ids="x") == "invalidArguments"
    assert refused(jmap, "Mailbox/get", ids=None, what=1) == "invalidArguments"


def test_changes_in_steps(roost: Roost) -> None:
    """RFC 8620 5.2: maxChanges is kept, and steps tell of each record in a possible order."""
    jmap = Jmap(roost)
    state = jmap.call("Email/get", ids=[])["state"]
    made = [create(jmap, subject=str(i))["id"] for i in range(6)]
    jmap.call("Email/set", update={made[0]: {"keywords/$seen": True}}, destroy=made[1:3])
    known: set[str] = set()
    gone: set[str] = set()
    more = True
    while more:
        step = jmap.call("Email/changes", sinceState=state, maxChanges=3)
        ids = step["created"] + step["updated"] + step["destroyed"]
        assert 0 < len(ids) <= 3 and len(set(ids)) == len(ids)
        assert not set(step["created"]) & (known | gone)
        known |= set(step["created"])
        gone |= set(step["destroyed"])
        assert step["newState"] != state
        state, more = step["newState"], step["hasMoreChanges"]
    assert known - gone == {made[0], *made[3:]}
    for limit in (0, -1):
        assert refused(jmap, "Email/changes", sinceState=state, maxChanges=limit) == \
            "invalidArguments"


def test_creation_id_used_again(roost: Roost) -> None:
    """RFC 8620 5.3: a creation id stands for the object made last."""
    jmap = Jmap(roost)
    made = jmap.request([
        ["Mailbox/set", {"create": {"k": {"name": "First"}}}, "0"],
        ["Mailbox/set", {"create": {"k": {"name": "Second"}}}, "1"],
        ["Mailbox/get", {"ids": ["#k"], "properties": ["name"]}, "2"]])
    assert made[2][1]["list"] == [{"id": made[1][1]["created"]["k"]["id"], "name": "Second"}]


def test_update_is_whole(roost: Roost) -> None:
    """RFC 8620 5.3: a patch with one bad value changes nothing."""
    jmap = Jmap(roost)
    email = create(jmap, subject="whole")["id"]
    answer = jmap.call("Email/set", update={email: {
        "keywords/$flagged": True, "mailboxIds/F1-9999": True}})
    assert answer["notUpdated"][email]["type"] == "invalidProperties"
    assert get(jmap, email, "keywords")["keywords"] == {}


def test_query_arguments(roost: Roost) -> None:
    """RFC 8620 5.5: limit, position past the end, total only on request, state of a query."""
    jmap = Jmap(roost)
    before = jmap.call("Email/query")
    append(roost, PLAIN, PLAIN)
    got = jmap.call("Email/query")
    assert "total" not in got and got["queryState"] != before["queryState"]
    assert jmap.call("Email/query")["ids"] == got["ids"]
    assert jmap.call("Email/query", position=2)["ids"] == []
    assert jmap.call("Email/query", anchorOffset=1)["ids"] == got["ids"]
    assert refused(jmap, "Email/query", limit=-1) == "invalidArguments"
    assert refused(jmap, "Email/query", filter={
        "operator": "XOR", "conditions": []}) in ("invalidArguments", "unsupportedFilter")


def test_copy_to_the_same_account(roost: Roost) -> None:
    """RFC 8620 5.4: the two accounts differ."""
    jmap = Jmap(roost)
    assert refused(jmap, "Email/copy", fromAccountId=jmap.account(), create={}) == \
        "invalidArguments"


# --- RFC 8621 ---

def test_mailbox_names_roles_and_loops(roost: Roost) -> None:
    """RFC 8621 2: siblings differ in name, an account has a role once, no mailbox holds itself."""
    jmap = Jmap(roost)
    made = jmap.call("Mailbox/set", create={"a": {"name": "Top"},
                                            "b": {"name": "Sub", "parentId": "#a"}})["created"]
    top, sub = made["a"]["id"], made["b"]["id"]
    answer = jmap.call("Mailbox/set", create={"c": {"name": "Top"},
                                              "d": {"name": "S2", "role": "sent"}},
                       update={top: {"parentId": sub}})
    assert {k: e["type"] for k, e in answer["notCreated"].items()} == {
        "c": "invalidProperties", "d": "invalidProperties"}
    assert answer["notUpdated"][top]["type"] == "invalidProperties"
    state = jmap.call("Mailbox/get", ids=[])["state"]
    jmap.call("Mailbox/set", update={sub: {"name": "Renamed"}})
    changes = jmap.call("Mailbox/changes", sinceState=state)
    assert sub in changes["updated"] and changes["updatedProperties"] is None
    answer = jmap.call("Mailbox/set", destroy=[top])
    assert answer["notDestroyed"][top]["type"] == "mailboxHasChild"


def test_deleted_in_imap(roost: Roost) -> None:
    r"""RFC 8621 4.1.1: an email with \Deleted does not exist in JMAP; keywords."""
    append(roost, PLAIN)
    jmap = Jmap(roost)
    (email,) = jmap.call("Email/query")["ids"]
    for keyword in ("a b", "a(", "a]", "a\\b", "a%", "a*", 'a"', "", "\u00e9", "x" * 256):
        answer = jmap.call("Email/set", update={email: {"keywords": {keyword: True}}})
        assert answer["notUpdated"][email]["type"] == "invalidProperties", keyword
    jmap.call("Email/set", update={email: {"keywords": {"LOUD": True}}})
    assert get(jmap, email, "keywords")["keywords"] == {"loud": True}
    with mail.mailbox(roost) as imap:
        ok(imap.store("1", "+FLAGS", "\\Deleted"))
        assert jmap.call("Email/query")["ids"] == []
        assert jmap.call("Email/get", ids=[email])["notFound"] == [email]
        inbox = jmap.call("Mailbox/get", ids=[box(jmap, "inbox")])["list"][0]
        assert inbox["totalEmails"] == inbox["unreadEmails"] == inbox["totalThreads"] == 0


def test_import_values(roost: Roost) -> None:
    """RFC 8621 4.8: at least one mailbox, valid keywords, header fields in UTF-8."""
    jmap = Jmap(roost)
    blob = jmap.upload("From: j\u00f6rg@ex\u00e4mple.org\r\nSubject: Gr\u00fc\u00dfe\r\n\r\nx\r\n".
                       encode(), "message/rfc822")["blobId"]
    inbox = {box(jmap, "inbox"): True}
    answer = jmap.call("Email/import", emails={
        "a": {"blobId": blob, "mailboxIds": inbox}, "b": {"blobId": blob, "mailboxIds": {}},
        "c": {"blobId": blob, "mailboxIds": inbox, "keywords": {"a b": True}}})
    assert {k: e["type"] for k, e in answer["notCreated"].items()} == {
        "b": "invalidProperties", "c": "invalidProperties"}
    email = get(jmap, answer["created"]["a"]["id"], "from", "subject")
    assert email["subject"] == "Gr\u00fc\u00dfe"
    assert email["from"] == [{"name": None, "email": "j\u00f6rg@ex\u00e4mple.org"}]
    parsed = jmap.call("Email/parse", blobIds=[blob], properties=["subject"])["parsed"][blob]
    assert parsed["subject"] == "Gr\u00fc\u00dfe"


def test_reading(roost: Roost) -> None:
    """RFC 8621 4.1.2.1, 4.1.4, 4.4.1: NUL in a field, length of previews, fields of text."""
    append(roost, b"From: Fromm <f@example.org>\r\nTo: Tomm <t@example.org>\r\n"
           b"Cc: Ccmm <c@example.org>\r\nBcc: Bccm <b@example.org>\r\n"
           b"Subject: subj\r\n\r\n" + b"bodyword " * 200 + b"\r\n")
    jmap = Jmap(roost)
    (email,) = jmap.call("Email/query")["ids"]
    got = get(jmap, email, "preview")
    assert 0 < len(got["preview"]) <= 256
    for word in ("fromm", "tomm", "ccmm", "bccm", "subj", "bodyword"):
        assert jmap.call("Email/query", filter={"text": word})["ids"] == [email], word
    assert jmap.call("Email/query", filter={"text": "absent"})["ids"] == []
    raw = jmap.upload(b"Subject: a\0b\r\n\r\nx\r\n", "message/rfc822")["blobId"]
    parsed = jmap.call("Email/parse", blobIds=[raw],
                       properties=["header:Subject:asText", "header:Subject"])
    assert parsed["parsed"][raw] == {"header:Subject:asText": "ab", "header:Subject": " ab"}


def test_shared_mailboxes_only(roost: Roost) -> None:
    """RFC 8621 9.5: mailboxes, emails and threads that are not shared do not exist."""
    append(roost, PLAIN)
    append(roost, PLAIN.replace(b"<1@", b"<2@").replace(b"<0@", b"<1@"), mailbox="Archive")
    append(roost, b"Subject: alone\r\n\r\nx\r\n", mailbox="Archive")
    alice = Jmap(roost)
    every = alice.call("Email/get", ids=alice.call("Email/query")["ids"])["list"]
    ok(mail.mailbox(roost, "alice").setacl("INBOX", address("bob"), "lr"))
    bob, account = Jmap(roost, "bob"), alice.account()
    boxes = bob.call("Mailbox/get", accountId=account, ids=None)["list"]
    assert [b["id"] for b in boxes] == [box(alice, "inbox")]
    ids = bob.call("Email/query", accountId=account)["ids"]
    assert len(ids) == 1
    threads = bob.call("Thread/get", accountId=account, ids=sorted({e["threadId"] for e in every}))
    assert [t["emailIds"] for t in threads["list"]] == [ids]
    assert threads["notFound"] == [e["threadId"] for e in every if e["subject"] == "alone"]


def test_sorts_by_thread_keyword(roost: Roost) -> None:
    """RFC 8621 4.4.2: allInThreadHaveKeyword and someInThreadHaveKeyword."""
    append(roost, PLAIN, flags="\\Flagged")
    append(roost, PLAIN.replace(b"<1@", b"<2@").replace(b"<0@", b"<1@"))
    append(roost, b"Subject: all\r\nMessage-ID: <a@x>\r\n\r\nx\r\n", flags="\\Flagged")
    append(roost, b"Subject: none\r\nMessage-ID: <n@x>\r\n\r\nx\r\n")
    jmap = Jmap(roost)
    every = jmap.call("Email/get", ids=jmap.call("Email/query")["ids"])["list"]
    names = {e["id"]: e["subject"] for e in every}
    assert len({e["threadId"] for e in every}) == 3

    def first(by: str, count: int) -> set[str]:
        ids = jmap.call("Email/query", sort=[
            {"property": by, "keyword": "$flagged", "isAscending": False}])["ids"]
        assert len(ids) == 4
        return {names[i] for i in ids[:count]}
    assert first("allInThreadHaveKeyword", 1) == {"all"}
    assert first("someInThreadHaveKeyword", 3) == {"all", "Gr\u00fc\u00dfe aus Kiel"}


def test_submission_without_its_email(sender: Roost, sink: Sink) -> None:
    """RFC 8621 7.5: the mail is sent also when email and submission are destroyed before."""
    jmap = Jmap(sender)
    email = draft(sender)
    made = sent(jmap, email, envelope=envelope(FRIEND, HOLDFOR="2"))
    assert jmap.call("Email/set", destroy=[email])["destroyed"] == [email]
    assert jmap.call("EmailSubmission/set", destroy=[made["id"]])["destroyed"] == [made["id"]]
    assert sink.messages == []
    (got,) = sink.wait(1)
    assert got.rcpts == [FRIEND] and b"Subject: hello" in got.data
