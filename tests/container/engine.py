"""podman, buildah and podman-compose with images, networks and a network of their own.

Everything lies in a store that no other user of these programs sees, kept between runs so that
layers of the image are built once; what runs lies below /run. Containers, bridges and their
packet filter rules live in a network namespace of ours, which has one visitor beside it: another
namespace with an address from outside, as other mail servers have."""
import contextlib
import ctypes
import fcntl
import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import Any, Iterator

HERE = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True,
                      check=True).stdout.strip()
TREE = Path(__file__).resolve().parents[2]
CACHE = Path(os.environ.get("ROOST_CACHE") or
             Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "roost")
STORE = CACHE / "containers"
RUN = Path("/run/roost-container-tests")
BASE = "docker.io/library/debian:trixie-slim"
IMAGE = "localhost/roost"
PACKAGED = os.environ.get("ROOST_CONTAINER") == "package"  # the image is made of build/roost
NETWORK = "roost-tests"
PROJECT = "roost-tests"
CONTAINER = f"{PROJECT}_roost_1"
PROGRAMS = ("buildah", "podman", "podman-compose", "runc", "debootstrap", "iptables", "ip", "nsenter")
# Documentation addresses (RFC 5737, RFC 3849): the host's, the visitor's
HOST = {4: "198.51.100.1", 6: "2001:db8:25::1"}
VISITOR = {4: "198.51.100.2", 6: "2001:db8:25::2"}
CLONE_NEWNET = 0x40000000

STORAGE_CONF = f"""[storage]
driver = "overlay"
graphroot = "{STORE}/storage"
runroot = "{RUN}/storage"
"""
# The limits are below those of most machines, which podman would otherwise want to raise.
CONTAINERS_CONF = f"""[containers]
default_ulimits = ["nofile=20000:20000", "nproc=20000:20000"]
dns_servers = ["{VISITOR[4]}"]
log_driver = "k8s-file"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
lock_type = "file"
tmp_dir = "{RUN}/libpod"
[network]
network_backend = "netavark"
network_config_dir = "{RUN}/networks"
"""
# As in the registry's image: a build that is cut off is thrown away, so nothing has to be synced,
# and nobody reads its documentation.
DPKG_CFG = """force-unsafe-io
path-exclude /usr/share/doc/*
path-exclude /usr/share/man/*
path-exclude /usr/share/locale/*
"""


def missing() -> str | None:
    """Why containers cannot be tested here, or None."""
    absent = [p for p in PROGRAMS if shutil.which(p) is None]
    if os.geteuid() != 0:
        return "containers need root"
    if not absent and in_chroot():
        return "in a chroot, a command that is run in a container leaves both"
    return f"{', '.join(absent)} not installed: scripts/setup test" if absent else None


def in_chroot() -> bool:
    """Is our root another than our mount namespace's? Who enters the namespace comes out there."""
    words = ["stat", "--format=%d %i", "/"]
    return run(*words) != run("nsenter", "--mount=/proc/self/ns/mnt", *words)


def machine_mirror() -> str:
    """The Debian archive that this machine's apt is set up to use."""
    done = run("apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages",
               "Origin: Debian", "Component: main")
    return done.splitlines()[0]


def run(*words: str, **how: Any) -> str:
    """Output of a command that must succeed; what it said otherwise is in the exception."""
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=1500, **how)
    assert done.returncode == 0, f"{' '.join(words)}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
    return done.stdout


