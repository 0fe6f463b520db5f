#!/usr/bin/python3
"""footprint.py: print the table of docs/reference/footprint.md: what the image and the container that
docker-compose.yml starts take on this machine. `make footprint` runs it."""
import gzip
import re
import subprocess
import tempfile
import time
from pathlib import Path

import engine as containers
from engine import CONTAINER, IMAGE, Engine
from stack import Stack

IDLE_S = 30
STARTS = 5


def transferred(engine: Engine) -> int:
    """Bytes of the image as a registry sends it."""
    with subprocess.Popen([*engine.enter, "podman", "save", "--format", "docker-archive", IMAGE],
                          env=engine.environment, stdout=subprocess.PIPE) as save:
        assert save.stdout
        return len(gzip.compress(save.stdout.read(), 6))


def ready_ms(stack: Stack) -> int:
    """From the start of the process to ready, by its own log."""
    return int(re.findall(r"after_ms=(\d+)", stack.log())[-1])


def switches(stack: Stack) -> int:
    """Times that any thread woke up since the start."""
    pid = stack.engine.inspect(CONTAINER)["State"]["Pid"]
    return sum(int(re.search(r"^voluntary_ctxt_switches:\s*(\d+)", task.read_text("ascii"), re.M)[1])
               for task in Path(f"/proc/{pid}/task").glob("*/status"))


def kib(stack: Stack, field: str) -> str:
    """A size in /proc/PID/status as MB."""
    return f"{int(stack.process_status(field).split()[0]) * 1024 / 1e6:.1f} MB"


def rows(engine: Engine, stack: Stack) -> list[tuple[str, str]]:
    """(what, figure) in the order of the table."""
    stack.start()
    first = ready_ms(stack)
    later = []
    for _ in range(STARTS):
        engine.podman("stop", CONTAINER)
        engine.podman("start", CONTAINER)
        time.sleep(1)
        later.append(ready_ms(stack))
    before = switches(stack)
    time.sleep(IDLE_S)
    woken = (switches(stack) - before) / IDLE_S
    idle = [("resident memory, idle", kib(stack, "VmRSS")),
            ("of it not pages of the binary or the store", kib(stack, "RssAnon")),
            ("threads, idle", stack.process_status("Threads")),
            ("wake-ups a second, idle", f"{woken:.1f}")]
    began = time.monotonic()
    engine.podman("stop", "--time", "15", CONTAINER)
    stopped = time.monotonic() - began
    return [("image", f"{engine.inspect(IMAGE, 'image')['Size'] / 1e6:.2f} MB"),
            ("image as it is sent (gzip)", f"{transferred(engine) / 1e6:.2f} MB"),
            ("first start to ready, making owner and certificate", f"{first} ms"),
            (f"later starts to ready, median of {STARTS}", f"{sorted(later)[STARTS // 2]} ms"),
            *idle,
            ("stop without clients, the engine's part included", f"{stopped * 1000:.0f} ms")]


def main() -> None:
    """Build what is not built, start, measure, remove."""
    why = containers.missing()
    if why:
        raise SystemExit(why)
    engine = Engine()
    try:
        engine.make_base()
        engine.build("tests")
        with tempfile.TemporaryDirectory() as folder:
            table = rows(engine, Stack(engine, Path(folder), True))
    finally:
        engine.close()
    print("| what | measured |\n|---|---|")
    print("\n".join(f"| {what} | {figure} |" for what, figure in table))


if __name__ == "__main__":
    main()
