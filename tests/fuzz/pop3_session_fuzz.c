/* The POP3 server in each of its states. The first byte chooses the state, the rest is what the
 * client sends. Laws: what the client is told is whole lines, and the same whether the bytes come
 * at once or one at a time; a session that ends without QUIT removes nothing; and fsck has nothing
 * to say in the end. */
#include "harness/fake_conn.h"

#include "foundation/config/live.h"
#include "foundation/crypto/password.h"
#include "foundation/observe/event.h"
#include "model/directory/directory.h"
#include "model/directory/login/login.h"
#include "model/mailbox/email.h"
#include "model/mailbox/email/email_new.h"
#include "model/mailbox/fsck/fsck.h"
#include "model/mailbox/lease.h"
#include "model/mailbox/mailbox.h"
#include "model/mailbox/watch.h"
#include "model/store/store.h"
#include "protocols/pop3/pop3.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define USER "USER user@example.org\r\n"
#define LOGIN USER "PASS secret\r\n"

static const char *const states[] = {
	"",
	USER,
	"UTF8\r\n",
	"AUTH PLAIN\r\n",
	"AUTH LOGIN\r\n",
	"AUTH LOGIN\r\ndXNlckBleGFtcGxlLm9yZw==\r\n",
	"AUTH SCRAM-SHA-256\r\n",
	LOGIN,
	LOGIN "DELE 1\r\n",
	LOGIN "DELE 1\r\nDELE 2\r\nDELE 3\r\n",
	LOGIN "TOP 1 ",
	LOGIN "RETR 3\r\nUIDL\r\nLIST",
};

static const char *const letters[] = {
	"Subject: one\r\n\r\n.\r\n..\r\nbody\r\n",
	"Subject: lone ends\n\n.\n.x\nno end",
	"",
};

struct server {
	struct store *store;
	struct mailboxes mailboxes;
	struct pop3_server pop3;
	struct conn_service service;
	uint32_t account, inbox;
};

static struct str hash;

static enum err account_make(struct txn *t, void *arg)
{
	struct server *s = arg;
	struct account_new new = { .address = STR("user@example.org"), .password_hash = hash };
	struct mail_txn m = { .mailboxes = &s->mailboxes, .t = t };
	struct mailbox box;
	enum err e = domain_add(t, STR("example.org"), NULL);

	if (!e)
		e = account_add(t, &new, &m.account, NULL);
	if (!e)
		e = mail_provision(&m);
	if (!e)
		e = mailbox_find_role(&m, ROLE_INBOX, &box);
	s->account = m.account;
	s->inbox = e ? 0 : box.id;
	return e;
}

struct letter_add {
	struct server *s;
	struct email_new *email;
};

static enum err letter_append(struct txn *t, void *arg)
{
	const struct letter_add *l = arg;
	struct mail_txn m = { .mailboxes = &l->s->mailboxes, .t = t, .account = l->s->account };
	const struct email_append what = { .mailbox = l->s->inbox, .email = l->email };
	struct email_appended done;

	return email_append(&m, &what, &done);
}

static void letter_deliver(struct server *s, const char *raw)
{
	static const struct message_limits limits = MESSAGE_LIMITS_DEFAULT;
	struct letter_add l = { .s = s };
	struct str part = str_of(raw);

	if (email_prepare(s->store, &part, 1, &limits, &l.email, NULL) != OK ||
	    store_write(s->store, letter_append, &l, NULL) != OK)
		abort();
	email_new_free(&l.email);
}

