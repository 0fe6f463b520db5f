#!/usr/bin/python3
"""tests/bench/api.py: how long reads of the API take with 1,000 accounts, one after the other over
one connection, seen by a client on the same machine."""
import http.client
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))
# pylint: disable=wrong-import-position
from harness.api import Api, as_owner  # noqa: E402
from harness.server import DOMAIN, Roost, new_folder  # noqa: E402

ACCOUNTS, CALLS = 1000, 300
PATHS = ("/session", "/accounts?limit=50", "/accounts?limit=50&q=user99",
         f"/accounts/user500@{DOMAIN}", "/domains", "/audit?limit=50", "/overview", "/queue",
         "/openapi.json")


def measure(roost: Roost, api: Api, path: str) -> None:
    """Print one line: status, bytes, median and 99th percentile."""
    c = http.client.HTTPConnection("127.0.0.1", roost.ports["http"], timeout=30)
    took = []
    for _ in range(CALLS):
        begun = time.perf_counter()
        c.request("GET", "/api" + path, headers={"Cookie": api.cookie})
        answer = c.getresponse()
        size = len(answer.read())
        took.append((time.perf_counter() - begun) * 1000)
    c.close()
    print(f"{path:36} {answer.status} {size:7} bytes  median {statistics.median(took):5.2f} ms"
          f"  p99 {sorted(took)[CALLS * 99 // 100]:6.2f} ms")


def main() -> None:
    """Fill a server, measure, leave nothing."""
    roost = Roost(new_folder())
    try:
        roost.provision()
        api = as_owner(roost.start())
        for i in range(ACCOUNTS):
            api.post("/accounts", {"address": f"user{i}@{DOMAIN}", "name": f"User {i}",
                                   "password": f"a long password {i}", "role": "user",
                                   "quota_bytes": 0})
        for path in PATHS:
            measure(roost, api, path)
    finally:
        roost.abandon()


if __name__ == "__main__":
    main()
