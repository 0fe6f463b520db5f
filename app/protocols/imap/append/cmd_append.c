/* protocols/imap/append/cmd_append.c: APPEND (RFC 9051 6.3.12) of one or more messages
 * (RFC 3502); append.c receives them. */
#include "foundation/base/clock.h"
#include "protocols/imap/append/append.h"
#include "protocols/imap/commands.h"
#include "protocols/imap/mailboxes/oldname.h"
#include "protocols/imap/store.h"

struct storing {
	struct appending *g;
	int64_t now_ms;
	struct email_appended done;
};

static enum err store(const struct mail_txn *m, void *arg)
{
	struct storing *st = arg;

	return imap_append_all(m, st->g, st->now_ms, &st->done);
}

/* The reply OK follows the disk sync. */
static void append_commit(struct imap *s, struct appending *g)
{
	struct storing st = { .g = g, .now_ms = clock_real_ms() };
	struct why why = { "" };
	enum err e = imap_append_write(s, g, &g->place, store, &st, &why);

	if (e) {
		imap_append_failed(s, g, e, &why);
		return;
	}
	imap_appended(s, g, &st.done);
	imap_ok(s, NULL, NULL);
	s->reply.code = imap_appenduid(s, g, &st.done);
	imap_oldname_tell(s, s->run.args->append.mailbox);
}

enum done imap_cmd_append(struct imap *s, union imap_args *args)
{
	return imap_append_begin(s, &args->append, 0, append_commit);
}
