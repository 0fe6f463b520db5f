"""Certificates of one's own, brought by the API and the command line: shown at once by server
name, kept over a restart, never seen again from inside."""
import subprocess
import time
from pathlib import Path

import pytest

from conftest import Maker
from harness import pem
from harness.api import Api, as_owner, as_user, refusal
from harness.peer import ImapPeer, until
from harness.server import HOSTNAME, Roost
from test_tls import shown


def made(folder: Path, name: str, *names: str, key: str = "ec") -> dict[str, str]:
    """A self-signed certificate for these names, as the API takes it; its subject is name."""
    kinds = {"ec": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
             "p384": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp384r1"],
             "p521": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp521r1"],
             "ed25519": ["-newkey", "ed25519"],
             "rsa": ["-newkey", "rsa:2048"], "rsa-1024": ["-newkey", "rsa:1024"]}
    chain_file, key_file = folder / f"{name}.crt", folder / f"{name}.key"
    alt = ",".join(f"DNS:{n}" for n in names)
    subprocess.run(["openssl", "req", "-x509", *kinds[key], "-nodes", "-days", "30", "-subj",
                    f"/CN={name}", "-addext", f"subjectAltName={alt}", "-keyout", str(key_file),
                    "-out", str(chain_file)], check=True, capture_output=True)
    return {"chain": chain_file.read_text("ascii"), "key": key_file.read_text("ascii")}


def test_shown_at_once(roost: Roost, tmp_path: Path) -> None:
    """Several, a wildcard, an unknown name, the host itself; all without a restart."""
    owner = as_owner(roost)
    port = roost.ports["imaps"]
    before = shown(port, "a.example.com")
    with ImapPeer(port, tls=True) as peer:
        one = owner.post("/certificates", made(tmp_path, "one", "a.example.com", "b.example.com"))
        assert (one["source"], one["state"], one["key"]) == ("own", "valid", "ECDSA P-256")
        assert one["names"] == ["a.example.com", "b.example.com"]
        assert shown(port, "a.example.com") == "subject=CN=one"
        assert peer.ok("NOOP"), "connections stay"
    owner.post("/certificates", made(tmp_path, "wild", "*.example.net", key="p384"))
    owner.post("/certificates", made(tmp_path, "big", "c.example.com", key="rsa"))
    wanted = {"A.Example.COM": "one", "b.example.com": "one", "x.example.net": "wild",
              "c.example.com": "big"}
    for service in ("imaps", "https", "submissions"):
        for name, subject in wanted.items():
            assert shown(roost.ports[service], name) == f"subject=CN={subject}"
        for name in ("x.y.example.net", "example.net", "unknown.example.edu"):
            assert shown(roost.ports[service], name) == before
    owner.post("/certificates", made(tmp_path, "host", HOSTNAME))
    for name in (HOSTNAME, "unknown.example.edu"):
        assert shown(port, name) == "subject=CN=host", "the host's is the default"
    roost.restart()
    for name, subject in {**wanted, HOSTNAME: "host"}.items():
        assert shown(roost.ports["imaps"], name) == f"subject=CN={subject}"


def test_its_successor_and_its_end(roost: Roost, tmp_path: Path) -> None:
    """The same names in another order: it takes the place. Removed: no longer shown."""
    owner = as_owner(roost)
    port = roost.ports["imaps"]
    before = shown(port, "a.example.com")
    first = owner.post("/certificates", made(tmp_path, "first", "a.example.com", "b.example.com"))
    second = owner.post("/certificates", made(tmp_path, "second", "b.example.com", "a.example.com"))
    assert first["id"] == second["id"]
    assert shown(port, "a.example.com") == "subject=CN=second"
    own = [c for c in owner.get("/certificates")["items"] if c["source"] == "own"]
    assert [c["id"] for c in own] == [first["id"]]
    owner.delete(f"/certificates/{first['id']}")
    assert shown(port, "a.example.com") == before
    assert refusal(owner, "DELETE", f"/certificates/{first['id']}") == (404, "missing")
    for never in ("self", "host", "files"):
        assert refusal(owner, "DELETE", f"/certificates/{never}") == (404, "missing")


