/* network/http_server/wire_websocket.c: see wire_websocket.h.
 *
 *	FIN RSV RSV RSV opcode(4) | MASK length(7) | length(16 or 64) | mask(32) | payload */
#include "network/http_server/wire_websocket.h"

#include "foundation/base/cur.h"
#include "foundation/base/pack.h"
#include "foundation/text/utf8.h"

#include <string.h>

enum { FIN = 0x80, RSV = 0x70, OPCODE = 0x0f, MASKED = 0x80, CONTROL = 0x08 };
enum { LENGTH_16 = 126, LENGTH_64 = 127, MASK_BYTES = 4 };

void websocket_frames_init(struct websocket_frames *f, size_t max)
{
	*f = (struct websocket_frames){ .code = WEBSOCKET_NO_CODE };
	buf_init(&f->message, max);
	buf_init(&f->control, WEBSOCKET_CONTROL_MAX);
}

void websocket_frames_deinit(struct websocket_frames *f)
{
	buf_deinit(&f->message);
	buf_deinit(&f->control);
}

void websocket_message_done(struct websocket_frames *f)
{
	buf_deinit(&f->message);
}

static enum websocket_got frames_fail(struct websocket_frames *f, enum websocket_code code)
{
	f->code = code;
	return WEBSOCKET_FAILED;
}

/* --- the head --------------------------------------------------------------------------- */

static unsigned opcode(const struct websocket_frames *f)
{
	return f->head[0] & OPCODE;
}

static bool is_control(const struct websocket_frames *f)
{
	return (opcode(f) & CONTROL) != 0;
}

/* Bytes of the head, as far as its first two tell. */
static unsigned head_size(const struct websocket_frames *f)
{
	unsigned length = f->head_n < 2 ? 0 : f->head[1] & 0x7f;

	if (f->head_n < 2)
		return 2;
	return 2 + (length == LENGTH_16 ? 2 : length == LENGTH_64 ? 8 : 0) + MASK_BYTES;
}

/* RFC 6455 5.2: in the fewest bytes. */
static bool head_length(const struct websocket_frames *f, uint64_t *length)
{
	struct cur c = cur_of(str_from((const char *)f->head + 2, sizeof f->head - 2));
	unsigned short_one = f->head[1] & 0x7f;

	*length = short_one;
	if (short_one == LENGTH_16)
		return cur_be(&c, 2, length) && *length >= LENGTH_16;
	if (short_one == LENGTH_64)
		return cur_be(&c, 8, length) && *length > UINT16_MAX && *length >> 63 == 0;
	return true;
}

/* RFC 6455 5.1 (masked), 5.2, 5.4 (fragments), 5.5 (control frames). */
static bool head_valid(const struct websocket_frames *f)
{
	bool fin = f->head[0] & FIN;

	if ((f->head[0] & RSV) != 0 || (f->head[1] & MASKED) == 0)
		return false;
	switch (opcode(f)) {
	case WEBSOCKET_CONTINUATION:
		return f->in_message;
	case WEBSOCKET_TEXT:
	case WEBSOCKET_BINARY:
		return !f->in_message;
	case WEBSOCKET_CLOSE:
	case WEBSOCKET_PING:
	case WEBSOCKET_PONG:
		return fin && (f->head[1] & 0x7f) <= WEBSOCKET_CONTROL_MAX;
	default:
		return false;
	}
}

/* The first two bytes decide most. */
static enum websocket_got head_begin(struct websocket_frames *f)
{
	if (!head_valid(f))
		return frames_fail(f, WEBSOCKET_PROTOCOL_ERROR);
	if (opcode(f) == WEBSOCKET_BINARY) /* RFC 8887 4.3.1 */
		return frames_fail(f, WEBSOCKET_UNSUPPORTED);
	return WEBSOCKET_MORE;
}

static enum websocket_got head_end(struct websocket_frames *f)
{
	if (!head_length(f, &f->left))
		return frames_fail(f, WEBSOCKET_PROTOCOL_ERROR);
	if (!is_control(f) && f->left > f->message.max - f->message.n)
		return frames_fail(f, WEBSOCKET_TOO_BIG);
	f->in_payload = true;
	f->at = 0;
	if (is_control(f))
		buf_reset(&f->control);
	else
		f->in_message = true;
	return WEBSOCKET_MORE;
}

static enum websocket_got head_take(struct websocket_frames *f, struct cur *c)
{
	enum websocket_got got = WEBSOCKET_MORE;
	struct str byte;

