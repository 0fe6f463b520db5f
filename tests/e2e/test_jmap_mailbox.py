"""JMAP's mailboxes (RFC 8621 2) and threads (3), next to IMAP's view of them."""
import pytest

from harness.mail import deliver, letter, mailbox
from harness.server import Roost
from jmap_client import Jmap, JmapError


def by_name(jmap: Jmap) -> dict[str, dict]:
    return {m["name"]: m for m in jmap.call("Mailbox/get", {"ids": None})["list"]}


def test_mailboxes_of_a_new_account(roost: Roost) -> None:
    boxes = by_name(Jmap(roost))
    assert {b["role"] for b in boxes.values()} >= {"inbox", "drafts", "sent", "trash", "junk"}
    inbox = boxes["INBOX"]
    assert inbox["parentId"] is None and inbox["isSubscribed"] is True
    assert inbox["myRights"]["mayReadItems"] and not inbox["myRights"]["mayDelete"]


def test_create_move_and_destroy(roost: Roost) -> None:
    jmap = Jmap(roost)
    before = jmap.call("Mailbox/get", {"ids": []})["state"]
    made = jmap.call("Mailbox/set", {"create": {
        "child": {"name": "Child", "parentId": "#top", "sortOrder": 7},
        "top": {"name": "Tree", "isSubscribed": True},
    }})
    top, child = made["created"]["top"]["id"], made["created"]["child"]["id"]
    boxes = by_name(jmap)
    assert boxes["Child"]["parentId"] == top and boxes["Child"]["sortOrder"] == 7
    with mailbox(roost, name=None) as imap:
        assert b"Tree/Child" in b" ".join(imap.list()[1])
    changes = jmap.call("Mailbox/changes", {"sinceState": before})
    assert set(changes["created"]) == {top, child}
    answer = jmap.call("Mailbox/set", {"update": {
        top: {"parentId": child},
        child: {"name": "Kid", "parentId": None, "sortOrder": 0},
    }})
    assert child in answer["updated"] and boxes["Tree"]["id"] in {**answer["updated"],
                                                                 **(answer["notUpdated"] or {})}
    answer = jmap.call("Mailbox/set", {"destroy": [child, top]})
    assert set(answer["destroyed"]) == {child, top}
    assert jmap.call("Mailbox/get", {"ids": [top]})["notFound"] == [top]


@pytest.mark.parametrize("properties, error", [
    ({"name": ""}, "invalidProperties"),
    ({"name": "a/b"}, "invalidProperties"),
    ({"name": "INBOX"}, "invalidProperties"),
    ({}, "invalidProperties"),
    ({"name": "x", "role": "inbox"}, "invalidProperties"),
    ({"name": "x", "role": "nonsense"}, "invalidProperties"),
    ({"name": "x", "parentId": "F1-99999"}, "invalidProperties"),
    ({"name": "x", "totalEmails": 5}, "invalidProperties"),
    ({"name": "x", "sortOrder": 2 ** 31}, "invalidProperties"),
])
def test_refused(roost: Roost, properties: dict, error: str) -> None:
    answer = Jmap(roost).call("Mailbox/set", {"create": {"a": properties}})
    assert answer["notCreated"]["a"]["type"] == error


def test_counters_and_the_inbox(roost: Roost) -> None:
    jmap = Jmap(roost)
    before = by_name(jmap)["INBOX"]
    state = jmap.call("Mailbox/get", {"ids": []})["state"]
    deliver(roost, letter("Counters"))
    with mailbox(roost) as imap:
        imap.noop()
    after = by_name(jmap)["INBOX"]
    assert after["totalEmails"] == before["totalEmails"] + 1
    assert after["unreadEmails"] == before["unreadEmails"] + 1
    assert after["totalThreads"] == before["totalThreads"] + 1
    changes = jmap.call("Mailbox/changes", {"sinceState": state})
    assert changes["updated"] == [after["id"]]
    assert "totalEmails" in changes["updatedProperties"]
    answer = jmap.call("Mailbox/set", {"update": {after["id"]: {"name": "Other"}}})
    assert answer["notUpdated"][after["id"]]["type"] == "forbidden"
    answer = jmap.call("Mailbox/set", {"destroy": [after["id"]]})
    assert answer["notDestroyed"][after["id"]]["type"] == "forbidden"


def test_query(roost: Roost) -> None:
    jmap = Jmap(roost)
    made = jmap.call("Mailbox/set", {"create": {
        "a": {"name": "Query A", "sortOrder": 5}, "b": {"name": "query b", "sortOrder": 3},
        "c": {"name": "Query C", "parentId": "#a"}}})["created"]
    ids = {key: made[key]["id"] for key in made}

    def query(**arguments: object) -> list[str]:
        return jmap.call("Mailbox/query", arguments)["ids"]
    assert query(filter={"name": "query"}, sort=[{"property": "name"}]) == \
        [ids["a"], ids["b"], ids["c"]]
    assert query(filter={"name": "query"},
                 sort=[{"property": "sortOrder"}, {"property": "name"}])[-1] == ids["a"]
    assert query(filter={"name": "query"}, sort=[{"property": "sortOrder"}],
                 sortAsTree=True) == [ids["b"], ids["a"], ids["c"]]
    assert query(filter={"name": "query c"}, filterAsTree=True) == []
    assert query(filter={"parentId": ids["a"]}) == [ids["c"]]
    assert query(filter={"operator": "AND", "conditions": [
        {"name": "query"}, {"operator": "NOT", "conditions": [{"parentId": None}]}]}) == [ids["c"]]
    assert query(filter={"role": "inbox"}) == [by_name(jmap)["INBOX"]["id"]]
    with pytest.raises(JmapError) as error:
        query(filter={"size": 1})
    assert error.value.type in ("unsupportedFilter", "invalidArguments")
