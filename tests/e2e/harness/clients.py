"""Programs that people read, fetch and send mail with, set up for alice; sync_clients.py has
those that keep two places the same."""
import ssl
import subprocess
from pathlib import Path

from harness.server import PASSWORDS, Roost, address
from harness.terminal import Terminal


def run(words: list[str], folder: Path, stdin: str = "", status: int = 0,
        **variables: str) -> "subprocess.CompletedProcess[str]":
    """A program with an environment of its own, which must end with this status."""
    done = subprocess.run(words, text=True, capture_output=True, timeout=60, check=False,
                          input=stdin, errors="replace",
                          env={"HOME": str(folder), "PATH": "/usr/bin:/bin", "TERM": "xterm",
                               "LANG": "C.UTF-8", **variables})
    assert done.returncode == status, done
    return done


def write(path: Path, text: str) -> Path:
    """A file with settings, which nobody else may read: some programs insist."""
    path.write_text(text, "utf-8")
    path.chmod(0o600)
    return path


def certificate(roost: Roost, folder: Path) -> Path:
    """The server's certificate in a file, as a client would pin it."""
    path = folder / "server.pem"
    path.write_text(ssl.get_server_certificate(("127.0.0.1", roost.ports["imaps"])), "ascii")
    return path


def on_screen(words: list[str], folder: Path) -> str:
    """A program that wants a terminal gets one; what it has painted."""
    line = " ".join(f"'{word}'" for word in words)
    return run(["script", "-qec", f"stty rows 40 cols 100; {line}", "/dev/null"], folder).stdout


# --- readers --------------------------------------------------------------------------------


def mutt(roost: Roost, folder: Path, keys: str, *settings: str, program: str = "neomutt") -> str:
    """Open the inbox in neomutt or mutt and press keys, the last of which must leave; what was
    on the screen."""
    rc = write(folder / "muttrc", "\n".join([
        f'set imap_user="{address("alice")}"',
        f'set imap_pass="{PASSWORDS["alice"]}"',
        "set ssl_force_tls=yes",
        "set ssl_verify_host=no",
        f'set certificate_file="{certificate(roost, folder)}"',
        f'set folder="imaps://127.0.0.1:{roost.ports["imaps"]}/"',
        'set spoolfile="+INBOX"',
        'set record="+Sent"',
        'set postponed="+Drafts"',
        "set pipe_decode=yes wait_key=no quit=yes delete=yes timeout=1",
        "set confirmappend=no confirmcreate=no auto_tag=yes resolve=no sleep_time=0 mark_old=no",
        *settings,
        f'push "{keys}"', ""]))
    return on_screen([program, "-n", "-F", str(rc)], folder)


def neomutt_read(roost: Roost, folder: Path) -> str:
    """Open the inbox in neomutt and show its first message; the text that it shows."""
    shown = folder / "shown"
    mutt(roost, folder, f"<first-entry><pipe-message>cat >{shown}<enter><quit>")
    return shown.read_text("utf-8")


def alpine(roost: Roost, folder: Path) -> Terminal:
    """Alpine in the index of the inbox."""
    server = (f"{{127.0.0.1:{roost.ports['imaps']}/imap/ssl/novalidate-cert"
              f"/user={address('alice')}}}")
    write(folder / ".pinerc", f"""
inbox-path={server}INBOX
folder-collections=Mail {server}[]
default-fcc={server}Sent
postponed-folder={server}Drafts
user-domain=example.org
personal-name=Alice
feature-list=quit-without-confirm,expunge-without-confirm,expunge-without-confirm-everywhere
last-version-used=6.26
""")
    terminal = Terminal(["alpine", "-i"], folder)
    terminal.wait("PASSWORD:")
    terminal.press(PASSWORDS["alice"] + "\r")
    terminal.wait("Preserve password")
    terminal.press("n")
    return terminal


# --- fetchers -------------------------------------------------------------------------------


def fetchmail(roost: Roost, folder: Path, *options: str, status: int = 0) -> list[bytes]:
    """Fetch the inbox to files; what has come this time. status 1: there was nothing."""
    inbox = folder / "fetched"
    inbox.mkdir(exist_ok=True)
    before = set(inbox.iterdir())
    rc = write(folder / "fetchmailrc", f"""
set idfile "{folder}/fetchids"
poll 127.0.0.1 protocol IMAP service {roost.ports['imaps']} auth password
  user "{address('alice')}" password "{PASSWORDS['alice']}" is root here
  ssl no sslcertck {' '.join(options)}
  mda "f=$(mktemp {inbox}/XXXXXX) && cat > $f"
""")
    run(["fetchmail", "-v", "-f", str(rc), "--pidfile", str(folder / "fetchmail.pid")], folder,
        status=status)
    return [path.read_bytes() for path in sorted(set(inbox.iterdir()) - before)]


def getmail(roost: Roost, folder: Path, *options: str, mailboxes: str = '"INBOX",') -> list[bytes]:
    """Retrieve to files; what has come this time."""
    inbox = folder / "got"
    inbox.mkdir(exist_ok=True)
    before = set(inbox.iterdir())
    take = write(folder / "take", f"#!/bin/sh\ncat > $(mktemp {inbox}/XXXXXX)\n")
    take.chmod(0o700)
    rc = write(folder / "getmailrc", f"""
[retriever]
type = SimpleIMAPSSLRetriever
server = 127.0.0.1
port = {roost.ports['imaps']}
username = {address('alice')}
password = {PASSWORDS['alice']}
mailboxes = ({mailboxes})

[destination]
type = MDA_external
path = {take}
allow_root_commands = true

[options]
""" + "\n".join(options) + "\n")
    run(["getmail", "--getmaildir", str(folder), "--rcfile", str(rc)], folder)
    return [path.read_bytes() for path in sorted(set(inbox.iterdir()) - before)]


def curl(roost: Roost, folder: Path, path: str, *words: str, status: int = 0) -> str:
    """Ask by an imaps:// URL as alice; what it prints."""
    return run(["curl", "-sk", "-u", f"{address('alice')}:{PASSWORDS['alice']}",
                f"imaps://127.0.0.1:{roost.ports['imaps']}/{path}", *words], folder,
               status=status).stdout


def imapfilter(roost: Roost, folder: Path, rules: str) -> None:
    """Run rules, in Lua, over the account `alice`."""
    config = write(folder / "imapfilter.lua", f"""
options.timeout = 20
options.certificates = false
options.hostnames = false
alice = IMAP {{ server = "127.0.0.1", port = {roost.ports['imaps']}, ssl = "auto",
               username = "{address('alice')}", password = "{PASSWORDS['alice']}" }}
{rules}
""")
    run(["imapfilter", "-c", str(config)], folder,
        SSL_CERT_FILE=str(certificate(roost, folder)))


# --- senders --------------------------------------------------------------------------------


def msmtp(roost: Roost, folder: Path, message: str, to: str) -> None:
    """Send a message as alice, STARTTLS on the submission port."""
    config = write(folder / "msmtprc", f"""
account default
host 127.0.0.1
port {roost.ports['submission']}
from {address('alice')}
auth on
user {address('alice')}
password "{PASSWORDS['alice']}"
tls on
tls_starttls on
tls_certcheck off
""")
    run(["msmtp", "-C", str(config), to], folder, message)
