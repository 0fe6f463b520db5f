"""JMAP's smaller types: vacation (RFC 8621 8), quota (9425), Sieve scripts (9661), MDN (9007)."""
from typing import Any

import pytest

from harness import mail
from harness.server import Roost
from harness.smtp_sink import Sink
from jmap_client import Jmap, JmapError
from test_jmap_submission import draft, identity, until

SCRIPT = b'require ["fileinto"];\r\nfileinto "INBOX";\r\n'


# --- VacationResponse ---

def test_vacation(roost: Roost) -> None:
    jmap = Jmap(roost)
    got = jmap.call("VacationResponse/get", ids=None)
    assert got["list"] == [{"id": "singleton", "isEnabled": False, "fromDate": None,
                            "toDate": None, "subject": None, "textBody": None,
                            "htmlBody": None}]
    values = {"isEnabled": True, "fromDate": "2020-01-01T00:00:00Z",
              "toDate": "2099-01-01T00:00:00Z", "subject": "Away", "htmlBody": "<p>Out</p>"}
    answer = jmap.call("VacationResponse/set", update={"singleton": values})
    assert answer["updated"] == {"singleton": None} and answer["oldState"] == got["state"]
    assert answer["newState"] != answer["oldState"]
    shown = jmap.call("VacationResponse/get", ids=["singleton"])["list"][0]
    assert shown == {"id": "singleton", "textBody": None, **values}
    mail.deliver(roost, mail.letter("question", sender="bob@example.org"), "bob@example.org")
    (reply,) = until(lambda: mail.inbox(roost, "bob"))
    assert b"Subject: Away" in reply and b"\r\nOut\r\n" in reply
    answer = jmap.call("VacationResponse/set", update={"singleton": {"isEnabled": False}})
    assert answer["notUpdated"] is None


def test_vacation_errors(roost: Roost) -> None:
    answer = Jmap(roost).call(
        "VacationResponse/set", create={"a": {"isEnabled": True}}, destroy=["singleton"],
        update={"other": {"isEnabled": True}})
    assert answer["notCreated"]["a"]["type"] == "singleton"
    assert answer["notDestroyed"]["singleton"]["type"] == "singleton"
    assert answer["notUpdated"]["other"]["type"] == "notFound"
    for patch in ({"isEnabled": "yes"}, {"fromDate": "2020-01-01"}, {"subject": "a\r\nb: c"},
                  {"subject": "x" * 300}, {"unknown": 1}, {"isEnabled": True,
                   "fromDate": "2020-01-02T00:00:00Z", "toDate": "2020-01-01T00:00:00Z"}):
        answer = Jmap(roost).call("VacationResponse/set", update={"singleton": patch})
        assert answer["notUpdated"]["singleton"]["type"] == "invalidProperties", patch


# --- Quota ---

def test_quota(roost: Roost) -> None:
    jmap = Jmap(roost)
    assert jmap.call("Quota/get", ids=None)["list"] == []
    roost.cli("account", "set", "alice@example.org", "quota_bytes=10485760")
    got = jmap.call("Quota/get", ids=None)
    (quota,) = got["list"]
    assert quota["hardLimit"] == 10 << 20 and quota["resourceType"] == "octets"
    assert quota["scope"] == "account" and quota["types"] == ["Email"]
    draft(roost)
    changes = jmap.call("Quota/changes", sinceState=got["state"])
    assert changes["updated"] == [quota["id"]] and changes["updatedProperties"] == ["used"]
    assert jmap.call("Quota/get", ids=None)["list"][0]["used"] > quota["used"]
    assert jmap.call("Quota/query", filter={"resourceType": "count"})["ids"] == []
    assert jmap.call("Quota/query", sort=[{"property": "used"}])["ids"] == [quota["id"]]
    roost.cli("account", "set", "alice@example.org", "quota_bytes=20971520")
    with pytest.raises(JmapError) as error:
        jmap.call("Quota/changes", sinceState=changes["newState"])
    assert error.value.type == "cannotCalculateChanges"


# --- SieveScript ---

