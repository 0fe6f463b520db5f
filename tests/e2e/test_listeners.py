"""Where the server listens, changed while it runs: nothing is cut, nobody is locked out."""
import socket
import time
from typing import Any

import pytest

from conftest import Maker
from harness.api import Api, ApiError, as_owner, refusal
from harness.peer import ImapPeer, SmtpPeer, until
from harness.ports import free_port
from harness.server import PASSWORDS, Roost, address

SOON_S = 15


def at(port: int) -> str:
    """As settings have it."""
    return f"127.0.0.1:{port}"


def open_at(port: int) -> bool:
    """Does somebody listen?"""
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


def setting(api: Api, name: str) -> Any:
    """One row."""
    return next(s for s in api.get("/settings")["items"] if s["name"] == name)


def warned(api: Api) -> dict[str, str]:
    """id -> text of what the overview warns of"""
    return {w["id"]: w["text"] for w in api.get("/overview")["warnings"]}


@pytest.fixture
def roost(make_roost: Maker) -> Roost:
    """One whose listeners are not fixed by the environment: their settings lie in the store."""
    roost = make_roost(TRIAL="3s")
    for name in ("HTTP", "IMAP", "SMTP", "HTTPS"):
        roost.settings[f"LISTEN_{name}"] = None
        port = free_port()
        roost.cli("settings", "set", f"LISTEN_{name}", at(port))
        roost.ports[name.lower()] = port
    return roost


def test_a_mail_listener_moves_at_once_and_cuts_nobody(roost: Roost) -> None:
    roost.start()
    api = as_owner(roost)
    old, new = roost.ports["imap"], free_port()
    with ImapPeer(old) as peer:
        changed = api.put("/settings/LISTEN_IMAP", {"value": at(new)})
        assert (changed["live"], changed["waiting"]) == (True, False)
        assert open_at(new) and not open_at(old)
        assert peer.ok("NOOP")
    api.put("/settings/LISTEN_IMAP", {"value": ""})
    assert not open_at(new)
    api.put("/settings/LISTEN_IMAP", {"value": f"*:{new}"})
    api.put("/settings/LISTEN_IMAP", {"value": at(new)})  # the same port, narrower
    assert open_at(new)
    roost.kill()
    roost.start()
    assert open_at(new)
    assert api.get("/settings/trial") == {"names": [], "seconds": 0}


def test_a_place_that_is_taken_is_refused(roost: Roost) -> None:
    roost.start()
    api = as_owner(roost)
    before = setting(api, "LISTEN_IMAP")["value"]
    for value in (at(roost.ports["smtp"]), "192.0.2.1:4000", f"{at(free_port())}, 192.0.2.1:4000"):
        with pytest.raises(ApiError) as refused:
            api.put("/settings/LISTEN_IMAP", {"value": value})
        assert refused.value.status == 409
        assert "ROOST_LISTEN_IMAP" in refused.value.message
        assert setting(api, "LISTEN_IMAP")["value"] == before
    assert open_at(roost.ports["imap"])


def test_a_stored_listener_that_cannot_be_had_does_not_stop_the_start(roost: Roost) -> None:
    """Somebody else has the port by now. The default takes its place; the overview tells."""
    roost.ports.pop("imap")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        roost.cli("settings", "set", "LISTEN_IMAP", at(taken.getsockname()[1]))
        roost.start()
        api = as_owner(roost)
        assert "ROOST_LISTEN_IMAP" in warned(api)["setting_ignored"]
        assert roost.log and roost.log.has(" listener_refused .*LISTEN_IMAP")
        with SmtpPeer(roost.ports["smtp"]) as peer:
            assert peer.greeting[0] == 220
        new = free_port()
        api.put("/settings/LISTEN_IMAP", {"value": at(new)})
        assert open_at(new)
        assert "setting_ignored" not in warned(api)
    # What the environment says is an error, as ever.
    assert roost.stop() == 0
    done = roost.run(LISTEN_IMAPS=at(roost.ports["smtp"]))
    assert done.returncode == 1 and "ROOST_LISTEN_IMAPS" in done.stderr


def moved(roost: Roost, api: Api, port: int) -> Api:
    """Another tab of the same browser, at the new address."""
    roost.ports["http"] = port
    other = Api(roost)
    other.cookie, other.csrf = api.cookie, api.csrf
    return other


