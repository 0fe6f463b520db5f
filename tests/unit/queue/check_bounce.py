"""Read the golden bounces with Python's email package: are they what RFC 3464, RFC 6522 and
RFC 6533 ask for, to somebody else's parser? Run by bounce_test."""
import email
import email.policy
import glob
import os
import quopri
import sys

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden")
SUBJECTS = {
    "failed": "Your message could not be delivered",
    "delayed": "Your message is delayed",
    "relayed": "Your message was passed on",
}
# file: what the report is called, then of each recipient address, action, status, whether there is
# a remote, how its reply begins
FAILED, DELAYED = "failed", "delayed"
WANT = {
    "failed": (FAILED, [("Bob@there.example", FAILED, "5.1.1", True,
                         "smtp; 550 5.1.1 No such user here")]),
    "delayed": (DELAYED, [("bob@there.example", DELAYED, "4.0.0", False, None)]),
    "many": (FAILED, [("a@there.example", FAILED, "5.0.0", True, "smtp; 554 2.0.0 a reply"),
                      ("b@there.example", FAILED, "4.3.0", True, "smtp; 451 4.3.0 try later"),
                      ('"o d"@there.example', FAILED, "5.4.0", False, None)]),
    "hostile": (FAILED, [("bob@there.example", FAILED, "5.0.0", True, "smtp; 550 junk gr")]),
    "utf8": (FAILED, [("用户+x@there.example", FAILED, "5.6.7", True,
                       "smtp; 550 5.6.7 no SMTPUTF8")]),
    "whole": (FAILED, [("bob@there.example", FAILED, "5.3.4", True, "smtp; 552 5.3.4 too big")]),
    "nothing": (FAILED, [("bob@there.example", FAILED, "5.4.0", False, None)]),
    "success": ("relayed", [("bob@here.example", "delivered", "2.0.0", False, None),
                            ("all@here.example", "expanded", "2.0.0", False, None),
                            ("far@there.example", "relayed", "2.0.0", True, "smtp; 250 2.0.0 Ok")]),
    "mixed": (FAILED, [("far@there.example", "relayed", "2.0.0", True, "smtp; 250 fine"),
                       ("full@there.example", FAILED, "5.2.2", True, "smtp; 552 5.2.2 over"),
                       ("slow@there.example", DELAYED, "4.4.1", False, None)]),
    "late": (FAILED, [("bob@there.example", FAILED, "5.4.7", True, "smtp; 451 4.3.0")]),
    "late-notice": (DELAYED, [("bob@there.example", DELAYED, "4.4.7", True, "smtp; 451 4.3.0")]),
    "requiretls": (FAILED, [("bob@there.example", FAILED, "5.7.30", True, "smtp; 550 5.7.30")]),
    "global": (FAILED, [("用户@there.example", FAILED, "5.6.7", True, "smtp; 550 5.6.7 kein Grüß")]),
    "whole-8bit": (FAILED, [("bob@there.example", FAILED, "5.3.4", True, "smtp; 552 5.3.4")]),
    "whole-global": (FAILED, [("bob@there.example", FAILED, "5.1.1", True, "smtp; 550 5.1.1")]),
}
ENVELOPE_IDS = {"many": "QQ314159", "success": "a+b c"}
# of what type the second and the third part are, where not the usual ones
STATUS_TYPES = {name: "message/global-delivery-status" for name in ("utf8", "global")}
ORIGINAL_TYPES = {"whole": "message/rfc822", "whole-8bit": "message/rfc822",
                  "global": "message/global-headers", "whole-global": "message/global"}
UTF8_ADDRESSES = ("utf8", "global")


def bytes_of(raw, boundary, i):
    """Part i without its coding: Python takes message/ types apart before it decodes them, which
    before RFC 6532 nobody might encode."""
    part = raw.split(b"\r\n--" + boundary.encode())[i + 1]
    head, body = part.split(b"\r\n\r\n", 1)
    return quopri.decodestring(body) if b"quoted-printable" in head else body


