"""Mail servers that pass mail on, each in a folder of its own, and the world that they pass it to.
All of it runs in network and mount namespaces of its own (`alone`), so ports and name servers are
as on a machine of its own."""

import base64
import contextlib
import mmap
import os
import pathlib
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

from measure import CpuGroup
from servers import PASSWORD, USER, Roost, free_port, postfix_files, wait_for_port

HERE = pathlib.Path(__file__).parent
WORLD, WORLD_PORT = "127.16.0.1", 25  # not an address of the servers themselves: a loop
DNS_PORT = 53
LOAD_S = 30


def namespaces():
    return " ".join(os.readlink(f"/proc/self/ns/{kind}") for kind in ("net", "mnt"))


def alone():
    """Start this program anew in namespaces of its own, unless it is there already."""
    if "ROOST_BENCH_OUTSIDE" not in os.environ:
        os.environ["ROOST_BENCH_OUTSIDE"] = namespaces()
        os.execvp("unshare", ["unshare", "--net", "--mount", sys.executable, *sys.argv])


def world_prepare():
    """Once, in the namespaces: loopback, the name server for everybody, and who is dead.
    None of this may ever meet the machine itself."""
    outside = os.environ.get("ROOST_BENCH_OUTSIDE", "").split()
    if len(outside) != 2 or set(outside) & set(namespaces().split()):
        raise RuntimeError("not in namespaces of its own")
    handle, resolv = tempfile.mkstemp(prefix="roost-bench-resolv-")
    os.write(handle, b"nameserver 127.0.0.1\n")
    os.fchmod(handle, 0o644)
    os.close(handle)
    for words in ("ip link set lo up", f"mount --bind {resolv} /etc/resolv.conf",
                  "iptables -A INPUT -d 127.32.0.0/255.255.0.1 -p tcp -j DROP",
                  "iptables -A INPUT -d 127.32.0.1/255.255.0.1 -p tcp -j REJECT"
                  " --reject-with tcp-reset"):
        subprocess.run(words.split(), check=True)
    os.unlink(resolv)  # what is mounted stays


def built(name, *libs):
    """A C program of this folder, made when its source is newer."""
    program, source = HERE.parents[1] / "build" / "bench" / name, HERE / f"{name}.c"
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        program.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["gcc", "-O2", "-o", program, source, *libs, "-lpthread"],
                       check=True)
    return program


def certificate(folder, kind):
    """Files of a self-signed certificate and its key, "rsa" (2048 bits) or "ecdsa" (P-256)."""
    cert, key = (pathlib.Path(folder) / f"{kind}.{end}" for end in ("crt", "key"))
    if not cert.exists():
        how = ["rsa:2048"] if kind == "rsa" else ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
        subprocess.run(["openssl", "req", "-x509", "-newkey", *how, "-nodes", "-keyout", key,
                        "-out", cert, "-days", "30", "-subj", "/CN=bench.example.org",
                        "-addext", "subjectAltName=DNS:bench.example.org"],
                       check=True, capture_output=True)
        key.chmod(0o600)
    return cert, key


