"""The DNS doctor of a running server: what it finds, keeps and tells (docs/dns.md)."""
import time
from typing import Any

from conftest import Maker
from harness.api import Api, as_owner
from harness.dns_server import MX, DnsServer
from harness.peer import until
from harness.server import DOMAIN, HOSTNAME

DOCTOR = f"/domains/{DOMAIN}/doctor"


def looked(api: Api, path: str, after: str | None = None) -> Any:
    """The part once it has been looked at, since that time."""
    def done() -> bool:
        part = api.get(path)
        return not part["looking"] and part["looked"] not in (None, after)
    until(done, 40)
    return api.get(path)


def test_a_look_is_kept(make_roost: Maker, dns: DnsServer) -> None:
    roost = make_roost(DNS_SERVERS=dns.address, DNSSEC="off").start()
    api = as_owner(roost)
    part = looked(api, DOCTOR)
    rows = {row["id"]: row for row in part["rows"]}
    mx = rows[f"MX:{DOMAIN}"]
    assert mx["state"] == "fail" and mx["words"] == "it is missing"
    assert mx["expected"] == f"10 {HOSTNAME}" and mx["paste"] == f"{DOMAIN}. IN MX 10 {HOSTNAME}."
    assert [(v["of"], v["by"], v["data"]) for v in mx["seen"]] == [("resolver", dns.address, [])]
    dns.add(DOMAIN, MX, f"10 {HOSTNAME}")
    time.sleep(1.1)  # the time of a look is told in seconds
    api.post("/doctor", {"domain": DOMAIN})
    part = looked(api, DOCTOR, part["looked"])
    (mx,) = (row for row in part["rows"] if row["id"] == f"MX:{DOMAIN}")
    assert mx["state"] == "ok" and mx["seen"][0]["data"] == [mx["expected"]]


def test_the_self_test_comes(make_roost: Maker, dns: DnsServer) -> None:
    roost = make_roost(DNS_SERVERS=dns.address, DNSSEC="off").start()
    api = as_owner(roost)
    assert api.get("/doctor/self-test")["state"] == "none"
    api.post("/doctor/self-test", {})
    until(lambda: api.get("/doctor/self-test")["state"] != "running", 60)
    test = api.get("/doctor/self-test")
    print(test)
    assert test["state"] == "done", test