static void server_open(struct server *s)
{
	static const struct settings settings = { .hostname = { "mail.example.org", 16 } };
	static const struct store_config config = { .backend = STORE_MEMORY, .create = true };

	*s = (struct server){ .mailboxes = { .watches = watches_new(),
		                             .leases = leases_new(),
		                             .mailboxes_max = 50,
		                             .keywords_max = FLAG_CUSTOM + 20,
		                             .name_max = 200 } };
	if (store_open(&s->store, &config, NULL) != OK ||
	    store_write(s->store, account_make, s, NULL) != OK)
		abort();
	for (size_t i = 0; i < COUNT(letters); i++)
		letter_deliver(s, letters[i]);
	s->pop3 = (struct pop3_server){ .store = s->store,
		                        .mailboxes = &s->mailboxes,
		                        .logins = logins_new(s->store),
		                        .live = live_of(&settings),
		                        .maildrops = maildrops_new() };
	s->service = (struct conn_service){
		.name = "pop3", .proto = &pop3_proto, .context = &s->pop3, .plain_auth = true
	};
}

static void server_close(struct server *s)
{
	maildrops_free(&s->pop3.maildrops);
	logins_free(&s->pop3.logins);
	live_free(&s->pop3.live);
	watches_free(&s->mailboxes.watches);
	leases_free(&s->mailboxes.leases);
	store_close(&s->store);
}

static enum err letters_count(struct txn *t, void *arg)
{
	struct server *s = arg;
	struct mail_txn m = { .mailboxes = &s->mailboxes, .t = t, .account = s->account };
	struct mailbox box;
	enum err e = mailbox_get(&m, s->inbox, &box);

	if (e == OK && box.exists != COUNT(letters))
		return ERR_CONFLICT;
	return e;
}

static void finding_print(void *arg, const char *check, struct str sentence)
{
	(void)arg;
	fprintf(stderr, "fsck: %s: %.*s\n", check, STR_ARG(sentence));
}

/* What SCRAM says is random: digits and letters of its challenges differ from run to run. */
static void nonces_mask(struct buf *b)
{
	struct str rest = buf_str(b);
	ptrdiff_t at;

	while ((at = str_find(rest, STR("\r\n+ "))) >= 0) {
		size_t i = (size_t)(rest.p - b->p) + (size_t)at + 4;

		for (; i < b->n && b->p[i] != '\r'; i++)
			b->p[i] = 'x';
		rest = str_sub(buf_str(b), i, b->n);
	}
}

static void converse(const char *state, struct str input, size_t piece, struct buf *said)
{
	struct fsck_report r = { .say = finding_print };
	struct server s;
	struct conn *c;

	server_open(&s);
	c = fake_open(0, &s.service, false);
	fake_send(c, str_of(state), SIZE_MAX);
	fake_send(c, input, piece);
	assert(c->sent.n >= 2 && memcmp(c->sent.p + c->sent.n - 2, "\r\n", 2) == 0);
	buf_put(said, buf_str(&c->sent));
	nonces_mask(said);
	fake_run(c, CONN_EOF);
	fake_close(c);
	if (str_find(buf_str(said), STR(" messages deleted\r\n")) < 0 &&
	    store_read(s.store, letters_count, &s) != OK)
		abort();
	if (fsck_run(s.store, &mailbox_fsck, 1, &r, NULL) != OK || r.findings)
		abort();
	server_close(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct password_cost cheap = { .memory_kib = 8, .passes = 1 };
	static struct arena hashes;
	struct buf whole, pieces;
	struct str input;

	if (hashes.block == NULL) {
		event_fd_set(-1);
		password_setup(cheap, 1);
		if (password_hash(STR("secret"), cheap, &hashes, &hash, NULL) != OK)
			abort();
	}
	if (n < 2)
		return 0;
	input = str_from((const char *)data + 1, n - 1);
	buf_init(&whole, 64 << 20);
	buf_init(&pieces, 64 << 20);
	converse(states[data[0] % COUNT(states)], input, SIZE_MAX, &whole);
	converse(states[data[0] % COUNT(states)], input, n % 7 == 0 ? 3 : 1, &pieces);
	if (!str_eq(buf_str(&whole), buf_str(&pieces)))
		abort();
	buf_deinit(&pieces);
	buf_deinit(&whole);
	return 0;
}
