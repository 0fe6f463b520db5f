"""JMAP changes emails (RFC 8621 4.6 to 4.8), and IMAP sees the same."""
import time
from typing import Any

import pytest

from harness.mail import letter, mailbox, parse
from harness.server import Roost
from jmap_client import Jmap


def box(jmap: Jmap, role: str) -> str:
    return next(m["id"] for m in jmap.call("Mailbox/get", {"ids": None})["list"]
                if m["role"] == role)


def create(jmap: Jmap, **properties: Any) -> dict[str, Any]:
    answer = jmap.call("Email/set", {"create": {"e": {
        "mailboxIds": {box(jmap, "drafts"): True}, **properties}}})
    assert answer["created"], answer
    return answer["created"]["e"]


def get(jmap: Jmap, email: str, *properties: str, **arguments: Any) -> dict[str, Any]:
    return jmap.call("Email/get", {"ids": [email], "properties": list(properties) or None,
                                   **arguments})["list"][0]


def test_a_draft_is_the_message_that_was_meant(roost: Roost) -> None:
    jmap = Jmap(roost)
    made = create(
        jmap, keywords={"$draft": True, "$seen": True, "Custom": True},
        subject="D\u00e9j\u00e0 vu", to=[{"name": "B\u00f6b", "email": "bob@example.org"}],
        textBody=[{"partId": "t"}], htmlBody=[{"partId": "h", "type": "text/html"}],
        bodyValues={"t": {"value": "Gr\u00fc\u00dfe\n"}, "h": {"value": "<p>Gr\u00fc\u00dfe"}})
    assert set(made) == {"id", "blobId", "threadId", "size"}
    email = get(jmap, made["id"], fetchAllBodyValues=True)
    assert email["subject"] == "D\u00e9j\u00e0 vu"
    assert email["to"] == [{"name": "B\u00f6b", "email": "bob@example.org"}]
    assert email["keywords"] == {"$draft": True, "$seen": True, "custom": True}
    assert email["size"] == made["size"] and email["threadId"] == made["threadId"]
    values = [email["bodyValues"][p["partId"]]["value"]
              for p in (email["textBody"][0], email["htmlBody"][0])]
    assert values == ["Gr\u00fc\u00dfe\n", "<p>Gr\u00fc\u00dfe\n"]
    with mailbox(roost, name="Drafts") as imap:
        uid = imap.uid("search", None, "KEYWORD", "Custom")[1][0].split()[-1]
        raw = imap.uid("fetch", uid, "(FLAGS BODY.PEEK[])")[1][0]
        assert b"\\Draft" in raw[0] and len(raw[1]) == made["size"]
        message = parse(raw[1])
        assert message["Message-ID"] and message["Date"]
        assert message.get_content_type() == "multipart/alternative"


def test_keywords_and_mailboxes(roost: Roost) -> None:
    jmap = Jmap(roost)
    email = create(jmap, subject="Places")["id"]
    drafts, trash, inbox = (box(jmap, r) for r in ("drafts", "trash", "inbox"))

    def update(patch: dict[str, Any]) -> Any:
        answer = jmap.call("Email/set", {"update": {email: patch}})
        return (answer["notUpdated"] or {}).get(email)
    assert update({"keywords/$flagged": True, f"mailboxIds/{trash}": True}) is None
    now = get(jmap, email, "keywords", "mailboxIds")
    assert now["keywords"] == {"$flagged": True}
    assert now["mailboxIds"] == {drafts: True, trash: True}
    assert update({f"mailboxIds/{drafts}": None, "keywords": {"$seen": True}}) is None
    now = get(jmap, email, "keywords", "mailboxIds")
    assert now["keywords"] == {"$seen": True} and now["mailboxIds"] == {trash: True}
    assert update({"mailboxIds": {inbox: True, drafts: True}}) is None
    assert get(jmap, email, "mailboxIds")["mailboxIds"] == {inbox: True, drafts: True}
    for patch, error in (({"mailboxIds": {}}, "invalidProperties"),
                         ({"mailboxIds": {"F1-9999": True}}, "invalidProperties"),
                         ({"keywords/a b": True}, "invalidProperties"),
                         ({"subject": "other"}, "invalidProperties"),
                         ({"keywords/$seen/x": True}, "invalidPatch"),
                         ({"keywords": {"$seen": False}}, "invalidProperties")):
        assert update(patch)["type"] == error, patch
    answer = jmap.call("Email/set", {"destroy": [email, "M1-99999"]})
    assert answer["destroyed"] == [email]
    assert answer["notDestroyed"]["M1-99999"]["type"] == "notFound"
    assert jmap.call("Email/get", {"ids": [email]})["notFound"] == [email]


