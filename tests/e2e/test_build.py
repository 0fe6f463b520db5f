"""What `make` makes: one static, hardened file. Only of the release binary, of course."""
import os
import subprocess
from pathlib import Path

import pytest

from harness.server import BINARY

release_only = pytest.mark.skipif("/check/" in BINARY or "/tsan/" in BINARY,
                                  reason="this binary has sanitizers in it")


def readelf(*options: str) -> str:
    """What binutils say about the binary."""
    return subprocess.run(["readelf", "-W", *options, BINARY], capture_output=True, text=True,
                          check=True).stdout


@release_only
def test_static_pie() -> None:
    assert "DYN (Position-Independent Executable file)" in readelf("-h")
    headers = readelf("-l")
    assert "INTERP" not in headers
    dynamic = readelf("-d")
    assert "(NEEDED)" not in dynamic
    assert "PIE" in dynamic


@release_only
def test_hardening() -> None:
    headers, dynamic = readelf("-l"), readelf("-d")
    assert "GNU_RELRO" in headers
    assert "BIND_NOW" in dynamic or "NOW" in dynamic
    stack = next(line for line in headers.splitlines() if "GNU_STACK" in line)
    assert " RW " in stack and " RWE " not in stack
    assert not any(" RWE " in line for line in headers.splitlines() if "LOAD" in line)


@release_only
def test_stripped_and_small() -> None:
    assert ".symtab" not in readelf("-S") and ".debug_info" not in readelf("-S")
    assert os.path.getsize(BINARY) < 7 * 1024 * 1024


@release_only
def test_no_path_of_the_builder_is_inside() -> None:
    with open(BINARY, "rb") as f:
        content = f.read()
    assert os.path.dirname(os.path.dirname(BINARY)).encode() + b"/" not in content


def test_the_dockerfile_has_the_version() -> None:
    version = Path("VERSION").read_text("ascii").strip()
    assert f"\nARG VERSION={version}\n" in Path("Dockerfile").read_text("utf-8")


def test_machine_without_a_compiler_is_told_what_to_do() -> None:
    bare = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    for goal in ("all", "check"):
        done = subprocess.run(["make", "-n", goal], capture_output=True, text=True, check=False,
                              env={**bare, "ROOST_CROSS": "there-is-no-"})
        assert done.returncode == 2 and "`make setup`" in done.stderr, done


@release_only
def test_runs_in_an_empty_root() -> None:
    """As in a container image of nothing but this file."""
    if os.getuid() != 0:
        pytest.skip("chroot needs root")
    root, name = os.path.split(BINARY)
    done = subprocess.run(["/usr/sbin/chroot", root, "/" + name, "version"],
                          capture_output=True, text=True, check=False, env={})
    assert done.returncode == 0 and done.stdout.startswith("roost "), done
