"""A disk that is soon full."""
import os
import subprocess
import tempfile
from pathlib import Path


class CannotMount(Exception):
    """Not allowed here, or the kernel does not know how."""


class SmallDisk:
    """A file system of its own, mounted from its creation to close(). kind is "tmpfs" or a
    file system that mkfs makes, in a file that is mounted through a loop device."""

    def __init__(self, kind: str, size_mb: int):
        self._place = Path(tempfile.mkdtemp(prefix="roost-disk-"))
        self.root = self._place / "disk"
        self.root.mkdir()
        if kind == "tmpfs":
            mount = ["-t", "tmpfs", "-o", f"size={size_mb}m", "tmpfs"]
        else:
            image = self._place / "image"
            with open(image, "wb") as f:
                f.truncate(size_mb << 20)
            self._run("/sbin/mkfs." + kind, "-q", str(image))
            mount = ["-o", "loop", str(image)]
        self._run("mount", *mount, str(self.root))
        self._ballast = self.root / "ballast"

    @staticmethod
    def _run(*words: str) -> None:
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise CannotMount(done.stderr.strip())

    def fill(self, leave_mb: int) -> None:
        """Take all of it but so much."""
        disk = os.statvfs(self.root)
        with open(self._ballast, "ab") as f:
            for _ in range((disk.f_bavail * disk.f_frsize >> 20) - leave_mb):
                f.write(bytes(1 << 20))

    def drain(self) -> None:
        """Give that back."""
        self._ballast.unlink()

    def close(self) -> None:
        """Unmount and remove it."""
        self._run("umount", str(self.root))
        subprocess.run(["rm", "-r", str(self._place)], check=True)
