/* flow/policy/milter/milter_link.h: the connection to one milter: packets out, replies in, each
 * with a deadline. For threads that may wait; one thread at a time. */
#ifndef POLICY_MILTER_LINK_H
#define POLICY_MILTER_LINK_H
#include "flow/policy/milter/wire_milter.h"
#include "foundation/base/arena.h"
#include "network/runtime/addr.h"

struct dns;

/* Where a filter listens. */
struct milter_address {
	struct str path; /* of a socket of this machine; empty: host and port */
	struct str host; /* a name, or an address without brackets */
	uint16_t port;
};
/* "inet:host:port", "inet:port@host" as libmilter's own programs have it, "host:port",
 * "unix:/path", "local:/path". Borrows. False: none of these. */
bool milter_address_parse(struct str text, struct milter_address *out);

struct milter_link {
	int fd;
	struct milter_options options;
	struct arena arena; /* of the options' macros          */
	struct buf out;     /* composed by the caller, sent by milter_link_send */
	struct buf in;
	size_t used;     /* bytes of in that were handed out */
	int64_t step_ms; /* how long a reply may take        */
	int64_t last_ms; /* nothing is waited for beyond (clock_mono_ms) */
};

struct milter_dial {
	struct milter_address at;
	uint32_t version;   /* to offer */
	int64_t connect_ms; /* to find, reach and agree */
	int64_t step_ms;
	int64_t last_ms; /* as in the link */
	struct dns *dns; /* may be NULL when the host is an address */
};

/* Connect and agree on options. ERR_RETRY: it cannot be reached, is slow, closes; ERR_CONFLICT,
 * ERR_SYNTAX: it speaks no milter protocol that we know. *out is NULL then. */
enum err milter_link_open(const struct milter_dial *dial, struct milter_link **out,
                          struct why *why) MUST_USE;
/* Says QUIT when polite, without waiting. NULL is a no-op; clears *l. */
void milter_link_close(struct milter_link **l, bool polite);

/* Send what is in l->out, which is empty afterwards. ERR_RETRY: it takes nothing for step_ms,
 * or is gone. After an error only milter_link_close is of use. */
enum err milter_link_send(struct milter_link *l, struct why *why) MUST_USE;
/* Send without waiting, as far as it goes: for packets that ask for no reply. False: it did not
 * go, and the link is of no use. */
bool milter_link_tell(struct milter_link *l);

/* The next reply to command, which borrows until the next call. Each PROGRESS gives the filter
 * step_ms again, up to last_ms. ERR_RETRY: time is over, or it has closed;
 * ERR_SYNTAX: what came is no reply to this. */
enum err milter_link_reply(struct milter_link *l, char command, struct milter_reply *out,
                           struct why *why) MUST_USE;

#endif
