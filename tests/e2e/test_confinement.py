"""The running process has given up what it does not need, seen from outside."""
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import Maker
from harness import pem
from harness.api import ApiError, as_owner
from harness.landlock import landlock_version
from harness.log import Log
from harness.server import Roost

OTHER = 12345  # a uid and a gid without a name
KEPT_BY_ROOT = {"cap_dac_override": 1, "cap_net_bind_service": 10}


def thread_fields(roost: Roost, field: str) -> set[str]:
    """The values of a field of /proc/PID/task/*/status."""
    assert roost.process
    found = set()
    for path in Path(f"/proc/{roost.process.pid}/task").glob("*/status"):
        for line in path.read_text("ascii").splitlines():
            if line.startswith(field + ":"):
                found.add(line.split(":", 1)[1].strip())
    return found


def log_of(roost: Roost) -> Log:
    """That of the process that runs."""
    assert roost.log
    return roost.log


def test_every_thread_is_confined(make_roost: Maker) -> None:
    """No new privileges, and the filter of system calls, in the first thread and in all others."""
    roost = make_roost().start()
    assert roost.process
    confined = log_of(roost).wait(r" info process_confined landlock=(\d+) ")
    assert (int(confined[1]) > 0) == (landlock_version() > 0)
    assert len(list(Path(f"/proc/{roost.process.pid}/task").iterdir())) > 4
    assert thread_fields(roost, "NoNewPrivs") == {"1"}
    assert thread_fields(roost, "Seccomp") == {"2"}
    # Those of a container that the tests may run in count too.
    assert thread_fields(roost, "Seccomp_filters") == {str(own_filters() + 1)}


@pytest.mark.skipif(landlock_version() < 1, reason="the kernel has no Landlock")
@pytest.mark.parametrize("confine", ["on", "off"])
def test_a_file_outside_cannot_be_read(make_roost: Maker, tmp_path: Path, confine: str) -> None:
    """Roots of a setting that is changed while the server runs: the command, which is not confined,
    has read them."""
    roots, _ = pem.make(tmp_path, "roots", "ca.example")
    roost = make_roost(CONFINE=confine).start()
    done = roost.run("settings", "set", "SMTP_OUT_CA", str(roots))
    assert done.returncode == (1 if confine == "on" else 0), done
    if confine == "on":
        assert str(roots) in done.stderr


