"""Sieve scripts by the API and the command line: of accounts, of domains, of the server."""
from pathlib import Path

import pytest

from harness import account, mail, managesieve
from harness.api import as_owner, as_user, refusal, token_of
from harness.server import DOMAIN, Roost, address

ALICE, BOB = address("alice"), address("bob")


def names(answer: dict) -> list[str]:
    """Of a list; the active one with a star."""
    return [("*" if s["active"] else "") + s["name"] for s in answer["items"]]


def test_scripts_of_oneself(roost: Roost) -> None:
    api = as_user(roost)
    assert names(api.get("/me/scripts")) == []
    made = api.put("/me/scripts/main", {"text": "keep;\r\n", "active": True})
    assert made["active"] and made["size"] == 7 and made["text"] == "keep;\r\n"
    api.put("/me/scripts/away", {"text": "discard;"})
    assert names(api.get("/me/scripts")) == ["away", "*main"]
    assert api.put("/me/scripts/main", {"name": "Größe 1/2"})["name"] == "Größe 1/2"
    assert refusal(api, "DELETE", "/me/scripts/Gr%C3%B6%C3%9Fe%201%2F2")[0] == 409
    api.put("/me/scripts/away", {"active": True})
    api.delete("/me/scripts/Gr%C3%B6%C3%9Fe%201%2F2")
    assert names(api.get("/me/scripts")) == ["*away"]
    api.put("/me/scripts/away", {"active": False})
    assert names(api.get("/me/scripts")) == ["away"]
    with managesieve.peer(roost, "bob") as p:
        assert p.scripts() == {"away": False}
    assert names(as_user(roost, "alice").get("/me/scripts")) == []
    audit = as_owner(roost).get("/audit?q=script.")["items"]
    assert {a["target"] for a in audit} == {f"{BOB} main", f"{BOB} away", f"{BOB} Größe 1/2"}


def test_a_script_with_an_error_is_not_stored(roost: Roost) -> None:
    api = as_user(roost)
    assert refusal(api, "PUT", "/me/scripts/main", {"text": "keep;\nfoo;\n"}) == \
        (400, 'invalid')
    assert refusal(api, "PUT", "/me/scripts/main", {"text": ""}) == (400, "invalid")
    assert refusal(api, "PUT", "/me/scripts/main", {"active": True}) == (404, "missing")
    assert refusal(api, "GET", "/me/scripts/main") == (404, "missing")
    found = api.post("/me/scripts/check", {"text": "foo;\nkeep;\nbar;\n"})
    assert [(e["line"], e["column"]) for e in found["errors"]] == [(1, 1), (3, 1)]
    assert found["more"] is False and "foo" in found["errors"][0]["text"]
    assert api.post("/me/scripts/check", {"text": "keep;"})["errors"] == []


def test_scripts_of_domains_and_the_server_are_their_administrators(roost: Roost) -> None:
    owner = as_owner(roost)
    roost.cli("domain", "add", "other.example")
    roost.cli("account", "role", BOB, "admin", DOMAIN)
    bob = as_user(roost)
    bob.put(f"/domains/{DOMAIN}/scripts/before", {"text": "keep;"})
    assert names(bob.get(f"/domains/{DOMAIN}/scripts")) == ["before"]
    for path in ("/scripts", "/domains/other.example/scripts"):
        assert refusal(bob, "GET", path)[0] == 403
        assert refusal(bob, "PUT", f"{path}/before", {"text": "keep;"})[0] == 403
        assert refusal(bob, "DELETE", f"{path}/before")[0] == 403
    owner.put("/scripts/after", {"text": "keep;"})
    assert names(owner.get("/scripts")) == ["after"]
    assert refusal(owner, "PUT", "/scripts/after", {"active": True})[0] == 400
    assert refusal(owner, "GET", "/domains/none.example/scripts")[0] == 404
    owner.put("/domains/other.example/scripts/before", {"text": "keep;"})
    roost.cli("domain", "rm", "other.example")
    roost.fsck()
    roost.cli("domain", "add", "other.example")
    assert names(owner.get("/domains/other.example/scripts")) == []


def words(owner: str, verb: str, *more: str) -> list[str]:
    """A command about a script of the server, a domain or an account."""
    return ["script", "server", verb, *more] if owner == "server" else \
        ["script", verb, owner, *more]


