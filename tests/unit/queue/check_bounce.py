"""Read the golden bounces with Python's email package: are they what RFC 3464 and RFC 6522
ask for, to somebody else's parser? Run by bounce_test."""
import email
import email.policy
import glob
import os
import sys

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden")
HERE = ("mx.here.example", "ada@here.example")

# file: action, then recipient, status, has a remote and a reply, of each
WANT = {
    "failed": ("failed", [("Bob@there.example", "5.1.1", True, "smtp; 550 5.1.1 No such user here")]),
    "delayed": ("delayed", [("bob@there.example", "4.0.0", True, None)]),
    "many": ("failed", [("a@there.example", "5.0.0", True, "smtp; 554 2.0.0 a reply"),
                        ("b@there.example", "4.3.0", True, "smtp; 451 4.3.0 try later"),
                        ('"o d"@there.example', "5.4.0", False, None)]),
    "hostile": ("failed", [("bob@there.example", "5.0.0", True, "smtp; 550 junk gr")]),
    "utf8": ("failed", [("\\x{7528}\\x{6237}\\x{2B}x@there.example", "5.6.7", True,
                         "smtp; 550 5.6.7 no SMTPUTF8")]),
    "whole": ("failed", [("bob@there.example", "5.3.4", True, "smtp; 552 5.3.4 too big")]),
    "nothing": ("failed", [("bob@there.example", "5.4.0", False, None)]),
}


def check_recipient(name, block, action, want):
    address, status, remote, reply = want
    kind, value = block["Final-Recipient"].split(";", 1)
    assert kind == ("utf-8" if name == "utf8" else "rfc822"), kind
    assert value.strip() == address, value
    assert block["Action"] == action
    assert block["Status"] == status, block["Status"]
    assert ("Remote-MTA" in block) == remote
    assert ("Diagnostic-Code" in block) == (reply is not None), block.as_string()
    assert reply is None or block["Diagnostic-Code"].startswith(reply), block["Diagnostic-Code"]
    assert ("Will-Retry-Until" in block) == (action == "delayed")
    assert email.utils.parsedate_to_datetime(block["Last-Attempt-Date"]).year == 2026


def check(name):
    with open(os.path.join(FOLDER, name + ".eml"), "rb") as file:
        raw = file.read()
    message = email.message_from_bytes(raw, policy=email.policy.default)
    # compat32 keeps the values of the status fields as they are
    plain = email.message_from_bytes(raw)
    action, recipients = WANT[name]
    assert not message.defects, message.defects
    assert message.get_content_type() == "multipart/report"
    assert message.get_param("report-type") == "delivery-status"
    assert message["Auto-Submitted"] == "auto-replied"
    assert message["From"].addresses[0].addr_spec == "MAILER-DAEMON@mx.here.example"
    assert message["MIME-Version"] == "1.0"
    if name not in ("hostile", "nothing"):
        assert message["In-Reply-To"] == "<abc@here.example>"
    parts = list(message.iter_parts())
    assert [p.get_content_type() for p in parts] == [
        "text/plain", "message/delivery-status",
        "message/rfc822" if name == "whole" else "text/rfc822-headers"]
    text = parts[0].get_content()
    assert "mx.here.example" in text
    assert name in ("hostile", "nothing") or "Grüße from here" in text
    if name == "hostile":
        assert "grüße" in text
    blocks = plain.get_payload()[1].get_payload()
    assert blocks[0]["Reporting-MTA"] == "dns; mx.here.example"
    assert ("Original-Envelope-Id" in blocks[0]) == (name == "many")
    assert len(blocks) == 1 + len(recipients)
    for block, want in zip(blocks[1:], recipients):
        check_recipient(name, block, action, want)
    if name == "whole":
        assert "comes back" in parts[2].get_content().get_content()
    elif name != "nothing":
        original = plain.get_payload()[2].get_payload(decode=True)
        assert b"Subject: " in original and b"body" not in original
    if name == "hostile":
        assert b"Bad: \xff\xfe\x01\r\n" in original.replace(b"\r\r", b"\r")


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
