/* imap/store.c: see store.h. */
#include "imap/store.h"
#include "imap/session.h"
#include "store/store.h"

struct call {
	const struct imap *s;
	imap_txn_fn *fn;
	void *arg;
};

static enum err call(struct txn *t, void *arg)
{
	struct call *c = arg;
	struct mail_txn m = { c->s->server->mailboxes, t, c->s->login.login.account };

	return c->fn(&m, c->arg);
}

enum err imap_read(struct imap *s, imap_txn_fn *fn, void *arg)
{
	struct call c = { s, fn, arg };

	return store_read(s->server->store, call, &c);
}

enum err imap_write(struct imap *s, imap_txn_fn *fn, void *arg, struct why *why)
{
	struct call c = { s, fn, arg };

	return store_write(s->server->store, call, &c, why);
}