def test_scripts(roost: Roost) -> None:
    jmap = Jmap(roost)
    blob = jmap.upload(SCRIPT, "application/sieve")["blobId"]
    assert jmap.call("SieveScript/validate", blobId=blob)["error"] is None
    answer = jmap.call("SieveScript/set", create={"A": {"name": "main", "blobId": blob}},
                       onSuccessActivateScript="#A")
    script = answer["created"]["A"]["id"]
    assert answer["updated"] == {script: {"isActive": True}}
    (shown,) = jmap.call("SieveScript/get", ids=None)["list"]
    assert (shown["id"], shown["name"], shown["isActive"]) == (script, "main", True)
    assert jmap.download(shown["blobId"]) == SCRIPT
    # A rename keeps the id; a second script gets a name and takes over.
    answer = jmap.call("SieveScript/set", update={script: {"name": "old"}},
                       create={"B": {"blobId": blob}}, onSuccessActivateScript="#B")
    second = answer["created"]["B"]["id"]
    assert answer["updated"] == {script: {"isActive": False}, second: {"isActive": True}}
    names = {s["id"]: s["name"] for s in jmap.call("SieveScript/get", ids=None)["list"]}
    assert names == {script: "old", second: "script"}
    assert jmap.call("SieveScript/query", filter={"isActive": True})["ids"] == [second]
    assert jmap.call("SieveScript/query", sort=[{"property": "name", "isAscending": False}]
                     )["ids"] == [second, script]
    answer = jmap.call("SieveScript/set", destroy=[second, script])
    assert answer["destroyed"] == [script]
    assert answer["notDestroyed"][second]["type"] == "sieveIsActive"
    answer = jmap.call("SieveScript/set", onSuccessDeactivateScript=True)
    assert answer["updated"] == {second: {"isActive": False}}
    assert jmap.call("SieveScript/set", destroy=[second])["destroyed"] == [second]


def test_script_errors(roost: Roost) -> None:
    jmap = Jmap(roost)
    good = jmap.upload(SCRIPT)["blobId"]
    bad = jmap.upload(b'keep;\r\nfileinto "x";\r\n')["blobId"]
    error = jmap.call("SieveScript/validate", blobId=bad)["error"]
    assert error["type"] == "invalidSieve" and "line 2" in error["description"]
    answer = jmap.call("SieveScript/set", create={
        "a": {"name": "same", "blobId": good}, "b": {"name": "x", "blobId": bad},
        "c": {"name": "a\u0000", "blobId": good}, "d": {"name": "y", "blobId": "U1-99"},
        "e": {"name": "", "blobId": good}, "f": {"name": "z"}},
        onSuccessActivateScript="#a")
    errors = {k: e["type"] for k, e in answer["notCreated"].items()}
    assert errors == {"b": "invalidSieve", "c": "invalidProperties", "d": "blobNotFound",
                      "e": "invalidProperties", "f": "invalidProperties"}
    script = answer["created"]["a"]["id"]
    assert answer["updated"] is None  # not all succeeded
    answer = jmap.call("SieveScript/set", create={"a": {"name": "same", "blobId": good}})
    assert answer["notCreated"]["a"]["type"] == "alreadyExists"
    assert answer["notCreated"]["a"]["existingId"] == script


# --- MDN ---

WANTS = (b"From: bob@example.org\r\nTo: alice@example.org\r\nSubject: plan\r\n"
         b"Message-ID: <plan@example.org>\r\n"
         b"Disposition-Notification-To: bob@example.org\r\n\r\nread this\r\n")


def mdn(email: str, **more: Any) -> dict[str, Any]:
    """An MDN object."""
    return {"forEmailId": email, "subject": "Read: plan", "textBody": "It was read.",
            "reportingUA": "test; 1", "disposition": {
                "actionMode": "manual-action", "sendingMode": "mdn-sent-manually",
                "type": "displayed"}, "extensionFields": {"X-Test": "yes"}, **more}


