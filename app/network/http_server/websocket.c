/* network/http_server/websocket.c: see websocket.h. */
#include "network/http_server/websocket.h"

#include "foundation/base/clock.h"
#include "foundation/base/cur.h"
#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "foundation/crypto/hash.h"
#include "foundation/text/base64.h"
#include "network/http_server/wire_websocket.h"

#include <string.h>

enum {
	PING_MS = LIMIT_stream_ping_s * 1000, /* after the last byte of the peer */
	PONG_MS = 30000,
	CLOSE_MS = 5000, /* for the peer's close frame */
	KEY_BYTES = 16,
	PIECE = 16 * 1024,
};

struct websocket {
	struct conn *conn; /* NULL before the first step */
	const struct websocket_ops *ops;
	void *arg;
	struct websocket_frames frames;
	struct buf sending; /* text of a message; its head is in conn_out */
	size_t sent;
	int64_t timer_ms, ping_ms; /* points of clock_mono_ms; 0: off */
	bool pinged;               /* and no byte has arrived since */
	bool woken;                /* wake must be called when nothing is being sent */
	bool closing;              /* a close frame was sent */
	bool over; /* the peer's close frame came, or no further frame can be read */
};

/* --- the handshake ---------------------------------------------------------------------- */

static bool has_token(struct str list, struct str token)
{
	struct cur c = cur_of(list);
	struct str item;

	while (cur_listed(&c, &item)) {
		if (str_eqi(item, token))
			return true;
	}
	return false;
}

static bool key_valid(struct str key)
{
	char room[KEY_BYTES + 2];
	struct buf raw;

	buf_init_in(&raw, room, sizeof room);
	return base64_parse(key, &raw) && buf_ok(&raw) && raw.n == KEY_BYTES;
}

/* RFC 6455 4.2.2, step 5.4 */
static struct str accept_of(struct str key, struct arena *a)
{
	struct str text = str_fmt(a, "%.*s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", STR_ARG(key));
	uint8_t hash[HASH_SHA1_BYTES];
	struct str accept;
	struct buf b;

	hash_sha1(text, hash);
	buf_init(&b, 64);
	base64_put(&b, str_from((const char *)hash, sizeof hash));
	accept = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return accept;
}

/* RFC 6455 4.2.1, 4.4 */
static bool handshake_check(const struct http_request *q, struct http_response *r,
                            struct str subprotocol)
{
	if (!has_token(http_header(q, "Upgrade"), STR("websocket")) ||
	    !has_token(http_header(q, "Connection"), STR("upgrade"))) {
		http_say(r, 426, "this address is for WebSocket");
		http_set(r, "Upgrade", STR("websocket"));
		http_set(r, "Connection", STR("upgrade"));
		return false;
	}
	if (!str_eq(http_header(q, "Sec-WebSocket-Version"), STR("13"))) {
		http_say(r, 426, "the version of WebSocket must be 13");
		http_set(r, "Sec-WebSocket-Version", STR("13"));
		return false;
	}
	if (!key_valid(http_header(q, "Sec-WebSocket-Key"))) {
		http_say(r, 400, "the Sec-WebSocket-Key is not valid");
		return false;
	}
	if (has_token(http_header(q, "Sec-WebSocket-Protocol"), subprotocol))
		return true;
	http_say(r, 400, "the Sec-WebSocket-Protocol does not offer the subprotocol");
	return false;
}

/* --- sending ---------------------------------------------------------------------------- */

static bool is_sending(const struct websocket *w)
{
	return w->sending.n != 0;
}

void websocket_send(struct websocket *w, struct buf *text)
{
	assert(!is_sending(w) && text->n != 0);
	websocket_head_put(conn_out(w->conn), WEBSOCKET_TEXT, text->n);
	w->sending = *text;
	w->sent = 0;
	buf_init(text, text->max);
}

/* Returns true when all of the message is in conn_out. */
static bool message_send(struct websocket *w)
{
	while (is_sending(w) && !conn_out_full(w->conn)) {
		struct str piece =
			str_sub(buf_str(&w->sending), w->sent, MIN(w->sent + PIECE, w->sending.n));

		buf_put(conn_out(w->conn), piece);
		w->sent += piece.n;
		if (w->sent == w->sending.n)
			buf_deinit(&w->sending);
	}
	return !is_sending(w);
}

void websocket_close(struct websocket *w, unsigned code)
{
	if (w->closing)
		return;
	w->closing = true;
	if (message_send(w)) /* no frame can follow a part of one */
		websocket_close_put(conn_out(w->conn), code);
	buf_deinit(&w->sending);
	conn_deadline(w->conn, CLOSE_MS);
}

/* --- time ------------------------------------------------------------------------------- */

void websocket_timer(struct websocket *w, int64_t ms)
{
	w->timer_ms = ms != 0 ? clock_mono_ms() + ms : 0;
}

struct waker websocket_waker(const struct websocket *w)
{
	return conn_waker(w->conn);
}

static void peer_heard(struct websocket *w)
{
	w->pinged = false;
	w->ping_ms = clock_mono_ms() + PING_MS;
}

static void deadline_set(struct websocket *w)
{
	int64_t at_ms = w->ping_ms;

	if (w->timer_ms != 0)
		at_ms = MIN(at_ms, w->timer_ms);
	conn_deadline(w->conn, MAX(at_ms - clock_mono_ms(), 1));
}

