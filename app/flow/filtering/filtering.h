/* flow/filtering/filtering.h: the Sieve filters that a message for an account passes.
 *
 * In this order, each only if the one before ended in keep (as Pigeonhole does):
 *
 *	"before" of the server, "before" of the domain,
 *	rules of the account, vacation of the account, active script of the account,
 *	"after" of the domain, "after" of the server
 *
 * Scripts of a domain run only over mail of users: a domain administrator may not change accounts
 * of administrators (role_account_check), and a script could redirect their mail. For such an
 * account `include :global` takes scripts of the server only.
 *
 * The vacation also runs after rules that file the message, unless they file it in Junk.
 *
 * filtering_run changes nothing. It returns actions (model/envelope/action.h), which delivery/
 * executes in its transaction. A program that fails while it runs ends the chain: the message is
 * kept, and the owner is notified once a day by an action of the list. */
#ifndef FILTERING_H
#define FILTERING_H
#include "foundation/base/arena.h"
#include "foundation/base/err.h"
#include "foundation/base/str.h"
#include "model/envelope/action.h"
#include "model/envelope/envelope.h"

struct mailboxes;
struct settings;
struct store;
struct txn;

/* An event of IMAP: the script runs over a stored message (RFC 6785). */
struct filtering_event {
	struct str cause;         /* "APPEND", "COPY" or "FLAG" (4.3)                         */
	struct str mailbox;       /* full name of the message's mailbox (4.4)                 */
	struct str user;          /* address of the login that caused it (4.2)                */
	struct str changed_flags; /* with "FLAG", separated by spaces (4.5)                   */
	struct str flags;         /* of the message, after the change                         */
};

struct filtering_mail {
	struct store *store;
	const struct mailboxes *mailboxes;
	const struct settings *settings;
	const struct envelope *envelope;
	const struct envelope_rcpt *rcpt; /* the first recipient that leads to the account. Its
	                                   * actions are those of the checks: their keep is what
	                                   * the implicit keep does */
	const struct str *parts;          /* of the message: its trace fields, and what was
	                                   * received without Return-Path */
	size_t part_count;
	uint32_t account;
	struct mailaddr address;          /* primary address of the account */
	const struct filtering_event *event; /* NULL: the message is being delivered */
};

/* *out gets the list, in a; NULL when the account has no filters, or the message is kept as if it
 * had none. Own read transaction. Errors are the store's: the message must be tried again. */
enum err filtering_run(const struct filtering_mail *m, struct arena *a,
                       const struct action **out) MUST_USE;

/* Run only one of the account's scripts, in t: for an event. ERR_MISSING: there is no such
 * script. */
enum err filtering_run_script(struct txn *t, const struct filtering_mail *m, struct str name,
                              struct arena *a, const struct action **out) MUST_USE;

#endif
