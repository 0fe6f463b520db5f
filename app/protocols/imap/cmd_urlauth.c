/* protocols/imap/cmd_urlauth.c: GENURLAUTH and RESETKEY (RFC 4467 7): creates URLs that
 * let others read one message or part without rights of their own; cmd_urlfetch.c
 * resolves them. */
#include "formats/imap_wire/put.h"
#include "formats/imap_wire/url.h"
#include "foundation/base/random.h"
#include "foundation/config/limits.h"
#include "model/directory/directory.h"
#include "model/mailbox/mailbox.h"
#include "model/mailbox/rights.h"
#include "protocols/imap/commands.h"
#include "protocols/imap/store.h"
#include "protocols/imap/urlauth.h"
#include <string.h>

/* --- GENURLAUTH ------------------------------------------------------------------------ */

struct making {
	const struct imap *s;
	const struct imap_url *url;
	struct imap_place place;
	uint8_t key[URL_KEY_BYTES]; /* in: a new one; out: the mailbox's */
	bool write;
};

/* RFC 4467 7: the mailbox must exist, and the URL must be of the login's user. */
static enum err urlauth_make(const struct mail_txn *m, void *arg)
{
	struct making *g = arg;
	uint8_t old[URL_KEY_BYTES];
	struct account owner;
	struct mailbox box;
	enum err e = urlauth_user(m->t, g->url->user, g->url->host, &owner);

	if (!e && owner.id != m->who)
		e = ERR_MISSING;
	if (!e)
		e = mailbox_find_for(m, g->place.name, RIGHT_READ, &box);
	if (e)
		return e == ERR_SYNTAX || e == ERR_DENIED ? ERR_MISSING : e;
	e = url_key_get(m, box.id, old);
	if (e == ERR_MISSING)
		return g->write ? url_key_set(m, box.id, g->key) : ERR_RETRY;
	memcpy(g->key, old, sizeof(old));
	return e;
}

/* False: s->reply is the error. */
static bool url_make(struct imap *s, struct str text, struct buf *out)
{
	struct arena *a = &s->run.arena;
	struct imap_url url;
	struct making g = { .s = s, .url = &url };
	enum err e;

	if (!imap_url_parse(text, a, &url) || !url.absolute || !url.user.n || !url.access ||
	    url.token.n) {
		imap_bad(s, "URL must name a message, a user and an access identifier");
		return false;
	}
	g.place = imap_place(url.mailbox);
	random_bytes(g.key, sizeof(g.key));
	e = imap_read_at(s, &g.place, urlauth_make, &g);
	if (e == ERR_RETRY) {
		g.write = true;
		e = imap_write_at(s, &g.place, urlauth_make, &g, NULL);
	}
	if (e == ERR_MISSING)
		imap_bad(s, "The user has no such mailbox");
	else if (e)
		imap_failed(s, ABOUT_ANY, e, NULL);
	if (e)
		return false;
	buf_byte(out, ' ');
	imap_put_string(out, str_fmt(a, "%.*s:internal:%.*s", STR_ARG(text),
	                             STR_ARG(urlauth_token(a, g.key, text))));
	return true;
}

enum done imap_cmd_genurlauth(struct imap *s, union imap_args *args)
{
	struct buf said;
	bool ok = true;

	buf_init(&said, LIMIT_conn_out / 2);
	for (size_t i = 0; i < args->urls.n && ok; i++)
		ok = url_make(s, args->urls.items[i], &said);
	if (ok && !buf_ok(&said)) {
		imap_no(s, "LIMIT", "Too many URLs");
	} else if (ok) {
		buf_put(imap_out(s), STR("* GENURLAUTH"));
		buf_put(imap_out(s), buf_str(&said));
		buf_put(imap_out(s), STR("\r\n"));
		imap_ok(s, NULL, NULL);
	}
	buf_deinit(&said);
	return DONE;
}

/* --- RESETKEY -------------------------------------------------------------------------- */

struct resetting {
	struct imap_place place;
	uint8_t key[URL_KEY_BYTES];
	uint32_t account, mailbox; /* account and id of the mailbox */
};

static enum err reset(const struct mail_txn *m, void *arg)
{
	struct resetting *r = arg;
	struct mailbox box;
	enum err e = mailbox_find_for(m, r->place.name, RIGHT_READ, &box);

	r->account = m->account;
	r->mailbox = e ? 0 : box.id;
	return e ? e : url_key_reset(m, box.id, r->key);
}

static enum err reset_all(const struct mail_txn *m, void *arg)
{
	(void)arg;
	return url_keys_erase(m);
}

enum done imap_cmd_resetkey(struct imap *s, union imap_args *args)
{
	bool all = args->name.n == 0;
	struct resetting r = { .place = imap_place(args->name) };
	enum err e;

	random_bytes(r.key, sizeof(r.key));
	e = imap_write_at(s, &r.place, all ? reset_all : reset, &r, NULL);
	if (e)
		imap_failed(s, ABOUT_ANY, e, NULL);
	else
		imap_ok(s, all ? NULL : "URLMECH INTERNAL", NULL);
	/* RFC 4467 7.1: the tagged response reports it to this session. */
	if (!e && !all && r.mailbox == s->selected.id && r.account == s->selected.account)
		atomic_store(&s->watched.keys, false);
	return DONE;
}
