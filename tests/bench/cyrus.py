"""Cyrus, whose Debian package cannot be installed beside Dovecot's: fetched and unpacked only."""

import imaplib
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import threading

from measure import CpuGroup
from servers import PASSWORD, free_port, wait_for_port

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGES = ROOT / "build" / "bench" / "cyrus"


def answer_logins(listening):
    """Instead of saslauthd, a socket that says yes to any password: four strings, each after its
    size, and such a string back."""
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        with connection, connection.makefile("rb") as stream:
            for _ in range(4):
                stream.read(*struct.unpack(">H", stream.read(2)))
            connection.sendall(b"\0\2OK")


class Cyrus:
    """Its own defaults, but for paths, ports and conversations, which JMAP needs."""

    name = "Cyrus"
    packages = ["cyrus-common", "cyrus-imapd", "cyrus-caldav", "libical3", "libshp2", "libzephyr4"]

    def __init__(self, folder):
        self.root = pathlib.Path(folder) / "cyrus"
        self.bin = PACKAGES / "root" / "usr" / "lib" / "cyrus" / "bin"
        self.cpu = CpuGroup("cyrus")
        self.ports = {"imap": free_port(), "http": free_port()}
        libraries = PACKAGES / "root" / "usr" / "lib"
        self.env = {**os.environ, "LD_LIBRARY_PATH":
                    f"{libraries}/x86_64-linux-gnu:{libraries}/cyrus/lib:{libraries}"}
        self.process = self.logins = None

    @classmethod
    def fetch(cls):
        """False: the packages cannot be had."""
        PACKAGES.mkdir(parents=True, exist_ok=True)
        if (PACKAGES / "root").exists():
            return True
        if subprocess.run(["apt-get", "-qq", "download", *cls.packages], cwd=PACKAGES, check=False,
                          stderr=subprocess.DEVNULL).returncode:
            return False
        for package in PACKAGES.glob("*.deb"):
            subprocess.run(["dpkg", "-x", package, PACKAGES / "root"], check=True)
        return True

    def _files(self):
        for name in ("conf/socket", "conf/db", "conf/proc", "conf/log", "conf/msg", "spool"):
            (self.root / name).mkdir(parents=True)
        self.conf = self.root / "imapd.conf"
        self.conf.write_text(f"""
configdirectory: {self.root}/conf
defaultpartition: default
partition-default: {self.root}/spool
admins: cyrus
virtdomains: userid
defaultdomain: example.org
cyrus_user: nobody
servername: peer.example.org
unixhierarchysep: yes
altnamespace: yes
allowplaintext: yes
conversations: 1
httpmodules: jmap
sasl_mech_list: PLAIN
sasl_pwcheck_method: saslauthd
sasl_saslauthd_path: {self.root}/logins
""")
        (self.root / "cyrus.conf").write_text(f"""
START {{
  recover cmd="{self.bin}/ctl_cyrusdb -C {self.conf} -r"
}}
SERVICES {{
  imap cmd="{self.bin}/imapd -C {self.conf} -U 100" listen="127.0.0.1:{self.ports['imap']}" prefork=1
  http cmd="{self.bin}/httpd -C {self.conf} -U 100" listen="127.0.0.1:{self.ports['http']}" prefork=1
}}
EVENTS {{
}}
""")
        for path in (self.root, *self.root.rglob("*")):
            shutil.chown(path, "nobody")

    def start(self):
        self._files()
        self.logins = socket.socket(socket.AF_UNIX)
        self.logins.bind(str(self.root / "logins"))
        os.chmod(self.root / "logins", 0o666)
        self.logins.listen(20)
        threading.Thread(target=answer_logins, args=(self.logins,), daemon=True).start()
        with open(self.root / "out", "wb") as out:
            self.process = subprocess.Popen(
                [self.bin / "master", "-C", self.conf, "-M", self.root / "cyrus.conf",
                 "-p", self.root / "pid"],
                env=self.env, stdout=out, stderr=out, preexec_fn=self.cpu.enter)
        wait_for_port(self.ports["http"], self.process)
        admin = imaplib.IMAP4("127.0.0.1", self.ports["imap"])
        admin.login("cyrus", PASSWORD)
        assert admin.create("user/user")[0] == "OK"
        admin.logout()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)
        self.logins.close()

    def settle(self):
        """Without a search index: its squatter does not end here."""

    def close(self):
        self.cpu.close()
