"""ManageSieve: every command, the login, limits, clients that misbehave, and real clients."""
import base64
import random
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from conftest import Maker
from harness import clients
from harness.api import as_user
from harness.managesieve import (ManageSievePeer, capabilities, literal, peer, plain, quoted)
from harness.peer import until
from harness.scram import Scram, b64
from harness.server import PASSWORDS, Roost, address

SCRIPT_MAX = 1 << 20
SCRIPTS_MAX = 100

SORT = 'require ["fileinto"];\r\nif header :contains "subject" "list" {\r\n  fileinto "Lists";\r\n}\r\n'


# --- the plain path -------------------------------------------------------------------------


def test_scripts_from_upload_to_deletion(roost: Roost) -> None:
    with peer(roost) as p:
        assert p.scripts() == {}
        assert p.cmd('HAVESPACE "sort" 100') == "OK"
        assert p.put("sort", SORT) == "OK"
        assert p.put("away", "discard;") == "OK"
        assert p.scripts() == {"sort": False, "away": False}
        assert p.cmd('SETACTIVE "sort"') == "OK"
        assert p.cmd('GETSCRIPT "sort"').lines == [[SORT]]
        assert p.cmd('RENAMESCRIPT "sort" "main"') == "OK"
        assert p.scripts() == {"main": True, "away": False}
        assert p.cmd('DELETESCRIPT "main"') == "NO (ACTIVE)"
        assert p.cmd('SETACTIVE ""') == "OK"
        assert p.cmd('DELETESCRIPT "main"') == "OK"
        assert p.scripts() == {"away": False}
        assert p.cmd("LOGOUT") == "OK"
        assert p.line() == ""
    assert roost.log
    roost.log.wait(" script_changed .*change=stored script=sort")
    with peer(roost, "bob") as p:
        assert p.scripts() == {}
    roost.restart()
    with peer(roost) as p:
        assert p.scripts() == {"away": False}


def test_capabilities_follow_the_state(roost: Roost) -> None:
    with ManageSievePeer(roost.ports["managesieve"]) as p:
        clear = capabilities(p.greeting)
        assert clear["SASL"] == "" and "STARTTLS" in clear and "OWNER" not in clear
        assert clear["IMPLEMENTATION"] == "Roost" and clear["VERSION"] == "1.0"
        assert {"fileinto", "copy", "imap4flags", "include"} <= set(clear["SIEVE"].split())
        assert "vnd.dovecot.testsuite" not in clear["SIEVE"]
        assert clear["NOTIFY"] == "mailto" and int(clear["MAXREDIRECTS"]) > 0
        tls = capabilities(p.starttls())
        assert "STARTTLS" not in tls and "SCRAM-SHA-1" in tls["SASL"].split()
        assert p.login() == "OK"
        assert capabilities(p.cmd("CAPABILITY"))["OWNER"] == address("alice")
        assert p.cmd("UNAUTHENTICATE") == "OK"
        assert capabilities(p.cmd("CAPABILITY")) == tls
        assert p.login("bob") == "OK"
        assert capabilities(p.cmd("CAPABILITY"))["OWNER"] == address("bob")


def test_errors_have_lines_and_columns(roost: Roost) -> None:
    with peer(roost) as p:
        r = p.put("bad", 'require "fileinto";\r\nfoo;\r\n\r\n  bar "x";\r\n')
        assert r == "NO" and [line.split(":")[0] for line in r.text.split("\r\n")] == \
            ["line 2, column 1", "line 4, column 3"]
        assert p.cmd(b"CHECKSCRIPT " + literal("keep")) == "NO"
        assert p.cmd(b"CHECKSCRIPT " + literal("keep;")) == "OK"
        assert p.cmd('CHECKSCRIPT ""') == "NO"
        assert p.scripts() == {}
        assert p.put("good", "keep;") == "OK"
        assert p.put("good", "foo;") == "NO"  # and the old one stays
        assert p.cmd('GETSCRIPT "good"').lines == [["keep;"]]


def test_noop_repeats_its_tag(roost: Roost) -> None:
    with peer(roost, None) as p:
        assert p.cmd("NOOP").code == ""
        assert p.cmd('NOOP "STARTTLS-SYNC-42"').code == "TAG STARTTLS-SYNC-42"
        assert p.cmd(b"NOOP " + literal('a "b"')).code == 'TAG a "b"'


# --- the login ------------------------------------------------------------------------------


