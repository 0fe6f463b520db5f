"""What a run costs: CPU time by control group, bytes written by the disk's own counter."""

import contextlib
import os
import pathlib
import signal
import subprocess
import time

# Where version 1 of control groups has them, and where version 2.
HIERARCHIES = [pathlib.Path("/sys/fs/cgroup/cpuacct"), pathlib.Path("/sys/fs/cgroup")]


class CpuGroup:
    """A control group whose CPU time can be read; everything started in it is counted, also
    what has ended meanwhile. Without control groups (not root, say) usage() is None."""

    def __init__(self, name):
        self.path = None
        for root in HIERARCHIES:
            if self.path is None and (root / "cgroup.procs").exists():
                with contextlib.suppress(OSError):
                    path = root / f"roost-bench-{name}-{os.getpid()}"
                    path.mkdir()
                    self.path = path

    def enter(self):
        """For subprocess's preexec_fn."""
        if self.path:
            (self.path / "cgroup.procs").write_text("0")

    def usage(self):
        """Seconds so far."""
        if not self.path:
            return None
        version_1 = self.path / "cpuacct.usage"
        if version_1.exists():
            return int(version_1.read_text()) / 1e9
        return int((self.path / "cpu.stat").read_text().split()[1]) / 1e6  # usage_usec N

    def close(self):
        for _ in range(50):
            if not self.path:
                return
            with contextlib.suppress(OSError):
                self.path.rmdir()
                return
            time.sleep(0.1)


def device_of(folder):
    """The name of the disk a folder is on, as /proc/diskstats calls it; None for tmpfs."""
    number = os.stat(folder).st_dev
    link = pathlib.Path(f"/sys/dev/block/{os.major(number)}:{os.minor(number)}")
    return os.path.basename(os.readlink(link)) if link.exists() else None


def disk_written(device):
    """Bytes the disk has been told to write since boot, by everybody."""
    for line in pathlib.Path("/proc/diskstats").read_text().splitlines():
        fields = line.split()
        if fields[2] == device:
            return int(fields[9]) * 512
    return None


def fdatasync_rate(folder, seconds=2.0, size=4096):
    """Appends of size bytes, each followed by fdatasync, per second: what one writer that
    waits for the disk can reach."""
    path = pathlib.Path(folder) / "fdatasync-probe"
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    block, n, begin = os.urandom(size), 0, time.monotonic()
    try:
        while time.monotonic() - begin < seconds:
            os.write(fd, block)
            os.fdatasync(fd)
            n += 1
        return n / (time.monotonic() - begin)
    finally:
        os.close(fd)
        path.unlink()


def memory(pid):
    """Resident bytes of a process, and of them those it does not share with files."""
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    values = dict(line.split(":", 1) for line in text.splitlines())
    kib = lambda name: int(values[name].split()[0]) * 1024
    return kib("VmRSS"), kib("RssAnon")


def memory_parts(pid):
    """Resident bytes of a process: those of its own, and pages of files that it has mapped, which
    the system may take back at any time."""
    text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    kib = {l.split()[0]: int(l.split()[1]) for l in text.splitlines()[1:]}
    return kib["Anonymous:"] * 1024, (kib["Rss:"] - kib["Anonymous:"]) * 1024


class Syncs:
    """Counts what processes, and those that they start, ask of the disk; `perf` sees it from
    outside. count is None without it."""

    calls = ("fsync", "fdatasync", "msync")

    def __init__(self, pids):
        self.count = None
        self.words = ["perf", "stat", "-x", ",", "-p", ",".join(map(str, pids)),
                      *(f"-esyscalls:sys_enter_{c}" for c in self.calls)]
        self.process = None

    def __enter__(self):
        with contextlib.suppress(OSError):
            self.process = subprocess.Popen(self.words, stderr=subprocess.PIPE, text=True)
            time.sleep(0.3)  # until it looks
        return self

    def __exit__(self, *what):
        if self.process:
            self.process.send_signal(signal.SIGINT)
            rows = [l.split(",") for l in self.process.communicate()[1].splitlines() if "sys_enter" in l]
            if rows and all(r[0].isdigit() for r in rows):
                self.count = sum(int(r[0]) for r in rows)
