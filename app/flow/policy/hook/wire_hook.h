/* flow/policy/hook/wire_hook.h: JSON of the requests to HTTP hooks and of their
 * responses, described in docs/how-to/hooks.md. Pure. A hook's response is untrusted like
 * a peer's input. */
#ifndef POLICY_WIRE_HOOK_H
#define POLICY_WIRE_HOOK_H
#include "flow/policy/change.h"
#include "formats/message/mailaddr.h"
#include "foundation/base/arena.h"
#include "foundation/base/err.h"

/* --- the request --------------------------------------------------------------- */

struct hook_pair {
	struct str name, value;
};

/* Unknown values are empty, and omitted or null. */
struct hook_question {
	struct str id;          /* of this request  */
	const char *stage;      /* "connect", "end" */
	int64_t time_ms;
	struct str session, service, hostname, peer;
	unsigned port;
	struct str helo, tls, login;
	bool mail;              /* there is a transaction: the following members are set */
	const struct mailaddr *from;
	const struct hook_pair *params; /* of MAIL */
	size_t param_count;
	const struct mailaddr *rcpts;
	size_t rcpt_count;
	const struct mailaddr *rcpt; /* at "rcpt": the current one; or NULL */
	bool message;           /* is there one */
	const struct hook_pair *fields; /* of its header, values without their line end */
	size_t field_count;
	uint64_t size;
	struct str raw;         /* the message, to be sent in base64; p NULL: omitted */
};
/* Append it; out overflows if it is too small. arena is for temporary memory. */
void hook_question_put(struct buf *out, const struct hook_question *q, struct arena *a);

/* --- the response -------------------------------------------------------------- */

enum hook_action {
	HOOK_ACCEPT, /* no objection: other checks still run */
	HOOK_TEMPFAIL,
	HOOK_REJECT,
	HOOK_DISCARD,
	HOOK_QUARANTINE,
	HOOK_ACTIONS
};

enum { HOOK_CHANGES_MAX = 1000 };

struct hook_answer {
	enum hook_action action;
	unsigned code;       /* 0: the default; else of the action's class */
	struct str enhanced; /* "5.7.1", or empty                          */
	struct str text;     /* for the peer, or the reason; may be empty  */
	struct policy_change *changes;
	size_t change_count;
};
/* Parse the body of a response. ERR_SYNTAX: why has the error, and nothing of it counts.
 * An empty body accepts. *out lives in a. */
enum err hook_answer_parse(struct str json, struct arena *a, struct hook_answer *out,
                           struct why *why) MUST_USE;

#endif
