/* protocols/imap/imap.h: the IMAP server: IMAP4rev1 (RFC 3501), and IMAP4rev2 (RFC 9051) for those
 * who enable it.
 *
 * How a command goes through this folder:
 *
 *	input.c     gathers a command, its lines and literals, without ever waiting
 *	commands.c  finds its row in the table, checks the state, parses, runs, replies
 *	args.c      calls the row's grammar (wire_*.c: pure, no session)
 *	cmd_*.c     does it, in transactions that never span a socket wait
 *	sync.c      tells the client, where the protocol allows it, what others changed
 *	named_search.c  puts searches that lie on the server in the place of their names
 *	context.c   follows results of searches for the client, as far as sync.c hears of changes
 *	reply.c     writes the tagged answer; one table turns enum err into response codes
 *
 * A session (session.h) is a state machine over network/runtime/conn.h. Its view of the selected
 * mailbox (view.h) is what gives messages their numbers. Long answers (FETCH, SEARCH) are
 * generators: they fill the output buffer, give the worker back, and go on later.
 *
 * When adding a command: a row in commands.c, its grammar in a wire_ file with a fuzz
 * target, its action in a cmd_ file, a transcript in tests/golden/imap that shows it done and
 * refused, a good form of it in tests/unit/imap/states_test.c, and its words in the
 * capability list (cmd_any.c) and in tests/golden/imap/shows.tsv when it is an extension. */
#ifndef IMAP_H
#define IMAP_H
#include "formats/message/mime.h"
#include "foundation/base/err.h"
#include "foundation/base/str.h"
#include "network/runtime/conn.h"

struct live;
struct logins;
struct mailboxes;
struct pool;
struct store;
struct txn;

/* A change that an administrator makes over IMAP, for the audit trail. Borrowed. */
struct imap_audit {
	struct str who, from;     /* his address, and his network address */
	struct str what, target;  /* "account.change", the account's      */
	struct str before, after; /* one-line JSON                        */
};

/* The protocol's server object: a listener's conn_service.context. Made in server/, constant
 * while the runtime lives. */
struct imap_server {
	struct store *store;
	const struct mailboxes *mailboxes; /* with its watches */
	struct logins *logins;
	struct pool *pool;  /* helps with great commands; NULL: sessions do all themselves */
	struct live *live;  /* a session keeps the settings it began with */
	struct str version; /* for ID; empty: not told */
	struct message_limits message_limits;
	unsigned login_idle_ms; /* 0: LIMIT_imap_login_idle_ms */
	unsigned idle_ms;       /* 0: LIMIT_imap_idle_ms */
	unsigned progress_ms;   /* 0: LIMIT_imap_progress_ms */
	unsigned notify_mailboxes; /* 0: LIMIT_imap_notify_mailboxes */
	size_t context_results;    /* 0: LIMIT_imap_context_results */
	/* Add to the trail, in the transaction that makes the change; NULL: there is none. */
	enum err (*audit)(struct txn *t, const struct imap_audit *entry);
	/* The session resource of JMAP (RFC 8620 2), whose ids are those of objectid.h; empty: no
	 * JMAP here, and nobody hears of it. */
	struct str jmap_url;
};

extern const struct proto imap_proto;

#endif
