/* flow/policy/milter/milter_link.h: the connection to one milter: packets out, replies
 * in, each with a deadline. For threads that may block; one thread at a time. */
#ifndef POLICY_MILTER_LINK_H
#define POLICY_MILTER_LINK_H
#include "flow/policy/milter/wire_milter.h"
#include "foundation/base/arena.h"
#include "network/runtime/addr.h"

struct dns;

/* Address of a filter. */
struct milter_address {
	struct str path; /* of a local socket; empty: host and port */
	struct str host; /* a name, or an address without brackets */
	uint16_t port;
};
/* "inet:host:port", "inet:port@host" as in libmilter's programs, "host:port",
 * "unix:/path", "local:/path". Borrows. False: invalid. */
bool milter_address_parse(struct str text, struct milter_address *out);

struct milter_link {
	int fd;
	struct milter_options options;
	struct arena arena; /* of the options' macros                           */
	struct buf out;     /* composed by the caller, sent by milter_link_send */
	struct buf in;
	size_t used;     /* bytes of in that were consumed     */
	int64_t step_ms; /* timeout of a reply                 */
	int64_t last_ms; /* end of all waiting (clock_mono_ms) */
};

struct milter_dial {
	struct milter_address at;
	uint32_t version;   /* to offer */
	int64_t connect_ms; /* to resolve, connect and negotiate */
	int64_t step_ms;
	int64_t last_ms; /* as in the link */
	struct dns *dns; /* may be NULL if the host is an address */
};

/* Connect and negotiate options. ERR_RETRY: unreachable, too slow, or closed;
 * ERR_CONFLICT, ERR_SYNTAX: no supported milter protocol. *out is NULL then. */
enum err milter_link_open(const struct milter_dial *dial, struct milter_link **out,
                          struct why *why) MUST_USE;
/* polite: send QUIT first, without waiting. NULL is a no-op; clears *l. */
void milter_link_close(struct milter_link **l, bool polite);

/* Send l->out, which is empty afterwards. ERR_RETRY: the filter accepts nothing for
 * step_ms, or has closed. After an error only milter_link_close may be called. */
enum err milter_link_send(struct milter_link *l, struct why *why) MUST_USE;
/* Send without waiting: for packets without a reply. False: it failed, and the link is
 * unusable. */
bool milter_link_tell(struct milter_link *l);

/* The next reply to command; borrowed until the next call. Each PROGRESS restarts
 * step_ms, up to last_ms. ERR_RETRY: timeout, or it has closed; ERR_SYNTAX: not a reply
 * to this command. */
enum err milter_link_reply(struct milter_link *l, char command, struct milter_reply *out,
                           struct why *why) MUST_USE;

#endif
