"""roost sieve check and run: scripts without a server."""
import glob
import os
import re
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


def test_check_for_an_smtp_stage(tmp_path):
    script = tmp_path / "a.sieve"
    script.write_text("require \"vnd.roost.smtp\";\ndefer \"later\";\n")
    assert roost("check", str(script), "--stage", "rcpt").returncode == 0
    assert roost("check", str(script)).returncode == 1
    assert roost("check", str(script), "--stage", "hello").returncode == 2


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


def test_files_of_tests_pass():
    """Our own, and a public suite when there is one."""
    files = glob.glob("tests/sieve/*.svtest") + glob.glob("../shared/conformance/**/*.svtest", recursive=True)
    done = roost("test", *sorted(files))
    failed = [line for line in done.stdout.splitlines() if line.startswith("failed ")]
    assert (failed, done.stderr, done.returncode) == ([], "", 0)
    assert int(done.stdout.splitlines()[-1].split()[0]) > 0


def test_a_failure_is_reported_and_the_next_test_runs(tmp_path):
    tests = tmp_path / "a.svtest"
    tests.write_text('require ["vnd.dovecot.testsuite", "reject"];\n'
                     'test "one" { test_fail "no"; stop; }\n'
                     'test "two" { reject "a"; reject "b"; }\n'
                     'test "three" { if not true { test_fail "never"; } }\n')
    done = roost("test", str(tests))
    assert done.returncode == 1
    assert done.stdout == (f"failed {tests}:2: one: line 2: no\n"
                           f"failed {tests}:3: two: line 3: A rejected message cannot be kept, sent, answered or "
                           f"rejected again\npassed {tests}:4: three\n1 passed, 2 failed\n")
    tests.write_text('require "vnd.dovecot.testsuite"; if true { test "a" { keep; } }')
    done = roost("test", str(tests))
    assert done.returncode == 1 and "stands outside of blocks" in done.stderr
    assert roost("test", str(tmp_path / "missing")).returncode == 1


def test_the_reference_lists_every_extension():
    with open("app/formats/sieve/extensions.c", encoding="utf-8") as f:
        names = re.findall(r'\[EXT_\w+\] = \{ "([^"]+)"', f.read())
    with open("docs/reference/sieve.md", encoding="utf-8") as f:
        page = f.read()
    assert len(names) > 40
    assert [name for name in names if not name.startswith("vnd.") and f"`{name}`" not in page] == []


def test_run_shows_an_error_and_keeps(tmp_path):
    script, message = tmp_path / "a.sieve", tmp_path / "m.eml"
    message.write_text(MESSAGE)
    script.write_text("require \"reject\";\nkeep;\nreject \"no\";\n")
    done = roost("run", str(script), "--message", str(message))
    assert done.returncode == 1 and "implicit keep" in done.stdout
    assert done.stderr.startswith(f"{script}:3: A rejected message")
    assert roost("run", str(script), "--frop").returncode == 2
