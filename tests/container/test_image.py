"""The image alone: what is in it and what it says of itself."""
import subprocess
import tarfile

import pytest

from engine import IMAGE, PACKAGED, TREE, Engine

SIZE_MAX = 9_000_000
VERSION = (TREE / "VERSION").read_text("ascii").strip()


def files_of(engine: Engine) -> dict[str, tarfile.TarInfo]:
    """Everything in the image by its path."""
    name = engine.podman("create", IMAGE).strip()
    try:
        with subprocess.Popen([*engine.enter, "podman", "export", name], env=engine.environment,
                              stdout=subprocess.PIPE) as export:
            with tarfile.open(fileobj=export.stdout, mode="r|") as tar:
                return {member.name.rstrip("/"): member for member in tar}
    finally:
        engine.podman("rm", name)


def test_one_program_and_one_folder(engine: Engine) -> None:
    """No shell, no library, no list of users: nothing that could be called or be out of date."""
    files = files_of(engine)
    engines_own = {"dev", "etc", "proc", "sys", "run"}  # mount points that podman makes
    ours = {name for name in files if name.split("/")[0] not in engines_own}
    assert ours == {"roost", "data", "backups"}
    for name in ("data", "backups"):
        assert (files[name].uid, files[name].gid, files[name].mode & 0o777) == (1000, 1000, 0o700)
    assert files["roost"].uid == 0 and not files["roost"].mode & 0o6022


def test_size(engine: Engine) -> None:
    """With the web interface in it."""
    assert engine.inspect(IMAGE, "image")["Size"] < SIZE_MAX


def test_what_the_image_says(engine: Engine) -> None:
    """An engine without a compose file has all it needs."""
    image = engine.inspect(IMAGE, "image")
    config = image["Config"]
    assert config["User"] == "1000:1000"
    assert config["Entrypoint"] == ["/roost"]
    assert list(config["Volumes"]) == ["/data"]
    assert set(config["ExposedPorts"]) == {
        f"{port}/tcp" for port in (25, 465, 587, 143, 993, 110, 995, 4190, 8080, 8443)}
    assert image["Healthcheck"]["Test"] == ["CMD", "/roost", "healthcheck"]
    labels = config["Labels"]
    assert labels["org.opencontainers.image.title"] == "Roost"
    assert labels["org.opencontainers.image.version"] == VERSION
    assert labels["org.opencontainers.image.revision"] == "tests"
    rows = [line.split("\t") for line in (TREE / "vendor/manifest.tsv").read_text("utf-8").splitlines()
            if not line.startswith("#")]
    licences = labels["org.opencontainers.image.licenses"].split(" AND ")
    assert set(licences) == {"MIT"} | {row[6] for row in rows}


def test_healthcheck_of_nobody(engine: Engine) -> None:
    """Without a server to ask, the answer is no."""
    status, said = engine.status("run", "--rm", IMAGE, "healthcheck")
    assert status == 1 and "healthcheck" in said


def test_a_data_folder_that_is_not_ours_is_told(engine: Engine) -> None:
    """The usual mistake with a folder of the host: its owner. One line says so, by its name."""
    status, said = engine.status("run", "--rm", "--read-only", "--tmpfs", "/data:mode=0755",
                                 "--sysctl", "net.ipv4.ip_unprivileged_port_start=0", IMAGE)
    [line] = [line for line in said.splitlines() if " server_failed " in line]
    assert status == 1 and "/data" in line


def test_ports_that_are_too_low_are_told(engine: Engine) -> None:
    """Without the compose file's sysctl, the log says what is missing."""
    status, said = engine.status("run", "--rm", "--sysctl",
                                 "net.ipv4.ip_unprivileged_port_start=1024", IMAGE)
    assert status == 1 and "ROOST_LISTEN_SMTP" in said
    assert "the sysctl net.ipv4.ip_unprivileged_port_start=0" in said


@pytest.mark.skipif(PACKAGED, reason="the binary is of another build")
def test_the_build_has_a_version(engine: Engine) -> None:
    """The version of the tree and the commit that the build was given."""
    assert engine.status("run", "--rm", IMAGE, "version") == (0, f"roost {VERSION} (tests)\n")