def blocks_of(text):
    """The groups of fields of a status part."""
    groups = [g for g in text.decode("utf-8").replace("\r\n", "\n").split("\n\n") if g.strip()]
    return [email.message_from_string(g) for g in groups]


def check_recipient(name, block, want):
    address, action, status, remote, reply = want
    kind, value = block["Final-Recipient"].split(";", 1)
    assert kind == ("utf-8" if name in UTF8_ADDRESSES else "rfc822"), kind
    assert value.strip() == address, value
    assert block["Action"] == action
    assert block["Status"] == status, block["Status"]
    assert ("Remote-MTA" in block) == remote
    assert ("Diagnostic-Code" in block) == (reply is not None), block.as_string()
    assert reply is None or block["Diagnostic-Code"].startswith(reply), block["Diagnostic-Code"]
    assert ("Will-Retry-Until" in block) == (action == "delayed")
    assert email.utils.parsedate_to_datetime(block["Last-Attempt-Date"]).year == 2026


def check_original(name, part, original):
    assert part.get_content_type() == ORIGINAL_TYPES.get(name, "text/rfc822-headers")
    bodies = {"whole": b"comes back", "whole-8bit": "grüße".encode(), "whole-global": b"the body"}
    assert name == "nothing" or b"Subject: " in original
    if name in bodies:
        assert bodies[name] in original
    else:
        assert b"body" not in original
    if name == "global":
        assert "grüße".encode() in original, original
    if name == "hostile":
        assert b"Bad: \xff\xfe\x01\r\n" in original.replace(b"\r\r", b"\r")


def check(name):
    with open(os.path.join(FOLDER, name + ".eml"), "rb") as file:
        raw = file.read()
    message = email.message_from_bytes(raw, policy=email.policy.default)
    called, recipients = WANT[name]
    assert not message.defects, message.defects
    assert message.get_content_type() == "multipart/report"
    assert message.get_param("report-type") == "delivery-status"
    assert message["Auto-Submitted"] == "auto-replied"
    assert message["Subject"] == SUBJECTS[called]
    assert message["From"].addresses[0].addr_spec == "MAILER-DAEMON@mx.here.example"
    assert message["MIME-Version"] == "1.0"
    if any(byte > 0x7f for byte in raw):
        assert name == "utf8" or message["Content-Transfer-Encoding"] == "8bit"
    if name not in ("hostile", "nothing"):
        assert message["In-Reply-To"] == "<abc@here.example>"
    parts = list(message.iter_parts())
    assert len(parts) == 3
    assert parts[0].get_content_type() == "text/plain"
    assert parts[1].get_content_type() == STATUS_TYPES.get(name, "message/delivery-status")
    text = parts[0].get_content()
    assert "mx.here.example" in text
    assert name in ("hostile", "nothing") or "Grüße from here" in text or "grüße" in text
    blocks = blocks_of(bytes_of(raw, message.get_boundary(), 1))
    assert blocks[0]["Reporting-MTA"] == "dns; mx.here.example"
    assert blocks[0]["Original-Envelope-Id"] == ENVELOPE_IDS.get(name)
    assert ("Deliver-By-Date" in blocks[0]) == name.startswith("late")
    assert blocks[0]["Future-Release-Request"] == (
        "until;2026-11-21T04:30:00Z" if name.startswith("late") else None)
    assert len(blocks) == 1 + len(recipients)
    for block, want in zip(blocks[1:], recipients):
        check_recipient(name, block, want)
        assert want[0] in text, text
    check_original(name, parts[2], bytes_of(raw, message.get_boundary(), 2))
    if name == "success":
        assert blocks[1]["Original-Recipient"] == "rfc822; Bob+x@here.example"
        assert blocks[2]["Original-Recipient"] is None


def main():
    names = {os.path.basename(p)[:-4] for p in glob.glob(os.path.join(FOLDER, "*.eml"))}
    assert names == set(WANT), names ^ set(WANT)
    for name in sorted(names):
        try:
            check(name)
        except Exception as what:
            raise AssertionError(name) from what


if __name__ == "__main__":
    sys.exit(main())
