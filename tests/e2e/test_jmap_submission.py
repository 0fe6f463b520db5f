"""JMAP for mail submission (RFC 8621 6 and 7): identities, sending, cancelling, what became of it."""
import re
import time
from datetime import datetime, timezone
from typing import Any, Callable

import pytest

from conftest import Maker
from harness import mail
from harness.api import as_user
from harness.server import Roost
from harness.smtp_sink import Sink
from jmap_client import Jmap, JmapError

FRIEND = "friend@example.net"
LETTER = (b"From: Alice <alice@example.org>\r\nTo: " + FRIEND.encode() + b"\r\n"
          b"Cc: bob@example.org\r\nBcc: hidden@example.net\r\nSubject: hello\r\n\r\nhi\r\n")


def until(what: Callable[[], Any], timeout: float = 20) -> Any:
    """Wait for something to become true; what it is then."""
    end = time.monotonic() + timeout
    while not (value := what()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)
    return value


def draft(roost: Roost, raw: bytes = LETTER, user: str = "alice") -> str:
    """The id of an email that was stored in Drafts, by IMAP: it is JMAP's too."""
    m = mail.mailbox(roost, user, "Drafts")
    m.append("Drafts", r"(\Draft \Seen)", None, raw)
    m.noop()
    _, found = m.fetch("*", "(EMAILID)")
    m.logout()
    assert found[0] is not None
    return re.search(rb"EMAILID \(([^)]+)\)", found[0]).group(1).decode()  # type: ignore


def identity(jmap: Jmap) -> str:
    """The one of the primary address."""
    return jmap.call("Identity/get", ids=None)["list"][0]["id"]


def send(jmap: Jmap, email: str, **more: Any) -> dict[str, Any]:
    """The response to EmailSubmission/set that creates one."""
    return jmap.call("EmailSubmission/set", create={
        "k1": {"identityId": identity(jmap), "emailId": email, **more}})


def sent(jmap: Jmap, email: str, **more: Any) -> dict[str, Any]:
    """The created object."""
    answer = send(jmap, email, **more)
    assert answer["notCreated"] is None, answer
    return answer["created"]["k1"]


def refusal(jmap: Jmap, email: str, **more: Any) -> dict[str, Any]:
    """The SetError of one that is refused."""
    answer = send(jmap, email, **more)
    assert answer["created"] is None, answer
    return answer["notCreated"]["k1"]


def shown(jmap: Jmap, submission: str) -> dict[str, Any]:
    """The object as it is now."""
    return jmap.call("EmailSubmission/get", ids=[submission])["list"][0]


def envelope(*rcpts: str, sender: str = "alice@example.org", **parameters: str | None
             ) -> dict[str, Any]:
    """An Envelope with parameters of the sender."""
    return {"mailFrom": {"email": sender, "parameters": parameters or None},
            "rcptTo": [{"email": r, "parameters": None} for r in rcpts]}


# --- Identity ---

def test_identities(roost: Roost) -> None:
    roost.cli("alias", "add", "sales@example.org", "alice@example.org")
    roost.cli("alias", "add", "both@example.org", "alice@example.org", "bob@example.org")
    jmap = Jmap(roost)
    got = jmap.call("Identity/get", ids=None)
    assert [i["email"] for i in got["list"]] == ["alice@example.org", "sales@example.org"]
    first = got["list"][0]
    assert first["mayDelete"] is False and first["replyTo"] is None
    assert first["textSignature"] == first["htmlSignature"] == ""
    # A change of a given identity keeps its id.
    bcc = [{"name": None, "email": "archive@example.org"}]
    answer = jmap.call("Identity/set", update={first["id"]: {
        "name": "Alice A.", "bcc": bcc, "textSignature": "-- \nA."}})
    assert answer["updated"] == {first["id"]: None} and answer["oldState"] == got["state"]
    changed = jmap.call("Identity/get", ids=[first["id"]])["list"][0]
    assert (changed["name"], changed["bcc"]) == ("Alice A.", bcc)
    # Another one, with the same address.
    answer = jmap.call("Identity/set", create={"n": {"email": "alice+x@example.org",
                                                    "name": "X"}})
    new = answer["created"]["n"]["id"]
    assert answer["created"]["n"]["mayDelete"] is True
    changes = jmap.call("Identity/changes", sinceState=got["state"])
    assert (changes["created"], changes["updated"], changes["destroyed"]) == (
        [new], [first["id"]], [])
    answer = jmap.call("Identity/set", destroy=[new, first["id"], "I1-999"])
    assert answer["destroyed"] == [new]
    assert answer["notDestroyed"][first["id"]]["type"] == "forbidden"
    assert answer["notDestroyed"]["I1-999"]["type"] == "notFound"


