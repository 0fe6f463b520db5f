"""docker-compose.yml from `up` to mail that is read, and what the container may do meanwhile."""
import imaplib
import os
import re
import shutil
import signal
import socket
import time
from pathlib import Path
from typing import Callable, Iterator

import pytest

from engine import CONTAINER, HOST, IMAGE, TREE, VISITOR, Engine
from outside import any_certificate, deliver, read
from harness.landlock import landlock_version
from stack import STOP_MAX_S, USER, Stack

IDLE_MAX_KB = 10_000  # of which pages of the binary may be 5.2 MB
SECRET = "/run/secrets/roost_admin_password"


@pytest.fixture(scope="module")
def stack(make_stack: Callable[[bool], Stack]) -> Stack:
    """Set up by variables and a secret."""
    return make_stack(True).start()


def test_mail_comes_in_and_is_read(engine: Engine, stack: Stack) -> None:
    """From a stranger to the owner's program; the stranger's own address is seen, not a proxy's."""
    with engine.as_visitor():
        for family in (4, 6):
            deliver(family, f"over-ipv{family}")
            message = read(stack.password, f"over-ipv{family}")
            received = re.search(r"^Received: (.*\r\n(?:\s.*\r\n)*)", message, re.M)
            assert received and VISITOR[family] in received[1], message


def test_all_ports_answer(engine: Engine, stack: Stack) -> None:
    """Those below 1024 too, though nobody in there is root."""
    with engine.as_visitor():
        for port in (25, 587, 465, 143, 993, 80, 443):
            with socket.create_connection((HOST[4], port), timeout=10):
                pass


def test_rights(stack: Stack) -> None:
    """A fixed user that is not root, no capability, none to be had, a root nobody can write."""
    assert stack.process_status("Uid").split() == [str(USER)] * 4
    assert stack.process_status("Gid").split() == [str(USER)] * 4
    for which in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(stack.process_status(which), 16) == 0, which
    assert not set(stack.process_status("Groups").split()) - {str(USER)}
    assert stack.process_status("NoNewPrivs") == "1"
    assert stack.process_status("Seccomp") == "2"
    assert stack.process_status("Seccomp_filters") == "2"  # the engine's, and Roost's own
    if landlock_version() >= 1:
        assert re.search(r" info process_confined landlock=[1-9]", stack.log())
    options = {line.split()[4]: line.split()[5].split(",") for line in stack.proc("mountinfo").splitlines()}
    assert "ro" in options["/"] and "rw" in options["/data"]


def test_two_volumes_and_one_secret(engine: Engine, stack: Stack) -> None:
    """Nothing else of the host is in there, and nobody but the server can read the secret."""
    mounts = {m["Destination"]: m for m in engine.inspect(CONTAINER)["Mounts"]}
    assert set(mounts) <= {"/data", "/backups", SECRET}
    assert mounts["/data"]["Type"] == mounts["/backups"]["Type"] == "volume"
    for text in (stack.proc("environ"), stack.log(), str(engine.inspect(CONTAINER))):
        assert stack.password not in text
    assert f"ROOST_ADMIN_PASSWORD_FILE={SECRET}" in stack.proc("environ").split("\0")


def test_no_shell(stack: Stack) -> None:
    """Whoever gets in finds no tools."""
    for program in ("sh", "/bin/sh", "/bin/busybox", "ls"):
        assert stack.exec(program, "-c", "true")[0] in (126, 127)


def test_health(engine: Engine, stack: Stack) -> None:
    """The image's check answers, and the engine draws its conclusion."""
    assert stack.roost("healthcheck") == (0, "")
    assert engine.status("healthcheck", "run", CONTAINER)[0] == 0
    assert engine.inspect(CONTAINER)["State"]["Health"]["Status"] == "healthy"


def test_a_server_that_hangs_is_unhealthy(engine: Engine, stack: Stack) -> None:
    """It still has its port then; the check does not wait for ever, and the engine counts."""
    check = engine.inspect(IMAGE, "image")["Healthcheck"]
    stack.wait_age(check["StartPeriod"] / 1e9)  # failures count from then on
    server = engine.inspect(CONTAINER)["State"]["Pid"]
    os.kill(server, signal.SIGSTOP)
    try:
        for _ in range(check["Retries"]):
            began = time.monotonic()
            assert engine.status("healthcheck", "run", CONTAINER)[0] != 0
            assert time.monotonic() - began < check["Timeout"] / 1e9
        assert engine.inspect(CONTAINER)["State"]["Health"]["Status"] == "unhealthy"
    finally:
        os.kill(server, signal.SIGCONT)
    assert engine.status("healthcheck", "run", CONTAINER)[0] == 0
    assert engine.inspect(CONTAINER)["State"]["Health"]["Status"] == "healthy"


def test_idle_memory(stack: Stack) -> None:
    """What is resident and not a file's page."""
    assert int(stack.process_status("RssAnon").split()[0]) < IDLE_MAX_KB
    assert int(stack.process_status("VmRSS").split()[0]) < IDLE_MAX_KB


def test_a_second_start_keeps_the_data(engine: Engine, stack: Stack) -> None:
    """`down` removes the container; the volume holds all."""
    with engine.as_visitor():
        deliver(4, "before-the-restart")
    stack.down()
    stack.start()
    with engine.as_visitor():
        assert "Hello." in read(stack.password, "before-the-restart")


def test_backup_and_restore(engine: Engine, stack: Stack) -> None:
    """As docs/how-to/backup.md has it: to the second volume, and back by a container of its own."""
    with engine.as_visitor():
        deliver(4, "in-the-backup")
    status, said = stack.roost("backup", "/backups", "--keep", "2")
    assert status == 0, said
    file = said.split()[-1]
    with engine.as_visitor():
        deliver(4, "after-the-backup")
    engine.compose(stack.file, "stop", "--timeout", "15")
    engine.compose(stack.file, "run", "--rm", "--no-deps", "roost", "restore", file, "--replace")
    engine.podman("start", CONTAINER)
    stack.wait_ready(2)
    with engine.as_visitor():
        assert "Hello." in read(stack.password, "in-the-backup")
        with pytest.raises(AssertionError):  # it found none
            read(stack.password, "after-the-backup")


def test_stop_is_in_time(engine: Engine, stack: Stack) -> None:
    """SIGTERM ends it with a clean status although a client stays connected."""
    with engine.as_visitor():
        client = imaplib.IMAP4_SSL(HOST[4], 993, ssl_context=any_certificate(), timeout=20)
    began = time.monotonic()
    engine.podman("stop", "--time", "15", CONTAINER)
    assert time.monotonic() - began < STOP_MAX_S
    assert engine.inspect(CONTAINER)["State"]["ExitCode"] == 0
    with pytest.raises((imaplib.IMAP4.abort, OSError)):
        client.noop()
        client.noop()


def test_variables(engine: Engine, tmp_path: Path) -> None:
    """Host name, ports and the place of backups come from .env."""
    file = Path(shutil.copy(TREE / "docker-compose.yml", tmp_path))
    (tmp_path / ".env").write_text("ROOST_HOSTNAME=mx.example.net\n"
                                   "ROOST_PORT_HTTP=127.0.0.1:8080\n"
                                   "ROOST_BACKUPS=./kept\n", "ascii")
    said = engine.compose(file, "--dry-run", "up", "--detach")
    assert "--hostname mx.example.net " in said and "-p 127.0.0.1:8080:80 -p 443:443 " in said
    assert f"-v {tmp_path}/kept:/backups " in said
    assert "--log-opt=max-size=10m --log-opt=max-file=5 " in said
