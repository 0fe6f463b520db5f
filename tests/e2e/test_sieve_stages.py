"""Sieve scripts at SMTP stages. The scripts of the how-to page run as they are printed there."""
import re
from pathlib import Path

import pytest

from harness import mail
from harness.dns_server import TXT, DnsServer
from harness.peer import SmtpPeer, until
from harness.server import PASSWORDS, Roost

PAGE = Path(__file__).parents[2] / "docs/how-to/sieve-smtp.md"
PROXY = "127.0.0.1 for=smtp"


def printed(stage: str) -> str:
    """The script of this stage on the page."""
    (section,) = re.findall(rf"^## {stage}: .*?(?=^## )", PAGE.read_text("utf-8"), re.M | re.S)
    (script,) = re.findall(r"^```sieve\n(.*?)^```$", section, re.M | re.S)
    return script


def send(roost: Roost, message: bytes, *rcpts: str, sender: str = "carol@example.net") -> str:
    """The reply to the message."""
    with SmtpPeer(roost.ports["smtp"]) as peer:
        peer.envelope(sender, *(rcpts or ("alice@example.org",)))
        code, text = peer.data(message)
        return f"{code} {text}"


def test_connect(make_roost) -> None:  # type: ignore[no-untyped-def]
    roost = make_roost(PROXY_PROTOCOL=PROXY, SIEVE_CONNECT=printed("connect")).start()
    with SmtpPeer.proxied(roost.ports["smtp"], "198.51.100.7") as peer:
        code, text = peer.greeting
        assert code == 554 and "No mail from this network" in text
    with SmtpPeer.proxied(roost.ports["smtp"], "203.0.113.7") as peer:
        assert peer.greeting[0] == 220
    assert roost.log.wait(r" policy_verdict .*stage=connect check=sieve verdict=reject "
                          r"text=\"line 4 of the connect script: No mail")


def test_ehlo(make_roost) -> None:  # type: ignore[no-untyped-def]
    roost = make_roost(SIEVE_EHLO=printed("ehlo")).start()
    with SmtpPeer(roost.ports["smtp"]) as peer:
        assert peer.cmd("EHLO www.example.org") == (550, "5.7.1 You are not a host of example.org")
        assert peer.code("EHLO www.example.net") == 250
    with SmtpPeer(roost.ports["submissions"], tls=True) as peer:
        assert peer.code("EHLO www.example.org") == 250


def test_mail(make_roost) -> None:  # type: ignore[no-untyped-def]
    roost = make_roost(SIEVE_MAIL=printed("mail")).start()
    with SmtpPeer(roost.ports["smtp"]) as peer:
        assert peer.code("EHLO client.example.net") == 250
        assert peer.cmd("MAIL FROM:<a@b.example> SIZE=20000001")[1] == \
            "5.7.1 Messages from other servers have at most 20 MB"
        assert peer.code("MAIL FROM:<a@b.example> SIZE=20000000") == 250
    assert send(roost, mail.letter("news"), sender="x@newsletter.example")[:3] == "250"
    assert send(roost, mail.letter("other"))[:3] == "250"
    assert [mail.parse(m)["Subject"] for m in mail.inbox(roost)] == ["other"]
    assert [mail.parse(m)["Subject"] for m in mail.inbox(roost, name="Junk")] == ["news"]


def test_mail_waits_for_spf(make_roost, dns: DnsServer) -> None:  # type: ignore[no-untyped-def]
    dns.records[("soft.example", TXT)] = ["v=spf1 ~all"]
    dns.records[("good.example", TXT)] = ["v=spf1 ip4:203.0.113.0/24 -all"]
    roost = make_roost(PROXY_PROTOCOL=PROXY, DNS_SERVERS=dns.address, DNSSEC="off",
                       SIEVE_MAIL=printed("mail")).start()
    for domain in "soft.example", "good.example":
        with SmtpPeer.proxied(roost.ports["smtp"], "203.0.113.7") as peer:
            peer.envelope(f"carol@{domain}", "alice@example.org")
            assert peer.data(mail.letter(domain))[0] == 250
    assert [mail.parse(m)["Subject"] for m in mail.inbox(roost)] == ["good.example"]
    assert [mail.parse(m)["Subject"] for m in mail.inbox(roost, name="Junk")] == ["soft.example"]


