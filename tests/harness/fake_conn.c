/* tests/harness/fake_conn.c: see fake_conn.h. */
#include "harness/fake_conn.h"

struct conn fake_conns[FAKE_CONNS];

/* --- the test's side ------------------------------------------------------------------ */

/* Bytes handed out stay where they are until the next call, then are moved away. */
static void fake_settle_input(struct conn *c)
{
	buf_drop(&c->in, c->taken);
	c->taken = 0;
}

static void fake_flush(struct conn *c)
{
	assert(buf_ok(&c->out)); /* an overflow is a bug of the protocol: conn.h */
	buf_put(&c->sent, buf_str(&c->out));
	buf_reset(&c->out);
}

void fake_run(struct conn *c, unsigned events)
{
	c->events |= events;
	while (!c->closed && c->events) {
		unsigned now = c->events;

		c->events = 0;
		c->last = c->service.proto->run(c, now);
		c->most = MAX(c->most, c->out.n);
		fake_flush(c);
		if (c->last == STEP_AGAIN)
			c->events |= CONN_AGAIN;
		c->closed = c->last == STEP_CLOSE;
		if (c->steps_left && --c->steps_left == 0)
			break;
	}
}

struct conn *fake_open(size_t i, const struct conn_service *service, bool tls)
{
	struct conn *c = &fake_conns[i];

	assert(i < FAKE_CONNS && !c->used);
	*c = (struct conn){
		.used = true, .service = *service, .tls = tls, .can_starttls = !service->plain_auth
	};
	c->peer = (struct addr){ .family = ADDR_V4, .ip = { 192, 0, 2, (unsigned char)i } };
	buf_init(&c->in, 2 * CONN_INPUT_MAX);
	buf_init(&c->out, LIMIT_conn_out);
	buf_init(&c->sent, FAKE_SENT_MAX);
	c->closed = service->proto->open(c) == STEP_CLOSE;
	fake_flush(c);
	return c;
}

void fake_close(struct conn *c)
{
	if (!c->used)
		return;
	c->service.proto->close(c);
	arena_deinit(&c->arena);
	buf_deinit(&c->in);
	buf_deinit(&c->out);
	buf_deinit(&c->sent);
	*c = (struct conn){ 0 };
}

void fake_send(struct conn *c, struct str bytes, size_t piece)
{
	while (bytes.n && !c->closed) {
		struct str some = str_sub(bytes, 0, piece);

		fake_settle_input(c);
		if (c->in.n + some.n > CONN_INPUT_MAX)
			some.n = CONN_INPUT_MAX - c->in.n;
		assert(some.n); /* a unit that is larger than the buffer */
		buf_put(&c->in, some);
		bytes = str_sub(bytes, some.n, bytes.n);
		fake_run(c, CONN_INPUT);
	}
}

void fake_settle(void)
{
	for (size_t i = 0; i < FAKE_CONNS; i++)
		if (fake_conns[i].used && fake_conns[i].events && !fake_conns[i].closed) {
			fake_run(&fake_conns[i], 0);
			i = SIZE_MAX; /* from the beginning */
		}
}

/* --- network/runtime/conn.h
 * ----------------------------------------------------------------------- */

struct str conn_id(const struct conn *c)
{
	(void)c;
	return STR("fake");
}
const struct addr *conn_peer(const struct conn *c)
{
	return &c->peer;
}
struct str conn_peer_text(const struct conn *c)
{
	(void)c;
	return STR("192.0.2.1");
}
const struct conn_service *conn_service(const struct conn *c)
{
	return &c->service;
}
void *conn_context(const struct conn *c)
{
	return c->service.context;
}
void *conn_session(const struct conn *c)
{
	return c->session;
}
void conn_set_session(struct conn *c, void *session)
{
	c->session = session;
}
struct arena *conn_arena(struct conn *c)
{
	return &c->arena;
}

enum conn_line conn_line(struct conn *c, size_t max, struct str *line)
{
	struct str s;
	ptrdiff_t end;

