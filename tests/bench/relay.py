"""Mail through the queue: in at one side, out to servers that are so far away at the other."""

import dataclasses
import pathlib
import subprocess
import sys
import tempfile

from measure import Syncs
from smtp_servers import Load, RelayPostfix, RelayRoost, World, remove

DELAYS_MS = (0, 20, 200)
COUNTS = {0: 600, 20: 400, 200: 100}  # about what the slowest does in a second
SESSIONS = 10
DOMAINS = 100


@dataclasses.dataclass
class Relayed:
    """What one server did with one load."""
    rate: float              # messages a second, from the first connect until all were out
    in_rate: float           # that it took
    syncs: float | None      # that it asked of the disk, a message
    cpu_ms: float            # of CPU time a message
    connections: int         # that it made
    open_most: int           # at one time


def run_once(server, load, folder, delay_ms, count):
    with World(folder, delay_ms) as world:
        with server.running():
            load.relay(server, 1, 20, DOMAINS)  # warm up; the first login is a slow one
            world.wait(20)
            with Syncs(server.pids()) as syncs:
                cpu, made = server.cpu.usage(), world.counts()[1]
                begin, took = load.relay(server, SESSIONS, count, DOMAINS, keep=10)
                last = world.wait(20 + count)
                used = server.cpu.usage() - cpu
            seen = world.counts()
            return Relayed(count / (last - begin), count / took,
                           syncs.count / count if syncs.count is not None else None,
                           used / count * 1000, seen[1] - made, seen[2])


def servers(binary, folder, through):
    """Not OpenSMTPD: what it takes in its jail it does not send on reliably."""
    yield RelayRoost(binary, folder, through=through)
    yield RelayPostfix(folder, through=through)


def bench(binary, folder, seconds, names=None):
    """Rows of (through, delay, {name: Relayed}); the count is what the slowest does in some
    seconds."""
    load, rows = Load(), []
    for through in (True, False):
        for delay_ms in DELAYS_MS:
            found = {}
            for server in servers(binary, folder, through):
                if names and server.name not in names:
                    continue
                work = tempfile.mkdtemp(prefix="relay-", dir=folder)
                server.root = pathlib.Path(work) / server.root.name
                count = max(200, int(seconds * COUNTS[delay_ms]))
                try:
                    found[server.name] = run_once(server, load, work, delay_ms, count)
                except (RuntimeError, subprocess.TimeoutExpired) as e:
                    print(f"{server.name}, {delay_ms} ms: {e}", file=sys.stderr)
                remove(work)
            rows.append((through, delay_ms, found))
    return rows


def table(rows):
    names = list(dict.fromkeys(n for _, _, found in rows for n in found))
    out = ["| to | answers after | server | messages/s out | in | syncs a message | CPU ms "
           "| connections | at once | Roost, times |", "|---|---|---|---|---|---|---|---|---|---|"]
    for through, delay_ms, found in rows:
        to = "one server" if through else f"{DOMAINS} domains"
        for name in names:
            if name not in found:
                out.append(f"| {to} | {delay_ms} ms | {name} | fails | - | - | - | - | - | |")
                continue
            f = found[name]
            times = f"{found['Roost'].rate / f.rate:.1f}" if name != "Roost" else ""
            syncs = f"{f.syncs:.2f}" if f.syncs is not None else "-"
            out.append(f"| {to} | {delay_ms} ms | {name} | {f.rate:.0f} | {f.in_rate:.0f} "
                       f"| {syncs} | {f.cpu_ms:.2f} | {f.connections} | {f.open_most} | {times} |")
    return "\n".join(out)
