"""Local delivery over SMTP, everything durable, counted until the messages are in the mailbox."""

import subprocess
import time

import measure
from servers import USER, PostfixDovecot, Roost

SIZES = {"4 KiB": 4096, "100 KiB": 102400}
SESSIONS = (1, 10, 50)


def run_once(server, sessions, size, count, device):
    """One load of smtp-source; returns (messages/s, CPU ms a message, bytes written a byte)."""
    before = server.stored(0)
    cpu, disk, begin = server.cpu.usage(), measure.disk_written(device), time.monotonic()
    subprocess.run(["smtp-source", "-s", str(sessions), "-m", str(count), "-l", str(size),
                    "-f", "sender@peer.example", "-t", USER,
                    f"inet:127.0.0.1:{server.ports['smtp']}"], check=True)
    while server.stored(before + count) - before < count and not isinstance(server, Roost):
        if time.monotonic() - begin > 300:
            raise RuntimeError(f"{server.name} lost messages")
        time.sleep(0.02)
    took = time.monotonic() - begin
    subprocess.run(["sync"])  # what was put off belongs to the load that caused it
    used = (server.cpu.usage() - cpu) if cpu is not None else float("nan")
    written = measure.disk_written(device) - disk
    return count / took, used / count * 1000, written / (count * size)


def bench(binary, folder, seconds):
    device = measure.device_of(folder)
    rate = measure.fdatasync_rate(folder)
    servers = [Roost(binary, folder), PostfixDovecot(folder)]
    rows = []
    for s in servers:
        s.start()
        run_once(s, 5, 4096, 50, device)  # warm up
    try:
        for label, size in SIZES.items():
            for sessions in SESSIONS:
                results = []
                for s in servers:
                    guess, _, _ = run_once(s, sessions, size, 100, device)
                    count = max(100, int(guess * seconds))
                    results.append(run_once(s, sessions, size, count, device))
                rows.append((label, sessions, *results))
    finally:
        for s in servers:
            s.stop()
            s.close()
    return rate, rows


def table(rate, rows):
    out = [f"fdatasync appends of 4 KiB: {rate:.0f}/s in the same run", "",
           "| message | sessions | Roost msg/s | P+D msg/s | ratio | Roost CPU ms | P+D CPU ms | ratio "
           "| Roost written | P+D written | ratio |",
           "|---|---|---|---|---|---|---|---|---|---|---|"]
    for label, sessions, (rate_r, cpu_r, disk_r), (rate_p, cpu_p, disk_p) in rows:
        out.append(f"| {label} | {sessions} | {rate_r:.0f} | {rate_p:.0f} | {rate_r / rate_p:.1f} "
                   f"| {cpu_r:.2f} | {cpu_p:.2f} | {cpu_r / cpu_p:.2f} "
                   f"| {disk_r:.2f} | {disk_p:.2f} | {disk_r / disk_p:.2f} |")
    return "\n".join(out)
