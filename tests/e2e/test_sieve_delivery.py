"""Sieve scripts at delivery: each action, vacation and its loops, the order of programs, and what
becomes of mail when a script fails."""
import smtplib

import pytest

from conftest import Maker
from harness import mail
from harness.api import as_owner
from harness.managesieve import peer
from harness.peer import until
from harness.server import PASSWORDS, Roost, address
from harness.smtp_sink import Sink
from test_watching import story


def script(roost: Roost, text: str, user: str = "alice", name: str = "main",
           active: bool = True) -> None:
    """Store a script of a user, and make it the active one."""
    with peer(roost, user) as p:
        stored = p.put(name, text)
        assert stored == "OK", stored.text
        if active:
            assert p.cmd(f'SETACTIVE "{name}"') == "OK"


def subjects(roost: Roost, user: str = "alice", name: str = "INBOX") -> list[str]:
    """Subjects of the messages in a mailbox, in their order."""
    return [mail.parse(raw)["Subject"] for raw in mail.inbox(roost, user, name)]


def details(roost: Roost, raw: bytes, state: str = "delivered") -> str:
    """The trace of a message as text."""
    trace = story(as_owner(roost), mail.parse(raw)["Message-ID"], state)
    return "\n".join(f"{s['what']} {s.get('who') or ''} {s.get('detail') or ''}"
                     for s in trace["steps"])


# --- actions --------------------------------------------------------------------------------


def test_fileinto_with_flags(roost: Roost) -> None:
    script(roost, 'require ["fileinto", "mailbox", "imap4flags"];\r\n'
                  'if header :contains "subject" "list" {\r\n'
                  '  fileinto :create :flags ["\\\\Flagged", "todo"] "Lists/dev";\r\n'
                  '} else { addflag "\\\\Seen"; }\r\n')
    to_list = mail.letter("to the list")
    mail.deliver(roost, to_list)
    mail.deliver(roost, mail.letter("other"))
    assert subjects(roost) == ["other"] and subjects(roost, name="Lists/dev") == ["to the list"]
    m = mail.mailbox(roost, name="Lists/dev")
    flags = m.fetch("1", "(FLAGS)")[1][0]
    assert isinstance(flags, bytes) and b"\\Flagged" in flags and b"todo" in flags
    m.select("INBOX")
    assert m.search(None, "SEEN")[1] == [b"1"]
    m.logout()
    assert "script main, line 3: fileinto" in details(roost, to_list)


def test_redirect(sender: Roost, sink: Sink) -> None:
    script(sender, 'require "copy";\r\nredirect :copy "far@example.net";')
    raw = mail.letter("sent on")
    mail.deliver(sender, raw, sender="carol@example.com")
    (got,) = sink.wait()
    assert got.rcpts == ["far@example.net"] and got.sender.startswith("SRS0=")
    assert got.header("Subject") == "sent on"
    assert subjects(sender) == ["sent on"]
    assert "script main, line 2: redirect" in details(sender, raw, "delivered")


def test_editheader(sender: Roost, sink: Sink) -> None:
    script(sender, 'require ["editheader", "copy"];\r\n'
                   'addheader "X-Sorted" "yes"; deleteheader "subject";\r\n'
                   'redirect :copy "far@example.net";')
    mail.deliver(sender, mail.letter("gone"))
    (got,) = sink.wait()
    kept = mail.parse(mail.inbox(sender)[0])
    assert got.header("X-Sorted") == kept["X-Sorted"] == "yes"
    assert got.header("Subject") == "" and kept["Subject"] is None
    assert kept.get_content() == "Hello.\r\n" or kept.get_content() == "Hello.\n"


def test_discard(roost: Roost) -> None:
    script(roost, 'if header "subject" "noise" { discard; }')
    mail.deliver(roost, mail.letter("noise"))
    mail.deliver(roost, mail.letter("signal"))
    assert subjects(roost) == ["signal"]


def test_reject_in_the_dialogue(roost: Roost) -> None:
    script(roost, 'require "ereject"; ereject "No thanks.";')
    with pytest.raises(smtplib.SMTPException) as refused:
        mail.deliver(roost, mail.letter("unwanted"))
    assert "No thanks." in str(refused.value) and "550" in str(refused.value)
    assert subjects(roost) == []


def test_reject_by_report(sender: Roost, sink: Sink) -> None:
    """Another recipient takes it, so the reply cannot refuse it."""
    script(sender, 'require "reject"; reject "No thanks.";')
    mail.deliver(sender, mail.letter("for both"), to=[address("alice"), address("bob")])
    (report,) = sink.wait()
    assert (report.sender, report.rcpts) == ("", ["carol@example.net"])
    assert b"No thanks." in report.data
    assert subjects(sender) == [] and subjects(sender, "bob") == ["for both"]


