"""Roost itself: the real binary on free loopback ports with a data folder of its own."""
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from harness.log import Log

BINARY = os.path.abspath(os.environ.get("ROOST_BINARY", "build/roost"))
HOSTNAME = "mx.example.org"
DOMAIN = "example.org"
PASSWORDS = {"alice": "correct horse", "bob": "battery staple"}
LISTENERS = ("smtp", "submission", "submissions", "imap", "imaps", "pop3", "pop3s",
             "managesieve", "http", "https")
START_S = 20
STOP_S = 20


def address(user: str) -> str:
    """alice -> alice@example.org"""
    return f"{user}@{DOMAIN}"


def bare_environment() -> dict[str, str]:
    """Ours without any setting of Roost."""
    return {k: v for k, v in os.environ.items() if not k.startswith("ROOST_")}


class Roost:
    """One data folder and at most one process that serves it.

    settings are ROOST_ variables without the prefix; those given as None are left out."""

    def __init__(self, folder: Path, settings: dict[str, str | None] | None = None,
                 prefix: list[str] | None = None):
        self.folder = folder
        self.prefix = prefix or []  # words before the binary's name
        self.ports: dict[str, int] = {}
        self.process: subprocess.Popen[bytes] | None = None
        self.log: Log | None = None
        self.logs: list[Log] = []
        self.settings: dict[str, str | None] = {
            "DATA": str(folder),
            "HOSTNAME": HOSTNAME,
            # Nobody listens there: a test that needs names brings a server for them.
            "DNS_SERVERS": "127.0.0.1:1",
            "DOCTOR_RESOLVERS": "",
            **{f"LISTEN_{name.upper()}": "127.0.0.1:0" for name in LISTENERS},
            **(settings or {}),
        }

    # --- the process ---

    def environment(self) -> dict[str, str]:
        """What the process and the commands are given."""
        given = {f"ROOST_{k}": v for k, v in self.settings.items() if v is not None}
        return {**bare_environment(), **given}

    def spawn(self) -> None:
        """Start the process without waiting for anything."""
        assert self.process is None
        self.process = subprocess.Popen(self.prefix + [BINARY], env=self.environment(),
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE)
        assert self.process.stderr
        self.log = Log(self.process.stderr)
        self.logs.append(self.log)

    def start(self) -> "Roost":
        """Start the process; back when it is ready, with its ports known."""
        self.spawn()
        assert self.log
        self.log.wait(r" info server_ready ", START_S)
        self.ports = {}
        for line in self.log.lines:
            words = dict(w.split("=", 1) for w in line.split() if "=" in w)
            if " listener_opened " in line and not words["address"].startswith("/"):
                self.ports[words["service"]] = int(words["address"].rsplit(":", 1)[1])
        return self

    def signal(self, number: int) -> None:
        """Send the process a signal."""
        assert self.process
        self.process.send_signal(number)

    def wait(self, timeout: float = STOP_S) -> int:
        """Wait for the end of the process; its status."""
        assert self.process and self.log
        status = self.process.wait(timeout)
        self.log.join()
        self.process = None
        return status

    def stop(self) -> int:
        """End it as a supervisor does."""
        self.signal(signal.SIGTERM)
        return self.wait()

    def kill(self) -> None:
        """End it as a power cut does, as far as a process can tell."""
        self.signal(signal.SIGKILL)
        assert self.wait() == -signal.SIGKILL

    def restart(self) -> None:
        """Stop and start again; the ports change."""
        assert self.stop() == 0
        self.start()

    def status(self, field: str) -> int:
        """A number of /proc/PID/status, such as VmRSS in kB."""
        assert self.process
        for line in Path(f"/proc/{self.process.pid}/status").read_text("ascii").splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1])
        raise KeyError(field)

    # --- the command line ---

    def run(self, *words: str, stdin: str = "",
            **settings: str | None) -> subprocess.CompletedProcess[str]:
        """`roost WORDS`, beside the server or without it, whatever comes of it."""
        environment = self.environment()
        for name, port in self.ports.items():
            environment[f"ROOST_LISTEN_{name.upper()}"] = f"127.0.0.1:{port}"
        for name, value in settings.items():
            environment.pop(f"ROOST_{name}", None)
            if value is not None:
                environment[f"ROOST_{name}"] = value
        return subprocess.run([BINARY, *words], env=environment, input=stdin, text=True,
                              capture_output=True, timeout=60, check=False)

    def cli(self, *words: str, stdin: str = "") -> str:
        """`roost WORDS`, which must go well and be silent on standard error; its output."""
        done = self.run(*words, stdin=stdin)
        assert (done.returncode, done.stderr) == (0, ""), done
        return done.stdout

    def provision(self) -> None:
        """The domain and the accounts most tests need."""
        self.cli("domain", "add", DOMAIN)
        for user, password in PASSWORDS.items():
            self.cli("account", "add", address(user), user.title(), stdin=password + "\n")

    # --- the end ---

    def finish(self) -> None:
        """Stop it if it runs, and look for anything that should not be there."""
        if self.process is not None:
            status = self.stop()
            assert self.log
            assert status == 0, f"exit status {status}:\n{self.log.tail()}"
        for log in self.logs:
            assert not log.strangers(), "\n".join(log.strangers()[:60])
        self.fsck()

    def fsck(self) -> None:
        """The store is without a fault."""
        if (self.folder / "roost.mdb").exists():
            assert self.cli("fsck") == ""

    def abandon(self) -> None:
        """Whatever happened: no process and no folder is left."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
        shutil.rmtree(self.folder, ignore_errors=True)


def new_folder() -> Path:
    """An empty folder with a short name: a socket's path in it has 107 bytes at most."""
    return Path(tempfile.mkdtemp(prefix="roost-e2e-"))
