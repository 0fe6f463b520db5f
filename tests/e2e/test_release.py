"""The files of a release: the same bytes each time, and each works where it is installed.

Slow: xz takes 3 s of a core for the whole binary."""
import hashlib
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

import pytest

from harness.server import BINARY

EPOCH = 1_800_000_000
VERSION = Path("VERSION").read_text("ascii").strip()
ENVIRONMENT = {**os.environ, "SOURCE_DATE_EPOCH": str(EPOCH), "COMMIT": "0123456789ab"}
DEB = f"roost_{VERSION.replace('-', '~')}_amd64.deb"


def make(*words: str | Path) -> str:
    """Run a tool of packaging/; its output."""
    return subprocess.run(words, env=ENVIRONMENT, check=True, capture_output=True, text=True).stdout


def digest(path: Path) -> str:
    """SHA-256"""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Debian package of the binary."""
    folder = tmp_path_factory.mktemp("deb")
    make("packaging/make-deb", "amd64", BINARY, folder)
    return folder / DEB


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A program that is quickly compressed."""
    path = tmp_path / "small"
    path.write_text("#!/bin/sh\n", "ascii")
    return path


# --- the Debian package ---

def test_the_package_has_the_same_bytes(tmp_path: Path, small: Path) -> None:
    make("packaging/make-deb", "amd64", small, tmp_path / "a")
    make("sh", "-c", f"umask 077; TZ=Asia/Tokyo packaging/make-deb amd64 {small} {tmp_path}/b")
    assert digest(tmp_path / "a" / DEB) == digest(tmp_path / "b" / DEB)
    listed = make("dpkg-deb", "-c", tmp_path / "a" / DEB)
    for path in ("usr/bin/roost", "usr/lib/systemd/system/roost.service", "etc/roost/roost.env",
                 "usr/share/doc/roost/copyright"):
        assert f" ./{path}\n" in listed
    assert make("dpkg-deb", "-f", tmp_path / "a" / DEB, "Version").strip() == VERSION.replace("-", "~")


@pytest.mark.full("Slow: lintian takes 8 s of a core")
def test_lintian_has_nothing_to_say(package: Path) -> None:
    if shutil.which("lintian") is None:
        pytest.skip("lintian is not installed")
    done = subprocess.run(["lintian", "--fail-on", "error,warning", str(package)],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


# In a mount namespace: this machine's root with a layer over it that takes all changes.
INSTALL = r"""
set -e
work=$1 deb=$2
mount -t tmpfs tmpfs "$work"
mkdir "$work"/upper "$work"/inner "$work"/root
mount -t overlay overlay -o "lowerdir=/,upperdir=$work/upper,workdir=$work/inner" "$work/root"
mount -t proc proc "$work/root/proc"
mount --bind /dev "$work/root/dev"
cp "$deb" "$work/root/roost.deb"
exec chroot "$work/root" /bin/bash -c "$3"
"""

SERVE = r"""
set -e
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
dpkg -i /roost.deb
unit=/usr/lib/systemd/system/roost.service
! command -v systemd-analyze > /dev/null || systemd-analyze verify roost.service
value() { sed -n "s/^$1=//p" $unit; }
[ "$(stat -c '%U %a' /var/lib/roost)" = "roost 700" ]
[ "$(stat -c '%U %a' /etc/roost/roost.env)" = "root 640" ]
# No function: in the background $! would be the shell that waits for the server.
roost=(setpriv --reuid "$(value User)" --regid "$(value Group)" --init-groups env -i
	$(value Environment))
mkfifo -m 666 /log
for name in SMTP SUBMISSION SUBMISSIONS IMAP IMAPS POP3 POP3S MANAGESIEVE HTTP HTTPS; do
	listen+=("ROOST_LISTEN_$name=127.0.0.1:0")
done
"${roost[@]}" "${listen[@]}" ROOST_HOSTNAME=mx.example.org ROOST_DOCTOR_RESOLVERS= \
	ROOST_DNS_SERVERS=127.0.0.1:1 "$(value ExecStart)" > /dev/null 2> /log &
server=$!
grep -m 1 " info server_ready " < /log
"${roost[@]}" /usr/bin/roost domain list
kill $server
wait $server
echo "ended well"
dpkg -r roost
[ ! -e /usr/bin/roost ] && [ -e /etc/roost/roost.env ]
dpkg -P roost
[ ! -e /etc/roost ] && [ -e /var/lib/roost/roost.mdb ]
echo "mail is kept"
"""


def test_the_package_is_installed_and_serves(tmp_path: Path, package: Path) -> None:
    """dpkg installs it over this machine's own files, the server starts as the unit says, and the
    mail outlives a purge."""
    if os.getuid() != 0:
        pytest.skip("a mount namespace needs root")
    (tmp_path / "work").mkdir()
    done = subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "bash", "-c", INSTALL, "install",
         str(tmp_path / "work"), str(package), SERVE],
        capture_output=True, text=True, check=False, timeout=120)
    if done.stderr.startswith("unshare: "):
        pytest.skip("no mount namespace: " + done.stderr.strip())
    if "mount: " in done.stderr and " info server_ready " not in done.stdout:
        pytest.skip("no overlay can be mounted: " + done.stderr.strip())
    assert done.returncode == 0, done
    assert " info server_ready " in done.stdout and "ended well" in done.stdout, done
    assert "mail is kept" in done.stdout