def test_who_locks_himself_out_is_let_in_again(roost: Roost) -> None:
    """The page moves where nobody can follow, say behind a firewall; nobody confirms."""
    roost.start()
    api = as_owner(roost)
    old, new = roost.ports["http"], free_port()
    api.put("/settings/LISTEN_HTTP", {"value": at(new)})
    assert open_at(new) and not open_at(old)
    assert roost.run("healthcheck", LISTEN_HTTP=at(old)).returncode == 1
    roost.ports.pop("http")
    assert roost.run("healthcheck", LISTEN_HTTP=None, LISTEN_HTTPS=None).returncode == 0
    trial = moved(roost, api, new).get("/settings/trial")
    assert trial["names"] == ["LISTEN_HTTP"] and 0 < trial["seconds"] <= 3
    assert "setting_trial" in warned(moved(roost, api, new))
    until(lambda: open_at(old), SOON_S)
    assert not open_at(new)
    roost.ports["http"] = old
    assert setting(api, "LISTEN_HTTP")["value"] == at(old)
    assert api.get("/settings/trial")["names"] == []
    entry = api.get("/audit")["items"][0]
    assert (entry["what"], entry["who"]) == ("setting.undo", "server")


def test_what_is_confirmed_stays(roost: Roost) -> None:
    roost.start()
    api = as_owner(roost)
    new = free_port()
    api.put("/settings/LISTEN_HTTP", {"value": at(new)})
    api = moved(roost, api, new)
    assert api.post("/settings/confirm") == {"names": [], "seconds": 0}
    assert refusal(api, "POST", "/settings/confirm") == (404, "missing")
    time.sleep(4)
    assert open_at(new)
    assert api.get("/audit")["items"][0]["what"] == "setting.confirm"
    roost.kill()
    roost.start()
    assert open_at(new)


def test_a_connection_from_before_confirms_nothing(roost: Roost) -> None:
    """It would show nothing: a browser keeps its connections open."""
    roost.settings["TRIAL"] = "60s"
    roost.start()
    api = as_owner(roost)
    import http.client
    kept = http.client.HTTPConnection("127.0.0.1", roost.ports["http"], timeout=15)
    fields = {"Cookie": api.cookie, "X-CSRF": api.csrf, "Content-Type": "application/json"}

    def call(method: str, path: str, body: str | None = None) -> tuple[int, str]:
        kept.request(method, "/api" + path, body=body, headers=fields)
        answer = kept.getresponse()
        answer.read()
        return answer.status, answer.getheader("Connection") or ""

    assert call("PUT", "/settings/TRUSTED_PROXIES", '{"value": "192.0.2.0/24"}')[0] == 200
    assert call("POST", "/settings/confirm") == (409, "close")
    assert call("POST", "/settings/confirm")[0] == 200  # the client connected anew
    kept.close()


def test_a_change_can_be_undone_at_once(roost: Roost) -> None:
    roost.settings["TRIAL"] = "60s"
    roost.start()
    api = as_owner(roost)
    old, first, second = roost.ports["http"], free_port(), free_port()
    api.put("/settings/LISTEN_HTTP", {"value": at(first)})
    api = moved(roost, api, first)
    api.put("/settings/LISTEN_HTTP", {"value": at(second)})  # the trial goes on
    api = moved(roost, api, second)
    api.put("/settings/TRUSTED_PROXIES", {"value": "192.0.2.1"})
    assert sorted(api.get("/settings/trial")["names"]) == ["LISTEN_HTTP", "TRUSTED_PROXIES"]
    api.post("/settings/undo")
    assert open_at(old) and not open_at(first) and not open_at(second)
    api = moved(roost, api, old)
    assert setting(api, "LISTEN_HTTP")["value"] == at(old)
    assert setting(api, "TRUSTED_PROXIES")["origin"] == "default"
    assert refusal(api, "POST", "/settings/undo") == (404, "missing")


@pytest.mark.parametrize("kill", [True, False], ids=["kill", "stop"])
def test_an_end_of_the_server_undoes_what_nobody_confirmed(roost: Roost, kill: bool) -> None:
    roost.settings["TRIAL"] = "60s"
    roost.start()
    api = as_owner(roost)
    old = roost.ports["http"]
    api.put("/settings/LISTEN_HTTP", {"value": at(free_port())})
    if kill:
        roost.kill()
    else:
        assert roost.stop() == 0
    roost.start()
    assert roost.ports["http"] == old
    api = Api(roost)
    api.login(address("alice"), PASSWORDS["alice"])
    assert setting(api, "LISTEN_HTTP")["value"] == at(old)


def test_proxies_count_at_once(roost: Roost) -> None:
    """A wrong list would count everybody as the proxy; a right one is seen in the audit trail."""
    roost.start()
    api = as_owner(roost)
    api.put("/settings/TRUSTED_PROXIES", {"value": "127.0.0.1"})
    api.headers["X-Forwarded-For"] = "203.0.113.9"
    api.post("/settings/confirm")
    assert api.get("/audit")["items"][0]["from"] == "203.0.113.9"


def test_both_web_listeners_off_is_refused(roost: Roost) -> None:
    roost.start()
    api = as_owner(roost)
    api.put("/settings/LISTEN_HTTPS", {"value": ""})
    with pytest.raises(ApiError) as refused:
        api.put("/settings/LISTEN_HTTP", {"value": ""})
    assert refused.value.status == 400 and "nobody" in refused.value.message