def test_mdn(roost: Roost, sink: Sink) -> None:
    jmap = Jmap(roost)
    email = draft(roost, WANTS)
    patch = {"#k": {"keywords/$mdnsent": True}}
    responses = jmap.request([["MDN/send", {
        "identityId": identity(jmap), "send": {"k": mdn(email)},
        "onSuccessUpdateEmail": patch}, "0"]])
    assert [r[0] for r in responses] == ["MDN/send", "Email/set"]
    assert responses[0][1]["sent"]["k"]["finalRecipient"] == "rfc822; alice@example.org"
    assert list(responses[1][1]["updated"]) == [email]
    (raw,) = until(lambda: mail.inbox(roost, "bob"))
    got = mail.parse(raw)
    assert got.get_content_type() == "multipart/report" and got["Subject"] == "Read: plan"
    bob = Jmap(roost, "bob")
    blob = bob.upload(raw)["blobId"]
    other = bob.upload(WANTS)["blobId"]
    parsed = bob.call("MDN/parse", blobIds=[blob, other, "U2-99"])
    assert parsed["notParsable"] == [other] and parsed["notFound"] == ["U2-99"]
    shown = parsed["parsed"][blob]
    assert shown["disposition"] == mdn(email)["disposition"]
    assert shown["originalMessageId"] == "<plan@example.org>"
    assert shown["reportingUA"] == "test; 1" and shown["extensionFields"] == {"X-Test": "yes"}
    assert shown["textBody"].strip() == "It was read."
    # It is not sent twice.
    answer = jmap.call("MDN/send", identityId=identity(jmap), send={"k": mdn(email)},
                       onSuccessUpdateEmail=patch)
    assert answer["notSent"]["k"]["type"] == "mdnAlreadySent" and sink.messages == []


def test_mdn_refused(roost: Roost) -> None:
    jmap = Jmap(roost)
    email, plain = draft(roost, WANTS), draft(roost)
    for values, patch, kind in (
            ({}, {}, "invalidProperties"),
            ({"forEmailId": plain}, None, "notFound"),
            ({"forEmailId": "M1-9999"}, None, "notFound"),
            ({"finalRecipient": "rfc822; bob@example.org"}, None, "forbiddenFrom"),
            ({"subject": "a\r\nBcc: x@example.net"}, None, "invalidProperties"),
            ({"disposition": {"actionMode": "x"}}, None, "invalidProperties"),
            ({"extensionFields": {"A:b": "c"}}, None, "invalidProperties"),
            ({"extensionFields": {"A": "c\r\nd"}}, None, "invalidProperties"),
            ({"unknown": 1}, None, "invalidProperties")):
        answer = jmap.call(
            "MDN/send", identityId=identity(jmap), send={"k": mdn(email, **values)},
            onSuccessUpdateEmail={"#k": {"keywords/$mdnsent": True}} if patch is None else patch)
        assert answer["sent"] is None
        assert answer["notSent"]["k"]["type"] == kind, values
    with pytest.raises(JmapError) as error:
        jmap.call("MDN/send", identityId="I1-999", send={})
    assert error.value.type == "invalidArguments"
    assert mail.inbox(roost, "bob") == []


# --- Principal ---

def test_principals(roost: Roost) -> None:
    roost.cli("group", "add", "team@example.org", "Team")
    roost.cli("group", "join", "team@example.org", "alice@example.org")
    jmap = Jmap(roost)
    mine = jmap.account()
    account = jmap.session["accounts"][mine]["accountCapabilities"]
    assert account["urn:ietf:params:jmap:principals"] == {"currentUserPrincipalId": mine}
    assert account["urn:ietf:params:jmap:principals:owner"] == {
        "accountIdForPrincipal": mine, "principalId": mine}
    assert "urn:ietf:params:jmap:principals:owner" not in jmap.session["capabilities"]
    got = jmap.call("Principal/get", ids=None)
    assert [(p["email"], p["type"]) for p in got["list"]] == [
        ("alice@example.org", "individual"), ("team@example.org", "group")]
    assert list(got["list"][0]["accounts"]) == [mine]
    assert jmap.call("Principal/query", filter={"text": "team"})["ids"] == [
        got["list"][1]["id"]]
    assert jmap.call("Principal/query", filter={"accountIds": [mine]})["ids"] == [mine]
    # Bob is nobody to her until he shares a mailbox.
    assert jmap.call("Principal/query", filter={"email": "bob@"})["ids"] == []
    bob = mail.mailbox(roost, "bob")
    bob.setacl("INBOX", "alice@example.org", "lr")
    bob.logout()
    (him,) = jmap.call("Principal/query", filter={"email": "bob@"})["ids"]
    shown = jmap.call("Principal/get", ids=[him])
    assert shown["list"][0]["type"] == "individual" and shown["state"] != got["state"]
    with pytest.raises(JmapError) as error:
        jmap.call("Principal/changes", sinceState=got["state"])
    assert error.value.type == "cannotCalculateChanges"