def test_identities_follow_the_directory(roost: Roost) -> None:
    jmap = Jmap(roost)
    state = jmap.call("Identity/get", ids=None)["state"]
    roost.cli("alias", "add", "sales@example.org", "alice@example.org")
    with pytest.raises(JmapError) as error:
        jmap.call("Identity/changes", sinceState=state)
    assert error.value.type == "cannotCalculateChanges"
    assert len(jmap.call("Identity/get", ids=None)["list"]) == 2


@pytest.mark.parametrize("values, kind", [
    ({"email": "bob@example.org"}, "forbiddenFrom"),
    ({"email": "alice@example.net"}, "forbiddenFrom"),
    ({"email": "*@example.org"}, "forbiddenFrom"),
    ({"email": "nonsense"}, "invalidProperties"),
    ({"name": "without an address"}, "invalidProperties"),
    ({"email": "alice@example.org", "mayDelete": False}, "invalidProperties"),
    ({"email": "alice@example.org", "replyTo": [{"email": 1}]}, "invalidProperties"),
    ({"email": "alice@example.org", "bcc": [{"email": "a@b", "x": 1}]}, "invalidProperties"),
    ({"email": "alice@example.org", "unknown": 1}, "invalidProperties"),
])
def test_identities_that_are_refused(roost: Roost, values: dict[str, Any], kind: str) -> None:
    answer = Jmap(roost).call("Identity/set", create={"n": values})
    assert answer["notCreated"]["n"]["type"] == kind and answer["created"] is None


# --- EmailSubmission ---

def test_sending(sender: Roost, sink: Sink) -> None:
    jmap = Jmap(sender)
    email = draft(sender)
    state = jmap.call("EmailSubmission/get", ids=None)
    assert state["list"] == []
    made = sent(jmap, email)
    (got,) = sink.wait(1)
    assert got.sender == "alice@example.org"
    assert set(got.rcpts) == {FRIEND, "hidden@example.net"}
    assert b"Bcc" not in got.data and b"hidden" not in got.data
    assert b"DKIM-Signature" in got.data and b"Message-ID" in got.data
    assert b"Subject: hello" in mail.inbox(sender, "bob")[0]
    assert made["envelope"]["mailFrom"] == {"email": "alice@example.org", "parameters": None}
    done = until(lambda: (s := shown(jmap, made["id"]))["deliveryStatus"][FRIEND]["delivered"]
                 == "unknown" and s)
    assert done["undoStatus"] == "final" and done["emailId"] == email
    assert done["threadId"] == made["threadId"] and done["identityId"] == identity(jmap)
    assert done["deliveryStatus"]["bob@example.org"] == {
        "smtpReply": "250 2.1.5 delivered", "delivered": "yes", "displayed": "unknown"}
    assert done["deliveryStatus"][FRIEND]["smtpReply"].startswith("250 2.0.0 taken")
    assert done["dsnBlobIds"] == done["mdnBlobIds"] == []
    when = datetime.fromisoformat(done["sendAt"])
    assert abs((when - datetime.now(timezone.utc)).total_seconds()) < 60
    changes = jmap.call("EmailSubmission/changes", sinceState=state["state"])
    assert changes["created"] == [made["id"]] and not changes["updated"]
    # The record can be removed.
    assert jmap.call("EmailSubmission/set", destroy=[made["id"]])["destroyed"] == [made["id"]]
    assert jmap.call("EmailSubmission/get", ids=[made["id"]])["notFound"] == [made["id"]]