def test_a_password_is_taken_under_tls_only(roost: Roost) -> None:
    with ManageSievePeer(roost.ports["managesieve"]) as p:
        assert p.login() == "NO (ENCRYPT-NEEDED)"
        p.starttls()
        assert p.login("alice", "wrong") == "NO"
        assert p.cmd('AUTHENTICATE "CRAM-MD5"') == "NO (AUTH-TOO-WEAK)"
        assert p.cmd('AUTHENTICATE "GSSAPI"') == "NO"
        assert p.login() == "OK"
        assert p.login() == "NO"


@pytest.mark.parametrize("kind", ["SCRAM-SHA-256", "SCRAM-SHA-1"])
def test_scram(roost: Roost, kind: str) -> None:
    password = roost.cli("account", "app-password", "add", address("alice"), "laptop").strip()
    with peer(roost, None) as p:
        scram = Scram(kind, address("alice"), password)
        p.send(f'AUTHENTICATE "{kind}" {quoted(b64(scram.first().encode()))}\r\n')
        first = p.words()[0]
        p.send(literal(b64(scram.final(decoded(first)).encode())) + b"\r\n")
        assert scram.good(decoded(p.words()[0]))
        assert p.cmd('""') == "OK"
        assert p.scripts() == {}


def decoded(text: str) -> str:
    """What base64 stands for."""
    return base64.b64decode(text).decode()


def test_a_login_in_two_steps_and_a_cancelled_one(roost: Roost) -> None:
    with peer(roost, None) as p:
        p.send('AUTHENTICATE "PLAIN"\r\n')
        assert p.words() == [""]
        assert p.cmd('"*"') == "NO"
        p.send('AUTHENTICATE "PLAIN"\r\n')
        assert p.words() == [""]
        assert p.cmd(plain(address("alice"), PASSWORDS["alice"])) == "OK"


def test_an_app_password_is_for_its_services(roost: Roost) -> None:
    api = as_user(roost, "alice")
    made = {scope: api.post("/me/app-passwords", {"label": scope, "scopes": [scope]})
            for scope in ("sieve", "imap")}
    with peer(roost, None) as p:
        assert p.login("alice", made["imap"]["password"]) == "NO"
        assert p.login("alice", made["sieve"]["password"]) == "OK"


def test_a_changed_password_ends_sessions(roost: Roost) -> None:
    with peer(roost) as p:
        roost.cli("account", "passwd", address("alice"), stdin="another long password\n")
        assert p.response() == "BYE"
        assert p.line() == ""


def test_bytes_behind_starttls_are_dropped(roost: Roost) -> None:
    with ManageSievePeer(roost.ports["managesieve"]) as p:
        p.send('STARTTLS\r\nNOOP "smuggled"\r\n')
        assert p.response() == "OK"
        p.wrap()
        capabilities(p.response())
        assert p.cmd('NOOP "mine"').code == "TAG mine"


# --- limits ---------------------------------------------------------------------------------


