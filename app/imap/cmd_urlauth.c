/* imap/cmd_urlauth.c: GENURLAUTH, URLFETCH and RESETKEY (RFC 4467): URLs with which others read
 * one message, or a part of it, without any right of their own.
 *
 * The mechanism is INTERNAL: the token is the HMAC-SHA-256 of the URL before it, under the
 * owner's key for the mailbox, behind a number that tells the algorithm (RFC 4467 2.4.1). */
#include "base/clock.h"
#include "base/random.h"
#include "config/limits.h"
#include "crypto/hash.h"
#include "directory/directory.h"
#include "imap/commands.h"
#include "imap/store.h"
#include "imap/url.h"
#include "imap/wire_put.h"
#include "mailbox/mailbox.h"
#include "mailbox/rights.h"
#include "mailbox/url_key.h"
#include "store/spool.h"
#include "store/store.h"
#include <string.h>

#define ALGORITHM "01"

enum {
	TOKEN_BYTES = sizeof(ALGORITHM) - 1 + 2 * HASH_BYTES,
	PIECE = 64 << 10, /* bytes of a message that go to the output at a time */
};

/* The token of a URL without one. */
static struct str token_of(struct arena *a, const uint8_t key[URL_KEY_BYTES], struct str rump)
{
	uint8_t mac[HASH_BYTES];
	struct buf b;
	struct str token;

	hash_hmac_sha256(str_from((const char *)key, URL_KEY_BYTES), rump, mac);
	buf_init(&b, TOKEN_BYTES + 1);
	buf_put(&b, STR(ALGORITHM));
	for (size_t i = 0; i < HASH_BYTES; i++)
		buf_fmt(&b, "%02x", mac[i]);
	token = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return token;
}

/* --- GENURLAUTH ------------------------------------------------------------------------ */

struct making {
	const struct imap *s;
	const struct imap_url *url;
	struct imap_place place;
	uint8_t key[URL_KEY_BYTES]; /* a new one; afterwards that of the mailbox */
	bool write;
};

/* The user of a URL, which may leave out the domain when the host is that. */
static enum err user_find(struct txn *t, struct str user, struct str host, struct account *out)
{
	struct arena *a = txn_arena(t);

	if (str_find_byte(user, '@') < 0)
		user = str_fmt(a, "%.*s@%.*s", STR_ARG(user), STR_ARG(host));
	return account_find(t, user, a, out);
}

