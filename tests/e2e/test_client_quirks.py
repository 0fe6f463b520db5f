"""What clients that do not run here do with several connections at once, over real sockets: Apple
Mail, Thunderbird, K-9 and FairEmail, Outlook. Their dialogues line by line are in
tests/golden/imap (apple_mail, thunderbird, k9, outlook, gmail_import, habits)."""
import re
import threading

from harness import account, mail
from harness.peer import ImapPeer, until
from harness.server import PASSWORDS, Roost
from test_imap_compress import Packed


def opened(roost: Roost, mailbox: str | None = "INBOX") -> ImapPeer:
    """A session of alice's."""
    peer = ImapPeer(roost.ports["imaps"], tls=True)
    peer.login("alice@example.org", PASSWORDS["alice"])
    if mailbox:
        peer.ok(f'SELECT "{mailbox}"')
    return peer


# --- Apple Mail -------------------------------------------------------------------------------


def test_iphone_says_all_in_one_packet(roost: Roost) -> None:
    """iOS Mail: login, ID, NAMESPACE, SELECT and IDLE in one packet; DONE together with what comes
    next, and with the next IDLE; a hundred times without a pause."""
    mail.deliver(roost, mail.letter("one"))
    with ImapPeer(roost.ports["imaps"], tls=True) as phone:
        phone.send(f'1 LOGIN alice@example.org "{PASSWORDS["alice"]}"\r\n'
                   '2 ID ("name" "iPhone Mail" "version" "22A3354" "os" "iOS")\r\n3 NAMESPACE\r\n'
                   "4 SELECT INBOX\r\n5 IDLE\r\n")
        for tag in "1234":
            assert phone.until(tag)[-1].startswith("OK"), tag
        assert phone.line() == "+ idling"
        mail.deliver(roost, mail.letter("two"))
        assert phone.line() == "* 2 EXISTS"
        for n in range(100):
            phone.send(f"DONE\r\na{n} UID FETCH 1:* (FLAGS UID RFC822.SIZE)\r\n5 IDLE\r\n")
            assert phone.until("5")[-1] == "OK IDLE completed"
            assert len(phone.until(f"a{n}")) == 3
            assert phone.line() == "+ idling"


def test_iphone_push_is_not_announced(roost: Roost) -> None:
    """XAPPLEPUSHSERVICE is for who has Apple's certificate; iOS then fetches or idles."""
    with opened(roost) as phone:
        assert "XAPPLEPUSHSERVICE" not in phone.ok("CAPABILITY")[0]
        assert phone.cmd('XAPPLEPUSHSERVICE "aps-version" "2"') == ["BAD Unknown command"]
        phone.ok("NOOP")


