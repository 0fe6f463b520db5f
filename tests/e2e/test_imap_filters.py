"""Named searches (RFC 5466): what one mail program of a user keeps, another one finds, also after the
server has started anew; what the owner keeps is for all."""
from harness import mail
from harness.peer import ImapPeer
from harness.server import PASSWORDS, Roost, address

VALUES, SHARED = "/private/filters/values", "/shared/filters/values"


def session(roost: Roost, user: str) -> ImapPeer:
    """Logged in, INBOX selected."""
    peer = ImapPeer(roost.ports["imaps"], tls=True)
    peer.login(address(user), PASSWORDS[user])
    peer.ok("SELECT INBOX")
    return peer


def found(peer: ImapPeer, keys: str) -> list[int]:
    """What SEARCH answers."""
    line = peer.ok(f"SEARCH {keys}")[0]
    assert line.startswith("* SEARCH"), line
    return [int(n) for n in line.split()[2:]]


def test_named_searches(roost: Roost) -> None:
    for subject in ("lunch", "plan of the week", "plan B"):
        mail.deliver(roost, mail.letter(subject))
    with session(roost, "alice") as desk, session(roost, "alice") as phone:
        assert "FILTERS" in desk.ok("CAPABILITY")[0].split()
        desk.ok("STORE 2 +FLAGS.SILENT (\\Flagged)")
        desk.ok(f'SETMETADATA "" ({VALUES}/plans "SUBJECT plan" '
                f'{VALUES}/urgent "FILTER plans FLAGGED")')
        assert found(phone, "FILTER plans") == [2, 3]
        assert found(phone, "FILTER urgent") == [2]
        assert found(phone, "NOT (FILTER urgent)") == [1, 3]
        assert phone.ok("UID SORT RETURN (COUNT) (SUBJECT) UTF-8 FILTER Plans")[0].endswith(
            "UID COUNT 2")
        phone.ok(f'SETMETADATA "" ({VALUES}/plans "SUBJECT lunch")')
        assert found(desk, "FILTER plans") == [1]
        assert desk.cmd("SEARCH FILTER nothing")[-1].startswith("NO [UNDEFINED-FILTER nothing]")
        assert desk.cmd(f'SETMETADATA "" ({VALUES}/half "OR SEEN")')[-1].startswith("NO [CANNOT]")
        assert desk.cmd(f'SETMETADATA "" ({SHARED}/mine "SEEN")')[-1].startswith("NO [NOPERM]")
    roost.restart()
    roost.cli("account", "owner", address("alice"))
    with session(roost, "alice") as desk, session(roost, "bob") as bob:
        assert found(desk, "FILTER plans") == [1]
        assert bob.cmd("SEARCH FILTER plans")[-1].startswith("NO [UNDEFINED-FILTER plans]")
        desk.ok(f'SETMETADATA "" ({SHARED}/plans "SEEN" {SHARED}/everything "ALL")')
        assert found(desk, "FILTER everything FILTER plans") == [1]
        assert found(bob, "FILTER everything FILTER plans") == []
        desk.ok(f'SETMETADATA "" ({VALUES}/plans NIL)')
        assert found(desk, "NOT FILTER plans") == [1, 2, 3]