def test_duplicate(roost: Roost) -> None:
    script(roost, 'require "duplicate"; if duplicate { discard; }')
    twice = mail.letter("twice")
    mail.deliver(roost, twice)
    mail.deliver(roost, twice)
    mail.deliver(roost, mail.letter("once"))
    assert subjects(roost) == ["twice", "once"]


def test_notify(sender: Roost, sink: Sink) -> None:
    script(sender, 'require "enotify";\r\n'
                   'notify :message "you have mail" "mailto:pager@example.net?body=look";')
    mail.deliver(sender, mail.letter("news"))
    (got,) = sink.wait()
    assert got.rcpts == ["pager@example.net"]
    assert got.header("Subject") == "you have mail"
    assert got.header("Auto-Submitted") == 'auto-notified; owner-email="alice@example.org"'
    assert got.data.endswith(b"\r\n\r\nlook\r\n") and subjects(sender) == ["news"]


def test_accounts_that_redirect_to_each_other(roost: Roost,
                                              monkeypatch: pytest.MonkeyPatch) -> None:
    """Each account sends a message to each other one once; what comes back is kept."""
    users = ("alice", "bob", "dora")
    monkeypatch.setitem(PASSWORDS, "dora", "one more password")
    roost.cli("account", "add", address("dora"), "Dora", stdin=PASSWORDS["dora"] + "\n")
    for user in users:
        script(roost, "".join(f'redirect "{address(u)}";' for u in users if u != user), user)
    raw = mail.letter("round and round")
    mail.deliver(roost, raw)
    until(lambda: roost.cli("queue", "list") == "")
    # one at the start, six redirects, of which three lead to an account that has redirected it
    assert [subjects(roost, u) for u in users] == [["round and round"] * n for n in (2, 1, 1)]


def test_redirect_without_room_in_the_queue(make_sender: Maker) -> None:
    roost = make_sender(QUEUES="each=account most=1").start()
    script(roost, 'redirect "far@unreachable.example";')
    first, second = mail.letter("queued"), mail.letter("no room")
    mail.deliver(roost, first)
    mail.deliver(roost, second, to=[address("alice"), address("bob")])
    assert subjects(roost) == ["no room"] == subjects(roost, "bob")
    assert "redirect, kept instead: the queue has no room" in details(roost, second)


def test_limits_of_the_account(make_sender: Maker, sink: Sink) -> None:
    """What filters send counts like mail that the account submits."""
    roost = make_sender(LIMITS="account messages=1/1d then=hold").start()
    script(roost, 'redirect "far@example.net";')
    script(roost, AWAY, "bob")
    redirected = mail.letter("kept")
    mail.deliver(roost, mail.letter("redirected"))
    mail.deliver(roost, redirected)
    assert subjects(roost) == ["kept"]
    assert "redirect, kept instead: more than 1 messages" in details(roost, redirected)
    unanswered = mail.letter("two", to=address("bob"), sender="dave@example.net")
    mail.deliver(roost, mail.letter("one", to=address("bob")), to=[address("bob")])
    mail.deliver(roost, unanswered, to=[address("bob")], sender="dave@example.net")
    assert "vacation not sent: more than 1 messages" in details(roost, unanswered)
    assert sorted(m.rcpts[0] for m in sink.wait(2)) == ["carol@example.net", "far@example.net"]
    assert roost.cli("blocked", "list") == ""


# --- vacation -------------------------------------------------------------------------------

AWAY = 'require "vacation"; vacation "I am away.";'


def test_vacation_answers_once(sender: Roost, sink: Sink) -> None:
    script(sender, AWAY)
    first = mail.letter("question")
    mail.deliver(sender, first)
    (reply,) = sink.wait()
    assert (reply.sender, reply.rcpts) == ("", ["carol@example.net"])
    assert reply.header("Subject") == "Auto: question"
    assert reply.header("In-Reply-To") == mail.parse(first)["Message-ID"]
    assert reply.header("Auto-Submitted") == "auto-replied (vacation)"
    assert b"I am away." in reply.data
    mail.deliver(sender, mail.letter("again"))
    mail.deliver(sender, mail.letter("question", sender="dave@example.net"),
                 sender="dave@example.net")
    assert [r.rcpts for r in sink.wait(2)] == [["carol@example.net"], ["dave@example.net"]]
    assert subjects(sender) == ["question", "again", "question"]