def test_what_is_refused(roost: Roost, tmp_path: Path) -> None:
    """Each in words, and nothing changes."""
    owner = as_owner(roost)
    good, other = made(tmp_path, "good", "a.example.com"), made(tmp_path, "other", "b.example.com")
    rows = [
        ({**good, "key": other["key"]}, 409, "belongs to another certificate"),
        ({**good, "chain": good["chain"] + other["chain"]}, 409, "did not issue"),
        ({**good, "chain": good["key"]}, 400, "no certificate"),
        ({**good, "key": good["chain"]}, 400, "no private key"),
        ({**good, "chain": "x" * 33000}, 422, "at most"),
        (made(tmp_path, "short", "a.example.com", key="rsa-1024"), 400, "1024 bits is too short"),
        (made(tmp_path, "p521", "a.example.com", key="p521"), 400, "key"),
        (made(tmp_path, "ed25519", "a.example.com", key="ed25519"), 400, "key"),
    ]
    before = owner.get("/certificates")
    for body, status, words in rows:
        answer = owner.call("POST", "/certificates", body)
        assert answer[0] == status and words in answer[2].decode(), answer
    assert owner.get("/certificates") == before
    assert refusal(as_user(roost), "POST", "/certificates", good) == (403, "denied")
    assert refusal(Api(roost), "POST", "/certificates", good) == (401, "login_needed")


def test_the_key_is_never_seen_again(roost: Roost, tmp_path: Path) -> None:
    """Not in an answer, the audit trail, the log or the command line."""
    owner = as_owner(roost)
    both = made(tmp_path, "one", "a.example.com")
    secret = "".join(both["key"].splitlines()[1:-1])[-40:]
    made_one = owner.post("/certificates", {**both, "chain": both["key"] + both["chain"]})
    told = [str(made_one), str(owner.get("/certificates")), str(owner.get("/audit")),
            roost.cli("certificate", "list")]
    assert roost.log
    for text in told + roost.log.lines:
        assert "PRIVATE" not in text and secret not in text
    (entry,) = owner.get("/audit", q="certificate.add")["items"]
    assert entry["before"] is None and entry["after"]["names"] == ["a.example.com"]
    owner.delete(f"/certificates/{made_one['id']}")
    (entry,) = owner.get("/audit", q="certificate.remove")["items"]
    assert entry["after"] is None and entry["before"]["names"] == ["a.example.com"]


def test_by_the_command_line(roost: Roost, tmp_path: Path) -> None:
    """The server beside the command shows it and forgets it by itself."""
    port = roost.ports["imaps"]
    before = shown(port, "a.example.com")
    made(tmp_path, "one", "a.example.com")
    files = [str(tmp_path / "one.crt"), str(tmp_path / "one.key")]
    name = roost.cli("certificate", "add", *files).strip()
    until(lambda: shown(port, "a.example.com") == "subject=CN=one")
    listed = roost.cli("certificate", "list")
    assert name in listed and "a.example.com" in listed and "valid" in listed
    roost.cli("certificate", "rm", name)
    until(lambda: shown(port, "a.example.com") == before)
    wrong = roost.run("certificate", "add", files[1], files[1])
    assert wrong.returncode == 1 and "no certificate" in wrong.stderr
    missing = roost.run("certificate", "add", "/nowhere.crt", files[1])
    assert missing.returncode == 1 and "/nowhere.crt" in missing.stderr
    gone = roost.run("certificate", "rm", name)
    assert gone.returncode == 1 and name in gone.stderr


def test_beside_files(make_roost: Maker, tmp_path: Path) -> None:
    """The operator's files are the default; what is brought is shown for its own names."""
    chain, key = pem.make(tmp_path, "files", HOSTNAME)
    roost = make_roost(TLS_CERT=str(chain), TLS_KEY=str(key)).start()
    owner = as_owner(roost)
    owner.post("/certificates", made(tmp_path, "one", "a.example.com"))
    port = roost.ports["imaps"]
    assert shown(port, "a.example.com") == "subject=CN=one"
    assert shown(port, "unknown.example.com") == f"subject=CN={HOSTNAME}"
    assert [c["source"] for c in owner.get("/certificates")["items"]] == ["files", "own"]


@pytest.mark.parametrize("many", [300])
def test_many(roost: Roost, tmp_path: Path, many: int) -> None:
    """Handshakes are no slower for it."""
    port = roost.ports["imaps"]
    owner = as_owner(roost)

    def handshakes() -> float:
        begun = time.monotonic()
        for _ in range(40):
            shown(port, "a.example.com")
        return time.monotonic() - begun

    alone = handshakes()
    one = made(tmp_path, "many", "a.example.com")
    for i in range(many // 50):
        names = [f"h{i}-{k}.example.com" for k in range(50)]
        owner.post("/certificates", made(tmp_path, f"m{i}", *names))
    owner.post("/certificates", one)
    crowded = handshakes()
    print(f"40 handshakes: {alone:.2f} s with one certificate, {crowded:.2f} s with {many} names")
    assert shown(port, f"h{many // 50 - 1}-49.example.com") == f"subject=CN=m{many // 50 - 1}"
    assert crowded < alone * 3 + 2
