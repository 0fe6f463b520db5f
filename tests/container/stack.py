"""docker-compose.yml of the tree, started by podman-compose."""
import os
import re
import secrets
import time
from pathlib import Path

import yaml

from engine import CONTAINER, PROJECT, TREE, Engine

READY_S = 20
STOP_MAX_S = 9  # ROOST_STOP and a second for the engine
USER = 1000


class Stack:
    """unattended: with the lines that the file offers to those who want no setup page."""

    def __init__(self, engine: Engine, folder: Path, unattended: bool) -> None:
        self.engine = engine
        self.file = folder / "docker-compose.yml"
        self.password = secrets.token_urlsafe(12)
        text = (TREE / "docker-compose.yml").read_text("utf-8")
        if unattended:
            text = re.sub(r"^( *)#: ", r"\1", text, flags=re.M)
            self.write_secret(folder / "secrets" / "roost_admin_password")
        self.file.write_text(text, "utf-8")
        self.make_network(yaml.safe_load(text)["networks"]["default"])

    def write_secret(self, path: Path) -> None:
        """As the file says: for user 1000 alone."""
        path.parent.mkdir()
        path.write_text(self.password + "\n", "ascii")
        path.chmod(0o400)
        os.chown(path, USER, USER)

    def make_network(self, wanted: dict) -> None:
        """Debian 12's podman-compose takes a network that exists, but makes none with IPv6. Its
        names come from the visitor's name server alone."""
        words = ["--disable-dns"]
        words += ["--ipv6"] if wanted["enable_ipv6"] else []
        assert "ipam" not in wanted  # the engine chooses, so that two projects do not collide
        self.engine.podman("network", "create", *words, f"{PROJECT}_default")

    def start(self) -> "Stack":
        """Up; back when the log says ready."""
        self.engine.compose(self.file, "up", "--detach")
        self.wait_ready()
        return self

    def wait_ready(self, starts: int = 1) -> None:
        """Back when the log says ready for the how manyth time."""
        deadline = time.monotonic() + READY_S
        while self.log().count(" info server_ready ") < starts:
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.1)

    def wait_age(self, seconds: float) -> None:
        """Back when the last start is so long ago."""
        began = float(self.proc("stat").rsplit(")", 1)[1].split()[19]) / os.sysconf("SC_CLK_TCK")
        time.sleep(max(0.0, began + seconds - time.clock_gettime(time.CLOCK_BOOTTIME)))

    def down(self) -> None:
        """Stopped and removed; volumes stay."""
        self.engine.compose(self.file, "down", "--timeout", "15")

    def remove(self) -> None:
        """Nothing of it stays."""
        self.engine.remove_containers()

    def log(self) -> str:
        """All it has printed."""
        return self.engine.status("logs", CONTAINER)[1]

    def roost(self, *words: str) -> tuple[int, str]:
        """A command beside the server, as `docker compose exec roost /roost ...`: (status, output)."""
        return self.exec("/roost", *words)

    def exec(self, *words: str) -> tuple[int, str]:
        """Any program in the container: (status, output)."""
        return self.engine.status("exec", CONTAINER, *words)

    def proc(self, file: str) -> str:
        """A file of /proc/PID of the server."""
        pid = self.engine.inspect(CONTAINER)["State"]["Pid"]
        return Path(f"/proc/{pid}/{file}").read_text("ascii")

    def process_status(self, field: str) -> str:
        """A field of /proc/PID/status."""
        found = re.search(rf"^{field}:\s*(.*)$", self.proc("status"), re.M)
        assert found, field
        return found[1]