def test_two_responders_send_one_answer_each(roost: Roost) -> None:
    for user in ("alice", "bob"):
        script(roost, AWAY, user)
    mail.submit(roost, mail.letter("to bob", to=address("bob")), address("bob"), "alice")
    mail.submit(roost, mail.letter("to alice", to=address("alice")), address("alice"), "bob")
    until(lambda: len(mail.inbox(roost, "alice")) == 2 and len(mail.inbox(roost, "bob")) == 2)
    until(lambda: roost.cli("queue", "list") == "")
    assert sorted(subjects(roost, "alice")) == ["Auto: to bob", "to alice"]
    assert sorted(subjects(roost, "bob")) == ["Auto: to alice", "to bob"]


def test_vacation_storm(sender: Roost, sink: Sink) -> None:
    """Mail of lists, robots and forged senders gets no answer; the trace says why."""
    script(sender, AWAY)
    listed = mail.letter("list", List_Id="<crowd.example.net>")
    for i in range(20):
        mail.deliver(sender, mail.letter(f"list {i}", List_Id="<crowd.example.net>"),
                     sender=f"member{i}@example.net")
    mail.deliver(sender, listed)
    mail.deliver(sender, mail.letter("robot", Auto_Submitted="auto-generated"))
    mail.deliver(sender, mail.letter("bounce"), sender="")
    mail.deliver(sender, mail.letter("hidden", to="others@example.net"))
    assert "vacation not sent: The message is from a mailing list" in details(sender, listed)
    mail.deliver(sender, mail.letter("person"))
    (reply,) = sink.wait()
    assert reply.header("Subject") == "Auto: person"


# --- the order of programs ------------------------------------------------------------------


def test_include(roost: Roost) -> None:
    script(roost, 'require ["fileinto", "mailbox"]; fileinto :create "Sorted";',
           name="sort", active=False)
    script(roost, 'require "include"; include :personal "sort";')
    mail.deliver(roost, mail.letter("in another script"))
    assert subjects(roost, name="Sorted") == ["in another script"]


def test_programs_before_and_after(roost: Roost) -> None:
    """Each program runs if the one before it kept the message; actions of all are carried out."""
    api = as_owner(roost)
    copy = 'require ["copy", "fileinto", "mailbox"]; fileinto :copy :create "{}";'
    for path in ("/scripts/before", "/domains/example.org/scripts/before",
                 "/domains/example.org/scripts/after", "/scripts/after"):
        api.put(path, {"text": copy.format(path.replace("/", " ").strip())})
    script(roost, copy.format("own"), "bob")
    mail.deliver(roost, mail.letter("through all"), to=[address("bob")])
    boxes = ["scripts before", "domains example.org scripts before", "own",
             "domains example.org scripts after", "scripts after"]
    assert [subjects(roost, "bob", f'"{box}"') for box in boxes] == [["through all"]] * 5
    assert subjects(roost, "bob") == ["through all"]
    script(roost, 'discard;', "bob")
    mail.deliver(roost, mail.letter("discarded"), to=[address("bob")])
    assert [len(subjects(roost, "bob", f'"{box}"')) for box in boxes] == [2, 2, 1, 1, 1]
    api.put("/scripts/before", {"text": "discard;"})
    mail.deliver(roost, mail.letter("discarded first"), to=[address("bob")])
    assert [len(subjects(roost, "bob", f'"{box}"')) for box in boxes] == [2, 2, 1, 1, 1]


def test_global_library(roost: Roost) -> None:
    """:global is the library of the domain, then of the server."""
    api = as_owner(roost)
    into = 'require ["fileinto", "mailbox"]; fileinto :create "{}";'
    api.put("/scripts/sort", {"text": into.format("by-server")})
    script(roost, 'require "include"; include :global "sort";', "bob")
    mail.deliver(roost, mail.letter("one"), to=[address("bob")])
    api.put("/domains/example.org/scripts/sort", {"text": into.format("by-domain")})
    mail.deliver(roost, mail.letter("two"), to=[address("bob")])
    assert subjects(roost, "bob", "by-server") == ["one"]
    assert subjects(roost, "bob", "by-domain") == ["two"]


# --- errors ---------------------------------------------------------------------------------


def test_a_failing_script_keeps_the_message(roost: Roost) -> None:
    script(roost, 'require "include";\r\ndiscard;\r\ninclude "missing";')
    raw = mail.letter("first")
    mail.deliver(roost, raw)
    mail.deliver(roost, mail.letter("second"))
    until(lambda: len(subjects(roost)) == 3, what="the notice")
    assert sorted(subjects(roost)) == ["Your mail filter failed", "first", "second"]
    notice = next(m for m in map(mail.parse, mail.inbox(roost))
                  if m["Subject"] == "Your mail filter failed")
    assert 'There is no script "missing" to include' in notice.get_content()
    assert "line 3 of script main" in notice.get_content()
    assert "script main failed in line 3" in details(roost, raw)
    assert roost.log
    roost.log.wait(r" warn filter_failed .*line=3")
