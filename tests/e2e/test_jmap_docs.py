"""The pages about JMAP: each curl example runs, and the tables are those of the server."""
import json
import re
import subprocess
from pathlib import Path

from harness import mail
from harness.server import PASSWORDS, Roost, address
from jmap_client import CORE, Jmap

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLES = re.findall(r"```sh\n(.*?)```", (DOCS / "how-to/jmap.md").read_text(), re.S)
REFERENCE = (DOCS / "reference/jmap.md").read_text()


def test_examples(roost: Roost, tmp_path: Path) -> None:
    mail.deliver(roost, mail.letter("for curl"))
    jmap = Jmap(roost)
    token = roost.cli("token", "add", address("alice"), "docs", "mail").strip()
    (tmp_path / "notes.txt").write_text("notes\n")
    environment = {"PATH": "/usr/bin:/bin", "JMAP": f"http://127.0.0.1:{roost.ports['http']}",
                   "LOGIN": f"{address('alice')}:{PASSWORDS['alice']}",
                   "ACCOUNT": jmap.account(), "TOKEN": token}
    answers = []
    for example in EXAMPLES:
        done = subprocess.run(["sh", "-c", example], env=environment, cwd=tmp_path, check=True,
                              capture_output=True, timeout=30)
        answers.append(done.stdout)
        if b'"blobId"' in done.stdout:
            environment["BLOB"] = json.loads(done.stdout)["blobId"]
    session, boxes, newest, uploaded, downloaded, by_token = answers
    assert json.loads(session) == json.loads(by_token) == jmap.session
    assert {"INBOX", "Inbox"} & {m["name"] for m in
                                 json.loads(boxes)["methodResponses"][0][1]["list"]}
    emails = json.loads(newest)["methodResponses"][1][1]["list"]
    assert [m["subject"] for m in emails] == ["for curl"]
    assert json.loads(uploaded)["type"] == "text/plain"
    assert downloaded == b"notes\n"


def test_tables(roost: Roost) -> None:
    session = Jmap(roost).session
    named = set(re.findall(r"^\| `(urn:[a-z:-]+)` \|", REFERENCE, re.M))
    assert named == set(session["capabilities"])
    core = session["capabilities"][CORE]
    limits = dict(re.findall(r"^\| `(max\w+)` \| (\d+)", REFERENCE, re.M))
    assert limits == {k: str(v) for k, v in core.items() if k.startswith("max")}