	while (got == WEBSOCKET_MORE && f->head_n < head_size(f) && cur_take(c, 1, &byte)) {
		f->head[f->head_n++] = (uint8_t)byte.p[0];
		if (f->head_n == 2)
			got = head_begin(f);
	}
	if (got == WEBSOCKET_MORE && f->head_n >= 2 && f->head_n == head_size(f))
		got = head_end(f);
	return got;
}

/* --- the payload ------------------------------------------------------------------------ */

/* RFC 6455 7.4: codes that may be sent. */
static bool code_valid(unsigned code)
{
	return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
	       (code >= 3000 && code <= 4999);
}

/* RFC 6455 5.5.1 */
static enum websocket_got close_take(struct websocket_frames *f)
{
	struct cur c = cur_of(buf_str(&f->control));
	uint64_t code;

	if (cur_done(&c))
		return WEBSOCKET_GOT_CLOSE;
	if (!cur_be(&c, 2, &code) || !code_valid((unsigned)code))
		return frames_fail(f, WEBSOCKET_PROTOCOL_ERROR);
	if (!utf8_valid(cur_rest(&c)))
		return frames_fail(f, WEBSOCKET_BAD_DATA);
	f->code = (unsigned)code;
	return WEBSOCKET_GOT_CLOSE;
}

static enum websocket_got frame_end(struct websocket_frames *f)
{
	f->in_payload = false;
	f->head_n = 0;
	switch (opcode(f)) {
	case WEBSOCKET_CLOSE:
		return close_take(f);
	case WEBSOCKET_PING:
		return WEBSOCKET_GOT_PING;
	case WEBSOCKET_PONG:
		return WEBSOCKET_GOT_PONG;
	default:
		break;
	}
	if ((f->head[0] & FIN) == 0)
		return WEBSOCKET_MORE;
	f->in_message = false;
	if (!utf8_valid(buf_str(&f->message))) /* RFC 6455 8.1 */
		return frames_fail(f, WEBSOCKET_BAD_DATA);
	return WEBSOCKET_GOT_TEXT;
}

/* RFC 6455 5.3 */
static void payload_take(struct websocket_frames *f, struct cur *c)
{
	struct buf *to = is_control(f) ? &f->control : &f->message;
	const uint8_t *mask = f->head + f->head_n - MASK_BYTES;
	struct str bytes;
	char *room;

	if (!cur_take(c, (size_t)MIN((uint64_t)cur_left(c), f->left), &bytes) || bytes.n == 0)
		return;
	room = buf_room(to, bytes.n); /* fits: checked in head_end */
	for (size_t i = 0; i < bytes.n; i++)
		room[i] = (char)((uint8_t)bytes.p[i] ^ mask[(f->at + i) % MASK_BYTES]);
	buf_commit(to, bytes.n);
	f->at += bytes.n;
	f->left -= bytes.n;
}

enum websocket_got websocket_frames_take(struct websocket_frames *f, struct str in, size_t *used)
{
	enum websocket_got got = WEBSOCKET_MORE;
	struct cur c = cur_of(in);

	for (;;) {
		if (!f->in_payload)
			got = head_take(f, &c);
		if (got == WEBSOCKET_MORE && f->in_payload) {
			payload_take(f, &c);
			if (f->left == 0)
				got = frame_end(f);
		}
		if (got != WEBSOCKET_MORE || cur_done(&c))
			break;
	}
	*used = in.n - cur_left(&c);
	return got;
}

/* --- sending ---------------------------------------------------------------------------- */

void websocket_head_put(struct buf *out, enum websocket_opcode code, uint64_t payload)
{
	buf_byte(out, (char)(FIN | code));
	if (payload < LENGTH_16) {
		buf_byte(out, (char)payload);
	} else if (payload <= UINT16_MAX) {
		buf_byte(out, LENGTH_16);
		buf_byte(out, (char)(payload >> 8));
		buf_byte(out, (char)payload);
	} else {
		buf_byte(out, LENGTH_64);
		pack_be64(out, payload);
	}
}

void websocket_control_put(struct buf *out, enum websocket_opcode code, struct str payload)
{
	assert(payload.n <= WEBSOCKET_CONTROL_MAX);
	websocket_head_put(out, code, payload.n);
	buf_put(out, payload);
}

void websocket_close_put(struct buf *out, unsigned code)
{
	char bytes[2] = { (char)(code >> 8), (char)code };

	websocket_control_put(out, WEBSOCKET_CLOSE,
	                      str_from(bytes, code == WEBSOCKET_NO_CODE ? 0 : sizeof bytes));
}
