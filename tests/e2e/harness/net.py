"""A network namespace, for peers that are not on the loopback address. Needs root."""
import contextlib
import ctypes
import os
import subprocess
import sys
from typing import Iterator

CLONE_NEWNET = 0x40000000  # of <linux/sched.h>


class Namespace:
    """Has 192.0.2.1 and 192.0.2.2, from its creation to close()."""

    def __init__(self) -> None:
        self.name = f"roost-e2e-{os.getpid()}"
        # Not `ip -n`, which remounts the root folder and so fails in a chroot.
        self.prefix = ["nsenter", f"--net=/run/netns/{self.name}"]
        subprocess.run(["ip", "netns", "add", self.name], check=True, capture_output=True)
        for words in (["link", "set", "lo", "up"],
                      ["addr", "add", "192.0.2.1/32", "dev", "lo"],
                      ["addr", "add", "192.0.2.2/32", "dev", "lo"]):
            subprocess.run([*self.prefix, "ip", *words], check=True)

    def python(self, script: str) -> str:
        """What a script that runs inside prints."""
        done = subprocess.run([*self.prefix, sys.executable, "-c", script], capture_output=True,
                              text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """Sockets that this thread makes meanwhile are inside."""
        libc = ctypes.CDLL(None, use_errno=True)
        with open("/proc/thread-self/ns/net", "rb") as own, \
                open(f"/run/netns/{self.name}", "rb") as there:
            assert libc.setns(there.fileno(), CLONE_NEWNET) == 0, ctypes.get_errno()
            try:
                yield
            finally:
                assert libc.setns(own.fileno(), CLONE_NEWNET) == 0, ctypes.get_errno()

    def close(self) -> None:
        """Remove it."""
        subprocess.run(["ip", "netns", "del", self.name], check=True)
