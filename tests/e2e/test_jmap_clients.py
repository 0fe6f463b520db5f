"""Public JMAP clients, through a whole session: list, read, send, search, push."""
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from harness.api import Api, token_of
from harness.mail import deliver, inbox, letter
from harness.server import PASSWORDS, Roost, address

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.skipif(shutil.which("node") is None, reason="needs nodejs")
def test_jmap_jam(roost: Roost) -> None:
    subprocess.run(["scripts/npm-modules", "tests/jmap"], cwd=ROOT, check=True,
                   stdout=subprocess.DEVNULL)
    deliver(roost, letter("For the library", "Text of the message.\n"))
    api = Api(roost)
    api.login(address("alice"), PASSWORDS["alice"])
    token = token_of(api, "mail").headers["Authorization"].split()[1]
    url = f"http://127.0.0.1:{roost.ports['http']}/.well-known/jmap"
    done = subprocess.run(["node", "tests/jmap/session.mjs", url, token, "bob@example.org"],
                          cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert "For the library" in seen["subjects"]
    assert seen["text"] and len(seen["read"]) == 1
    assert seen["submitted"] is True
    assert "Email" in seen["changed"]
    assert seen["found"] == [["Sent with a library", True, "notes.txt"]]
    assert seen["attachment"] == "attached"
    assert any(b"Sent with a library" in m for m in inbox(roost, "bob"))
