"""roost sieve check and run: scripts without a server."""
import os
import subprocess

ROOST = os.path.abspath(os.environ.get("ROOST_BINARY", "build/roost"))

MESSAGE = ("From: boss@example.com\nTo: me@example.org\nSubject: Report\n\nPlease read.\n")


def roost(*words):
    return subprocess.run([ROOST, "sieve", *words], capture_output=True, text=True, env={},
                          check=False, timeout=60)


def test_check_shows_all_errors(tmp_path):
    script = tmp_path / "a.sieve"
    script.write_text("keep\nfrop;\nfileinto \"a\";\nif true { keep :x; }\n")
    done = roost("check", str(script))
    assert done.returncode == 1
    assert [line.split(":", 1)[1] for line in done.stderr.splitlines()] == [
        "2:1: A command ends in \";\"",
        "3:1: \"fileinto\" needs require \"fileinto\"",
        "4:16: \"keep\" has no argument \":x\"",
    ]
    script.write_text("require \"fileinto\";\nfileinto \"a\";\n")
    assert roost("check", str(script)).returncode == 0


def test_run_shows_actions_and_trace(tmp_path):
    script, message = tmp_path / "a.sieve", tmp_path / "m.eml"
    message.write_text(MESSAGE)
    script.write_text("require [\"fileinto\", \"envelope\", \"copy\"];\n"
                      "if allof (address :domain \"from\" \"example.com\",\n"
                      "          envelope \"to\" \"me@example.org\") {\n"
                      "  fileinto :copy \"Work\";\n}\n")
    done = roost("run", str(script), "--message", str(message), "--to", "me@example.org")
    assert (done.returncode, done.stdout) == (0, "fileinto Work copy (line 4)\nimplicit keep\n")
    done = roost("run", str(script), "--message", str(message), "--trace")
    assert "line 2: address is true: \"example.com\" matches \"example.com\"\n" in done.stdout
    assert "line 3: envelope is false" in done.stdout
    assert done.stdout.endswith("implicit keep\n") and "Work" not in done.stdout


def test_run_shows_an_error_and_keeps(tmp_path):
    script, message = tmp_path / "a.sieve", tmp_path / "m.eml"
    message.write_text(MESSAGE)
    script.write_text("require \"reject\";\nkeep;\nreject \"no\";\n")
    done = roost("run", str(script), "--message", str(message))
    assert done.returncode == 1 and "implicit keep" in done.stdout
    assert done.stderr.startswith(f"{script}:3: A rejected message")
    assert roost("run", str(script), "--frop").returncode == 2