def test_status_changes_are_changes(sender: Roost, sink: Sink) -> None:
    jmap = Jmap(sender)
    sink.always("RCPT", "450 4.2.1 later")
    made = sent(jmap, draft(sender), envelope=envelope(FRIEND))
    state = jmap.call("EmailSubmission/get", ids=[])["state"]
    until(lambda: shown(jmap, made["id"])["deliveryStatus"][FRIEND]["smtpReply"].startswith("450"))
    assert shown(jmap, made["id"])["deliveryStatus"][FRIEND]["delivered"] == "queued"
    changes = jmap.call("EmailSubmission/changes", sinceState=state)
    assert changes["updated"] == [made["id"]] and changes["created"] == []


def test_envelopes(sender: Roost, sink: Sink) -> None:
    jmap = Jmap(sender)
    given = envelope("other@example.net", "other@example.net", RET="HDRS", ENVID="a+b=c",
                     BODY="8BITMIME", SIZE="100")
    given["rcptTo"][0]["parameters"] = {"NOTIFY": "SUCCESS,FAILURE",
                                        "ORCPT": "rfc822;first@example.net"}
    made = sent(jmap, draft(sender), envelope=given)
    (got,) = sink.wait(1)
    assert got.rcpts == ["other@example.net"]
    assert shown(jmap, made["id"])["envelope"]["mailFrom"]["parameters"]["ENVID"] == "a+b=c"


def test_hold_and_cancel(sender: Roost, sink: Sink) -> None:
    jmap = Jmap(sender)
    before = time.time()
    made = sent(jmap, draft(sender), envelope=envelope(FRIEND, HOLDFOR="3600"))
    assert abs(datetime.fromisoformat(made["sendAt"]).timestamp() - before - 3600) < 60
    assert shown(jmap, made["id"])["undoStatus"] == "pending"
    query = {"filter": {"undoStatus": "pending"}}
    assert jmap.call("EmailSubmission/query", **query)["ids"] == [made["id"]]
    answer = jmap.call("EmailSubmission/set", update={made["id"]: {"undoStatus": "canceled"}})
    assert answer["updated"] == {made["id"]: None}
    got = shown(jmap, made["id"])
    assert got["undoStatus"] == "canceled"
    assert got["deliveryStatus"][FRIEND]["delivered"] == "no"
    assert jmap.call("EmailSubmission/query", **query)["ids"] == []
    # Once more changes nothing.
    answer = jmap.call("EmailSubmission/set", update={made["id"]: {"undoStatus": "canceled"}})
    assert answer["updated"] == {made["id"]: None}
    assert sink.messages == []


def test_too_late(sender: Roost, sink: Sink) -> None:
    jmap = Jmap(sender)
    made = sent(jmap, draft(sender), envelope=envelope(FRIEND))
    sink.wait(1)
    until(lambda: shown(jmap, made["id"])["undoStatus"] == "final")
    answer = jmap.call("EmailSubmission/set", update={made["id"]: {"undoStatus": "canceled"}})
    assert answer["notUpdated"][made["id"]]["type"] == "cannotUnsend"


def test_undo_window(make_sender: Maker, sink: Sink) -> None:
    roost = make_sender(UNDO_SEND="2s").start()
    jmap = Jmap(roost)
    first, second = (sent(jmap, draft(roost), envelope=envelope(r))
                     for r in (FRIEND, "second@example.net"))
    assert shown(jmap, first["id"])["undoStatus"] == "pending"
    answer = jmap.call("EmailSubmission/set", update={first["id"]: {"undoStatus": "canceled"}})
    assert answer["notUpdated"] is None
    (got,) = sink.wait(1)
    assert got.rcpts == ["second@example.net"]
    until(lambda: shown(jmap, second["id"])["undoStatus"] == "final")