@pytest.mark.parametrize("properties, error", [
    ({"mailboxIds": {}}, "invalidProperties"),
    ({"headers": [{"name": "X", "value": "y"}]}, "invalidProperties"),
    ({"from": [], "header:From": " x"}, "invalidProperties"),
    ({"textBody": [{"partId": "1"}]}, "invalidProperties"),
    ({"size": 5}, "invalidProperties"),
    ({"attachments": [{"blobId": "U1-99999", "type": "image/png"}]}, "blobNotFound"),
])
def test_refused(roost: Roost, properties: dict[str, Any], error: str) -> None:
    jmap = Jmap(roost)
    answer = jmap.call("Email/set", {"create": {"e": {
        "mailboxIds": {box(jmap, "drafts"): True}, **properties}}})
    assert answer["notCreated"]["e"]["type"] == error
    if error == "blobNotFound":
        assert answer["notCreated"]["e"]["notFound"] == ["U1-99999"]


def test_import_and_attach(roost: Roost) -> None:
    jmap = Jmap(roost)
    raw = letter("Imported").replace(b"\n", b"\r\n").replace(b"\r\r", b"\r")
    blob = jmap.upload(raw, "message/rfc822")["blobId"]
    inbox = box(jmap, "inbox")
    answer = jmap.call("Email/import", {"emails": {"i": {
        "blobId": blob, "mailboxIds": {inbox: True}, "keywords": {"$answered": True},
        "receivedAt": "2020-01-02T03:04:05Z"},
        "bad": {"blobId": "U1-99999", "mailboxIds": {inbox: True}}}})
    email = answer["created"]["i"]["id"]
    assert answer["notCreated"]["bad"]["type"] == "invalidProperties"
    now = get(jmap, email, "receivedAt", "subject", "keywords", "blobId")
    assert now["receivedAt"] == "2020-01-02T03:04:05Z" and now["subject"] == "Imported"
    assert jmap.download(now["blobId"]) == raw
    made = create(jmap, attachments=[{"blobId": now["blobId"], "type": "message/rfc822",
                                      "name": "old.eml"}])
    part = get(jmap, made["id"], "attachments")["attachments"][0]
    assert part["type"] == "message/rfc822" and part["name"] == "old.eml"
    assert jmap.download(part["blobId"]) == raw


def test_the_filter_for_attachments_agrees_with_the_property(roost: Roost) -> None:
    jmap = Jmap(roost)
    blob = jmap.upload(b"PNG", "image/png")["blobId"]
    text = {"textBody": [{"partId": "t"}], "bodyValues": {"t": {"value": "x"}}}
    html = {"htmlBody": [{"partId": "t", "type": "text/html"}], "bodyValues": {"t": {"value": "x"}}}
    image = {"blobId": blob, "type": "image/png"}
    ids = [create(jmap, **body)["id"] for body in (
        text, {**text, "attachments": [image]},
        {**html, "attachments": [{**image, "cid": "c", "disposition": "inline"}]},
        {**text, "attachments": [{**image, "disposition": "inline"}]},
        {"bodyStructure": {"type": "image/png", "blobId": blob}})]
    said = [get(jmap, i, "hasAttachment")["hasAttachment"] for i in ids]
    assert said[:3] == [False, True, False]
    for yes in (True, False):
        found = jmap.call("Email/query", {"filter": {"hasAttachment": yes}})["ids"]
        assert [i in found for i in ids] == [has == yes for has in said]


def test_a_thousand_keywords_in_one_call(roost: Roost) -> None:
    jmap = Jmap(roost)
    drafts = box(jmap, "drafts")
    ids = []
    for _ in range(4):
        made = jmap.call("Email/set", {"create": {
            f"k{i}": {"mailboxIds": {drafts: True}, "subject": f"{i}"} for i in range(250)}})
        ids += [e["id"] for e in made["created"].values()]
    state = jmap.call("Email/get", {"ids": []})["state"]
    begin = time.monotonic()
    answer = jmap.call("Email/set", {"update": {i: {"keywords/$flagged": True} for i in ids}})
    print(f"1000 keywords: {1000 * (time.monotonic() - begin):.1f} ms")
    assert len(answer["updated"]) == 1000 and not answer["notUpdated"]
    changes = jmap.call("Email/changes", {"sinceState": state})
    assert sorted(changes["updated"]) == sorted(ids) and not changes["created"]
    assert jmap.call("Email/set", {"destroy": ids})["destroyed"]