def test_rcpt_greylisting(make_roost) -> None:  # type: ignore[no-untyped-def]
    roost = make_roost(PROXY_PROTOCOL=PROXY).start()
    roost.cli("settings", "set", "SIEVE_RCPT", printed("rcpt"))

    def rcpt(network: str = "192.0.2", sender: str = "a@b.example", to: str = "alice") -> str:
        with SmtpPeer.proxied(roost.ports["smtp"], f"{network}.7") as peer:
            assert peer.code("EHLO client.example.net") == 250
            assert peer.code(f"MAIL FROM:<{sender}>") == 250
            code, text = peer.cmd(f"RCPT TO:<{to}@example.org>")
            return f"{code} {text}"

    deferred = "451 4.7.1 Not seen before, please come back in five minutes"
    assert rcpt() == deferred
    assert rcpt() == deferred
    assert rcpt(sender="")[:3] == "250"
    assert rcpt(to="postmaster")[:3] in ("250", "550")  # as without the script
    # The same script with a shorter wait: what was seen before is remembered.
    roost.cli("settings", "set", "SIEVE_RCPT", printed("rcpt").replace("300", "1"))
    until(lambda: rcpt()[:3] == "250")
    assert rcpt(network="192.0.3") == deferred
    assert rcpt(sender="b@b.example") == deferred
    assert rcpt(to="bob") == deferred
    roost.restart()
    assert rcpt()[:3] == "250"


def test_data(make_roost) -> None:  # type: ignore[no-untyped-def]
    roost = make_roost(SIEVE_DATA=printed("data")).start()
    for user in "dora", "emil":
        roost.cli("account", "add", f"{user}@example.org", user, stdin="a long password 1\n")
    rcpts = [f"{user}@example.org" for user in ("alice", "bob", "dora", "emil")]
    with SmtpPeer(roost.ports["smtp"]) as peer:
        peer.envelope("a@b.example", *rcpts)
        assert peer.cmd("DATA") == (451, "4.7.1 Too many recipients, send to three at a time")
    assert send(roost, mail.letter("few"), *rcpts[:3])[:3] == "250"


