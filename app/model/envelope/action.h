/* model/envelope/action.h: what is done with a message for one recipient.
 *
 * Checks and filters decide, delivery/ carries out. A recipient has a list of actions: a check
 * of policy/ begins it, the filters of the account replace it (flow/filtering/), and delivery/
 * executes it in the transaction that stores the message. The list is part of the recipient in
 * the envelope, so it is stored with a queue entry: mail that waits for room is not filtered
 * again.
 *
 * An empty list means one ACTION_KEEP without a mailbox. */
#ifndef ENVELOPE_ACTION_H
#define ENVELOPE_ACTION_H
#include "formats/message/mailaddr.h"
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/base/str.h"

/* Stored with queue entries: a number keeps its meaning. */
enum action_kind {
	ACTION_KEEP = 1, /* store it in a mailbox of the account                             */
	ACTION_REDIRECT, /* send it on to another address                                    */
	ACTION_DISCARD,  /* nothing: the sender gets no report                               */
	ACTION_REJECT,   /* refuse it: a reply in the SMTP dialogue, or a report to the sender */
	ACTION_REPLY,    /* send a message of the account to the sender (RFC 5230)           */
	ACTION_NOTIFY,   /* send a message of the server about it (RFC 5436)                 */
	ACTION_REMEMBER, /* only remember the key of once (RFC 7352); replaces an earlier time */
	ACTION_NOTE,     /* nothing: why is a step of the trace                              */
};

/* Where a message is stored. With all fields empty: the mailbox of new mail. The first of
 * mailbox_id, special_use and mailbox that exists is used, INBOX when none does. */
struct action_place {
	struct str mailbox;     /* name in UTF-8 with '/' as separator                       */
	struct str special_use; /* "\Junk" (RFC 8579)                                        */
	struct str mailbox_id;  /* MAILBOXID (RFC 9042)                                      */
	bool create;            /* make mailbox if it does not exist (RFC 5490)              */
	struct str flags;       /* separated by spaces (RFC 5232)                            */
	bool has_flags;         /* flags are set: of a stored message they replace all       */
};

/* Strings are borrowed from the stage that made the action. Empty strings: not given. */
struct action {
	enum action_kind kind;
	struct str why; /* for the trace, one phrase: "script main, line 12: fileinto"          */

	struct action_place place; /* KEEP; a copy of a REPLY or NOTIFY (RFC 8580) if has_fcc     */
	bool has_fcc;

	struct mailaddr address;   /* REDIRECT, REPLY, NOTIFY: the recipient                      */
	struct str message;        /* REPLY, NOTIFY: the whole message, CRLF line ends            */
	unsigned notify;           /* REDIRECT: enum dsn_notify; 0: as the sender asked          */
	struct str ret;            /* REDIRECT: "full", "hdrs" or empty                           */
	int64_t by_ms;             /* REDIRECT: when DELIVERBY ends, real time; 0: none           */
	bool by_return, by_trace;  /* REDIRECT: R instead of N, and T (RFC 2852)                  */

	struct str text;           /* REJECT: the reason, UTF-8, may have several lines           */
	bool report;               /* REJECT: by a message to the sender where the reply cannot
	                            * carry the reason (reject); false: always by the reply
	                            * (ereject, RFC 5429 2.1)                                     */

	/* KEEP, REDIRECT: the header of the message from here on, up to and with its empty line
	 * (RFC 5293); empty: as received. */
	struct str header;
	/* KEEP: the whole message instead of the received one (RFC 5703); empty: as received. */
	struct str replaced;

	/* REDIRECT, REPLY, NOTIFY, REMEMBER: done only if the account does not remember the key;
	 * then it is remembered for so long (model/filters/memory.h). Empty: always done. A
	 * REDIRECT that is not done is a KEEP, unless the list has one. */
	struct str once;
	uint32_t once_seconds;

	struct action *next;
};

/* A copy of the list in a. */
struct action *actions_dup(struct arena *a, const struct action *list);
/* The first of this kind, or NULL. */
const struct action *actions_find(const struct action *list, enum action_kind kind);
/* Why it is discarded; empty: it is not. */
struct str actions_discarded(const struct action *list);
/* Why its first KEEP goes to Junk: such mail for other servers is held in the queue. Empty: it does
 * not. */
struct str actions_quarantined(const struct action *list);
/* Append one to the list at *list; the action is zero except its kind, and lives in a. */
struct action *actions_add(struct arena *a, struct action **list, enum action_kind kind);
/* Append the list as it is stored: never empty bytes. */
void actions_pack(struct buf *b, const struct action *list);
/* Parse the output of actions_pack, in a. False: malformed; *out is NULL then. */
bool actions_parse(struct str packed, struct arena *a, const struct action **out);
/* The lists of a check, in a; why is not empty. */
const struct action *actions_discard(struct arena *a, struct str why);
const struct action *actions_quarantine(struct arena *a, struct str why);

#endif
