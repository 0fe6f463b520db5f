/* flow/policy/milter/milter_talk.h: the conversation with one filter about a session; for
 * milter*.c only.
 *
 * A filter receives the commands of the session that it requests, in their order, and all
 * past ones when it is first called. So a filter that is called only at the end, or whose
 * connection broke in the last message, costs nothing before. It has one connection for
 * each SMTP session, opened on demand. */
#ifndef POLICY_MILTER_TALK_H
#define POLICY_MILTER_TALK_H
#include "flow/policy/check.h"
#include "flow/policy/milter/milter_rules.h"

struct milter_talk {
	const struct milter_rule *rule;
	struct milter_link *link; /* NULL: not open */
	bool connected, greeted, mail, data; /* commands it has received */
	size_t rcpts;   /* how many of the transaction's recipients it has received */
	bool rcpt_sent; /* the last one was sent to it: it counts if it is accepted */
	int64_t last_ms; /* of the current stage, as in the link */
	const struct mailaddr *rcpt; /* that is being sent       */
	bool done;      /* it has accepted the session: not called any more */
	bool by_helo;   /* ...at HELO, which STARTTLS resets */
	bool mail_done; /* the transaction: accepted, ended, or it failed */
	bool ended;     /* it has returned its verdict on the whole message */
};

/* A filter's response, for the caller. */
enum milter_said {
	MILTER_GO_ON,
	MILTER_SKIP,    /* no more of this kind */
	MILTER_DECIDED, /* its verdict was applied, or it has accepted */
	MILTER_FAILED,  /* the call failed: why has the reason */
};

/* Send everything of r's stage and earlier ones that the filter has not received, and
 * apply its responses. MILTER_FAILED: none was applied. */
enum milter_said milter_talk_stage(struct milter_talk *t, struct policy_run *r,
                                   struct why *why);

/* Send the packets for this command, and read the reply if one is expected. */
enum milter_said milter_talk_ask(struct milter_talk *t, struct policy_run *r, char command,
                                 struct why *why);
/* Append the macros for a command. */
void milter_talk_macros(struct milter_talk *t, struct policy_run *r, char command);
/* Apply a reply that does not change the message. */
enum milter_said milter_talk_pass(struct milter_talk *t, struct policy_run *r,
                                  const struct milter_reply *reply);

/* milter_message.c: the message, its verdict and its changes. */
enum milter_said milter_talk_message(struct milter_talk *t, struct policy_run *r,
                                     struct why *why);

/* The transaction has ended: send ABORT unless the filter got its end. Does not wait. */
void milter_talk_reset(struct milter_talk *t);
/* STARTTLS (RFC 3207 4.2): the filter receives the next HELO. One that has accepted the
 * session at the last HELO is called again. Does not wait. */
void milter_talk_restart(struct milter_talk *t);
/* Close the connection; polite: send QUIT first. */
void milter_talk_close(struct milter_talk *t, bool polite);

/* milter_macros.c: the value of a macro; p NULL if undefined. */
struct milter_about {
	struct policy_run *run;
	const struct mailaddr *rcpt; /* NULL: none is being sent */
};
struct str milter_macro(struct str name, void *about);

#endif
