"""Public JMAP clients, through a whole session: list, read, send, search, push."""
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from harness.api import Api, token_of
from harness.mail import deliver, inbox, letter
from harness.server import PASSWORDS, Roost, address

ROOT = Path(__file__).resolve().parents[2]


def program(roost: Roost, script: str) -> dict[str, Any]:
    """What a script of tests/jmap saw of this server."""
    if shutil.which("node") is None:
        pytest.skip("needs nodejs")
    subprocess.run(["scripts/npm-modules", "tests/jmap"], cwd=ROOT, check=True,
                   stdout=subprocess.DEVNULL)
    api = Api(roost)
    api.login(address("alice"), PASSWORDS["alice"])
    token = token_of(api, "mail").headers["Authorization"].split()[1]
    url = f"http://127.0.0.1:{roost.ports['http']}/.well-known/jmap"
    done = subprocess.run(["node", f"tests/jmap/{script}", url, token, "bob@example.org"],
                          cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_jmap_jam(roost: Roost) -> None:
    deliver(roost, letter("For the library", "Text of the message.\n"))
    seen = program(roost, "jam.mjs")
    assert "For the library" in seen["subjects"]
    assert seen["text"] and len(seen["read"]) == 1
    assert seen["submitted"] is True
    assert "Email" in seen["changed"]
    assert seen["found"] == [["Sent with a library", True, "notes.txt"]]
    assert seen["attachment"] == "attached"
    assert any(b"Sent with a library" in m for m in inbox(roost, "bob"))


def test_jmap_client_ts(roost: Roost) -> None:
    seen = program(roost, "client_ts.mjs")
    assert seen == {"changed": True, "found": True, "mailbox": ["m"],
                    "email": ["From TypeScript", "typed text", ["$draft"]]}