	fake_settle_input(c);
	s = buf_str(&c->in);
	end = str_find(s, STR("\r\n"));
	if (end >= 0) {
		bool rest = c->skipping;

		c->skipping = false;
		c->taken = (size_t)end + 2;
		if (rest)
			return conn_line(c, max, line);
		*line = str_sub(s, 0, (size_t)end);
		return (size_t)end <= max ? CONN_LINE : CONN_TOO_LONG;
	}
	if (c->skipping || s.n > max + 1) {
		bool cr = s.n && s.p[s.n - 1] == '\r', first = !c->skipping;

		c->skipping = true;
		c->taken = s.n - cr;
		return first ? CONN_TOO_LONG : CONN_MORE;
	}
	return CONN_MORE;
}
bool conn_line_strict(struct str line)
{
	return str_find_byte(line, '\r') < 0 && str_find_byte(line, '\n') < 0 &&
	       str_find_byte(line, '\0') < 0;
}
struct str conn_input(struct conn *c)
{
	fake_settle_input(c);
	return buf_str(&c->in);
}
void conn_consume(struct conn *c, size_t n)
{
	assert(c->taken + n <= c->in.n);
	c->taken += n;
}
bool conn_input_waits(const struct conn *c)
{
	return c->in.n > c->taken;
}
struct buf *conn_out(struct conn *c)
{
	return &c->out;
}
bool conn_out_full(const struct conn *c)
{
	return c->out.n > CONN_OUT_SOFT;
}
void conn_ack(struct conn *c)
{
	(void)c;
}
bool conn_broken(const struct conn *c)
{
	return c->broken;
}
bool conn_can_starttls(const struct conn *c)
{
	return c->can_starttls && !c->tls;
}
void conn_starttls(struct conn *c)
{
	fake_flush(c);
	buf_reset(&c->in);
	c->taken = 0;
	c->tls = true;
	c->events |= CONN_TLS;
}
bool conn_is_tls(const struct conn *c)
{
	return c->tls;
}
bool conn_tls_bound(const struct conn *c)
{
	return conn_is_tls(c);
}

struct str conn_tls_end_point(const struct conn *c, struct arena *a)
{
	return conn_is_tls(c) ? str_dup(a, STR("0123456789abcdef0123456789abcdef")) : STR_EMPTY;
}

/* It shows no certificate: e2e/test_login_certificate.py has clients that do. */
const struct x509_client *conn_tls_client(const struct conn *c)
{
	(void)c;
	return NULL;
}

/* What follows is not packed here: unit/runtime/deflate_test.c looks at that. */
void conn_compress(struct conn *c)
{
	assert(!c->compressed);
	c->compressed = true;
}
bool conn_is_compressed(const struct conn *c)
{
	return c->compressed;
}
void conn_compress_end(struct conn *c)
{
	assert(c->compressed);
	c->compressed = false;
}
struct str conn_tls_text(const struct conn *c)
{
	return c->tls ? STR("TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256") : STR_EMPTY;
}
const struct addr *conn_local(const struct conn *c)
{
	static const struct addr local = { .family = ADDR_V4, .port = 25, .ip = { 192, 0, 2, 25 } };

	(void)c;
	return &local;
}
void conn_hold_input(struct conn *c, bool hold)
{
	c->held = hold;
}
void conn_deadline(struct conn *c, int64_t ms)
{
	c->deadline_ms = ms;
}
void conn_trust_set(struct conn *c, enum conn_trust trust)
{
	c->trust = trust;
}
enum conn_trust conn_trust(const struct conn *c)
{
	return c->trust;
}
struct waker conn_waker(const struct conn *c)
{
	return (struct waker){ .slot = (uint32_t)(c - fake_conns), .generation = 1 };
}
void conn_wake(struct waker w)
{
	if (w.generation)
		fake_conns[w.slot].events |= CONN_WAKE;
}
