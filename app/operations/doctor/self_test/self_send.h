/* operations/doctor/self_test/self_send.h: the step of a self-test that sends the message to
 * this server's port 25, by the same client as other outgoing mail, over STARTTLS if it is offered,
 * and with the rights of a stranger. The reply is the verdict; a refusal is a verdict too. */
#ifndef DOCTOR_SELF_SEND_H
#define DOCTOR_SELF_SEND_H
#include "formats/message/mailaddr.h"
#include "operations/doctor/server/server_checks.h"

struct self_send {
	const struct settings *settings;
	struct mailaddr from, to;
	struct str signatures, body; /* the message is one behind the other */
	const struct addr *listens;  /* where mail of others comes in: as runtime_listens */
	size_t listen_count;
	struct arena *a;             /* where strings live                  */
	/* results */
	bool taken;
	struct addr peer; /* as whom the server has seen us; ADDR_NONE: it was not reached */
};

/* Append the step. Blocks, for SELF_SEND_MS at most. */
enum { SELF_SEND_MS = 90000 };
void self_send(struct self_send *s, struct checks *out);

/* Where a server with these listeners, "*:25,192.0.2.1:2525", is reached from its own machine: an
 * own public address (of own) where it listens on all, since mail from private ones is looked at
 * less, else loopback. False: nowhere. Pure. */
bool self_send_place(const struct addr *listens, size_t n, const struct addr *own, size_t own_count,
                     struct addr *out);

#endif
