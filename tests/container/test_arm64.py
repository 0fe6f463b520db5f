"""The image for arm64, built by the same Dockerfile with a cross compiler. Its program runs by
qemu's user mode, which is given to the container as a file: nothing of the kernel's is changed."""
import re
import shutil
import time
from typing import Iterator

import pytest

from engine import HERE, IMAGE, TREE, Engine

QEMU = "qemu-aarch64-static"
START_S = 60
STOP_MAX_S = 15
VERSION = (TREE / "VERSION").read_text("ascii").strip()


@pytest.fixture(name="image", scope="module")
def fixture_image(engine: Engine) -> str:
    """Its name."""
    return engine.build("tests", "arm64")


@pytest.fixture(name="qemu", scope="module")
def fixture_qemu() -> list[str]:
    """Options of podman run."""
    program = shutil.which(QEMU)
    if program is None:
        pytest.skip(f"{QEMU} is not installed: scripts/setup test")
    return ["--volume", f"{program}:/qemu:ro"]


@pytest.fixture(name="server")
def fixture_server(engine: Engine, image: str, qemu: list[str]) -> Iterator[str]:
    """A container with the rights that the compose file gives; its name."""
    name = engine.podman("run", "--detach", "--read-only", "--cap-drop", "ALL",
                         "--security-opt", "no-new-privileges",
                         "--sysctl", "net.ipv4.ip_unprivileged_port_start=0",
                         *qemu, "--entrypoint", "/qemu", image, "/roost").strip().split()[-1]
    yield name
    print(engine.status("logs", name)[1])
    engine.podman("rm", "--force", "--volumes", "--time", "1", name)


def test_what_the_image_says(engine: Engine, image: str) -> None:
    """All but the processor is as in the other one."""
    here, there = engine.inspect(IMAGE, "image"), engine.inspect(image, "image")
    assert (here["Architecture"], there["Architecture"]) == (HERE, "arm64")
    assert there["Config"] == here["Config"]
    assert there["Healthcheck"] == here["Healthcheck"]


def test_the_program_is_for_that_processor(engine: Engine, image: str, qemu: list[str]) -> None:
    """qemu takes no other."""
    status, said = engine.status("run", "--rm", *qemu, "--entrypoint", "/qemu", image, "/roost", "version")
    assert (status, said.splitlines()[-1]) == (0, f"roost {VERSION} (tests)")


def test_it_starts_answers_and_stops(engine: Engine, server: str) -> None:
    """Up to ready, its own health check, and an end in good order. qemu offers neither Landlock nor
    seccomp, which the log reports."""
    deadline = time.monotonic() + START_S
    while engine.status("exec", server, "/qemu", "/roost", "healthcheck")[0] != 0:
        assert time.monotonic() < deadline, engine.status("logs", server)[1]
        time.sleep(1)
    log = engine.status("logs", server)[1]
    assert "/setup#token=" in log
    for missing in ("landlock", "seccomp"):
        assert re.search(rf" warn confinement_missing .*{missing}", log), log
    began = time.monotonic()
    engine.podman("stop", "--time", str(STOP_MAX_S), server)
    assert time.monotonic() - began < STOP_MAX_S
    assert engine.inspect(server)["State"]["ExitCode"] == 0
