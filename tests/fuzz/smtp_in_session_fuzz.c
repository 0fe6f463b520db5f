/* The SMTP server in each of its states. The first byte chooses the state, the rest is what the
 * client sends. Laws: every reply is a line "ddd text" or "ddd-text"; no more input waits than
 * one line may have; and what is said is the same whether the bytes come at once or one at a
 * time. */
#include "harness/fake_conn.h"

#include "flow/delivery/delivery.h"
#include "foundation/base/cur.h"
#include "foundation/config/live.h"
#include "foundation/crypto/password.h"
#include "foundation/observe/event.h"
#include "model/directory/directory.h"
#include "model/directory/login/login.h"
#include "model/mailbox/mail.h"
#include "model/mailbox/watch.h"
#include "model/queue/queue.h"
#include "model/store/store.h"
#include "protocols/smtp_in/smtp_in.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define EHLO "EHLO client.example\r\n"
#define LOGIN EHLO "AUTH PLAIN AHVzZXJAZXhhbXBsZS5vcmcAc2VjcmV0\r\n"
#define MAIL "MAIL FROM:<user@example.org>\r\n"
#define RCPT "RCPT TO:<user@example.org>\r\n"

static const struct {
	enum smtp_role role;
	const char *said;
} states[] = {
	{ SMTP_MX, "" },
	{ SMTP_MX, EHLO },
	{ SMTP_MX, EHLO MAIL },
	{ SMTP_MX, EHLO MAIL RCPT },
	{ SMTP_MX, EHLO MAIL RCPT "DATA\r\n" },
	{ SMTP_MX, EHLO MAIL RCPT "DATA\r\nSubject: x\r\n\r\n." },
	{ SMTP_MX, "HELO x\r\nMAIL FROM:<>\r\n" RCPT "DATA\r\n\r\n.\r" },
	{ SMTP_SUBMISSION, EHLO },
	{ SMTP_SUBMISSION, EHLO "AUTH PLAIN\r\n" },
	{ SMTP_SUBMISSION, EHLO "AUTH LOGIN\r\ndXNlckBleGFtcGxlLm9yZw==\r\n" },
	{ SMTP_SUBMISSION, LOGIN },
	{ SMTP_SUBMISSION, LOGIN MAIL "RCPT TO:<far@remote.example>\r\nDATA\r\n" },
	{ SMTP_MX, EHLO MAIL "BDAT 3\r\n" },
	{ SMTP_MX, EHLO MAIL RCPT "BDAT 12\r\nSubject: x\r\n" },
	{ SMTP_MX, EHLO MAIL RCPT "BDAT 8 LAST\r\na: b\r\n" },
	{ SMTP_MX, EHLO "MAIL FROM:<> BODY=BINARYMIME\r\n" RCPT "BDAT 9\r\na: b\r\n\r\n\r" },
};

struct server {
	struct live *live;
	struct store *store;
	struct mailboxes mailboxes;
	struct queue *queue;
	struct delivery delivery;
	struct smtp_in_config config;
	struct smtp_in_service in;
	struct conn_service service;
};

static struct str hash;

static enum err account_make(struct txn *t, void *arg)
{
	struct mail_txn m = { .mailboxes = arg, .t = t };
	struct account_new new = { .address = STR("user@example.org"), .password_hash = hash };
	enum err e = domain_add(t, STR("example.org"), NULL);

	if (e == OK)
		e = account_add(t, &new, &m.account, NULL);
	return e ? e : mail_provision(&m);
}

static void server_open(struct server *s, enum smtp_role role)
{
	static const struct store_config config = { .backend = STORE_MEMORY, .create = true };
	static const struct settings settings = { .hostname = { "mail.example.org", 16 },
		                                  .subaddress = { "+", 1 },
		                                  .message_size = 5000,
		                                  .queue_expire_s = 3600 };
	struct queue_config queue = { 0 };

	*s = (struct server){ .mailboxes = { .watches = watches_new(),
		                             .mailboxes_max = 50,
		                             .keywords_max = 64,
		                             .name_max = 200 } };
	if (store_open(&s->store, &config, NULL) != OK ||
	    store_write(s->store, account_make, &s->mailboxes, NULL) != OK)
		abort();
	s->live = queue.live = live_of(&settings);
	queue.store = s->store;
	delivery_host_init(&queue.host, &s->delivery);
	if (queue_open(&s->queue, &queue, NULL) != OK)
		abort();
	s->delivery = (struct delivery){ .store = s->store,
		                         .mailboxes = &s->mailboxes,
		                         .queue = s->queue,
		                         .live = s->live,
		                         .limits = MESSAGE_LIMITS_DEFAULT };
	s->config = (struct smtp_in_config){ .store = s->store,
		                             .delivery = &s->delivery,
		                             .logins = logins_new(s->store),
		                             .live = s->live };
	s->in = (struct smtp_in_service){ &s->config, role };
	s->service = (struct conn_service){
		.name = "smtp", .proto = &smtp_in_proto, .context = &s->in, .plain_auth = true
	};
}

static void server_close(struct server *s)
{
	logins_free(&s->config.logins);
	queue_close(&s->queue);
	live_free(&s->live);
	watches_free(&s->mailboxes.watches);
	store_close(&s->store);
}

static void replies_check(struct str said)
{
	struct cur c = cur_of(said);
	struct str line;

	assert(str_ends(said, STR("\r\n")));
	while (cur_line(&c, &line)) {
		assert(line.n >= 4 && line.p[0] >= '2' && line.p[0] <= '5');
		assert(ascii_digit(line.p[1]) && ascii_digit(line.p[2]));
		assert(line.p[3] == ' ' || line.p[3] == '-');
		assert(str_find_byte(line, '\r') < 0);
	}
}

static void converse(size_t state, struct str input, size_t piece, struct buf *said)
{
	struct server s;
	struct conn *c;

	server_open(&s, states[state].role);
	c = fake_open(0, &s.service, false);
	fake_send(c, str_of(states[state].said), SIZE_MAX);
	fake_send(c, input, piece);
	replies_check(buf_str(&c->sent));
	assert(c->closed || c->in.n - c->taken <= LIMIT_login_bytes + 2);
	buf_put(said, buf_str(&c->sent));
	if (!c->closed)
		fake_run(c, CONN_EOF);
	fake_close(c);
	server_close(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct password_cost cheap = { .memory_kib = 8, .passes = 1 };
	static struct arena hashes;
	struct buf whole, pieces;
	struct str input;
	size_t state;

	if (hashes.block == NULL) {
		event_fd_set(-1);
		password_setup(cheap, 1);
		if (password_hash(STR("secret"), cheap, &hashes, &hash, NULL) != OK)
			abort();
	}
	if (n < 2)
		return 0;
	state = data[0] % COUNT(states);
	input = str_from((const char *)data + 1, n - 1);
	buf_init(&whole, 64 << 20);
	buf_init(&pieces, 64 << 20);
	converse(state, input, SIZE_MAX, &whole);
	converse(state, input, n % 7 == 0 ? 3 : 1, &pieces);
	assert(str_eq(buf_str(&whole), buf_str(&pieces)));
	buf_deinit(&pieces);
	buf_deinit(&whole);
	return 0;
}