def test_canceled_mail_never_arrives(make_sender: Maker, sink: Sink) -> None:
    """Cancellations around the time at which the mail leaves: each one is either too late, and
    the mail arrives, or the mail does not."""
    roost = make_sender(UNDO_SEND="1s").start()
    jmap = Jmap(roost)
    email = draft(roost)
    rcpts = [f"u{i}@example.net" for i in range(24)]
    made = {r: sent(jmap, email, envelope=envelope(r))["id"] for r in rcpts}
    begun = time.monotonic()
    canceled = set()
    for i, r in enumerate(rcpts):
        until(lambda i=i: time.monotonic() - begun >= 0.5 + i / 24)  # type: ignore
        answer = jmap.call("EmailSubmission/set",
                           update={made[r]: {"undoStatus": "canceled"}})
        if answer["updated"]:
            canceled.add(r)
        else:
            assert answer["notUpdated"][made[r]]["type"] == "cannotUnsend"
    until(lambda: all(shown(jmap, i)["undoStatus"] != "pending" for i in made.values()))
    arrived = {r for m in sink.messages for r in m.rcpts}
    assert arrived == set(rcpts) - canceled and canceled
    for r in rcpts:
        assert shown(jmap, made[r])["undoStatus"] == ("canceled" if r in canceled else "final")


def test_success_updates_the_email(sender: Roost, sink: Sink) -> None:
    jmap = Jmap(sender)
    email, other = draft(sender), draft(sender)
    responses = jmap.request([["EmailSubmission/set", {
        "create": {"a": {"identityId": identity(jmap), "emailId": email},
                   "b": {"identityId": identity(jmap), "emailId": other},
                   "c": {"identityId": "I1-99", "emailId": other}},
        "onSuccessUpdateEmail": {"#a": {"keywords/$draft": None}, "#c": {"keywords/$x": True}},
        "onSuccessDestroyEmail": ["#b"]}, "0"]])
    assert [r[0] for r in responses] == ["EmailSubmission/set", "Email/set"]
    assert responses[1][2] == "0"
    assert list(responses[1][1]["updated"]) == [email]
    assert responses[1][1]["destroyed"] == [other]
    assert list(responses[0][1]["notCreated"]) == ["c"]
    sink.wait(2)


def test_success_merges_the_patches_of_an_email(sender: Roost, sink: Sink) -> None:
    jmap = Jmap(sender)
    email = draft(sender)
    create = {"identityId": identity(jmap), "emailId": email}
    responses = jmap.request([["EmailSubmission/set", {
        "create": {"a": create, "b": create},
        "onSuccessUpdateEmail": {"#a": {"keywords/$draft": None, "keywords/$x": None},
                                 "#b": {"keywords/$draft": None, "keywords/$x": True}}}, "0"]])
    assert [r[0] for r in responses] == ["EmailSubmission/set", "Email/set"]
    assert list(responses[1][1]["updated"]) == [email]
    keywords = jmap.call("Email/get", ids=[email], properties=["keywords"])["list"][0]["keywords"]
    assert "$draft" not in keywords and "$x" in keywords
    sink.wait(2)


def test_queries(sender: Roost, sink: Sink) -> None:
    jmap = Jmap(sender)
    emails = [draft(sender) for _ in range(3)]
    made = [sent(jmap, e, envelope=envelope(FRIEND, HOLDFOR=str(3600 * (3 - i))))
            for i, e in enumerate(emails)]
    ids = [m["id"] for m in made]

    def query(**more: Any) -> Any:
        return jmap.call("EmailSubmission/query", **more)

    assert query()["ids"] == ids
    assert query(sort=[{"property": "sentAt"}])["ids"] == ids[::-1]
    assert query(sort=[{"property": "emailId", "isAscending": False}])["ids"] == ids[::-1]
    assert query(filter={"emailIds": emails[:1]})["ids"] == ids[:1]
    assert query(filter={"threadIds": [made[1]["threadId"]]})["ids"][:1] != []
    assert query(filter={"identityIds": ["I1-5"]})["ids"] == []
    assert query(filter={"before": made[1]["sendAt"]})["ids"] == ids[2:]
    assert query(filter={"after": made[1]["sendAt"]})["ids"] == ids[:2]
    assert query(filter={"operator": "NOT", "conditions": [{"emailIds": emails[:1]}]},
                 calculateTotal=True)["total"] == 2
    first = query(filter={"undoStatus": "pending"})
    jmap.call("EmailSubmission/set", update={ids[0]: {"undoStatus": "canceled"}})
    changes = jmap.call("EmailSubmission/queryChanges", filter={"undoStatus": "pending"},
                        sinceQueryState=first["queryState"])
    assert changes["removed"] == [ids[0]]
    assert sink.messages == []