def comments(size: int) -> bytes:
    """A script of this size."""
    return ((b"# " + b"x" * 76 + b"\r\n") * (size // 80 + 1))[:size]


def test_the_largest_script_and_one_past_it(roost: Roost) -> None:
    with peer(roost) as p:
        assert p.put("large", comments(SCRIPT_MAX - 2) + b"\r\n") == "OK"
        got = p.cmd('GETSCRIPT "large"')
        assert len(got.lines[0][0]) == SCRIPT_MAX
        assert p.put("larger", comments(SCRIPT_MAX + 1)) == "NO (QUOTA/MAXSIZE)"
        assert p.cmd(f'HAVESPACE "x" {SCRIPT_MAX + 1}') == "NO (QUOTA/MAXSIZE)"
        for i in range(3):
            assert p.put(f"more{i}", comments(SCRIPT_MAX - 2) + b"\r\n") == "OK"
        assert p.put("last", "keep;") == "NO (QUOTA/MAXSIZE)"
        assert p.put("large", "keep;") == "OK"
        assert p.put("last", "keep;") == "OK"


def test_a_literal_that_is_far_too_large_ends_the_session(roost: Roost) -> None:
    with peer(roost) as p:
        p.send('PUTSCRIPT "x" {99999999999999999999+}\r\n')
        assert p.response() == "BYE"
        assert p.line() == ""
    with peer(roost, None) as p:
        p.send('AUTHENTICATE "PLAIN" {100000+}\r\n')
        assert p.response() == "BYE"


def test_too_many_scripts(roost: Roost) -> None:
    with peer(roost) as p:
        for i in range(SCRIPTS_MAX):
            assert p.put(f"s{i}", "keep;") == "OK"
        assert p.put("more", "keep;") == "NO (QUOTA/MAXSCRIPTS)"
        assert p.cmd('HAVESPACE "more" 5') == "NO (QUOTA/MAXSCRIPTS)"
        assert p.cmd('HAVESPACE "s0" 5') == "OK"
        assert p.cmd('RENAMESCRIPT "s0" "more"') == "OK"


def test_names(roost: Roost) -> None:
    names = ["a b", 'quo"ted\\', "Mü", "📬" * 128, "../../etc/passwd", "x" * 128]
    with peer(roost) as p:
        for name in names:
            assert p.cmd(b"PUTSCRIPT " + literal(name) + b" " + literal("keep;")) == "OK"
        assert sorted(p.scripts()) == sorted(names)
        for name in ("", "x" * 129, "a\x7f"):
            assert p.cmd(b"PUTSCRIPT " + literal(name) + b' "keep;"') == "NO"
        assert p.cmd(b"PUTSCRIPT " + literal(b"\xff") + b' "keep;"') == "NO"
        assert p.cmd(b"PUTSCRIPT " + literal(b"a\r\nb") + b' "keep;"') == "NO"
        assert p.cmd('GETSCRIPT "A B"') == "NO (NONEXISTENT)"


# --- clients that misbehave -----------------------------------------------------------------

REFUSED = [
    b"NOPE", b"", b"(", b'"NOOP"', b"NOOP x", b"NOOP 1", b'NOOP "a" "b"', b'NOOP "a', b'NOOP  "a"',
    b'NOOP "\\n"', b'NOOP "\xff"', b"LISTSCRIPTS 1", b"GETSCRIPT", b"GETSCRIPT x", b"GETSCRIPT 1",
    b"HAVESPACE 1 1", b'HAVESPACE "x" 01', b'HAVESPACE "x" 4294967296', b'HAVESPACE "x" -1',
    b"PUTSCRIPT {4}", b"PUTSCRIPT {4+", b"PUTSCRIPT {+}", b'PUTSCRIPT "x"', b"STARTTLS",
    b'AUTHENTICATE "PLAIN"', b'SETACTIVE "a" "b"', b"NOOP {2+}\r\nabc",
]


@pytest.mark.parametrize("line", REFUSED, ids=range(len(REFUSED)))
def test_odd_commands_are_refused_and_the_session_goes_on(roost: Roost, line: bytes) -> None:
    with peer(roost) as p:
        assert p.cmd(line) == "NO"
        assert p.cmd('NOOP "on"').code == "TAG on"


@pytest.mark.parametrize("line", [b"NOOP\nNOOP", b"NO\0OP", b"NOOP \r\"x\"", b"x" * 20000])
def test_lines_that_are_none_end_the_session(roost: Roost, line: bytes) -> None:
    with peer(roost) as p:
        assert p.cmd(line) == "BYE"
        assert p.line() == ""


@pytest.mark.parametrize("line", ["LISTSCRIPTS", 'GETSCRIPT "x"', 'PUTSCRIPT "x" "keep;"',
                                  'SETACTIVE ""', 'DELETESCRIPT "x"', 'RENAMESCRIPT "x" "y"',
                                  'CHECKSCRIPT "keep;"', 'HAVESPACE "x" 1', "UNAUTHENTICATE"])
def test_scripts_need_a_login(roost: Roost, line: str) -> None:
    with peer(roost, None) as p:
        assert p.cmd(line) == "NO"
        assert p.login() == "OK"


def test_pipelined_commands_are_answered_in_order(roost: Roost) -> None:
    with peer(roost) as p:
        n = 400
        p.send(b"".join(b'NOOP "%d"\r\nPUTSCRIPT "s%d" {7+}\r\nkeep;\r\n\r\nGETSCRIPT "s%d"\r\n'
                        % (i, i % 5, i % 5) for i in range(n)) + b"LOGOUT\r\nNOOP\r\n")
        for i in range(n):
            assert p.response().code == f"TAG {i}"
            assert p.response() == "OK"
            assert p.response().lines == [["keep;\r\n"]]
        assert p.response() == "OK"
        assert p.line() == ""


def test_too_many_errors_end_the_session(roost: Roost) -> None:
    with ManageSievePeer(roost.ports["managesieve"]) as p:
        p.send("GET / HTTP/1.1\r\n" * 50)
        assert p.rest().count(b"NO ") == 19


def test_a_connection_that_is_cut_stores_nothing(roost: Roost) -> None:
    command = b'PUTSCRIPT "cut" {5+}\r\nkeep;\r\n'
    for at in range(1, len(command) - 1):
        with peer(roost) as p:
            p.send(command[:at])
    with peer(roost) as p:
        assert p.scripts() == {}


def test_byte_by_byte(roost: Roost) -> None:
    with peer(roost) as p:
        for byte in b'PUTSCRIPT "slow" {7+}\r\nkeep;\r\n\r\n':
            p.send(bytes([byte]))
        assert p.response() == "OK"


def test_kill_around_putscript_stores_all_or_nothing(roost: Roost) -> None:
    chance = random.Random(5804)
    for i in range(6):
        p = peer(roost)
        p.send(f'PUTSCRIPT "s{i}" "keep;"\r\nSETACTIVE "s{i}"\r\n')
        time.sleep(chance.uniform(0, 0.004))  # the kill comes before, amid and behind the commit
        roost.kill()
        answers = p.rest().count(b"OK\r\n")
        p.close()
        roost.fsck()
        roost.start()
        with peer(roost) as q:
            now = q.scripts()
            assert f"s{i}" in now or answers < 1
            assert now.get(f"s{i}") or answers < 2


def test_stop_says_goodbye(roost: Roost) -> None:
    with peer(roost) as p:
        roost.restart()
        assert p.response() == "BYE (TRYLATER)"


def test_the_account_takes_its_scripts_along(roost: Roost) -> None:
    with peer(roost, "bob") as p:
        assert p.put("main", "keep;") == "OK"
        assert p.cmd('SETACTIVE "main"') == "OK"
    roost.cli("account", "rm", address("bob"))
    roost.fsck()


# --- real clients ---------------------------------------------------------------------------


def sieve_connect(roost: Roost, folder: Path, *words: str, status: int = 0) -> str:
    """Run it as alice."""
    password = folder / "password"
    password.write_text(PASSWORDS["alice"] + "\n")
    with open(password, "rb") as fd:
        done = subprocess.run(
            ["sieve-connect", "--server", "127.0.0.1", "--port", str(roost.ports["managesieve"]),
             "--user", address("alice"), "--notlsverify", "--passwordfd", str(fd.fileno()), *words],
            pass_fds=[fd.fileno()], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


@pytest.mark.skipif(not shutil.which("sieve-connect"), reason="needs sieve-connect")
def test_sieve_connect(roost: Roost, tmp_path: Path) -> None:
    script = tmp_path / "sort.sieve"
    script.write_text(SORT, newline="")
    sieve_connect(roost, tmp_path, "--localsieve", str(script), "--upload")
    sieve_connect(roost, tmp_path, "--remotesieve", "sort.sieve", "--activate")
    assert '"sort.sieve" ACTIVE' in sieve_connect(roost, tmp_path, "--list")
    got = tmp_path / "got.sieve"
    sieve_connect(roost, tmp_path, "--remotesieve", "sort.sieve", "--localsieve", str(got),
                  "--download")
    assert got.read_bytes().strip() == SORT.encode().strip()
    sieve_connect(roost, tmp_path, "--deactivate")
    sieve_connect(roost, tmp_path, "--remotesieve", "sort.sieve", "--delete")
    script.write_text("foo;\n")
    sieve_connect(roost, tmp_path, "--localsieve", str(script), "--upload", status=1)
    assert "sort.sieve" not in sieve_connect(roost, tmp_path, "--list")


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_sievelib(roost: Roost, mechanism: str) -> None:
    library = pytest.importorskip("sievelib.managesieve", reason="needs python3-sievelib")
    c = library.Client("127.0.0.1", roost.ports["managesieve"])
    assert c.connect(address("alice"), PASSWORDS["alice"], starttls=True, authmech=mechanism)
    assert "fileinto" in c.get_sieve_capabilities()
    assert c.havespace("sort", 100) and c.putscript("sort", SORT)
    assert c.setactive("sort") and c.listscripts() == ("sort", [])
    assert c.getscript("sort").strip() == SORT.replace("\r\n", "\n").strip()
    assert c.checkscript("keep;")
    assert not c.putscript("bad", "foo;\nbar;\n")
    assert c.renamescript("sort", "main") and c.listscripts() == ("main", [])
    assert not c.deletescript("main")
    assert c.setactive("") and c.deletescript("main") and c.listscripts() == (None, [])
    c.logout()
