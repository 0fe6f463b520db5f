"""Reading mail by JMAP (RFC 8621): Thread, Email/get, Email/changes, Email/parse."""
import imaplib
from typing import Any

import pytest
from harness import mail
from harness.account import ok
from harness.peer import trusting
from harness.server import PASSWORDS, Roost, address
from jmap_client import Jmap, JmapError

PLAIN = b"""From: =?utf-8?q?J=C3=B6rg?= <joerg@example.org>
To: A Group: bob@example.org, "Carol, C." <carol@example.org>;, dave@example.org
Cc: eve@example.org
Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=
 aus Kiel
Date: Fri, 21 Nov 1997 09:55:06 -0600
Message-ID: <1@example.org>
In-Reply-To: <0@example.org>
References: <00@example.org> <0@example.org>
List-Post: <mailto:list@example.org> (Postings)
X-Twice: one
X-Twice: two

Hello there
second line
""".replace(b"\n", b"\r\n")

# The example of RFC 8621 4.1.4.
MIXED = b"""From: a@example.org
Subject: parts
Message-ID: <mixed@example.org>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=m1

--m1
Content-Disposition: inline

A
--m1
Content-Type: multipart/mixed; boundary=m2

--m2
Content-Type: multipart/alternative; boundary=m3

--m3
Content-Type: multipart/mixed; boundary=m4

--m4
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable
Content-Disposition: inline

B=E9
--m4
Content-Type: image/jpeg
Content-Disposition: inline

C
--m4
Content-Type: text/plain
Content-Disposition: inline

D
--m4--
--m3
Content-Type: multipart/related; boundary=m5

--m5
Content-Type: text/html; charset=utf-8

<p>E \xc3\xa4\xc3\xb6</p>
--m5
Content-Type: image/jpeg
Content-ID: <f@example.org>

F
--m5--
--m3--
--m2
Content-Type: image/jpeg; name=g.jpg
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename*=utf-8''%C3%A4.jpg

R0dH
--m2
Content-Type: application/x-excel

H
--m2
Content-Type: message/rfc822

Subject: J
From: j@example.org
Message-ID: <j@example.org>

inner text
--m2--
--m1
Content-Type: text/plain
Content-Disposition: inline

K
--m1--
""".replace(b"\n", b"\r\n")


LIST = ["id", "blobId", "threadId", "mailboxIds", "keywords", "size", "receivedAt", "messageId",
        "inReplyTo", "from", "to", "cc", "bcc", "subject", "sentAt", "hasAttachment", "preview"]


def append(roost: Roost, *messages: bytes, flags: str = "", mailbox: str = "INBOX",
           user: str = "alice") -> None:
    """Add messages by IMAP, a minute apart."""
    m = imaplib.IMAP4_SSL("127.0.0.1", roost.ports["imaps"], ssl_context=trusting(), timeout=20)
    m.login(address(user), PASSWORDS[user])
    for i, message in enumerate(messages):
        ok(m.append(mailbox, flags, imaplib.Time2Internaldate(1_000_000_000 + 60 * i), message))
    m.logout()


def emails(jmap: Jmap, **arguments: Any) -> list[dict[str, Any]]:
    """Every email of the account, by its changes since the first state."""
    ids = jmap.call("Email/changes", sinceState="s1")["created"]
    return jmap.call("Email/get", ids=ids, **arguments)["list"]


def test_email_list(roost: Roost) -> None:
    """Properties of a list: RFC 8621 4.1.1 to 4.1.3."""
    append(roost, PLAIN, flags="(\\Flagged \\Seen $Forwarded Mixed)")
    jmap = Jmap(roost)
    inbox = next(b["id"] for b in jmap.call("Mailbox/get", ids=None)["list"]
                 if b["role"] == "inbox")
    (email,) = emails(jmap, properties=LIST)
    assert email.pop("id").startswith("M") and email.pop("blobId").startswith("B")
    assert email.pop("threadId").startswith("T")
    assert email == {
        "mailboxIds": {inbox: True},
        "keywords": {"$flagged": True, "$seen": True, "$forwarded": True, "mixed": True},
        "size": len(PLAIN), "receivedAt": "2001-09-09T01:46:40Z",
        "messageId": ["1@example.org"], "inReplyTo": ["0@example.org"],
        "from": [{"name": "J\u00f6rg", "email": "joerg@example.org"}],
        "to": [{"name": None, "email": "bob@example.org"},
               {"name": "Carol, C.", "email": "carol@example.org"},
               {"name": None, "email": "dave@example.org"}],
        "cc": [{"name": None, "email": "eve@example.org"}], "bcc": None,
        "subject": "Gr\u00fc\u00dfe aus Kiel", "sentAt": "1997-11-21T09:55:06-06:00",
        "hasAttachment": False, "preview": "Hello there second line"}