/* False: the peer has not answered the ping. */
static bool times_check(struct websocket *w)
{
	int64_t now_ms = clock_mono_ms();

	if (w->timer_ms != 0 && now_ms >= w->timer_ms) {
		w->timer_ms = 0;
		w->woken = true;
	}
	if (now_ms < w->ping_ms)
		return true;
	if (w->pinged)
		return false;
	if (!is_sending(w))
		websocket_control_put(conn_out(w->conn), WEBSOCKET_PING, STR_EMPTY);
	w->pinged = true;
	w->ping_ms = now_ms + PONG_MS;
	return true;
}

/* --- receiving -------------------------------------------------------------------------- */

/* Take one event from the input. False: there is none. */
static bool input_take(struct websocket *w)
{
	struct str in = conn_input(w->conn);
	enum websocket_got got;
	size_t used;

	if (in.n == 0)
		return false;
	peer_heard(w);
	got = websocket_frames_take(&w->frames, in, &used);
	conn_consume(w->conn, used);
	switch (got) {
	case WEBSOCKET_MORE:
	case WEBSOCKET_GOT_PONG:
		break;
	case WEBSOCKET_GOT_PING:
		websocket_control_put(conn_out(w->conn), WEBSOCKET_PONG,
		                      buf_str(&w->frames.control));
		break;
	case WEBSOCKET_GOT_TEXT:
		w->ops->message(w, w->arg, buf_str(&w->frames.message));
		websocket_message_done(&w->frames);
		break;
	case WEBSOCKET_GOT_CLOSE: /* RFC 6455 5.5.1: with the same code */
	case WEBSOCKET_FAILED:
		w->over = true;
		websocket_close(w, w->frames.code);
		break;
	}
	return true;
}

/* After our close frame: read until the peer's. */
static bool is_over(struct websocket *w)
{
	struct str in;

	while (!w->over && (in = conn_input(w->conn)).n != 0) {
		size_t used;
		enum websocket_got got = websocket_frames_take(&w->frames, in, &used);

		conn_consume(w->conn, used);
		websocket_message_done(&w->frames);
		w->over = got == WEBSOCKET_GOT_CLOSE || got == WEBSOCKET_FAILED;
	}
	return w->over;
}

/* --- the protocol ----------------------------------------------------------------------- */

enum { UNITS = 20 }; /* in one step, then others have a turn */

static enum step websocket_work(struct websocket *w)
{
	bool more = true;

	for (int i = 0; i < UNITS && more && !w->closing && message_send(w); i++) {
		if (w->woken) {
			w->woken = false;
			w->ops->wake(w, w->arg);
		} else if (!conn_out_full(w->conn)) {
			more = input_take(w);
		}
	}
	if (w->closing)
		return STEP_AGAIN;
	deadline_set(w);
	return more || is_sending(w) ? STEP_AGAIN : STEP_PARK;
}

static enum step websocket_run(struct conn *c, unsigned events)
{
	struct websocket *w = conn_session(c);

	if (w->conn == NULL) {
		w->conn = c;
		peer_heard(w);
		w->ops->begin(w, w->arg);
	}
	if (conn_broken(c) || (events & CONN_EOF))
		return STEP_CLOSE;
	if (conn_stopping(c) && !w->closing)
		websocket_close(w, WEBSOCKET_GOING_AWAY);
	if (w->closing)
		return is_over(w) || (events & (CONN_TIMEOUT | CONN_STOP)) ? STEP_CLOSE : STEP_PARK;
	if (events & CONN_WAKE)
		w->woken = true;
	if ((events & CONN_TIMEOUT) && !times_check(w))
		return STEP_CLOSE;
	return websocket_work(w);
}

static void websocket_drop(void *session)
{
	struct websocket *w = session;

	w->ops->end(w->arg);
	websocket_frames_deinit(&w->frames);
	buf_deinit(&w->sending);
	mem_free(w);
}

static void websocket_ended(struct conn *c)
{
	websocket_drop(conn_session(c));
}

static const struct proto websocket_proto = {
	.name = "websocket",
	.run = websocket_run,
	.close = websocket_ended,
};

bool websocket_begin(const struct http_request *q, struct http_response *r, struct str subprotocol,
                     const struct websocket_ops *ops, void *arg)
{
	struct websocket *w;

	if (!handshake_check(q, r, subprotocol))
		return false;
	w = NEW(struct websocket);
	w->ops = ops;
	w->arg = arg;
	websocket_frames_init(&w->frames, ops->message_max);
	buf_init(&w->sending, 1);
	if (!http_stream_begin(q, r, &websocket_proto, w, websocket_drop)) {
		websocket_frames_deinit(&w->frames);
		mem_free(w);
		http_say(r, 405, "a WebSocket begins with GET");
		return false;
	}
	r->status = 101;
	http_set(r, "Upgrade", STR("websocket"));
	http_set(r, "Connection", STR("Upgrade"));
	http_set(r, "Sec-WebSocket-Accept",
	         accept_of(http_header(q, "Sec-WebSocket-Key"), q->arena));
	http_set(r, "Sec-WebSocket-Protocol", subprotocol);
	return true;
}