/* RFC 4467 7: the mailbox exists, and the URL is of the one who has logged in. */
static enum err make(const struct mail_txn *m, void *arg)
{
	struct making *g = arg;
	uint8_t old[URL_KEY_BYTES];
	struct account owner;
	struct mailbox box;
	enum err e = user_find(m->t, g->url->user, g->url->host, &owner);

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

/* False: the reply says why not. */
static bool url_make(struct imap *s, struct str text, struct buf *out)
{
	struct arena *a = &s->run.arena;
	struct imap_url url;
	struct making g = { .s = s, .url = &url };
	enum err e;

	if (!imap_url_parse(text, a, &url) || !url.absolute || !url.user.n || !url.access ||
	    url.token.n) {
		imap_bad(s, "Not a URL of a message with its user and who may use it");
		return false;
	}
	g.place = imap_place(url.mailbox);
	random_bytes(g.key, sizeof(g.key));
	e = imap_read_at(s, &g.place, make, &g);
	if (e == ERR_RETRY) {
		g.write = true;
		e = imap_write_at(s, &g.place, make, &g, NULL);
	}
	if (e == ERR_MISSING)
		imap_bad(s, "There is no such mailbox of this user");
	else if (e)
		imap_failed(s, ABOUT_ANY, e, NULL);
	if (e)
		return false;
	buf_byte(out, ' ');
	imap_put_string(out, str_fmt(a, "%.*s:internal:%.*s", STR_ARG(text),
	                             STR_ARG(token_of(a, g.key, text))));
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

/* --- URLFETCH -------------------------------------------------------------------------- */

struct redeeming {
	struct imap *s;
	struct imap_strs urls;
	size_t next;        /* of urls */
	struct spool spool; /* what the one before names */
	uint64_t sent, size;
};

struct redeem {
	struct imap *s;
	struct str text;
	const struct imap_url *url;
	struct spool *to;
};

/* May this session use it (RFC 4467 3)? Nobody is a submission server here, so no "submit+". */
static bool access_given(struct txn *t, const struct imap *s, const struct imap_url *url)
{
	struct account user;

	if (url->expires && clock_real_ms() > url->expire_ms)
		return false;
	switch (url->access) {
	case URL_ACCESS_USER:
		return user_find(t, url->access_user, url->host, &user) == OK &&
		       user.id == s->login.login.account;
	case URL_ACCESS_AUTHUSER:
	case URL_ACCESS_ANONYMOUS:
		return true;
	case URL_ACCESS_SUBMIT:
	case URL_ACCESS_NONE:
		break;
	}
	return false;
}

/* The owner's mail, and his key for the mailbox. */
static enum err owner_key(struct txn *t, const struct redeem *r, struct mail_txn *m,
                          uint8_t key[URL_KEY_BYTES])
{
	struct imap_place place = imap_place(r->url->mailbox);
	struct account owner;
	struct mailbox box;
	enum err e = user_find(t, r->url->user, r->url->host, &owner);

	if (e)
		return e;
	*m = (struct mail_txn){ r->s->server->mailboxes, t, owner.id, owner.id };
	if ((e = imap_mail_at(m, &place, m)) ||
	    (e = mailbox_find_for(m, place.name, RIGHT_READ, &box)))
		return e;
	return url_key_get(m, box.id, key);
}

/* It executes with the access that the owner has now (RFC 4467 7). Who has no good URL learns
 * nothing from how long it takes: without a key another one is tried (6). */
static enum err redeem(struct txn *t, void *arg)
{
	const struct redeem *r = arg;
	uint8_t key[URL_KEY_BYTES];
	struct mail_txn m;
	struct str want;
	enum err e = owner_key(t, r, &m, key);
	bool good;

	if (e)
		random_bytes(key, sizeof(key));
	want = token_of(txn_arena(t), key, str_sub(r->text, 0, r->url->rump));
	good = str_eq_secret(want, r->url->token);
	if (e || !good || !access_given(t, r->s, r->url))
		return ERR_MISSING;
	return imap_url_bytes(&m, r->url, 0, UINT32_MAX, r->to);
}

static bool url_redeem(struct redeeming *g, struct str text)
{
	struct imap_url url;
	struct redeem r = { g->s, text, &url, &g->spool };

	spool_reset(&g->spool);
	return imap_url_parse(text, &g->s->run.arena, &url) && url.absolute && url.user.n &&
	       url.mailbox.n && url.token.n && str_eqi(url.mech, STR("internal")) &&
	       store_read(g->s->server->store, redeem, &r) == OK;
}

/* A response for each; NIL when the URL is no good, for whatever reason. */
static void redeem_next(struct redeeming *g)
{
	struct buf *out = imap_out(g->s);
	struct str text = g->urls.items[g->next++];
	bool good = url_redeem(g, text);

	buf_put(out, STR("* URLFETCH "));
	imap_put_string(out, text);
	g->sent = 0;
	g->size = good ? g->spool.size : 0;
	if (good)
		buf_fmt(out, " {%" PRIu64 "}\r\n", g->size);
	else
		buf_put(out, STR(" NIL\r\n"));
	if (good && g->size == 0)
		buf_put(out, STR("\r\n"));
}

static enum done urlfetch_answer(struct imap *s)
{
	struct redeeming *g = s->run.task;
	struct str bytes, piece;

	while (!conn_out_full(s->conn)) {
		if (g->sent == g->size) {
			if (g->next == g->urls.n)
				return DONE;
			redeem_next(g);
			continue;
		}
		if (spool_view(&g->spool, &bytes) != OK)
			return DONE_CLOSE; /* in the middle of a literal */
		piece = str_sub(bytes, (size_t)g->sent, (size_t)MIN(g->sent + PIECE, g->size));
		imap_put_literal_bytes(imap_out(s), piece);
		g->sent += piece.n;
		if (g->sent == g->size)
			buf_put(imap_out(s), STR("\r\n"));
	}
	return conn_broken(s->conn) ? DONE_CLOSE : DONE_LATER;
}

static void redeeming_free(void *task)
{
	spool_deinit(&((struct redeeming *)task)->spool);
}

enum done imap_cmd_urlfetch(struct imap *s, union imap_args *args)
{
	struct redeeming *g = arena_new(&s->run.arena, struct redeeming);

	g->s = s;
	g->urls = args->urls;
	spool_init(&g->spool, s->server->store, UINT32_MAX);
	s->run.task = g;
	s->run.release = redeeming_free;
	s->run.answer = urlfetch_answer;
	s->mode = MODE_ANSWER;
	imap_ok(s, NULL, NULL);
	return urlfetch_answer(s);
}

/* --- RESETKEY -------------------------------------------------------------------------- */

struct resetting {
	struct imap_place place;
	uint8_t key[URL_KEY_BYTES];
};

static enum err reset(const struct mail_txn *m, void *arg)
{
	const struct resetting *r = arg;
	struct mailbox box;
	enum err e = mailbox_find_for(m, r->place.name, RIGHT_READ, &box);

	return e ? e : url_key_set(m, box.id, r->key);
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
	return DONE;
}