def test_email_headers(roost: Roost) -> None:
    """Header forms (RFC 8621 4.1.2, 4.1.3), and defaults of properties (4.2)."""
    append(roost, PLAIN)
    jmap = Jmap(roost)
    (email,) = emails(jmap, properties=[
        "headers", "references", "sender", "replyTo", "header:Subject", "header:subject:asText",
        "header:To:asGroupedAddresses", "header:List-Post:asURLs", "header:X-Twice:all",
        "header:X-Twice:asText", "header:Message-ID:asMessageIds", "header:Date:asDate:all",
        "header:From:asAddresses:all", "header:Absent", "header:Absent:all"])
    assert email["references"] == ["00@example.org", "0@example.org"]
    assert email["sender"] is None and email["replyTo"] is None
    assert email["headers"][2] == {"name": "Cc", "value": " eve@example.org"}
    assert email["header:Subject"] == " =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n aus Kiel"
    assert email["header:subject:asText"] == "Gr\u00fc\u00dfe aus Kiel"
    assert email["header:To:asGroupedAddresses"] == [
        {"name": "A Group", "addresses": [{"name": None, "email": "bob@example.org"},
                                          {"name": "Carol, C.", "email": "carol@example.org"}]},
        {"name": None, "addresses": [{"name": None, "email": "dave@example.org"}]}]
    assert email["header:List-Post:asURLs"] == ["mailto:list@example.org"]
    assert email["header:X-Twice:all"] == [" one", " two"]
    assert email["header:X-Twice:asText"] == "two"
    assert email["header:Message-ID:asMessageIds"] == ["1@example.org"]
    assert email["header:Date:asDate:all"] == ["1997-11-21T09:55:06-06:00"]
    assert email["header:From:asAddresses:all"] == [
        [{"name": "J\u00f6rg", "email": "joerg@example.org"}]]
    assert email["header:Absent"] is None and email["header:Absent:all"] == []
    (email,) = emails(jmap)
    assert "bodyStructure" not in email and "headers" not in email and email["bodyValues"] == {}
    assert [p["partId"] for p in email["textBody"]] == [p["partId"] for p in email["htmlBody"]]
    for bad in ("header:From:asText", "header:", "nonsense", "header:Subject:all:asText"):
        with pytest.raises(JmapError) as error:
            jmap.call("Email/get", ids=[], properties=[bad])
        assert error.value.type == "invalidArguments"


def test_email_body(roost: Roost) -> None:
    """The example of RFC 8621 4.1.4: lists of parts, values, structure, blobs."""
    append(roost, MIXED)
    jmap = Jmap(roost)
    (email,) = emails(jmap, properties=["textBody", "htmlBody", "attachments", "hasAttachment",
                                        "bodyValues", "bodyStructure"], fetchAllBodyValues=True)
    values = {part: v["value"].strip() for part, v in email["bodyValues"].items()}

    def letters(parts: list[dict[str, Any]]) -> list[str]:
        return [values.get(p["partId"], p["type"]) for p in parts]

    html = "<p>E \u00e4\u00f6</p>"
    assert letters(email["textBody"]) == ["A", "B\u00e9", "image/jpeg", "D", "K"]
    assert letters(email["htmlBody"]) == ["A", html, "K"]
    assert letters(email["attachments"]) == [
        "image/jpeg", "image/jpeg", "image/jpeg", "application/x-excel", "message/rfc822"]
    assert email["hasAttachment"] is True
    assert not any(v["isEncodingProblem"] or v["isTruncated"]
                   for v in email["bodyValues"].values())
    g = email["attachments"][2]
    assert g["name"] == "\u00e4.jpg" and g["size"] == 3 and g["disposition"] == "attachment"
    assert jmap.download(g["blobId"]) == b"GGG"
    assert email["attachments"][1]["cid"] == "f@example.org"
    tree = email["bodyStructure"]
    assert tree["type"] == "multipart/mixed" and tree["partId"] is None
    assert [p["type"] for p in tree["subParts"]] == ["text/plain", "multipart/mixed", "text/plain"]
    inner = tree["subParts"][1]["subParts"]
    assert [p["type"] for p in inner] == ["multipart/alternative", "image/jpeg",
                                          "application/x-excel", "message/rfc822"]
    assert [p["type"] for p in inner[0]["subParts"]] == ["multipart/mixed", "multipart/related"]
    (email,) = emails(jmap, properties=["bodyValues", "htmlBody"], fetchHTMLBodyValues=True,
                      maxBodyValueBytes=6, bodyProperties=["partId", "header:Content-Type"])
    part = email["htmlBody"][1]
    assert part["header:Content-Type"] == " text/html; charset=utf-8"
    assert email["bodyValues"][part["partId"]] == {
        "value": "<p>E ", "isTruncated": True, "isEncodingProblem": False}


