/* network/runtime/conn.c: see conn.h; a connection's interface for protocols. */
#include "foundation/base/clock.h"
#include "foundation/base/mem.h"
#include "foundation/base/random.h"
#include "foundation/config/limits.h"
#include "network/runtime/runtime_private.h"
#include "network/runtime/socket.h"
#include "network/tls/tls.h"

#include <string.h>
#include <sys/epoll.h>

enum { INPUT_SLACK = 128 * 1024 };

/* Ids count up from a random start, multiplied by an odd number so that consecutive ones look
 * different: unique for 2^40 connections, and short. */
static void make_id(char to[static 9])
{
	static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
	static atomic_uint_fast64_t start, count;
	uint64_t n, expected = 0;

	if (atomic_load(&start) == 0)
		atomic_compare_exchange_strong(&start, &expected, random_u64() | 1);
	n = (atomic_load(&start) + atomic_fetch_add(&count, 1)) * 0x9e3779b97f4a7c15u;
	for (unsigned i = 0; i < 8; i++)
		to[i] = alphabet[n >> (5 * i) & 31];
	to[8] = '\0';
}

struct conn *conn_new(struct runtime *r, struct listener *l, int fd, const struct addr *peer,
                      bool proxied)
{
	struct conn *c = NEW(struct conn);
	c->job.run = conn_job;
	c->runtime = r;
	c->listener = l;
	c->proto = l->service.proto;
	c->fd = fd;
	c->watch_fd = -1;
	c->peer = *peer;
	c->local = socket_local(fd);
	if (peer->family == ADDR_NONE)
		memcpy(c->peer_text, "local", sizeof "local");
	else
		addr_ip_text(peer, c->peer_text);
	make_id(c->id);
	list_init(&c->link);
	buf_init(&c->in, CONN_INPUT_MAX + INPUT_SLACK);
	buf_init(&c->cipher, INPUT_SLACK);
	buf_init(&c->out, LIMIT_conn_out);
	if (proxied) {
		c->phase = PHASE_PROXY;
		conn_deadline(c, LIMIT_proxy_ms);
	} else {
		conn_begin(c);
	}
	return c;
}

void conn_begin(struct conn *c)
{
	unsigned first_ms = c->proto->first_deadline_ms;

	c->phase = PHASE_LIVE;
	conn_deadline(c, first_ms != 0 ? first_ms : CONN_FIRST_DEADLINE_MS);
	if (c->listener->service.implicit_tls)
		conn_handshake_begin(c);
}

void conn_handshake_begin(struct conn *c)
{
	c->phase = PHASE_HANDSHAKE;
	c->tls = tls_server_new(c->listener->service.tls,
	                        c->listener->service.asks_clients);
	conn_deadline(c, c->runtime->config.handshake_ms);
}

void conn_free(struct conn *c)
{
	tls_free(c->tls);
	conn_zip_free(&c->zip);
	socket_close(&c->fd);
	buf_deinit(&c->in);
	buf_deinit(&c->cipher);
	buf_deinit(&c->out);
	arena_deinit(&c->arena);
	mem_free(c);
}

/* --- the peer --------------------------------------------------------------- */

struct str conn_id(const struct conn *c)
{
	return str_from(c->id, sizeof c->id - 1);
}

const struct addr *conn_peer(const struct conn *c)
{
	return &c->peer;
}

const struct addr *conn_local(const struct conn *c)
{
	return &c->local;
}

struct str conn_peer_text(const struct conn *c)
{
	return str_of(c->peer_text);
}

const struct conn_service *conn_service(const struct conn *c)
{
	return &c->listener->service;
}

void *conn_context(const struct conn *c)
{
	return c->listener->service.context;
}

void *conn_session(const struct conn *c)
{
	return c->session;
}

void conn_set_session(struct conn *c, void *session)
{
	c->session = session;
}

void conn_become(struct conn *c, const struct proto *proto, void *session)
{
	c->proto = proto;
	c->session = session;
}

struct arena *conn_arena(struct conn *c)
{
	return &c->arena;
}

/* --- input ------------------------------------------------------------------ */

static struct str buffered(const struct conn *c)
{
	return str_sub(buf_str(&c->in), c->in_start, c->in.n);
}

void conn_consume(struct conn *c, size_t n)
{
	assert(n <= c->in.n - c->in_start);
	c->in_start += n;
	c->scanned = 0;
}

/* Search for CRLF from the end of the last search, so that a line in small pieces costs no more
 * than one in a whole. */
