"""JMAP's core (RFC 8620): session, requests, problems, result references."""
from harness.server import Roost
from jmap_client import CORE, Jmap


def test_session_and_echo(roost: Roost) -> None:
    jmap = Jmap(roost)
    session = jmap.session
    assert session["username"] == "alice@example.org"
    assert session["accounts"][jmap.account()]["isPersonal"] is True
    arguments = {"hello": True, "high": 5, "deep": [1.5, -2, None, {"a": "\u00e9\u0000"}]}
    status, body = jmap.post({"using": [CORE],
                              "methodCalls": [["Core/echo", arguments, "b3ff"]]})
    assert status == 200
    assert body["methodResponses"] == [["Core/echo", arguments, "b3ff"]]
    assert body["sessionState"] == session["state"]
