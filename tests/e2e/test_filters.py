"""Filters and vacation without a script: API, commands, and existing mail."""
import json
from typing import Any

import pytest

from harness import mail
from harness.api import ApiError, as_owner, as_user, refusal
from harness.server import Roost, address

ALICE, BOB = address("alice"), address("bob")
RULE = {"name": "Lists", "on": True, "match": "all",
        "conditions": [{"field": "subject", "op": "contains", "value": "list"}],
        "actions": [{"action": "move", "value": "Lists/dev"}, {"action": "mark_read"}]}


def rule(value: str, *actions: dict[str, Any]) -> dict[str, Any]:
    """A rule for mail with this in its subject."""
    return {**RULE, "name": value, "actions": list(actions),
            "conditions": [{"field": "subject", "op": "contains", "value": value}]}


def append(roost: Roost, user: str, *subjects: str) -> None:
    """Put messages into the user's INBOX, past all filters."""
    m = mail.mailbox(roost, user)
    for subject in subjects:
        assert m.append("INBOX", "", "", f"From: eve@remote.example\r\nTo: {address(user)}\r\n"
                        f"Subject: {subject}\r\n\r\nbody\r\n".encode())[0] == "OK"
    m.logout()


def subjects(roost: Roost, user: str, box: str = "INBOX") -> list[str]:
    """What is in a mailbox."""
    return sorted(str(mail.parse(raw)["Subject"]) for raw in mail.inbox(roost, user, box))


def test_settings(roost: Roost) -> None:
    api = as_user(roost)
    empty = api.get("/me/filters")
    assert empty["filters"]["rules"] == [] and empty["sieve"] == empty["active_script"] == ""
    put = api.put("/me/filters", {"rules": [RULE], "blocked": ["Spam.example"]})
    assert put["filters"]["rules"][0]["name"] == "Lists"
    assert put["filters"]["blocked"] == ["spam.example"]
    assert 'fileinto :create "Lists/dev";' in put["sieve"]
    assert put == api.get("/me/filters")
    for body, field in (({"rules": [], "more": 1}, "more"),
                        ({"rules": [{**RULE, "x": 1}]}, "rules.x"),
                        ({"rules": "x"}, "rules"),
                        ({"rules": [{**RULE, "actions": []}]}, "rules[0].actions"),
                        ({"rules": [RULE] * 201}, "rules has more than 200")):
        with pytest.raises(ApiError) as error:
            api.put("/me/filters", body)
        assert error.value.status == 400 and error.value.message.startswith(field)
    assert put == api.get("/me/filters")
    # the owner sees and changes them, another user does not
    owner = as_owner(roost)
    assert owner.get(f"/accounts/{BOB}/filters") == put
    assert owner.put(f"/accounts/{BOB}/filters", {"rules": []})["sieve"] == ""
    assert refusal(api, "GET", f"/accounts/{ALICE}/filters")[0] == 403
    entry = owner.get("/audit")["items"][0]
    assert entry["what"] == "filters.change" and entry["target"] == BOB
    assert entry["before"]["rules"] == 1 and entry["after"]["rules"] == 0


def test_vacation(roost: Roost) -> None:
    api = as_user(roost)
    assert api.get("/me/vacation")["vacation"]["on"] is False
    put = api.put("/me/vacation", {"on": True, "text": "Away.\n.\nBye",
                                   "from": "2026-12-01T00:00:00+01:00", "zone": "Europe/Berlin"})
    assert put["vacation"]["from"] == "2026-11-30T23:00:00Z"
    assert "\r\n..\r\nBye\r\n.\r\n" in put["sieve"]
    assert refusal(api, "PUT", "/me/vacation", {"on": True})[0] == 400


def test_existing_mail(roost: Roost) -> None:
    append(roost, "bob", "a list", "old", "plain", "copy", "no", "forward", "star")
    api = as_user(roost)
    api.put("/me/filters", {"rules": [
        RULE, rule("old", {"action": "discard"}), rule("copy", {"action": "copy", "value": "C"}),
        rule("no", {"action": "reject", "value": "no"}), rule("star", {"action": "flag"}),
        rule("forward", {"action": "forward", "value": "far@remote.example"})]})
    seen = api.post("/me/filters/apply", {})
    assert [(m["subject"], m["move"], m["copy"], m["flags"], m["discarded"])
            for m in seen["messages"]] == [
        ("a list", "Lists/dev", [], ["\\Seen"], False), ("old", "Trash", [], [], True),
        ("copy", "", ["C"], [], False), ("star", "", [], ["\\Flagged"], False)]
    assert (seen["examined"], seen["changed"], seen["next"]) == (7, False, 0)
    assert len(subjects(roost, "bob")) == 7
    assert api.post("/me/filters/apply", {"change": True})["changed"] is True
    assert subjects(roost, "bob") == ["copy", "forward", "no", "plain", "star"]
    assert subjects(roost, "bob", "Lists/dev") == ["a list"]
    assert subjects(roost, "bob", "Trash") == ["old"]
    assert subjects(roost, "bob", "C") == ["copy"]
    assert as_owner(roost).get("/queue")["items"] == []
    again = api.post("/me/filters/apply", {"mailbox": "INBOX"})["messages"]
    assert [m["subject"] for m in again] == ["copy"]
    assert refusal(api, "POST", "/me/filters/apply", {"mailbox": "none"})[0] == 404


def test_batches(roost: Roost) -> None:
    append(roost, "bob", *[f"list {i}" for i in range(203)])
    api = as_user(roost)
    api.put("/me/filters", {"rules": [RULE]})
    first = api.post("/me/filters/apply", {"change": True})
    assert first["examined"] <= 200 and first["next"] != 0
    seen, after = len(first["messages"]), first["next"]
    while after:
        step = api.post("/me/filters/apply", {"change": True, "after": after})
        seen, after = seen + len(step["messages"]), step["next"]
    assert seen == 203 and len(subjects(roost, "bob", "Lists/dev")) == 203


def test_commands(roost: Roost) -> None:
    roost.cli("filters", "set", BOB, stdin=json.dumps({"rules": [RULE]}))
    assert 'fileinto :create "Lists/dev";' in roost.cli("filters", "sieve", BOB)
    assert "Lists" in roost.cli("filters", "show", BOB)
    append(roost, "bob", "a list")
    assert "Lists/dev" in roost.cli("filters", "preview", BOB)
    roost.cli("filters", "apply", BOB, "mailbox=INBOX")
    assert subjects(roost, "bob", "Lists/dev") == ["a list"]
    roost.cli("vacation", "set", BOB, "on=yes", "text=Away", "days=3")
    assert "vacation :days 3" in roost.cli("vacation", "sieve", BOB)
    assert "on=yes" in roost.cli("vacation", "show", BOB).replace("true", "yes")


def test_delivery(roost: Roost) -> None:
    api = as_user(roost)
    api.put("/me/filters", {"rules": [RULE], "blocked": ["spam.example"]})
    api.put("/me/vacation", {"on": True, "text": "Away"})
    mail.deliver(roost, mail.letter("a list", to=BOB), to=BOB)
    mail.deliver(roost, mail.letter("junk", sender="x@spam.example", to=BOB), to=BOB)
    mail.deliver(roost, mail.letter("plain", to=BOB), to=BOB)
    assert subjects(roost, "bob") == ["plain"]
    assert subjects(roost, "bob", "Lists/dev") == ["a list"]
    assert subjects(roost, "bob", "Junk") == ["junk"]
    sent = [e for e in as_owner(roost).get("/queue")["items"] if "carol@example.net" in str(e)]
    assert len(sent) == 1