# --- the image ---

def archive(path: Path) -> dict[str, bytes]:
    """Its files by name."""
    with tarfile.open(path) as tar:
        files = {member.name: tar.extractfile(member) for member in tar if member.isfile()}
        return {name: file.read() for name, file in files.items() if file}


def test_the_image_of_both_processors(tmp_path: Path, small: Path) -> None:
    words = ["packaging/make-oci", f"localhost/roost:{VERSION}"]
    for name in ("a", "b"):
        make(*words, tmp_path / name, f"amd64={small}", f"arm64={small}")
    assert digest(tmp_path / "a") == digest(tmp_path / "b")
    files = archive(tmp_path / "a")
    for name, content in files.items():
        if name.startswith("blobs/"):
            assert hashlib.sha256(content).hexdigest() == name.rsplit("/", 1)[1]

    def blob(descriptor: dict[str, Any]) -> Any:
        return json.loads(files["blobs/" + descriptor["digest"].replace(":", "/")])

    (top,) = json.loads(files["index.json"])["manifests"]
    images = blob(top)["manifests"]
    assert [image["platform"]["architecture"] for image in images] == ["amd64", "arm64"]
    config = blob(blob(images[1])["config"])
    assert config["architecture"] == "arm64"
    assert config["config"]["Entrypoint"] == ["/roost"] and config["config"]["User"] == "1000:1000"
    assert config["config"]["Healthcheck"]["Test"] == ["CMD", "/roost", "healthcheck"]
    assert "25/tcp" in config["config"]["ExposedPorts"] and "/data" in config["config"]["Volumes"]
    labels = config["config"]["Labels"]
    assert labels["org.opencontainers.image.version"] == VERSION
    assert labels["org.opencontainers.image.revision"] == "0123456789ab"
    assert "Zlib" in labels["org.opencontainers.image.licenses"]


@pytest.mark.full("Slow: podman takes 5 s of a core")
def test_podman_loads_the_image_and_runs_it(tmp_path: Path) -> None:
    if os.getuid() != 0 or shutil.which("podman") is None:
        pytest.skip("needs root and podman")
    image = f"localhost/roost:{VERSION}"
    make("packaging/make-oci", image, tmp_path / "oci.tar", f"amd64={BINARY}", f"arm64={BINARY}")
    # podman takes paths of 50 bytes at most.
    store = tempfile.mkdtemp(prefix="roost-pod-")
    podman = ["podman", "--root", f"{store}/store", "--runroot", f"{store}/run",
              "--storage-driver", "vfs", "--cgroup-manager", "cgroupfs", "--events-backend", "none"]
    try:
        make(*podman, "load", "-q", "-i", tmp_path / "oci.tar")
        look_into(podman, image)
    finally:
        shutil.rmtree(store)