class Engine:
    """Made once for all tests; close() ends whatever they left running."""

    def __init__(self) -> None:
        for folder in (STORE, RUN):
            folder.mkdir(parents=True, exist_ok=True)
        self.lock = open(RUN / "lock", "w", encoding="ascii")
        fcntl.flock(self.lock, fcntl.LOCK_EX)  # another run in another tree waits
        (STORE / "storage.conf").write_text(STORAGE_CONF, "ascii")
        (STORE / "containers.conf").write_text(CONTAINERS_CONF, "ascii")
        self.environment = {**os.environ,
                            "CONTAINERS_STORAGE_CONF": f"{STORE}/storage.conf",
                            "CONTAINERS_CONF": f"{STORE}/containers.conf",
                            # There may be no systemd whose timers ask for the health
                            "DISABLE_HC_SYSTEMD": "true"}
        self.namespaces: list[str] = []
        self.remove_containers()
        self.make_network()

    def close(self) -> None:
        """Remove what ran; images and layers stay."""
        self.remove_containers()
        for name in self.namespaces:
            run("ip", "netns", "delete", name)
        self.lock.close()

    # --- networks ---

    def make_network(self) -> None:
        """The namespace of the containers, the visitor's, and a cable between them."""
        inside, outside = f"{NETWORK}-host", f"{NETWORK}-visitor"
        for name in (inside, outside):
            subprocess.run(["ip", "netns", "delete", name], capture_output=True, check=False)
            run("ip", "netns", "add", name)
            self.namespaces.append(name)
            run("ip", "-n", name, "link", "set", "lo", "up")
        run("ip", "-n", inside, "link", "add", "cable", "type", "veth",
            "peer", "name", "cable", "netns", outside)
        for name, addresses in ((inside, HOST), (outside, VISITOR)):
            run("ip", "-n", name, "link", "set", "cable", "up")
            run("ip", "-n", name, "address", "add", addresses[4] + "/24", "dev", "cable")
            run("ip", "-n", name, "address", "add", addresses[6] + "/64", "dev", "cable", "nodad")
        self.enter = ["nsenter", f"--net=/run/netns/{inside}"]

    @contextlib.contextmanager
    def as_visitor(self) -> Iterator[None]:
        """Sockets that this thread opens meanwhile are the visitor's."""
        libc = ctypes.CDLL(None, use_errno=True)

        def enter(path: str) -> None:
            fd = os.open(path, os.O_RDONLY)
            try:
                assert libc.setns(fd, CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())
            finally:
                os.close(fd)

        home = f"/proc/self/task/{threading.get_native_id()}/ns/net"
        fd = os.open(home, os.O_RDONLY)
        enter(f"/run/netns/{NETWORK}-visitor")
        try:
            yield
        finally:
            assert libc.setns(fd, CLONE_NEWNET) == 0
            os.close(fd)

    # --- images ---

    def make_base(self) -> None:
        """The Dockerfile's base from Debian's archive, under the name it has in the registry."""
        if self.image_exists(BASE):
            return
        with tempfile.TemporaryDirectory() as folder:
            run("debootstrap", "--variant=minbase", "trixie", folder, machine_mirror())
            shutil.rmtree(Path(folder) / "var/cache/apt/archives", ignore_errors=True)
            (Path(folder) / "etc/dpkg/dpkg.cfg.d/docker").write_text(DPKG_CFG, "ascii")
            with subprocess.Popen(["tar", "-C", folder, "-c", "."], stdout=subprocess.PIPE) as tar:
                self.podman("import", "-q", "-", BASE, stdin=tar.stdout)

    def build(self, commit: str, arch: str = "") -> str:
        """The unchanged Dockerfile, for this machine's processor or another; the image's name.
        Layers of an earlier run are taken. Its cache stays as well, so that a new dependency
        builds that one alone, and archives and npm packages that this machine has are not
        fetched again."""
        name = f"{IMAGE}-{arch}" if arch else IMAGE
        run("scripts/npm-modules", "web", cwd=TREE)
        volumes = []
        for ours, there in ((STORE / "cache", "/cache"), (CACHE / "archives", "/cache/archives"),
                            (CACHE / "npm", "/cache/npm")):
            ours.mkdir(exist_ok=True)
            volumes += ["-v", f"{ours}:{there}"]
        # Debian 12's buildah forgets BUILDPLATFORM where there is a platform, and takes layers of
        # any platform where there is none.
        platform = ["--platform", f"linux/{arch or HERE}", "--build-arg", f"BUILDPLATFORM=linux/{HERE}"]
        # What a build that was cut off has left would keep its images from going below.
        run("buildah", "rm", "--all", env=self.environment)
        # HEALTHCHECK is known to Docker's format alone.
        run("buildah", "bud", "--isolation", "chroot", "--network", "host", "--layers",
            "--pull-never", "--format", "docker", "--build-arg", f"COMMIT={commit}", *volumes,
            *platform, "-t", name, str(TREE), env=self.environment)
        run("podman", "image", "prune", "--force", env=self.environment)
        return name

    def package(self, commit: str) -> str:
        """The last stage of the Dockerfile, with the binary that is built already in place of the
        build stage's: seconds, where a cold build takes minutes."""
        arguments, last = re.fullmatch(r".*?(^ARG VERSION=.*?\n).*(^FROM scratch\n.*)",
                                       (TREE / "Dockerfile").read_text("utf-8"), re.S | re.M).groups()
        last = last.replace("--from=build /src/build/roost", "roost")
        last = last.replace("--from=build --chown=1000:1000 /image/", "--chown=1000:1000 image/")
        assert "--from" not in last
        with tempfile.TemporaryDirectory() as folder:
            context = Path(folder)
            (context / "Dockerfile").write_text(arguments + last, "utf-8")
            shutil.copy(TREE / "build/roost", context)
            for name in ("data", "backups"):
                (context / "image" / name).mkdir(parents=True)
                (context / "image" / name).chmod(0o700)
            run("buildah", "bud", "--isolation", "chroot", "--format", "docker", "--build-arg",
                f"COMMIT={commit}", "-t", IMAGE, folder, env=self.environment)
        return IMAGE

    def image_exists(self, name: str) -> bool:
        """Is there such an image?"""
        done = subprocess.run(["podman", "image", "exists", name], env=self.environment, check=False)
        return done.returncode == 0

    # --- containers ---

    def podman(self, *words: str, **how: Any) -> str:
        """Output of a podman command that must succeed."""
        return run(*self.enter, "podman", *words, env=self.environment, **how)

    def status(self, *words: str) -> tuple[int, str]:
        """Exit status and output of a podman command."""
        done = subprocess.run([*self.enter, "podman", *words], env=self.environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                              timeout=120)
        return done.returncode, done.stdout

    def inspect(self, name: str, kind: str = "container") -> Any:
        """What podman knows of a container or an image."""
        return json.loads(self.podman("inspect", "--type", kind, name))[0]

    def compose(self, file: Path, *words: str) -> str:
        """podman-compose on a file, under our project name."""
        return run(*self.enter, "podman-compose", "-p", PROJECT, "-f", str(file), *words,
                   env=self.environment, cwd=file.parent)

    def remove_containers(self) -> None:
        """All of this store, their volumes and networks."""
        enter = getattr(self, "enter", [])
        for words in (["rm", "--all", "--force", "--time", "1"], ["volume", "prune", "--force"],
                      ["network", "prune", "--force"]):
            subprocess.run([*enter, "podman", *words], env=self.environment, capture_output=True,
                           check=False, timeout=120)
