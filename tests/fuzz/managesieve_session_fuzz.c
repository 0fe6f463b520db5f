/* The ManageSieve server in each of its states. The first byte chooses the state, the rest is what
 * the client sends. Laws: what the client is told ends in CRLF, and is the same whether the bytes
 * come at once or in pieces; each stored script compiles; and fsck finds nothing. */
#include "harness/fake_conn.h"

#include "formats/sieve/sieve.h"
#include "foundation/config/live.h"
#include "foundation/crypto/password.h"
#include "foundation/observe/event.h"
#include "model/directory/directory.h"
#include "model/directory/login/login.h"
#include "model/filters/fsck.h"
#include "model/filters/scripts.h"
#include "model/store/store.h"
#include "protocols/managesieve/managesieve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define LOGIN "AUTHENTICATE \"PLAIN\" \"AHVzZXJAZXhhbXBsZS5vcmcAc2VjcmV0\"\r\n"
#define SCRIPT LOGIN "PUTSCRIPT \"a\" \"keep;\"\r\nSETACTIVE \"a\"\r\n"

static const char *const states[] = {
	"",
	"AUTHENTICATE \"PLAIN\"\r\n",
	"AUTHENTICATE \"LOGIN\"\r\n\"dXNlckBleGFtcGxlLm9yZw==\"\r\n",
	"AUTHENTICATE \"SCRAM-SHA-256\"\r\n",
	"AUTHENTICATE \"PLAIN\" {",
	LOGIN,
	LOGIN "UNAUTHENTICATE\r\n",
	SCRIPT,
	SCRIPT "PUTSCRIPT \"b\" {",
	SCRIPT "PUTSCRIPT \"b\" {9+}\r\n",
	SCRIPT "CHECKSCRIPT \"",
	SCRIPT "RENAMESCRIPT \"a\" \"",
};

struct server {
	struct store *store;
	struct managesieve_server managesieve;
	struct conn_service service;
	uint32_t account;
};

static struct str hash;

static enum err account_make(struct txn *t, void *arg)
{
	struct server *s = arg;
	struct account_new new = { .address = STR("user@example.org"), .password_hash = hash };
	enum err e = domain_add(t, STR("example.org"), NULL);

	return e != OK ? e : account_add(t, &new, &s->account, NULL);
}

static void server_open(struct server *s)
{
	static const struct settings settings = { .hostname = { "mail.example.org", 16 } };
	static const struct store_config config = { .backend = STORE_MEMORY, .create = true };

	*s = (struct server){ 0 };
	if (store_open(&s->store, &config, NULL) != OK ||
	    store_write(s->store, account_make, s, NULL) != OK)
		abort();
	s->managesieve = (struct managesieve_server){ .store = s->store,
		                                      .logins = logins_new(s->store),
		                                      .live = live_of(&settings) };
	s->service = (struct conn_service){ .name = "managesieve",
		                            .proto = &managesieve_proto,
		                            .context = &s->managesieve,
		                            .plain_auth = true };
}

static void server_close(struct server *s)
{
	logins_free(&s->managesieve.logins);
	live_free(&s->managesieve.live);
	store_close(&s->store);
}

static enum err scripts_check(struct txn *t, void *arg)
{
	struct server *s = arg;
	struct script_owner owner = { .account = s->account };
	struct script *all, script;
	size_t n;
	enum err e = scripts_list(t, &owner, txn_arena(t), &all, &n);

	for (size_t i = 0; e == OK && i < n; i++) {
		e = script_get(t, &owner, all[i].name, &script);
		if (e == OK && !sieve_program_check(script.program))
			e = ERR_CORRUPT;
	}
	return e;
}

static void finding_print(void *arg, const char *check, struct str sentence)
{
	(void)arg;
	fprintf(stderr, "fsck: %s: %.*s\n", check, STR_ARG(sentence));
}

/* What SCRAM says is random: a challenge is a line that begins with a quote or has digits before
 * it; each of its bytes may differ from run to run. */
static void nonces_mask(struct buf *b)
{
	struct str rest = buf_str(b);
	ptrdiff_t at;

	while ((at = str_find(rest, STR("\r\n\"c"))) >= 0) {
		size_t i = (size_t)(rest.p - b->p) + (size_t)at + 3;

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
	if (store_read(s.store, scripts_check, &s) != OK)
		abort();
	if (fsck_run(s.store, &filters_fsck, 1, &r, NULL) != OK || r.findings)
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
