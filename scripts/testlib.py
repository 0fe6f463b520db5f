"""What the test runners of scripts/ share: how a result is printed and kept for the sum, and
how pytest is run."""
import importlib.util
import os
import re
import subprocess
import xml.etree.ElementTree as xml

BUILD = os.environ.get("BUILD", "build")
FOLDER = BUILD + "/test"


def shorten(text, lines=80):
    """What was built and the tests that passed are no news; of the rest the end is."""
    no_news = re.compile(r"\[ (RUN     |      OK)|  (CC|AR|LD|GEN) ")
    kept = [x for x in text.splitlines() if not no_news.match(x)]
    return "\n".join((["..."] if len(kept) > lines else []) + kept[-lines:])


def report(step, passed, failed, names=()):
    """Print a step's result and keep it for scripts/test; returns the exit status. names: of what
    failed, where no "FAILED name" line of pytest says it."""
    os.makedirs(FOLDER, exist_ok=True)
    for name in names:
        print(f"FAILED {name}")
    with open(f"{FOLDER}/{step}.count", "w", encoding="ascii") as f:
        f.write(f"{passed} {failed}\n")
    print(f"{step}: {passed} passed, {failed} failed")
    return 1 if failed else 0


def times_write(step, times):
    """Keep what each test of a step took, {name: seconds}, for times.tsv and the next run."""
    os.makedirs(FOLDER, exist_ok=True)
    with open(f"{FOLDER}/{step}.times", "w", encoding="utf-8") as f:
        f.writelines(f"{seconds:.1f}\t{name}\n"
                     for name, seconds in sorted(times.items(), key=lambda row: -row[1]))


def times_read(step):
    """The times of the last run; empty when there was none."""
    try:
        with open(f"{FOLDER}/{step}.times", encoding="utf-8") as f:
            rows = [line.rstrip("\n").split("\t", 1) for line in f]
    except OSError:
        return {}
    return {name: float(seconds) for seconds, name in rows}


def slow_reason(name):
    """Does the file of a test, named as "step: test", state why the test takes long?"""
    step, test = name.split(": ", 1)
    file = test.split("::")[0]
    places = {"e2e": f"tests/e2e/{file}.py", "container": f"tests/container/{file}.py",
              "arm64": f"tests/e2e/{file}.py", "browser": f"tests/browser/{file}", "speed": f"tests/browser/{file}"}
    try:
        with open(places.get(step, f"tests/unit/{test}.c"), encoding="utf-8") as f:
            return "Slow:" in f.read()
    except OSError:
        return True  # of a fuzz target the time is given


def pytest_results(path):
    """(passed, failed, skipped, times) of pytest's report: failed is a list of tests as pytest takes
    them, skipped one of sentences, times a table of seconds by test."""
    try:
        cases = list(xml.parse(path).getroot().iter("testcase"))
    except (OSError, xml.ParseError):
        return 0, [], [], {}
    failed = sorted({f"{case.get('classname').replace('.', '/')}.py::{case.get('name')}" for case in cases
                     if case.find("failure") is not None or case.find("error") is not None})
    skipped = [f"{case.get('name')}: " + reason.get("message", "").split("\n")[0]
               for case in cases for reason in case.findall("skipped")]
    times = {f"{case.get('classname').split('.')[-1]}::{case.get('name')}": float(case.get("time"))
             for case in cases}
    return len(cases) - len(failed) - len(skipped), failed, skipped, times


# A test that fails next to others is run once more by itself, unless so many fail. One that passes then
# counts as passed and is named as unstable in the last lines.
UNSTABLE_MAX = 4

# Most tests wait for others most of the time; those of containers share one network.
WORKERS = {"e2e": 3, "arm64": 2}


def parallel(step):
    """pytest's arguments for tests that run side by side, a file in one process."""
    if step not in WORKERS or importlib.util.find_spec("xdist") is None:
        return []
    return ["-n", os.environ.get("ROOST_TEST_WORKERS", str(WORKERS[step])), "--dist", "loadfile"]


def run_pytest(step, folder, arguments):
    """Run pytest on a folder of tests, or on those that the arguments name; the exit status."""
    os.makedirs(FOLDER, exist_ok=True)
    result = f"{FOLDER}/{step}.xml"
    if os.path.exists(result):
        os.remove(result)
    named = any(os.path.exists(a.split("::")[0]) for a in arguments)
    if not named:
        arguments = [*arguments, folder]
    # Not every user finds what lies in sbin.
    environment = {"ROOST_BINARY": os.path.abspath(BUILD + "/roost"),
                   "PYTHONDONTWRITEBYTECODE": "1", **os.environ,
                   "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"}
    # Tests marked "full" run in test-all, and when they are named.
    marked = [] if os.environ.get("ROOST_TEST") == "all" or named else ["-m", "not full"]
    command = ["/usr/bin/python3", "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run([*command, f"--junitxml={result}", *parallel(step), *marked, *arguments],
                          env=environment, check=False)
    passed, failed, skipped, times = pytest_results(result)
    times_write(step, times)
    for sentence in skipped:
        print(f"skipped: {sentence}")
    if done.returncode in (0, 5):
        return report(step, passed, 0)
    if failed and len(failed) <= UNSTABLE_MAX and not named:
        again = f"{FOLDER}/{step}-again.xml"
        subprocess.run([*command, f"--junitxml={again}", *failed], env=environment, check=False)
        still = pytest_results(again)
        if still[0] + len(still[1]) == len(failed):
            for test in sorted(set(failed) - set(still[1])):
                print(f"unstable: {test}")
            return report(step, passed + still[0], len(still[1]))
    return report(step, passed, max(len(failed), 1))
