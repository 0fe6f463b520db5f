#!/usr/bin/python3
"""tests/unit/message/compare_python.py PROGRAM [CORPUS]: a second opinion on the MIME parser.

Every message of the corpus (archives of real mail; skipped with a note when absent) goes
through `PROGRAM mime_test FILE...`, which also checks the parser's laws on it, and through Python's
email package. Parts, types and decoded sizes must agree, but for the classes of CLASSES, where
we looked at each case and mean to differ. Exit status 1 on any other difference.
"""
import collections
import email
import glob
import os
import re
import subprocess
import sys
import tarfile
import tempfile

CLASSES = {
    "message type": "Python opens every message/*, also delivery-status as one message per "
                    "block; we open rfc822 and global (RFC 2046 5.2.1, RFC 6532 3.7) only",
    "encoded message": "Python opens a message/rfc822 whose encoding forbids it (RFC 2046 "
                       "5.2.1); we show an attachment",
    "no boundary": "a multipart without a usable boundary is multipart to Python and one "
                   "text/plain to us: clients expect a multipart to have parts",
    "loose boundary": "RFC 2046 5.1.1 takes a line that begins with the boundary for one; "
                      "Python wants all of the line",
    "doubled boundary": "Python drops a part of which there is nothing, not even an empty line; "
                        "to us, as to other servers, it is an empty part",
    "unclosed": "in a multipart that is never closed Python takes the last line end for the "
                "boundary's",
    "header": "Python ends a header at a line that is no field, or at a bare CR; we go on to "
              "the empty line, so that the fields after the line are not lost",
    "encoding": "Python's decoder gives up on, or reads differently, what ours reads: base64 "
                "with junk or bad padding, uuencode, quoted-printable at a bare CR",
    "type": "Content-Type fields that break RFC 2045 5.1 and that each side repairs its way",
}


def python_outline(message, depth=0):
    """[(depth, kind, type, decoded size)] as outline_print of mime_test.c prints it."""
    kind = "leaf"
    if message.is_multipart():
        kind = "message" if message.get_content_maintype() == "message" else "multipart"
    size = 0
    if kind == "leaf":
        payload = message.get_payload(decode=True)
        size = len(payload) if payload is not None else 0
    lines = [(depth, kind, message.get_content_type(), size)]
    if kind != "leaf":
        for part in message.get_payload():
            lines += python_outline(part, depth + 1)
    return lines


def our_outlines(program, paths):
    done = subprocess.run([program, "mime_test", *paths], stdout=subprocess.PIPE, check=True)
    outlines, kinds = {}, ("leaf", "multipart", "message")
    for line in done.stdout.decode(errors="replace").splitlines():
        if line.startswith("= "):
            lines = outlines[line[2:]] = []
        else:
            depth, kind, type_name, size = line.rsplit(" ", 1)[0].split(" ", 2) + [line.rsplit(" ", 1)[1]]
            lines.append((int(depth), kinds[int(kind)], type_name, int(size)))
    return outlines


def classify(raw, message, ours, theirs):
    """The class of a difference, or None."""
    parts = list(message.walk())
    if any(p.get_content_maintype() == "message" and p.get_content_type() != "message/rfc822"
           for p in parts):
        return "message type"
    if any(p.get_content_type() == "message/rfc822" and
           p.get("content-transfer-encoding", "").strip().lower() in ("base64", "quoted-printable")
           for p in parts):
        return "encoded message"
    defects = {type(d).__name__ for p in parts for d in p.defects}
    if defects & {"NoBoundaryInMultipartDefect", "StartBoundaryNotFoundDefect"}:
        return "no boundary"
    if any(re.search(rb"^--" + re.escape(b.encode(errors="replace")) + rb"(\r?\n(\r?\n)?--" +
                     re.escape(b.encode(errors="replace")) + rb")", raw, re.M)
           for b in (p.get_boundary() for p in parts) if b):
        return "doubled boundary"
    if "CloseBoundaryNotFoundDefect" in defects:
        return "unclosed"
    for boundary in filter(None, (p.get_boundary() for p in parts)):
        loose = re.compile(rb"^--" + re.escape(boundary.encode(errors="replace")) +
                           rb"(?!(--)?[ \t]*\r?$)", re.M)
        if loose.search(raw):
            return "loose boundary"
    if defects & {"MissingHeaderBodySeparatorDefect", "FirstHeaderLineIsContinuationDefect",
                  "MisplacedEnvelopeHeaderDefect"} or re.search(rb"\r(?!\n)", raw):
        return "header"
    if len(ours) == len(theirs):
        different = [(a, b) for a, b in zip(ours, theirs) if a != b]
        if all(a[:3] == b[:3] for a, b in different):
            encodings = {p.get("content-transfer-encoding", "").strip().lower() for p in parts}
            if encodings - {"", "7bit", "8bit", "binary"}:
                return "encoding"
        elif all(a[:2] == b[:2] for a, b in different):
            return "type"
    return None


def compare(program, folder, verbose):
    paths = sorted(glob.glob(folder + "/**/*", recursive=True))
    paths = [p for p in paths if os.path.isfile(p)]
    counts, bad = collections.Counter(), []
    for i in range(0, len(paths), 500):
        outlines = our_outlines(program, paths[i:i + 500])
        for path, ours in outlines.items():
            with open(path, "rb") as f:
                raw = f.read()
            message = email.message_from_bytes(raw)
            theirs = python_outline(message)
            counts["messages"] += 1
            if ours == theirs:
                continue
            name = classify(raw, message, ours, theirs)
            counts[name or "unexplained"] += 1
            if name is None or verbose == name:
                bad.append((path, ours, theirs))
    for path, ours, theirs in bad[:20]:
        print(path)
        for ours_line, theirs_line in zip(ours + [None] * len(theirs), theirs + [None] * len(ours)):
            if ours_line is None and theirs_line is None:
                break
            print("  ", " " if ours_line == theirs_line else "!", ours_line, theirs_line)
    print(", ".join(f"{n} {name}" for name, n in counts.most_common()))
    return counts["unexplained"] == 0


def main():
    program = sys.argv[1]
    corpus = sys.argv[2] if len(sys.argv) > 2 else "../shared/corpus"
    archives = sorted(glob.glob(corpus + "/*/*.tar.*"))
    if not archives:
        print(f"skipped: no mail archives in {corpus}")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        for archive in archives:
            with tarfile.open(archive) as tar:
                tar.extractall(os.path.join(folder, os.path.basename(os.path.dirname(archive))))
        return 0 if compare(program, folder, os.environ.get("VERBOSE")) else 1


if __name__ == "__main__":
    sys.exit(main())