def test_email_parse(roost: Roost) -> None:
    """Email/parse (RFC 8621 4.9) of an attached message and of an upload."""
    append(roost, MIXED)
    jmap = Jmap(roost)
    (email,) = emails(jmap, properties=["attachments"])
    attached = email["attachments"][4]["blobId"]
    upload = jmap.upload(PLAIN, "message/rfc822")["blobId"]
    odd = jmap.upload(b"\x89PNG\r\n\x1a\n\x00", "image/png")["blobId"]
    answer = jmap.call("Email/parse", blobIds=[attached, upload, odd, "B1-999", "x"],
                       properties=["id", "blobId", "threadId", "mailboxIds", "receivedAt", "size",
                                   "subject", "bodyValues", "preview", "textBody",
                                   "header:From:asAddresses"], fetchTextBodyValues=True)
    assert answer["notParsable"] == [odd] and answer["notFound"] == ["B1-999", "x"]
    parsed = answer["parsed"][attached]
    assert parsed["subject"] == "J" and parsed["preview"] == "inner text"
    assert parsed["id"] is None and parsed["mailboxIds"] is None and parsed["threadId"] is None
    assert parsed["receivedAt"] is None and parsed["blobId"] == attached
    part = parsed["textBody"][0]
    assert parsed["bodyValues"][part["partId"]]["value"].strip() == "inner text"
    assert jmap.download(part["blobId"]).strip() == b"inner text"
    parsed = answer["parsed"][upload]
    assert parsed["size"] == len(PLAIN) and parsed["subject"] == "Gr\u00fc\u00dfe aus Kiel"


def test_threads(roost: Roost) -> None:
    """Thread/get in the order of receivedAt, and the three kinds of /changes."""
    reply = PLAIN.replace(b"<1@", b"<2@").replace(b"<0@", b"<1@").replace(b"<00@", b"<3@")
    jmap = Jmap(roost)
    before = {name: jmap.call(f"{name}/get", ids=[])["state"] for name in ("Email", "Thread")}
    append(roost, PLAIN, reply)
    got = emails(jmap, properties=["threadId", "receivedAt"])
    threads = {e["threadId"] for e in got}
    assert len(threads) == 1
    (thread,) = jmap.call("Thread/get", ids=list(threads))["list"]
    order = sorted(got, key=lambda e: e["receivedAt"])
    assert thread["emailIds"] == [e["id"] for e in order]
    assert jmap.call("Thread/get", ids=["T1-99999"])["notFound"] == ["T1-99999"]
    changes = jmap.call("Thread/changes", sinceState=before["Thread"])
    assert changes["created"] == list(threads) and changes["destroyed"] == []
    changes = jmap.call("Email/changes", sinceState=before["Email"], maxChanges=1)
    assert changes["hasMoreChanges"] is True and len(changes["created"]) == 1
    changes = jmap.call("Email/changes", sinceState=changes["newState"])
    assert len(changes["created"]) == 1 and changes["hasMoreChanges"] is False


def test_emails_of_others(roost: Roost) -> None:
    """Another user sees the emails of shared mailboxes, and no other email or part of it."""
    append(roost, MIXED)
    append(roost, PLAIN, mailbox="Archive")
    alice, bob = Jmap(roost), Jmap(roost, "bob")
    theirs = {e["subject"]: e for e in emails(alice)}
    ids = [e["id"] for e in theirs.values()]
    with pytest.raises(JmapError) as error:
        bob.call("Email/get", accountId=alice.account(), ids=ids)
    assert error.value.type == "accountNotFound"
    blob = theirs["parts"]["attachments"][2]["blobId"]
    assert bob.call("Email/parse", blobIds=[theirs["parts"]["blobId"]])["notFound"]

    m = mail.mailbox(roost, "alice")
    ok(m.setacl("INBOX", address("bob"), "lr"))
    bob = Jmap(roost, "bob")
    got = bob.call("Email/get", accountId=alice.account(), ids=ids,
                   properties=["subject", "mailboxIds", "attachments"])
    assert [e["subject"] for e in got["list"]] == ["parts"]
    assert got["list"][0]["mailboxIds"] == theirs["parts"]["mailboxIds"]
    assert got["notFound"] == [theirs["Gr\u00fc\u00dfe aus Kiel"]["id"]]
    assert bob.download(blob, alice.account()) == b"GGG"
    assert bob.call("Email/get", ids=ids)["notFound"] == ids  # ids of another account
    m.logout()
