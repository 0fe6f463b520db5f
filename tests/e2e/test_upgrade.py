"""The promise of docs/how-to/upgrade.md: the binary of today reads the store of each release of the
last two years, with everything in it. It refuses the store of a later Roost and does not change it."""
import hashlib
import json
import subprocess
from pathlib import Path

import pytest

from conftest import Maker
from harness import whole_store
from harness.server import Roost

FIXTURES = sorted(path.parent for path in Path("tests/upgrade").glob("*/data.tar.xz"))
# One of each way in which a command reaches the store.
COMMANDS = (["domain", "list"], ["domain", "add", "new.example"], ["account", "list"],
            ["queue", "list"], ["settings"], ["settings", "set", "LOG_LEVEL", "debug"],
            ["fsck"], ["fsck", "--repair"], ["backup", "{folder}/copy"])
FORMAT = b"\x01format\x01"  # the key in the space META, and the form of its value


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.name)
def test_a_store_of_a_release(make_roost: Maker, fixture: Path) -> None:
    """Fsck is clean, too: make_roost runs it at the end."""
    roost = make_roost(empty=True)
    subprocess.run(["tar", "-C", str(roost.folder), "-xf", str(fixture / "data.tar.xz")], check=True)
    kept = json.loads((fixture / "facts.json").read_text("utf-8"))
    roost.start()
    found = json.loads(json.dumps(whole_store.facts(roost)))
    audit = found.pop("audit")
    assert [row for row in kept["facts"].pop("audit") if row not in audit] == []
    for name, value in kept["facts"].items():
        assert found[name] == value, name
    whole_store.check_logins(roost, kept["secrets"])
    roost.restart()
    assert whole_store.mailboxes(roost)["alice"] == kept["facts"]["alice"]


def test_each_release_has_a_fixture() -> None:
    """CHANGELOG.md names every release; the one that is being made has its fixture last."""
    changes = Path("CHANGELOG.md").read_text("utf-8")
    released = [line.split("]")[0][4:] for line in changes.splitlines()
                if line.startswith("## [") and " - 2" in line]
    made = {path.name for path in FIXTURES}
    assert "pre-0.1" in made
    assert [version for version in released if version not in made] == []


def later(roost: Roost) -> None:
    """Make it a store that a later Roost wrote: a format number that is higher by 100."""
    file = roost.folder / "roost.mdb"
    content = bytearray(file.read_bytes())
    at = content.find(FORMAT)
    assert at > 0
    while at > 0:
        content[at + len(FORMAT)] += 100
        at = content.find(FORMAT, at + 1)
    file.write_bytes(content)


def digests(roost: Roost) -> dict[str, str]:
    """What a downgrade must not touch."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in roost.folder.iterdir() if path.name in ("roost.mdb", "roost.journal")}


def test_a_later_store_is_refused(make_roost: Maker) -> None:
    roost = make_roost()
    roost.start()
    roost.kill()  # so that the journal may have rows
    later(roost)
    before = digests(roost)
    sentence = "wrote this store in format 1"
    for words in COMMANDS:
        done = roost.run(*(word.format(folder=roost.folder) for word in words))
        assert done.returncode == 1 and sentence in done.stderr, (words, done)
        assert "Install Roost " in done.stderr and "restore a backup" in done.stderr
    roost.spawn()
    assert roost.wait() == 1 and roost.log
    assert any(" server_failed " in line and sentence in line for line in roost.log.lines)
    assert digests(roost) == before
    (roost.folder / "roost.mdb").unlink()  # nothing for fsck to read at the end
