"""Local delivery over SMTP, everything durable, counted until the messages are in the mailbox."""

import dataclasses
import subprocess
import time

import measure
from servers import USER, PostfixDovecot, Roost, Sink

SIZES = {"4 KiB": 4096, "100 KiB": 102400}
SESSIONS = (1, 10, 50)


@dataclasses.dataclass
class Load:
    """What one load of smtp-source gave and cost; None for what this server does not tell."""
    rate: float             # messages a second
    cpu_ms: float           # of CPU time a message
    written: float          # bytes written to the disk a byte of mail
    per_sync: float | None  # messages that one commit carried
    disk_rate: float        # fdatasync appends a second, right before and after


def send(port, sessions, size, count):
    subprocess.run(["smtp-source", "-s", str(sessions), "-m", str(count), "-l", str(size),
                    "-f", "sender@peer.example", "-t", USER, f"inet:127.0.0.1:{port}"], check=True)


def ceiling(sink, sessions, size, seconds):
    """Messages a second into a server that keeps nothing."""
    count = 500
    while True:
        begin = time.monotonic()
        send(sink.port, sessions, size, count)
        took = time.monotonic() - begin
        if took >= seconds / 4:
            return count / took
        count *= 2


def run_once(server, sessions, size, count, device):
    probe = server.root.parent
    disk_rate = measure.fdatasync_rate(probe, 0.5)
    before, commits = server.stored(0), server.commits()
    cpu, disk, begin = server.cpu.usage(), measure.disk_written(device), time.monotonic()
    send(server.ports["smtp"], sessions, size, count)
    while server.stored(before + count) - before < count and not isinstance(server, Roost):
        if time.monotonic() - begin > 300:
            raise RuntimeError(f"{server.name} lost messages")
        time.sleep(0.02)
    took = time.monotonic() - begin
    subprocess.run(["sync"])  # what was put off belongs to the load that caused it
    used = (server.cpu.usage() - cpu) if cpu is not None else float("nan")
    written = measure.disk_written(device) - disk
    return Load(count / took, used / count * 1000, written / (count * size),
                count / (server.commits() - commits) if commits is not None else None,
                (disk_rate + measure.fdatasync_rate(probe, 0.5)) / 2)


def bench(binary, folder, seconds):
    device = measure.device_of(folder)
    servers = [Roost(binary, folder), PostfixDovecot(folder)]
    sink, rows = Sink(), []
    sink.start()
    for s in servers:
        s.start()
        run_once(s, 5, 4096, 50, device)  # warm up
    try:
        for label, size in SIZES.items():
            for sessions in SESSIONS:
                loads = []
                for s in servers:
                    guess = run_once(s, sessions, size, 100, device).rate
                    count = max(100, int(guess * seconds))
                    loads.append(run_once(s, sessions, size, count, device))
                rows.append((label, sessions, *loads, ceiling(sink, sessions, size, seconds)))
    finally:
        sink.stop()
        for s in servers:
            s.stop()
            s.close()
    return rows


def table(rows):
    out = ["| message | sessions | Roost msg/s | P+D msg/s | ratio | of the sink's "
           "| Roost CPU ms | P+D CPU ms | ratio "
           "| Roost written | P+D written | ratio | a sync carries | of the disk's syncs |",
           "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|"]
    for label, sessions, r, p, most in rows:
        out.append(f"| {label} | {sessions} | {r.rate:.0f} | {p.rate:.0f} | {r.rate / p.rate:.1f} "
                   f"| {r.rate / most:.2f} "
                   f"| {r.cpu_ms:.2f} | {p.cpu_ms:.2f} | {r.cpu_ms / p.cpu_ms:.2f} "
                   f"| {r.written:.2f} | {p.written:.2f} | {r.written / p.written:.2f} "
                   f"| {r.per_sync:.1f} | {r.rate / r.per_sync / r.disk_rate:.2f} |")
    out += ["", "of the sink's: messages a second, as a part of what smtp-source reaches with "
            "smtp-sink, which keeps nothing. written: bytes to the disk for each byte of mail. a sync "
            "carries: messages of one commit. of the disk's syncs: commits a second, as a part of the "
            "fdatasync appends a second that the disk did right before and after."]
    return "\n".join(out)
