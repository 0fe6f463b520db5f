/* flow/policy/milter/milter_talk.h: what one filter has been told of a session, and telling it
 * more; for milter*.c only.
 *
 * A filter hears of a session what it wants to hear, in the order in which it happens, and all
 * of it at once when it is asked for the first time: so one that is asked at the end only, or
 * whose connection broke in the last message, costs nothing before. Its connection is one per
 * SMTP session, made when there is something to ask. */
#ifndef POLICY_MILTER_TALK_H
#define POLICY_MILTER_TALK_H
#include "flow/policy/check.h"
#include "flow/policy/milter/milter_rules.h"

struct milter_talk {
	const struct milter_rule *rule;
	struct milter_link *link; /* NULL: not open */
	bool connected, greeted, mail, data; /* what it knows */
	size_t rcpts;   /* of the transaction's, how many it knows */
	bool rcpt_told; /* the last that was asked about: if it is accepted, it knows it */
	int64_t last_ms; /* of the present stage, as in the link */
	const struct mailaddr *rcpt; /* that it is being told of */
	bool done;      /* it has accepted the session: not asked any more */
	bool by_helo;   /* ...when it heard HELO, which STARTTLS has forgotten */
	bool mail_done; /* the transaction: accepted, ended, or it failed */
	bool ended;     /* it has given its verdict on the whole message */
};

/* What a filter said, as far as the one who asked has to know. */
enum milter_said {
	MILTER_GO_ON,
	MILTER_SKIP,    /* no more of this */
	MILTER_DECIDED, /* its verdict has been passed on, or it has accepted */
	MILTER_FAILED,  /* it could not be asked: why says why */
};

/* Tell all it does not know of r's stage and those before, and pass on what it says. With
 * MILTER_FAILED nothing was said of that. */
enum milter_said milter_talk_stage(struct milter_talk *t, struct policy_run *r,
                                   struct why *why);

/* Send what is composed for this command, and take the answer if one is due. */
enum milter_said milter_talk_ask(struct milter_talk *t, struct policy_run *r, char command,
                                 struct why *why);
/* Append the macros for a command. */
void milter_talk_macros(struct milter_talk *t, struct policy_run *r, char command);
/* Pass on a reply that is no change of the message. */
enum milter_said milter_talk_pass(struct milter_talk *t, struct policy_run *r,
                                  const struct milter_reply *reply);

/* milter_message.c: the message, its verdict and its changes. */
enum milter_said milter_talk_message(struct milter_talk *t, struct policy_run *r,
                                     struct why *why);

/* The transaction is over: ABORT unless it has had its end. Does not wait. */
void milter_talk_reset(struct milter_talk *t);
/* The peer begins anew (RFC 3207 4.2): the filter hears its next HELO, and one that has accepted
 * the session because of the last is asked once more. Does not wait. */
void milter_talk_restart(struct milter_talk *t);
/* Closes the connection; polite: with QUIT. */
void milter_talk_close(struct milter_talk *t, bool polite);

/* milter_macros.c: the value of a macro; p NULL when there is none. */
struct milter_about {
	struct policy_run *run;
	const struct mailaddr *rcpt; /* NULL: none is being told of */
};
struct str milter_macro(struct str name, void *about);

#endif
