/* protocols/imap/imap.h: the IMAP server: IMAP4rev1 (RFC 3501), and IMAP4rev2 (RFC 9051)
 * for clients that enable it.
 *
 * How a command goes through this folder:
 *
 *	input.c     gathers the lines and literals of a command; the worker never waits
 *	commands.c  finds the row in the table, checks the state, parses, runs, replies
 *	args.c      calls the row's grammar (wire_*.c: pure, no session)
 *	cmd_*.c     acts, in transactions that are closed before a socket wait
 *	sync.c      sends changes by other sessions where the protocol allows it
 *	named_search.c  replaces names of stored searches by their keys
 *	context.c   updates search results that the client follows, with what sync.c reads
 *	reply.c     writes the tagged response; one table maps enum err to response codes
 *
 * A session (session.h) is a state machine over network/runtime/conn.h. Its view of the
 * selected mailbox (view.h) assigns message numbers. Long answers (FETCH, SEARCH) are
 * generators: they fill the output buffer, give the worker back, and continue later.
 *
 * When adding a command: a row in commands.c; its grammar in a wire_ file with a fuzz
 * target; its action in a cmd_ file; a transcript in tests/golden/imap with a success and
 * a refusal; a valid form in tests/unit/imap/states_test.c. For an extension also its
 * name in the capability list (cmd_any.c) and in tests/golden/imap/shows.tsv. */
#ifndef IMAP_H
#define IMAP_H
#include "formats/message/mime.h"
#include "foundation/base/err.h"
#include "foundation/base/str.h"
#include "network/runtime/conn.h"

struct delivery;
struct live;
struct logins;
struct mailboxes;
struct pool;
struct store;
struct txn;

/* A change by an administrator over IMAP, for the audit log. Borrowed. */
struct imap_audit {
	struct str who, from;     /* the administrator's address and IP address */
	struct str what, target;  /* "account.change" and the account's address */
	struct str before, after; /* one-line JSON                              */
};

/* The server object of the protocol: a listener's conn_service.context. Created in
 * server/, constant while the runtime lives. */
struct imap_server {
	struct store *store;
	const struct mailboxes *mailboxes; /* with its watches */
	struct logins *logins;
	const struct delivery *delivery; /* carries out scripts of mailboxes (event.h); NULL: none
	                                  * run */
	struct pool *pool;  /* helps with large commands; NULL: sessions do all work
	                     * themselves */
	struct live *live;  /* a session keeps the settings of its start */
	struct str version; /* for ID; empty: omitted */
	struct message_limits message_limits;
	unsigned login_idle_ms; /* 0: LIMIT_imap_login_idle_ms */
	unsigned idle_ms;       /* 0: LIMIT_imap_idle_ms */
	unsigned progress_ms;   /* 0: LIMIT_imap_progress_ms */
	unsigned notify_mailboxes; /* 0: LIMIT_imap_notify_mailboxes */
	size_t context_results;    /* 0: LIMIT_imap_context_results */
	/* Append to the audit log in the transaction of the change; NULL: no audit
	 * log. */
	enum err (*audit)(struct txn *t, const struct imap_audit *entry);
	/* The JMAP session resource (RFC 8620 2), whose ids are those of objectid.h.
	 * Empty: there is no JMAP, and the extension is not advertised. */
	struct str jmap_url;
};

extern const struct proto imap_proto;

#endif