static bool find_crlf(struct conn *c, struct str s, size_t *at)
{
	for (;;) {
		ptrdiff_t lf = str_find_byte(str_sub(s, c->scanned, s.n), '\n');

		if (lf < 0) {
			c->scanned = s.n;
			return false;
		}
		*at = c->scanned + (size_t)lf;
		c->scanned = *at + 1;
		if (*at != 0 && s.p[*at - 1] == '\r') {
			*at -= 1;
			return true;
		}
	}
}

/* Drop bytes that cannot belong to the expected CRLF. */
static void skip_buffered(struct conn *c, struct str s)
{
	bool cr = s.n != 0 && s.p[s.n - 1] == '\r';

	conn_consume(c, s.n - cr);
}

enum conn_line conn_line(struct conn *c, size_t max, struct str *line)
{
	assert(max <= CONN_INPUT_MAX - 2);
	for (;;) {
		struct str s = buffered(c);
		size_t end;

		if (find_crlf(c, s, &end)) {
			bool rest_of_long = c->skipping;

			c->skipping = false;
			conn_consume(c, end + 2);
			if (rest_of_long)
				continue;
			*line = str_sub(s, 0, end);
			return end <= max ? CONN_LINE : CONN_TOO_LONG;
		}
		if (c->skipping) {
			skip_buffered(c, s);
		} else if (s.n > max + 1) { /* + 1: it may end in CR */
			c->skipping = true;
			skip_buffered(c, s);
			return CONN_TOO_LONG;
		}
		if (!conn_fill(c))
			return CONN_MORE;
	}
}

bool conn_line_strict(struct str line)
{
	return str_find_byte(line, '\r') < 0 && str_find_byte(line, '\n') < 0 &&
	       str_find_byte(line, '\0') < 0;
}

struct str conn_input(struct conn *c)
{
	if (!conn_input_waits(c))
		conn_fill(c);
	return buffered(c);
}

bool conn_input_waits(const struct conn *c)
{
	return c->in.n > c->in_start;
}

/* --- output ----------------------------------------------------------------- */

struct buf *conn_out(struct conn *c)
{
	return &c->out;
}

bool conn_out_full(const struct conn *c)
{
	return c->out.n > CONN_OUT_SOFT;
}

bool conn_broken(const struct conn *c)
{
	return c->broken;
}

/* --- TLS -------------------------------------------------------------------- */

bool conn_can_starttls(const struct conn *c)
{
	return c->tls == NULL && c->listener->service.tls != NULL;
}

void conn_starttls(struct conn *c)
{
	assert(conn_can_starttls(c));
	buf_reset(&c->in);
	c->in_start = 0;
	c->scanned = 0;
	c->skipping = false;
	c->read_budget = 0; /* further reads in this step return nothing */
	c->phase = PHASE_UPGRADE;
}

bool conn_is_tls(const struct conn *c)
{
	return c->tls != NULL && c->phase != PHASE_HANDSHAKE;
}

struct str conn_tls_text(const struct conn *c)
{
	return c->tls_text;
}

const struct x509_client *conn_tls_client(const struct conn *c)
{
	return conn_is_tls(c) ? tls_client(c->tls) : NULL;
}

bool conn_tls_bound(const struct conn *c)
{
	return conn_is_tls(c) && tls_bound(c->tls);
}

struct str conn_tls_end_point(const struct conn *c, struct arena *a)
{
	return conn_is_tls(c) ? tls_end_point(c->tls, a) : STR_EMPTY;
}

/* --- time and waking -------------------------------------------------------- */

void conn_deadline(struct conn *c, int64_t ms)
{
	assert(ms >= 0);
	c->active_ms = clock_mono_ms();
	c->deadline_ms = ms != 0 ? c->active_ms + ms : 0;
}

void conn_trust_set(struct conn *c, enum conn_trust trust)
{
	c->trust = trust;
}

enum conn_trust conn_trust(const struct conn *c)
{
	return c->trust;
}

bool conn_stopping(const struct conn *c)
{
	return c->stopping;
}

struct waker conn_waker(const struct conn *c)
{
	return (struct waker){ c->poller, c->slot, c->generation };
}

/* --- a second descriptor ---------------------------------------------------- */

void conn_watch(struct conn *c, int fd, bool in, bool out)
{
	if (fd != c->watch_fd && c->watch_fd >= 0)
		poller_unwatch(c);
	c->watch_fd = fd;
	c->watch_mask = fd < 0 ? 0 : (in ? EPOLLIN : 0u) | (out ? EPOLLOUT : 0u);
}

void conn_hold_input(struct conn *c, bool hold)
{
	c->hold_input = hold;
}