def look_into(podman: list[str], image: str) -> None:
    """What podman says of the image that is for this machine, and what is in it."""
    told = json.loads(make(*podman, "image", "inspect", image))[0]
    assert told["Architecture"] == "amd64" and told["Config"]["User"] == "1000:1000"
    mounted = Path(make(*podman, "image", "mount", image).strip())
    try:
        assert sorted(path.name for path in mounted.iterdir()) == ["backups", "data", "roost"]
        assert digest(mounted / "roost") == digest(Path(BINARY))
        for name in ("backups", "data"):
            made = (mounted / name).stat()
            assert (made.st_uid, made.st_gid, made.st_mode & 0o777) == (1000, 1000, 0o700)
        done = subprocess.run(["/usr/sbin/chroot", "--userspec=1000:1000", str(mounted), "/roost",
                               "version"], capture_output=True, text=True, check=True, env={})
        assert done.stdout.startswith(f"roost {VERSION} ")
    finally:
        make(*podman, "image", "unmount", image)


# --- the list of what is inside ---

def test_the_list_of_what_is_inside(small: Path) -> None:
    text = make("packaging/make-sbom", small)
    assert text == make("packaging/make-sbom", small)
    told = json.loads(text)
    assert told["spdxVersion"] == "SPDX-2.3" and told["creationInfo"]["created"].endswith("Z")
    packages = {package["name"]: package for package in told["packages"]}
    for line in Path("vendor/manifest.tsv").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            name, _, _, version, _, sha256, licence, _ = line.split("\t")
            assert packages[name]["versionInfo"] == version
            assert packages[name]["licenseDeclared"] == licence
            assert packages[name]["checksums"] == [{"algorithm": "SHA256", "checksumValue": sha256}]
    assert "preact" in packages
    assert told["files"][0]["checksums"][1]["checksumValue"] == digest(small)
    ids = {e["SPDXID"] for e in told["packages"] + told["files"]} | {"SPDXRef-DOCUMENT"}
    assert len(ids) == len(told["packages"]) + len(told["files"]) + 1
    assert all(re.fullmatch(r"SPDXRef-[A-Za-z0-9.-]+", name) for name in ids)
    for relation in told["relationships"]:
        assert {relation["spdxElementId"], relation["relatedSpdxElement"]} <= ids


# --- what belongs to it ---

def test_the_workflow_calls_make_release() -> None:
    text = Path(".github/workflows/release.yml").read_text("ascii")
    assert "make release\n" in text and "IMAGE: ${{ vars.IMAGE }}" in text
    assert "docker build" not in text


def test_size_by_folder(tmp_path: Path) -> None:
    """scripts/size-map adds up the pieces of a linker's map."""
    (tmp_path / "roost.map").write_text("""Archive member included
 .text          0x0000000000000000       0x99 discarded.o
Linker script and memory map
 .text          0x0000000000001000      0x100 build/size/release/app/protocols/smtp_in/in.o
 .text.a_function_with_a_long_name
                0x0000000000001100       0x20 build/size/release/app/protocols/smtp_in/out.o
 .text.gone     0x0000000000000000       0x50 build/size/release/app/protocols/smtp_in/out.o
 .rodata        0x0000000000002000       0x30 /cache/lib/libcares.a(x.o)
 .bss           0x0000000000003000     0x9000 /cache/lib/libcares.a(x.o)
""", "ascii")
    (tmp_path / "roost-mapped").write_bytes(bytes(1000))
    rows = make("scripts/size-map", tmp_path / "roost-mapped", tmp_path / "roost.map").splitlines()
    assert rows[1].split() == ["664", "66.4", "%", "relocations,", "headers,", "padding"]
    assert rows[2].split() == ["288", "28.8", "%", "app/protocols/smtp_in"]
    assert rows[3].split() == ["48", "4.8", "%", "c-ares"]
