"""/metrics is for this machine, for networks that were named, and for owners' tokens. Clients at other
addresses come by the PROXY protocol, which gives a connection its client's address."""
import re
import socket

from harness import mail
from harness.peer import ImapPeer
from harness.server import PASSWORDS, Roost, address

FAR = "192.0.2.9"
USUAL = ("smtp_messages_received_total", "smtp_messages_rejected_total", "queue_messages_total",
         "imap_connections_active", "auth_failures_total")


def ask(roost: Roost, source: str | None = None, **fields: str) -> tuple[int, str]:
    """Status and body of GET /metrics, from this address; fields with _ for -."""
    lines = ["GET /metrics HTTP/1.1", "Host: mail.example.org", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    with socket.create_connection(("127.0.0.1", roost.ports["http"]), 15) as s:
        if source:
            s.sendall(f"PROXY TCP4 {source} 192.0.2.1 4000 80\r\n".encode())
        s.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        answer = b""
        while data := s.recv(65536):
            answer += data
    return int(answer.split()[1]), answer.decode()


def usual(roost: Roost) -> dict[str, int]:
    """The five names and their values."""
    status, text = ask(roost)
    assert status == 200
    return {name: int(found[0]) for name in USUAL
            if (found := re.findall(rf"^{name} (\d+)$", text, re.M))}


def proxied(make_roost, **settings: str) -> Roost:  # type: ignore[no-untyped-def]
    """A server whose connections from this machine begin with a PROXY header."""
    roost: Roost = make_roost(PROXY_PROTOCOL="127.0.0.1 for=http", **settings)
    return roost.start()


def test_this_machine(roost: Roost) -> None:
    assert ask(roost)[0] == 200


def test_elsewhere(make_roost) -> None:  # type: ignore[no-untyped-def]
    roost = proxied(make_roost, METRICS_NETWORKS="192.0.2.128/25")
    status, text = ask(roost, FAR)
    assert status == 403 and "roost_" not in text.split("\r\n\r\n")[1]
    assert ask(roost, "192.0.2.200")[0] == 200
    assert ask(roost, "192.0.2.200", X_Forwarded_For="127.0.0.1")[0] == 403


def test_a_proxy_on_this_machine_is_not_its_clients(roost: Roost) -> None:
    for field in ("X_Forwarded_For", "X_Real_IP"):
        assert ask(roost, **{field: FAR})[0] == 403
        assert ask(roost, **{field: "127.0.0.1"})[0] == 403
    assert ask(roost, Forwarded=f"for={FAR}")[0] == 403
    assert ask(roost, Via="1.1 proxy")[0] == 403


def test_clients_of_a_trusted_proxy(make_roost) -> None:  # type: ignore[no-untyped-def]
    roost = make_roost(TRUSTED_PROXIES="127.0.0.1",
                       METRICS_NETWORKS="198.51.100.0/24,127.0.0.0/8").start()
    assert ask(roost, X_Forwarded_For="198.51.100.7")[0] == 200
    assert ask(roost, X_Forwarded_For=FAR)[0] == 403
    assert ask(roost, X_Forwarded_For=f"127.0.0.1, {FAR}")[0] == 403
    assert ask(roost, X_Forwarded_For="127.0.0.1")[0] == 403
    assert ask(roost)[0] == 403  # its client has no name


def test_tokens(make_roost) -> None:  # type: ignore[no-untyped-def]
    roost = proxied(make_roost)
    roost.cli("account", "role", address("alice"), "owner")

    def status(user: str, *scopes: str) -> int:
        token = roost.cli("token", "add", address(user), "t-" + "-".join(scopes).replace(":", ""),
                          *scopes).strip()
        return ask(roost, FAR, Authorization=f"Bearer {token}")[0]

    assert status("alice", "metrics:read") == 200
    assert status("alice", "admin:read", "admin:write", "send", "self:write") == 403
    assert status("bob", "metrics:read") == 403  # no owner
    assert ask(roost, FAR, Authorization="Bearer nothing")[0] == 403


def test_the_usual_names_count(roost: Roost) -> None:
    before = usual(roost)
    assert set(before) == set(USUAL)
    mail.deliver(roost, mail.letter("counted"))
    with ImapPeer(roost.ports["imaps"], tls=True) as peer:
        assert not peer.cmd(f'LOGIN {address("alice")} wrong')[-1].startswith("OK")
        peer.login(address("alice"), PASSWORDS["alice"])
        after = usual(roost)
    changed = {name: after[name] - before[name] for name in USUAL}
    assert changed == {"smtp_messages_received_total": 1, "smtp_messages_rejected_total": 0,
                       "queue_messages_total": 0, "imap_connections_active": 1,
                       "auth_failures_total": 1}
