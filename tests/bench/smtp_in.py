"""Mail that comes in: how fast it is taken, how fast TLS begins, what open connections cost."""

import pathlib
import subprocess
import sys
import tempfile

import measure
from measure import Syncs
from smtp_servers import Load, OpenSmtpd, RelayPostfix, RelayRoost, certificate, remove

SESSIONS = (1, 10, 100)
TLS = ("plain", "starttls")
HELD = 2000
SERVICES = {"starttls": "smtp", "tls": "submissions"}  # where TLS begins so


def servers(binary, folder, packages, cert):
    """All that take mail and keep it: Roost in a mailbox, the others in their queue, which they do
    not touch any more."""
    yield RelayRoost(binary, folder, cert=cert)
    yield RelayPostfix(folder, cert=cert, hold=True)
    if list(pathlib.Path(packages).glob("opensmtpd*.deb")):
        yield OpenSmtpd(folder, packages, cert=cert, hold=True)


def accept(server, load, sessions, tls, seconds):
    """Messages a second, syncs and ms of CPU a message; None where this server fails or hangs."""
    try:
        return accept_once(server, load, sessions, tls, seconds)
    except (RuntimeError, subprocess.TimeoutExpired) as e:
        print(f"{server.name}, {tls}, {sessions} sessions: {e}", file=sys.stderr)
        return None


def accept_once(server, load, sessions, tls, seconds):
    send = lambda n: load.send(server.ports["smtp"], sessions, n, tls=tls)[1]
    guess = max(100, sessions)
    count = max(guess, int(guess / send(guess) * seconds))
    with Syncs(server.pids()) as syncs:
        cpu = server.cpu.usage()
        took = send(count)
        used = server.cpu.usage() - cpu
    return (count / took, syncs.count / count if syncs.count is not None else None,
            used / count * 1000)


def shakes(server, load, seconds):
    """{(service, how): (a second, part resumed, what was agreed)}"""
    seconds = max(1.0, seconds)
    for tls, service in SERVICES.items():  # processes, threads, caches: there when it counts
        load.shake(server.ports[service], tls, 4, 1.0)
    return {(tls, how): load.shake(server.ports[service], tls, 4, seconds,
                                   resume="resumed" in how, tls12="1.2" in how)
            for tls, service in SERVICES.items()
            for how in ("full", "full, TLS 1.2", "resumed", "resumed, TLS 1.2")}


def bench(binary, folder, packages, seconds):
    load, rates, handshakes = Load(), {}, {}
    for kind in ("rsa", "ecdsa"):
        cert = certificate(folder, kind)
        work = tempfile.mkdtemp(prefix=f"in-{kind}-", dir=folder)
        for server in servers(binary, work, packages, cert):
            with server.running():
                if not isinstance(server, OpenSmtpd):  # in its jail it has no handshake
                    handshakes[kind, server.name] = shakes(server, load, seconds / 2)
                for tls in TLS if kind == "ecdsa" else ():
                    for sessions in SESSIONS:
                        rates[tls, sessions, server.name] = accept(server, load, sessions, tls,
                                                                   seconds)
        remove(work)
    return rates, handshakes, held(binary, folder, load)


def held(binary, folder, load):
    """[(service, what they do, bytes resident with them, before)]"""
    rows, cert = [], certificate(folder, "ecdsa")
    for tls in TLS:
        for amid_data in (False, True):
            work = tempfile.mkdtemp(prefix="held-", dir=folder)
            server = RelayRoost(binary, work, cert=cert)
            with server.running():
                before = measure.memory(server.process.pid)[0]
                with load.held(server.ports["smtp"], tls, HELD, amid_data):
                    rows.append((tls, "amid DATA" if amid_data else "after EHLO",
                                 measure.memory(server.process.pid)[0], before))
            remove(work)
    return rows


def table(rates, handshakes, held_rows):
    out = ["| TLS | sessions | server | messages/s | syncs a message | CPU ms | Roost, times |",
           "|---|---|---|---|---|---|---|"]
    for (tls, sessions, name), found in sorted(rates.items(), key=lambda r: r[0][:2]):
        if found is None:
            out.append(f"| {tls} | {sessions} | {name} | fails | - | - | |")
            continue
        rate, syncs, cpu_ms = found
        times = f"{rates[tls, sessions, 'Roost'][0] / rate:.1f}" if name != "Roost" else ""
        syncs = f"{syncs:.2f}" if syncs is not None else "-"
        out.append(f"| {tls} | {sessions} | {name} | {rate:.0f} | {syncs} | {cpu_ms:.2f} "
                   f"| {times} |")
    out += ["", "| key | TLS | handshakes | server | a second | resumed | agreed | Roost, times |",
            "|---|---|---|---|---|---|---|---|"]
    for (kind, name), found in handshakes.items():
        for (tls, how), (rate, part, words) in found.items():
            ours = handshakes[kind, "Roost"][tls, how][0]
            out.append(f"| {kind} | {tls} | {how} | {name} | {rate:.0f} | {part:.2f} | {words} "
                       f"| {'' if name == 'Roost' else f'{ours / rate:.1f}'} |")
    out += ["", f"| {HELD} connections | TLS | resident | before |", "|---|---|---|---|"]
    for tls, what, now, before in held_rows:
        out.append(f"| {what} | {tls} | {now / 2**20:.1f} MiB | {before / 2**20:.1f} MiB |")
    return "\n".join(out)