def test_end(make_roost, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    roost = make_roost(SIEVE_END=printed("end")).start()
    for user in "support", "archive":
        monkeypatch.setitem(PASSWORDS, user, "correct horse")
        roost.cli("account", "add", f"{user}@example.org", user, stdin="correct horse\n")
    assert send(roost, mail.letter("beat", X_Monitor="heartbeat"))[:3] == "250"
    assert send(roost, mail.letter("Your invoice"))[:3] == "250"
    assert send(roost, mail.letter("help", X_Internal_Route="a", to="support@example.org"),
                "support@example.org", "alice@example.org")[:3] == "250"
    (message,) = mail.inbox(roost)
    assert mail.parse(message)["Subject"] == "help"
    assert mail.parse(message)["X-Mail-Policy"] == "checked"
    assert mail.parse(message)["X-Internal-Route"] is None
    assert [mail.parse(m)["Subject"] for m in mail.inbox(roost, name="Junk")] == ["Your invoice"]
    for user in "support", "archive":
        (message,) = mail.inbox(roost, user)
        assert mail.parse(message)["Subject"] == "help"
        assert mail.parse(message)["X-Mail-Policy"] == "checked"


ANSWERS = {  # to the command of the stage
    "reject": ("require \"reject\"; reject \"no\";", "550 5.7.1 no"),
    "ereject": ("require \"ereject\"; ereject text:\none\ntwo\n.\n;", "550 5.7.1 one\n5.7.1 two"),
    "defer": ("require \"vnd.roost.smtp\"; defer \"later\";", "451 4.7.1 later"),
}


@pytest.mark.parametrize("action", ANSWERS)
def test_refusals_at_each_stage(make_roost, action: str) -> None:  # type: ignore[no-untyped-def]
    script, want = ANSWERS[action]
    roost = make_roost().start()
    for stage in "connect", "ehlo", "mail", "rcpt", "data", "end":
        roost.cli("settings", "set", f"SIEVE_{stage.upper()}", script)
        with SmtpPeer(roost.ports["smtp"]) as peer:
            replies = [peer.greeting]
            for line in ("EHLO client.example.net", "MAIL FROM:<a@b.example>",
                         "RCPT TO:<alice@example.org>", "DATA"):
                if replies[-1][0] < 300:
                    replies.append(peer.cmd(line))
            if replies[-1][0] == 354:
                peer.send(mail.letter("x") + b".\r\n")
                replies.append(peer.reply())
        code, text = replies[-1]
        assert f"{code} {text}" == (want.replace("550", "554") if stage == "connect" else want)
        assert len(replies) == 1 + ["connect", "ehlo", "mail", "rcpt", "data", "end"].index(stage)
        roost.cli("settings", "unset", f"SIEVE_{stage.upper()}")
    assert mail.inbox(roost) == []


@pytest.mark.parametrize("stage", ["connect", "ehlo", "mail", "rcpt", "data", "end"])
def test_discard_and_quarantine(make_roost, stage: str) -> None:  # type: ignore[no-untyped-def]
    roost = make_roost().start()
    roost.cli("settings", "set", f"SIEVE_{stage.upper()}", "discard;")
    assert send(roost, mail.letter("dropped"))[:3] == "250"
    roost.cli("settings", "set", f"SIEVE_{stage.upper()}",
              "require [\"fileinto\", \"special-use\"];\n"
              "fileinto :specialuse \"\\\\Junk\" \"Spam\";")
    assert send(roost, mail.letter("junk"))[:3] == "250"
    assert mail.inbox(roost) == []
    assert [mail.parse(m)["Subject"] for m in mail.inbox(roost, name="Junk")] == ["junk"]
    numbers = [line.split()[0].removeprefix("id=")
               for line in roost.cli("trace", "list").splitlines()]
    traces = [roost.cli("trace", "show", number) for number in numbers]
    name = "hello" if stage == "ehlo" else stage
    assert [f"sieve: quarantine at {name}: line 2 of the {stage} script" in t
            for t in traces] == [True, False]
    assert [f"sieve: discard at {name}: line 1 of the {stage} script" in t
            for t in traces] == [False, True]


def test_redirect_replaces_recipients(make_roost) -> None:  # type: ignore[no-untyped-def]
    roost = make_roost(SIEVE_END="redirect \"bob@example.org\";").start()
    assert send(roost, mail.letter("moved"))[:3] == "250"
    assert mail.inbox(roost) == []
    (message,) = mail.inbox(roost, "bob")
    assert mail.parse(message)["Subject"] == "moved"


def test_bad_script_is_refused(make_roost) -> None:  # type: ignore[no-untyped-def]
    roost = make_roost(SIEVE_MAIL="keep;\nif header \"a\" \"b\" {}\nfrop;\n")
    roost.spawn()
    assert roost.wait() != 0
    assert "ROOST_SIEVE_MAIL: line 2: \"header\" needs the message, which the stage \"mail\" " \
        "does not have yet; line 3: There is no command \"frop\"" in \
        "".join(roost.log.lines).replace("\\x22", "\"")
    roost.settings["SIEVE_MAIL"] = None
    roost.start()
    roost.cli("settings", "set", "SIEVE_MAIL", ANSWERS["reject"][0])
    done = roost.run("settings", "set", "SIEVE_MAIL", "frop;")
    assert done.returncode != 0 and "line 1: There is no command \"frop\"" in done.stderr
    with SmtpPeer(roost.ports["smtp"]) as peer:  # the old one is kept
        assert peer.code("EHLO client.example.net") == 250
        assert peer.code("MAIL FROM:<a@b.example>") == 550


def test_script_that_fails_decides_nothing(make_roost) -> None:  # type: ignore[no-untyped-def]
    roost = make_roost(SIEVE_RCPT="require [\"ihave\", \"reject\"];\nif true {\n"
                                  "  error \"out of order\";\n}\nreject \"never\";").start()
    assert send(roost, mail.letter("x"))[:3] == "250"
    assert len(mail.inbox(roost)) == 1
    assert roost.log.wait(r" policy_failed .*stage=rcpt check=sieve "
                          r"why=\"line 3 of the rcpt script: out of order\"")


def test_user_is_known(make_roost) -> None:  # type: ignore[no-untyped-def]
    roost = make_roost(SIEVE_MAIL="require [\"environment\", \"reject\"];\n"
                                  "if environment \"vnd.roost.user\" \"bob@example.org\" {\n"
                                  "  reject \"not you\";\n}").start()
    mail.submit(roost, mail.letter("x", sender="alice@example.org"), "bob@example.org", "alice")
    with pytest.raises(Exception, match="not you"):
        mail.submit(roost, mail.letter("x", sender="bob@example.org"), "alice@example.org", "bob")


def test_stored_script(roost: Roost) -> None:
    def code() -> int:
        with SmtpPeer(roost.ports["smtp"]) as peer:
            assert peer.code("EHLO client.example.net") == 250
            return peer.code("MAIL FROM:<a@b.example>")

    assert code() == 250
    roost.cli("script", "server", "put", "mail", "/dev/stdin", stdin=ANSWERS["defer"][0])
    assert code() == 451
    roost.cli("script", "server", "put", "mail", "/dev/stdin", stdin=ANSWERS["reject"][0])
    assert code() == 550
    roost.cli("settings", "set", "SIEVE_MAIL", ANSWERS["defer"][0])
    assert code() == 451  # the setting has precedence
    roost.cli("settings", "unset", "SIEVE_MAIL")
    with SmtpPeer(roost.ports["smtp"]) as peer:
        assert peer.code("EHLO client.example.net") == 250
        roost.cli("script", "server", "rm", "mail")
        assert peer.code("MAIL FROM:<a@b.example>") == 550  # as when the session began
    assert code() == 250


def test_stored_script_with_errors(roost: Roost) -> None:
    done = roost.run("script", "server", "put", "rcpt", "/dev/stdin", stdin="keep;\nif exists \"a\" {}")
    assert done.returncode != 0
    assert "line 2, column 4: \"exists\" needs the message" in done.stderr
    roost.cli("script", "server", "put", "other", "/dev/stdin", stdin="if exists \"a\" {}")
    done = roost.run("script", "server", "rename", "other", "rcpt")
    assert done.returncode != 0 and "a script of an SMTP stage is not renamed" in done.stderr


def test_stage_script_is_no_library(roost: Roost, tmp_path: Path) -> None:
    script = tmp_path / "main.sieve"
    script.write_text("require \"include\";\ninclude :global \"end\";\ndiscard;")
    roost.cli("script", "server", "put", "end", "/dev/stdin",
              stdin="require [\"environment\", \"vnd.roost.smtp\"];\n"
                    "if environment \"vnd.roost.helo\" \"\" { defer \"x\"; }")
    roost.cli("script", "put", "alice@example.org", "main", str(script))
    roost.cli("script", "activate", "alice@example.org", "main")
    assert send(roost, mail.letter("kept"))[:3] == "250"
    assert "kept" in [mail.parse(m)["Subject"] for m in mail.inbox(roost)]