# --- What is refused ---

BIG = b"From: alice@example.org\r\nTo: " + FRIEND.encode() + b"\r\n\r\n" + b"x" * 70 + b"\r\n"


@pytest.mark.parametrize("raw, given, kind", [
    (b"From: alice@example.org\r\nSubject: x\r\n\r\n.\r\n", None, "noRecipients"),
    (b"From: alice@example.org, bob@example.org\r\nTo: a@example.net\r\n\r\n.\r\n", None,
     "invalidEmail"),
    (b"From: bob@example.org\r\nTo: a@example.net\r\n\r\n.\r\n", None, "forbiddenFrom"),
    (LETTER, envelope(), "noRecipients"),
    (LETTER, envelope("nonsense", FRIEND), "invalidRecipients"),
    (LETTER, envelope("missing@example.org", FRIEND), "invalidRecipients"),
    (LETTER, envelope(FRIEND, sender="bob@example.org"), "forbiddenMailFrom"),
    (LETTER, envelope(FRIEND, sender="nonsense"), "forbiddenMailFrom"),
    (LETTER, envelope(FRIEND, HOLDFOR="99999999"), "invalidProperties"),
    (LETTER, envelope(FRIEND, HOLDFOR="x"), "invalidProperties"),
    (LETTER, envelope(FRIEND, HOLDFOR="1", HOLDUNTIL="2030-01-01T00:00:00Z"),
     "invalidProperties"),
    (LETTER, envelope(FRIEND, UNKNOWN="1"), "invalidProperties"),
    (LETTER, envelope(FRIEND, SMTPUTF8="x"), "invalidProperties"),
    (LETTER, {"mailFrom": {"email": "alice@example.org"}}, "invalidProperties"),
    (LETTER, envelope(*(f"u{i}@example.net" for i in range(1001))), "tooManyRecipients"),
])
def test_refused(sender: Roost, sink: Sink, raw: bytes, given: Any, kind: str) -> None:
    jmap = Jmap(sender)
    error = refusal(jmap, draft(sender, raw), **({} if given is None else {"envelope": given}))
    assert error["type"] == kind, error
    if kind == "tooManyRecipients":
        assert error["maxRecipients"] == 1000
    if kind == "invalidRecipients":
        assert error["invalidRecipients"][0] in ("nonsense", "missing@example.org")
    assert jmap.call("EmailSubmission/get", ids=None)["list"] == [] and sink.messages == []


def test_refused_values(roost: Roost) -> None:
    jmap = Jmap(roost)
    email = draft(roost)
    for values, name in (({"identityId": "I1-99"}, "identityId"),
                         ({"emailId": "M1-99999"}, "emailId"),
                         ({"emailId": "M2-1"}, "emailId"),
                         ({"undoStatus": "canceled"}, "undoStatus")):
        error = refusal(jmap, email, **values)
        assert (error["type"], error["properties"]) == ("invalidProperties", [name])


def test_too_large(make_sender: Maker) -> None:
    roost = make_sender().start()
    email = draft(roost, BIG.replace(b"x" * 70, b"y" * 70 + b"\r\n" + b"z" * 900) * 1)
    roost.cli("settings", "set", "MESSAGE_SIZE", "1M")
    large = draft(roost, LETTER + (b"w" * 76 + b"\r\n") * 12000)
    roost.cli("settings", "set", "MESSAGE_SIZE", "512K")
    error = refusal(Jmap(roost), large)
    assert error["type"] == "tooLarge" and error["maxSize"] == 512 << 10
    assert sent(Jmap(roost), email)["id"]