def own_filters() -> int:
    """Filters that this process has itself."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("Seccomp_filters:"):
            return int(line.split()[1])
    return 0


def test_no_thread_has_capabilities(make_roost: Maker) -> None:
    """Root keeps two, any other user none."""
    roost = make_roost().start()
    most = sum(1 << bit for bit in KEPT_BY_ROOT.values()) if os.geteuid() == 0 else 0
    for which in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
        for value in thread_fields(roost, which):
            assert int(value, 16) & ~most == 0, (which, value)


def test_it_is_not_dumpable(make_roost: Maker) -> None:
    """The kernel gives /proc/PID/fd of such a process to root, whoever it runs as."""
    user = str(OTHER) if os.geteuid() == 0 else None
    roost = make_roost(empty=user is not None, USER=user).start()
    assert roost.process
    assert os.stat(f"/proc/{roost.process.pid}/fd").st_uid == 0


def test_off_is_told(make_roost: Maker) -> None:
    """ROOST_CONFINE=off leaves files and system calls alone, with a warning; the rest stays."""
    roost = make_roost(CONFINE="off").start()
    log_of(roost).wait(" warn confinement_off$")
    assert thread_fields(roost, "Seccomp_filters") == {str(own_filters())}
    assert thread_fields(roost, "NoNewPrivs") == {"1"}


def test_commands_talk_to_it(make_roost: Maker) -> None:
    """By its sockets, and through the store."""
    roost = make_roost().start()
    roost.cli("account", "add", "carol@example.org", stdin="correct horse staple\n")
    assert "carol@example.org" in roost.cli("account", "list")
    assert roost.cli("settings", "set", "LOG_LEVEL", "debug") is not None
    roost.cli("healthcheck")


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@needs_root
def test_root_is_told(make_roost: Maker) -> None:
    """Whoever serves as root reads how to change that."""
    roost = make_roost().start()
    log_of(roost).wait(" warn server_runs_as_root ")


@needs_root
def test_root_becomes_a_user(make_roost: Maker) -> None:
    """ROOST_USER gets an empty data folder and the process, after a port below 1024 is bound."""
    roost = make_roost(empty=True, USER=f"{OTHER}:{OTHER}", LISTEN_HTTP="127.0.0.1:897").start()
    assert thread_fields(roost, "Uid") == {"\t".join([str(OTHER)] * 4)}
    assert thread_fields(roost, "Gid") == {"\t".join([str(OTHER)] * 4)}
    for which in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
        assert {int(value, 16) for value in thread_fields(roost, which)} == {0}, which
    assert os.stat(roost.folder).st_uid == OTHER
    assert not log_of(roost).has(" server_runs_as_root ")


@needs_root
def test_the_folder_of_another_user(make_roost: Maker) -> None:
    """It is not taken over: the sentence says what to do."""
    roost = make_roost(USER=str(OTHER))
    roost.spawn()
    log_of(roost).wait(f"chown -R {OTHER}:{OTHER}")
    assert roost.wait() == 1


def test_an_unknown_user(make_roost: Maker) -> None:
    """The variable is named."""
    roost = make_roost(USER="nobody-of-this-name")
    roost.spawn()
    log_of(roost).wait("ROOST_USER: .*is no user of this system")
    assert roost.wait() == 1


def test_a_program_of_the_environment_only(make_roost: Maker, tmp_path: Path) -> None:
    """The server cannot start programs: only the helper of ROOST_DNS_UPDATE_HOOK, a process of
    its own, is not filtered, and it ends with the server."""
    hook = tmp_path / "hook"
    hook.write_text("#!/bin/sh\n", "ascii")
    hook.chmod(0o755)
    roost = make_roost(DNS_UPDATE_HOOK=str(hook)).start()
    assert roost.process
    children = subprocess.run(["ps", "-o", "pid=,comm=", "--ppid", str(roost.process.pid)],
                              capture_output=True, text=True, check=True).stdout.split()
    assert children[1:] == ["roost-hook"]
    status = Path(f"/proc/{children[0]}/status").read_text("ascii")
    assert "NoNewPrivs:\t1" in status
    assert roost.stop() == 0
    assert not Path(f"/proc/{children[0]}/cmdline").exists() or \
        Path(f"/proc/{children[0]}/cmdline").read_bytes() == b""  # not reaped yet


# --- settings of a running server that name files ---

FILES = {"SMARTHOST_CA": "{}", "SMTP_OUT_CA": "{}", "ACME_CA": "{}", "CLIENT_CA": "{}",
         "RELAYS": "name=office to=smtps://relay.example ca={}"}


@pytest.fixture(name="confined")
def fixture_confined(make_roost: Maker) -> Roost:
    """A server whose files Landlock restricts."""
    roost = make_roost().start()
    log_of(roost).wait(" info process_confined ")
    if log_of(roost).has(" confinement_missing .*landlock"):
        pytest.skip("the kernel has no Landlock")
    return roost


def test_a_file_out_of_reach_is_refused(confined: Roost, tmp_path: Path) -> None:
    """The command names the reason and changes nothing; in the data folder the file is taken."""
    outside, _ = pem.make(tmp_path, "authority", "authority.example")
    inside = confined.folder / "authority.crt"
    for name, value in FILES.items():
        before = confined.cli("settings", "get", name)
        done = confined.run("settings", "set", name, value.format(outside))
        assert done.returncode == 1 and done.stdout == "", done
        assert f"ROOST_{name}: the running server may not open {outside}. Move the file" \
            in done.stderr
        assert confined.cli("settings", "get", name) == before
        shutil.copy(outside, inside)
        assert confined.cli("settings", "set", name, value.format(inside)) == ""
        assert str(inside) in confined.cli("settings", "get", name)
        done = confined.run("settings", "set", name, value.format(outside))
        assert done.returncode == 1 and str(inside) in confined.cli("settings", "get", name)
        assert confined.cli("settings", "unset", name) == ""
    done = confined.run("settings", "set", "LMTP_SOCKET", str(tmp_path / "lmtp.sock"))
    assert done.returncode == 1 and "ROOST_LMTP_SOCKET: " in done.stderr
    assert confined.cli("settings", "get", "LMTP_SOCKET").strip() == ""
    assert confined.cli("settings", "set", "LOG_LEVEL", "debug") == ""


def test_the_api_refuses_a_file_out_of_reach(confined: Roost, tmp_path: Path) -> None:
    """It takes no path at all, also within rules, and tells nothing of the file."""
    outside, _ = pem.make(tmp_path, "authority", "authority.example")
    owner = as_owner(confined)
    for name, value in FILES.items():
        with pytest.raises(ApiError) as refused:
            owner.put(f"/settings/{name}", {"value": value.format(outside)})
        assert refused.value.status == 403


def test_a_certificate_out_of_reach_waits_for_the_next_start(confined: Roost,
                                                             tmp_path: Path) -> None:
    """It counts after a restart, which makes the list anew; other settings are not held up."""
    chain, key = pem.make(tmp_path, "own", "mail.example.org")
    chain.write_text(chain.read_text("ascii") + key.read_text("ascii"), "ascii")
    assert "next start" in confined.cli("settings", "set", "TLS_CERT", str(chain))
    assert confined.cli("settings", "set", "LOG_LEVEL", "debug") == ""
    assert confined.cli("settings", "get", "LOG_LEVEL").strip() == "debug"
