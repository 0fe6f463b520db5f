"""What a script of 20 rules costs a delivery: two servers of the same kind, one of them with an
active script, loaded in turns."""

import pathlib
import statistics
import subprocess

import delivery
import measure
from servers import USER, Roost

RULES = 20
REPEATS = 9
SIZE = 4096
SESSIONS = 10


def script():
    """No rule applies, so each is tested, and the message goes to INBOX as without it."""
    rules = "".join(f"""
if anyof (header :contains "subject" "offer {i}", address :is "from" "person{i}@peer.example") {{
  fileinto "Folder {i}";
}}""" for i in range(RULES))
    return f'require "fileinto";{rules}\n'


def bench(binary, folder, seconds):
    device = measure.device_of(folder)
    servers = []
    for name in ("without", "with"):
        path = pathlib.Path(folder) / name
        path.mkdir()
        servers.append(Roost(binary, path))
        servers[-1].cpu = measure.CpuGroup(f"filters-{name}")
    file = pathlib.Path(folder) / "rules.sieve"
    file.write_text(script())
    for server in servers:
        server.start()
        delivery.run_once(server, 5, SIZE, 50, device)
    for words in (("put", USER, "rules", file), ("activate", USER, "rules")):
        subprocess.run([binary, "script", *words], env=servers[1].environment(), check=True)
    figures = {server: [] for server in servers}
    try:
        count = max(500, int(delivery.run_once(servers[0], SESSIONS, SIZE, 200, device).rate * seconds))
        for _ in range(REPEATS):
            for server in servers:
                figures[server].append(
                    delivery.run_once(server, SESSIONS, SIZE, count, device).cpu_ms)
    finally:
        for server in servers:
            server.stop()
            server.close()
    return [statistics.median(figures[server]) for server in servers]


def table(figures):
    without, with_script = figures
    return "\n".join(["| delivery, 4 KiB | CPU ms a message |", "|---|---|",
                      f"| without filters | {without:.3f} |",
                      f"| with a script of {RULES} rules | {with_script:.3f} |",
                      f"| more | {(with_script / without - 1) * 100:.1f} % |"])