def test_limits_of_the_account(make_sender: Maker, sink: Sink) -> None:
    roost = make_sender(LIMITS="account messages=1/1h code=452 status=4.7.1").start()
    jmap = Jmap(roost)
    assert sent(jmap, draft(roost), envelope=envelope(FRIEND))
    error = refusal(jmap, draft(roost), envelope=envelope(FRIEND))
    assert error["type"] == "rateLimit" and "4.7.1" in error["description"]
    assert len(sink.wait(1)) == 1


def test_an_account_that_may_not_send(make_sender: Maker, sink: Sink) -> None:
    roost = make_sender(LIMITS="account recipients=1/1h then=hold").start()
    error = refusal(Jmap(roost), draft(roost), envelope=envelope(FRIEND, "two@example.net"))
    assert error["type"] == "forbiddenToSend" and "may not send" in error["description"]
    error = refusal(Jmap(roost), draft(roost), envelope=envelope(FRIEND))
    assert error["type"] == "forbiddenToSend" and sink.messages == []


def test_scopes_of_app_passwords(roost: Roost) -> None:
    word = as_user(roost, "alice").post("/me/app-passwords", {"label": "imap",
                                                              "scopes": ["imap"]})["password"]
    reader = Jmap(roost, password=word)
    assert "urn:ietf:params:jmap:submission" not in reader.session["primaryAccounts"]
    for method in ("Identity/get", "EmailSubmission/get", "VacationResponse/get",
                   "SieveScript/get"):
        with pytest.raises(JmapError):
            reader.call(method, ids=None)


def test_of_another_user(sender: Roost) -> None:
    mine, other = Jmap(sender), Jmap(sender, "bob")
    made = sent(mine, draft(sender), envelope=envelope(FRIEND, HOLDFOR="3600"))
    assert other.call("EmailSubmission/get", ids=[made["id"]])["notFound"] == [made["id"]]
    answer = other.call("EmailSubmission/set", update={made["id"]: {"undoStatus": "canceled"}},
                        destroy=["S1-77"])
    assert answer["notUpdated"][made["id"]]["type"] == "notFound"
    assert answer["notDestroyed"]["S1-77"]["type"] == "notFound"
    with pytest.raises(JmapError) as error:
        other.call("Identity/get", accountId=mine.account(), ids=None)
    assert error.value.type in ("accountNotFound", "forbidden")
    assert shown(mine, made["id"])["undoStatus"] == "pending"


def test_an_email_of_another_account(sender: Roost, sink: Sink) -> None:
    """Only emails of the own account can be sent, also when another one is shared."""
    bob = mail.mailbox(sender, "bob", "Drafts")
    bob.setacl("Drafts", "alice@example.org", "lr")
    bob.logout()
    error = refusal(Jmap(sender), draft(sender, user="bob"))
    assert (error["type"], error["properties"]) == ("invalidProperties", ["emailId"])
    assert sink.messages == []


def test_state_mismatch_sends_nothing(sender: Roost, sink: Sink) -> None:
    jmap = Jmap(sender)
    with pytest.raises(JmapError) as error:
        jmap.call("EmailSubmission/set", ifInState="s99", create={
            "k": {"identityId": identity(jmap), "emailId": draft(sender)}})
    assert error.value.type == "stateMismatch" and sink.messages == []


def test_answered_means_stored(sender: Roost, sink: Sink) -> None:
    jmap = Jmap(sender)
    made = [sent(jmap, draft(sender), envelope=envelope(FRIEND, HOLDFOR="3600"))
            for _ in range(3)]
    sender.kill()
    sender.start()
    jmap.close()
    got = Jmap(sender).call("EmailSubmission/get", ids=[m["id"] for m in made])
    assert [s["undoStatus"] for s in got["list"]] == ["pending"] * 3 and sink.messages == []