def test_mac_mail_on_four_connections(roost: Roost) -> None:
    """Apple Mail takes messages on one, moves them on another and idles on two more."""
    for n in range(10):
        mail.deliver(roost, mail.letter(f"letter {n}"))
    reads, moves, waits, trash = (opened(roost), opened(roost), opened(roost),
                                  opened(roost, "Trash"))
    for peer in (waits, trash):
        peer.send("i IDLE\r\n")
        assert peer.line() == "+ idling"
    moves.ok("UID COPY 3:5 Trash")
    moves.ok("UID STORE 3:5 +FLAGS.SILENT (\\Deleted)")
    moves.ok("UID EXPUNGE 3:5")
    got = reads.ok("UID FETCH 1:10 (BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
    assert len([line for line in got if "Subject: " in line]) == 7
    assert trash.line() == "* 3 EXISTS"
    told = [waits.line() for _ in range(3)]
    while not all("EXPUNGE" in line for line in told[-3:]):  # \Deleted may be told before
        told.append(waits.line())
    assert told[-3:] == ["* 5 EXPUNGE", "* 4 EXPUNGE", "* 3 EXPUNGE"]
    for peer in (reads, moves, waits, trash):
        peer.close()


# --- Thunderbird ------------------------------------------------------------------------------


def test_thunderbird_syncs_on_five_packed_connections(roost: Roost) -> None:
    """Thunderbird's autosync: five connections below COMPRESS, each with a folder of its own; flags
    by CHANGEDSINCE; what one of them moves the others get."""
    with account.session(roost, None) as m:
        for k in range(4):
            account.ok(m.create(f"Folder{k}"))
            for i in range(20):
                account.ok(m.append(f"Folder{k}", None, None, mail.letter(f"{k} {i}")))
    errors: list[BaseException] = []

    def sync(name: str) -> None:
        try:
            session = Packed(roost, False)
            session.send(f'1 select "{name}" (CONDSTORE)\r\n'.encode())
            selected = session.until(b"1 OK ")
            session.until(b"\r\n")
            highest = re.search(rb"HIGHESTMODSEQ (\d+)", selected)
            assert highest, selected
            session.send(b"2 UID fetch 1:* (FLAGS)\r\n"
                         b"3 UID fetch 1:* (UID RFC822.SIZE BODY.PEEK[])\r\n"
                         b"4 uid store 1:5 +Flags (\\Seen)\r\n")
            assert session.until(b"3 OK FETCH completed\r\n").count(b"BODY[] {") == 20
            session.until(b"4 OK ")
            session.until(b"\r\n")
            session.send(b"5 UID fetch 1:* (FLAGS) (CHANGEDSINCE %s)\r\n" % highest[1])
            assert session.until(b"5 OK FETCH completed\r\n").count(b"FETCH (UID") == 5
            session.send(b'6 uid move 20 "INBOX"\r\n')
            session.until(b"6 OK ")
            session.until(b"\r\n")
            session.sock.close()
        except BaseException as e:  # handed to the test's thread
            errors.append(e)

    inbox = Packed(roost, False)
    inbox.send(b"1 select INBOX\r\n2 IDLE\r\n")
    inbox.until(b"+ idling\r\n")
    threads = [threading.Thread(target=sync, args=(f"Folder{k}",)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    inbox.until(b"* 4 EXISTS\r\n")
    inbox.sock.close()
    assert set(account.letters(roost)) == {"0 19", "1 19", "2 19", "3 19"}


# --- K-9 and FairEmail ------------------------------------------------------------------------


def test_k9_waits_in_five_folders(roost: Roost) -> None:
    """K-9 and FairEmail: IDLE in each folder on a connection of its own; what is new is fetched on
    that connection, in parts, and the whole only when it is small."""
    names = ["INBOX", "Sent", "Drafts", "Archive", "Junk"]
    peers = {name: opened(roost, name) for name in names}
    for peer in peers.values():
        peer.send("i IDLE\r\n")
        assert peer.line() == "+ idling"
    letter = mail.letter("for all", "x" * 70 + "\n" + "y" * 70 + "\n")
    with account.session(roost, None) as m:
        for name in names:
            account.ok(m.append(name, None, None, letter))
    for name, peer in peers.items():
        assert peer.line() == "* 1 EXISTS", name
        peer.send("DONE\r\n")
        peer.until("i")
        assert peer.ok("UID SEARCH 1:* NOT DELETED")[0].startswith("* SEARCH 1")
        head = peer.ok("UID FETCH 1 (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS "
                       "(date subject from content-type to cc reply-to message-id)])")
        assert "Subject: for all" in head[0]
        part = peer.ok("UID FETCH 1 (UID BODY.PEEK[TEXT]<60.20>)")[0]
        assert "BODY[TEXT]<60> {20}\r\nxxxxxxxxxx\r\nyyyyyyyy" in part
        peer.send("j IDLE\r\n")
        assert peer.line() == "+ idling"
    for peer in peers.values():
        peer.close()


def test_fairemail_is_cut_off_and_comes_back(roost: Roost) -> None:
    """A phone that changes its network: the connection dies in IDLE without a word, and the next
    one finds everything; the old one does not hold it back."""
    old = opened(roost)
    old.send("i IDLE\r\n")
    assert old.line() == "+ idling"
    for n in range(3):
        mail.deliver(roost, mail.letter(f"letter {n}"))
        new = opened(roost)
        assert new.ok("UID SEARCH UID 1:*")[0] == "* SEARCH " + " ".join(
            str(uid) for uid in range(1, n + 2))
        new.send("i IDLE\r\n")
        new.sock.close()
    old.close()


# --- Outlook ----------------------------------------------------------------------------------


def test_outlook_keeps_a_copy_while_it_polls(roost: Roost) -> None:
    """Outlook: commands in any case with a space at their end, LSUB for its tree, APPEND to Sent
    Items on one connection while another one polls it by NOOP."""
    sends, polls = opened(roost, None), opened(roost, None)
    for name in ("Sent Items", "Deleted Items"):
        sends.ok(f'CREATE "{name}"')
        sends.ok(f'SUBSCRIBE "{name}"')
    assert any('"Sent Items"' in line for line in polls.ok('lsub "" "*" '))
    polls.ok('Select "Sent Items"')
    for n in range(3):
        letter = mail.letter(f"sent {n}")
        sends.send(b'x%d APPEND "Sent Items" (\\Seen) {%d}\r\n' % (n, len(letter)))
        assert sends.line().startswith("+ ")
        sends.send(letter + b"\r\n")
        assert sends.until(f"x{n}")[-1].startswith("OK [APPENDUID ")
        until(lambda: f"* {n + 1} EXISTS" in polls.ok("noop "))
        assert f"sent {n}" in polls.ok(
            f"UID FETCH {n + 1} (UID FLAGS BODY.PEEK[HEADER] BODYSTRUCTURE)")[0]
    sends.close()
    polls.close()
