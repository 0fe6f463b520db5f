"""What the test runners of scripts/ share: how a result is printed and kept for the sum."""
import os
import re

BUILD = os.environ.get("BUILD", "build")
FOLDER = BUILD + "/test"


def shorten(text, lines=80):
    """What was built and the tests that passed are no news; of the rest the end is."""
    no_news = re.compile(r"\[ (RUN     |      OK)|  (CC|AR|LD|GEN) ")
    kept = [x for x in text.splitlines() if not no_news.match(x)]
    return "\n".join((["..."] if len(kept) > lines else []) + kept[-lines:])


def report(step, passed, failed):
    """Print a step's result and keep it for scripts/test; returns the exit status."""
    os.makedirs(FOLDER, exist_ok=True)
    with open(f"{FOLDER}/{step}.count", "w", encoding="ascii") as f:
        f.write(f"{passed} {failed}\n")
    print(f"{step}: {passed} passed, {failed} failed")
    return 1 if failed else 0