@pytest.mark.parametrize("running", [True, False])
def test_commands(roost: Roost, tmp_path: Path, running: bool) -> None:
    file = tmp_path / "main.sieve"
    file.write_text("keep;\n")
    bad = tmp_path / "bad.sieve"
    bad.write_text("keep;\nfoo;\n")
    if not running:
        roost.stop()
    assert "line=2 column=1 " in roost.cli("script", "check", ALICE, str(bad))
    assert "column" not in roost.cli("script", "check", ALICE, str(file))
    for owner in ("server", DOMAIN, ALICE):
        assert roost.cli(*words(owner, "list")) == ""
        assert roost.cli(*words(owner, "put", "one", str(file))) == ""
        refused = roost.run(*words(owner, "put", "two", str(bad)))
        assert refused.returncode == 1 and "line 2, column 1" in refused.stderr
        roost.cli(*words(owner, "rename", "one", "main"))
        assert roost.cli(*words(owner, "show", "main")) == "keep;\n"
        assert roost.cli(*words(owner, "list")).startswith("main 6 ")
        assert roost.run(*words(owner, "show", "one")).returncode == 1
    roost.cli("script", "activate", ALICE, "main")
    assert roost.cli("script", "list", ALICE).startswith("main active 6 ")
    assert "cannot be deleted" in roost.run("script", "rm", ALICE, "main").stderr
    roost.cli("script", "deactivate", ALICE, "main")
    for owner in ("server", DOMAIN, ALICE):
        roost.cli(*words(owner, "rm", "main"))
        assert roost.cli(*words(owner, "list")) == ""
    missing = roost.run("script", "list", "nobody@example.org")
    assert missing.returncode == 1 and "nobody@example.org" in missing.stderr


# --- trials ---------------------------------------------------------------------------------

SORT = 'require "fileinto";\nif header :contains "subject" "list" {\n  fileinto "Lists";\n}\n'


def test_a_script_is_tried_on_a_message(roost: Roost) -> None:
    mail.deliver(roost, mail.letter("the list"), to=BOB)
    mail.deliver(roost, mail.letter("=?utf-8?q?Gr=C3=BC=C3=9Fe?="), to=BOB)
    api = as_user(roost)
    shown = api.get("/me/messages")["items"]
    assert [m["subject"] for m in shown] == ["Grüße", "the list"]
    tried = api.post("/me/scripts/try", {"text": SORT, "message": shown[1]["id"]})
    assert [(a["line"], a["action"], a["target"]) for a in tried["actions"]] == \
        [(3, "fileinto", "Lists")]
    assert any(s["word"] == "header" and s["result"] is True for s in tried["trace"])
    assert tried["error"] == "" and tried["more"] is False
    tried = api.post("/me/scripts/try", {"text": SORT, "message": shown[0]["id"]})
    assert [(a["line"], a["action"]) for a in tried["actions"]] == [(0, "keep")]
    tried = api.post("/me/scripts/try", {"text": SORT, "raw": "Subject: list\n\nText\n"})
    assert tried["actions"][0]["action"] == "fileinto"
    assert len(account.letters(roost, user="bob")) == 2  # nothing has moved
    assert "Lists" not in account.names(roost, "bob")


def test_a_trial_is_of_ones_own_mail(roost: Roost) -> None:
    mail.deliver(roost, mail.letter("secret"))  # to alice
    number = as_user(roost, "alice").get("/me/messages")["items"][0]["id"]
    api = as_user(roost)
    assert api.get("/me/messages")["items"] == []
    for message in (number, "0", "x", "99999999999999999999"):
        assert refusal(api, "POST", "/me/scripts/try", {"text": SORT, "message": message}) == \
            (404, "missing")
    assert refusal(api, "POST", "/me/scripts/try", {"text": SORT})[0] == 400
    assert refusal(api, "POST", "/me/scripts/try", {"text": "foo;", "raw": "A: b\n"})[0] == 400
    token = token_of(api, "self:read", "self:write")
    assert refusal(token, "GET", "/me/messages")[0] == 403
    assert refusal(token, "POST", "/me/scripts/try", {"text": SORT, "raw": "A: b\n"})[0] == 403


def test_a_trial_by_the_command_line(roost: Roost, tmp_path: Path) -> None:
    script, message = tmp_path / "s.sieve", tmp_path / "m.eml"
    script.write_text(SORT)
    message.write_text("Subject: list\n\nText\n")
    shown = roost.cli("script", "try", ALICE, str(script), str(message))
    assert "action=fileinto target=Lists" in shown and "word=header" in shown
