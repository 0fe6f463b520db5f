"""Policies of our domains (MTA-STS, RFC 8461): served by Host over TLS, named by the DNS page."""
import http.client
import re

import pytest

from harness.api import Api, as_owner, refusal
from harness.peer import trusting
from harness.server import HOSTNAME, Roost

PATH = "/.well-known/mta-sts.txt"


def fetch(roost: Roost, host: str, tls: bool = True) -> tuple[int, str, str]:
    """Status, type and text."""
    c = http.client.HTTPSConnection("127.0.0.1", roost.ports["https"], timeout=10,
                                    context=trusting()) if tls else \
        http.client.HTTPConnection("127.0.0.1", roost.ports["http"], timeout=10)
    try:
        c.request("GET", PATH, headers={"Host": host})
        answer = c.getresponse()
        return answer.status, answer.getheader("Content-Type") or "", answer.read().decode()
    finally:
        c.close()


def shown_id(api: Api) -> str | None:
    """That of the DNS page."""
    for row in api.get("/domains/example.org/dns")["records"]:
        if row["name"] == "_mta-sts.example.org":
            found = re.fullmatch(r"v=STSv1; id=([A-Za-z0-9]{1,32})", row["expected"])
            assert found
            return found[1]
    return None


@pytest.mark.parametrize("host", ["mta-sts.example.org", "MTA-STS.Example.org",
                                  "mta-sts.example.org:8443"])
def test_a_new_domain_is_tried_out(roost: Roost, host: str) -> None:
    assert fetch(roost, host) == (
        200, "text/plain; charset=utf-8",
        f"version: STSv1\r\nmode: testing\r\nmx: {HOSTNAME}\r\nmax_age: 86400\r\n")


@pytest.mark.parametrize("host", ["example.org", HOSTNAME, "mta-sts.example.net", "mta-sts.",
                                  "mta-sts", "127.0.0.1", "mta-sts.mta-sts.example.org",
                                  "mta-sts.example.org.", "x.mta-sts.example.org"])
def test_nothing_else_has_a_policy(roost: Roost, host: str) -> None:
    assert fetch(roost, host)[0] == 404


def test_not_in_the_clear(roost: Roost) -> None:
    assert fetch(roost, "mta-sts.example.org", tls=False)[0] == 404


def test_the_id_changes_with_the_policy(roost: Roost) -> None:
    api = as_owner(roost)
    assert api.get("/domains/example.org")["mta_sts"] == "testing"
    ids = [shown_id(api)]
    changed = api.put("/domains/example.org", {"mta_sts": "enforce"})
    assert changed["mta_sts"] == "enforce" and changed["catchall"] == ""
    assert "mode: enforce" in fetch(roost, "mta-sts.example.org")[2]
    ids.append(shown_id(api))
    assert ids.count(None) == 0 and len(set(ids)) == 2
    api.put("/domains/example.org", {"catchall": "alice@example.org"})
    assert api.get("/domains/example.org")["mta_sts"] == "enforce"
    assert shown_id(api) == ids[1]
    # Who remembers the policy can fetch that there is none any more (RFC 8461 8.3).
    roost.cli("domain", "set", "example.org", "mta_sts=none")
    assert "mode: none" in fetch(roost, "mta-sts.example.org")[2]
    assert shown_id(api) is None
    assert refusal(api, "PUT", "/domains/example.org", {"mta_sts": "off"})[0] == 400
    trail = [e for e in api.get("/audit")["items"] if e["what"] == "domain.change"]
    assert any(e["before"] == {"catchall": "", "alias_of": "", "mta_sts": "testing"} and
               e["after"] == {"catchall": "", "alias_of": "", "mta_sts": "enforce"} for e in trail), trail
