"""A message to more people than a transaction may have: whom the remote took is not sent to again,
whenever the server ends."""
import collections
import time

import pytest

from conftest import Maker
from harness import mail
from harness.peer import until
from harness.smtp_sink import Sink

PART = 100  # LIMIT_smtp_out_rcpts
PEOPLE = 3 * PART


@pytest.mark.parametrize("how", ["kill", "stop"])
def test_ended_amid_the_third_part(make_sender: Maker, sink: Sink, how: str) -> None:
    taken = sink.take
    slow = True

    def take(verb: str, argument: str):  # type: ignore[no-untyped-def]
        if verb == "RCPT" and slow and len(sink.messages) == 2:
            time.sleep(0.3)
        return taken(verb, argument)

    sink.take = take  # type: ignore[method-assign]
    roost = make_sender().start()
    mail.submit(roost, mail.letter("hi", sender="alice@example.org"),
                [f"r{i}@example.net" for i in range(PEOPLE)])
    until(lambda: len(sink.messages) == 2, 30, "two transactions")
    until(lambda: sum(" queue_delivered " in line for log in roost.logs for line in log.lines)
          == 2 * PART, 5, "who has it, in the log")
    if how == "kill":
        roost.kill()
    else:
        roost.stop()
    slow = False
    roost.start()
    until(lambda: roost.cli("queue", "list") == "", 60, "an empty queue")
    copies = collections.Counter(rcpt for message in sink.messages for rcpt in message.rcpts)
    assert len(copies) == PEOPLE and set(copies.values()) == {1}