class Load:
    """smtp_load.c. What takes longer than some seconds hangs."""

    def __init__(self, seconds=LOAD_S):
        self.program = built("smtp_load", "-lssl", "-lcrypto")
        self.seconds = seconds

    def _run(self, *words):
        done = subprocess.run([self.program, *map(str, words)], capture_output=True, text=True,
                              timeout=self.seconds)
        if done.returncode != 0:
            raise RuntimeError(f"{words}: {done.stderr}")
        return done.stdout.split()

    def relay(self, server, sessions, count, domains, **more):
        """Send to u@dN.bench.test, with a login where that is needed."""
        if isinstance(server, RelayRoost):
            more.update(words=("-f", USER, "-a", server.auth))
        port = server.ports.get("submission", server.ports["smtp"])
        return self.send(port, sessions, count, "u@d#.bench.test", domains=domains, **more)

    def send(self, port, sessions, count, rcpt=USER, *, tls="plain", size=4096, domains=1, keep=1,
             words=()):
        """time.monotonic() of the first connect, and the seconds to the last 250."""
        begin, took = self._run("send", "-p", port, "-t", tls, "-s", sessions, "-m", count,
                                "-l", size, "-r", rcpt, "-n", domains, "-k", keep, *words)
        return float(begin), float(took)

    def shake(self, port, tls, sessions, seconds, *, resume=False, tls12=False):
        """Handshakes a second, the part of them that was resumed, protocol and cipher."""
        rate, part, *words = self._run("shake", "-p", port, "-t", tls, "-s", sessions,
                                       "-w", seconds, *["-R"] * resume, *["-2"] * tls12)
        return float(rate), float(part), " ".join(words)

    @contextlib.contextmanager
    def held(self, port, tls, sessions, amid_data):
        """So many connections, open meanwhile."""
        process = subprocess.Popen([self.program, "hold", "-p", str(port), "-t", tls,
                                    "-s", str(sessions), *["-D"] * amid_data],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            if process.stdout.readline() != b"held\n":
                raise RuntimeError(f"{sessions} connections could not be held")
            yield
        finally:
            process.stdin.close()
            process.wait(60)


class World:
    """smtp_world.c: names and mail servers, DELAY milliseconds away. Of the dead domains (xN), half
    are silent and half refuse."""

    fields = struct.Struct("=QQQQqq")

    def __init__(self, folder, delay_ms=0):
        self.folder, self.delay_ms = pathlib.Path(folder), delay_ms
        self.program = built("smtp_world")
        self.process = self.map = None

    def __enter__(self):
        counts = self.folder / "counts"
        counts.unlink(missing_ok=True)
        self.process = subprocess.Popen([self.program, counts, str(WORLD_PORT), str(DNS_PORT),
                                         str(self.delay_ms)])
        wait_for_port(WORLD_PORT, self.process)
        with open(counts, "rb") as f:
            self.map = mmap.mmap(f.fileno(), self.fields.size, prot=mmap.PROT_READ)
        return self

    def counts(self):
        """messages, connections, most open at once, questions for names, time.monotonic() of the
        first message and of the last."""
        *numbers, first_ns, last_ns = self.fields.unpack(self.map[:])
        return (*numbers, first_ns / 1e9, last_ns / 1e9)

    def wait(self, messages, seconds=60):
        """Until it has so many; when the last came."""
        end = time.monotonic() + seconds
        while self.counts()[0] < messages:
            if time.monotonic() > end:
                raise RuntimeError(f"{self.counts()[0]} of {messages} came in {seconds} s")
            time.sleep(0.01)
        return self.counts()[-1]

    def __exit__(self, *what):
        self.map.close()
        self.process.kill()
        self.process.wait()


class Server:
    """What the three have in common: a group whose processes are counted, ports by service."""

    @contextlib.contextmanager
    def running(self):
        """From start to stop, and whatever is left of it is ended."""
        try:
            self.start()
            yield self
            self.stop()
        finally:
            for pid in self.pids():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
            self.close()

    def pids(self):
        return (self.cpu.path / "cgroup.procs").read_text().split()

    def close(self):
        self.cpu.close()


class RelayRoost(Server, Roost):
    """Its users may send to anywhere, after a login that the others are not asked for. through: all
    mail goes to one server."""

    name = "Roost"
    auth = base64.b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode()

    def __init__(self, binary, folder, cert=None, through=False, **settings):
        super().__init__(binary, folder)
        self.cert, self.through, self.settings = cert, through, settings
        self.ports = {n: free_port() for n in ("smtp", "submission", "submissions", "imaps", "http")}

    def environment(self):
        env = super().environment()
        env.update(ROOST_HELO_CHECK="off", ROOST_LIMITS="", **self.settings)
        if self.through:
            env["ROOST_SMARTHOST"] = f"smtp://{WORLD}:{WORLD_PORT}"
        if self.cert:
            env["ROOST_TLS_CERT"], env["ROOST_TLS_KEY"] = map(str, self.cert)
        return env

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(60) == 0


class RelayPostfix(Server):
    """Debian's package with its own defaults, but for paths, ports, and the limits that would
    slow a single client down lifted. hold: what comes in stays in its queue."""

    name = "Postfix"

    def __init__(self, folder, cert=None, through=False, hold=False):
        self.root = pathlib.Path(folder) / "postfix"
        self.cpu = CpuGroup("postfix")
        self.cert, self.through, self.hold = cert, through, hold
        self.ports = {n: free_port() for n in ("smtp", "submissions")}

    def _settings(self):
        lines = ["mynetworks = 127.0.0.0/8", "mydestination ="]
        if self.through:
            lines.append(f"relayhost = [{WORLD}]:{WORLD_PORT}")
        if self.hold:
            lines.append("smtpd_recipient_restrictions = check_client_access static:HOLD,"
                         " permit_mynetworks")
        if self.cert:
            lines += [f"smtpd_tls_cert_file = {self.cert[0]}",
                      f"smtpd_tls_key_file = {self.cert[1]}", "smtpd_tls_security_level = may"]
        return "\n".join(lines)

    def start(self):
        if not self.root.exists():
            self.root.mkdir()
            os.chmod(self.root.parent, 0o755)
            postfix_files(self.root, [
                f"127.0.0.1:{self.ports['smtp']} inet n - n - - smtpd",
                f"127.0.0.1:{self.ports['submissions']} inet n - n - - smtpd"
                " -o smtpd_tls_wrappermode=yes"], self._settings())
        subprocess.run(["postfix", "-c", self.root / "conf", "start"], check=True,
                       preexec_fn=self.cpu.enter, stderr=subprocess.DEVNULL)
        wait_for_port(self.ports["smtp"])

    def stop(self):
        subprocess.run(["postfix", "-c", self.root / "conf", "stop"], stderr=subprocess.DEVNULL)


# Runs in a mount namespace of OpenSMTPD's own: who removes the bench's folder must never see what
# is mounted in it, or would remove the system's files with it. And /usr cannot be written there.
OPENSMTPD_JAIL = """
set -e
mount -t tmpfs tmpfs "$JAIL"
cd "$JAIL"
mkdir -p usr etc dev proc run tmp opt var/spool/smtpd var/lib/opensmtpd/empty
ln -s ../run var/run
for d in lib lib64 bin sbin; do ln -s usr/$d $d; done
mount --bind /usr usr
mount -o remount,bind,ro usr
mount -t tmpfs tmpfs usr/libexec
mkdir usr/libexec/opensmtpd
cp "$UNPACKED"/usr/libexec/opensmtpd/* usr/libexec/opensmtpd/
cp -a "$UNPACKED"/usr/sbin/smtpd "$UNPACKED"/usr/sbin/smtpctl "$UNPACKED"/usr/lib/*/libevent* opt/
chgrp 64991 opt/smtpctl
chmod 2755 opt/smtpctl
for d in null zero urandom random; do : > dev/$d; mount --bind /dev/$d dev/$d; done
mount -t proc proc proc
cp -rL /etc/passwd /etc/group /etc/services /etc/protocols /etc/nsswitch.conf /etc/hosts \
	/etc/resolv.conf etc/
mkdir -p etc/ssl/certs
cp -L /etc/ssl/certs/ca-certificates.crt etc/ssl/certs/
echo 'opensmtpd:x:64990:64990::/var/lib/opensmtpd/empty:/usr/sbin/nologin' >> etc/passwd
echo 'opensmtpq:x:64991:64991::/var/lib/opensmtpd/empty:/usr/sbin/nologin' >> etc/passwd
printf 'opensmtpd:x:64990:\\nopensmtpq:x:64991:\\n' >> etc/group
echo peer.example.org > etc/mailname
: > etc/aliases
mount --bind "$SPOOL" var/spool/smtpd
cp "$CONF" etc/smtpd.conf
[ -z "$CERT" ] || cp "$CERT" "$KEY" etc/
export LD_LIBRARY_PATH=/opt
exec chroot . /opt/smtpd -d -f /etc/smtpd.conf
"""


def remove(folder):
    """A folder and all in it, unless something is mounted there."""
    path = str(pathlib.Path(folder).resolve())
    lines = pathlib.Path("/proc/self/mountinfo").read_text().splitlines()
    mounts = [line.split()[4] for line in lines]
    if any(m == path or m.startswith(path + "/") for m in mounts):
        raise RuntimeError(f"something is mounted in {path}: it stays")
    shutil.rmtree(path, ignore_errors=True)


class OpenSmtpd(Server):
    """Debian's package, which cannot be installed beside Postfix: unpacked, in a tree of its own,
    with its queue on the same disk as the others' (queue on files, its default)."""

    name = "OpenSMTPD"
    packages = ("opensmtpd", "libevent-2.1-7", "libevent-core-2.1-7")

    def __init__(self, folder, packages, cert=None, through=False, hold=False):
        self.root = pathlib.Path(folder) / "opensmtpd"
        self.packages_in = pathlib.Path(packages)
        self.unpacked = self.packages_in / "unpacked"
        self.cpu = CpuGroup("opensmtpd")
        self.cert, self.through, self.hold = cert, through, hold
        self.ports = {n: free_port() for n in ("smtp", "submissions")}
        self.process = None

    @classmethod
    def fetch(cls, folder):
        """Into that folder, before the namespaces are entered. False: they cannot be had."""
        into = pathlib.Path(folder)
        into.mkdir(parents=True, exist_ok=True)
        if list(into.glob("opensmtpd*.deb")):
            return True
        return subprocess.run(["apt-get", "-qq", "download", *cls.packages], cwd=into,
                              stderr=subprocess.DEVNULL).returncode == 0

    def _files(self):
        self.root.mkdir()
        os.chmod(self.root.parent, 0o755)
        spool = self.root / "spool"
        spool.mkdir()
        spool.chmod(0o711)
        smtp, smtps = self.ports["smtp"], self.ports["submissions"]
        to = f" host smtp://{WORLD}:{WORLD_PORT}" if self.through else ""
        lines = ["smtp max-message-size 50M", f'action "out" relay{to}',
                 'match from any for any action "out"']
        if self.cert:
            cert, key = (f"/etc/{path.name}" for path in self.cert)
            lines = [f'pki bench cert "{cert}"', f'pki bench key "{key}"',
                     f"listen on 127.0.0.1 port {smtp} tls pki bench",
                     f"listen on 127.0.0.1 port {smtps} smtps pki bench"] + lines
        else:
            lines.insert(0, f"listen on 127.0.0.1 port {smtp}")
        (self.root / "smtpd.conf").write_text("\n".join(lines) + "\n")
        (self.root / "jail").mkdir()
        if not self.unpacked.exists():
            for deb in self.packages_in.glob("*.deb"):
                subprocess.run(["dpkg", "-x", deb, self.unpacked], check=True)

    def start(self):
        if not self.root.exists():
            self._files()
        cert, key = self.cert or ("", "")
        env = dict(os.environ, JAIL=self.root / "jail", UNPACKED=self.unpacked, CERT=str(cert),
                   SPOOL=self.root / "spool", CONF=self.root / "smtpd.conf", KEY=str(key))
        self.process = subprocess.Popen(["unshare", "--mount", "sh", "-c", OPENSMTPD_JAIL], env=env,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        preexec_fn=self.cpu.enter)
        wait_for_port(self.ports["smtp"], self.process)
        if self.hold:
            subprocess.run(["nsenter", f"--mount=/proc/{self.process.pid}/ns/mnt", "chroot",
                            self.root / "jail", "env", "LD_LIBRARY_PATH=/opt", "/opt/smtpctl",
                            "pause", "mta"], check=True, stdout=subprocess.DEVNULL)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)
