/* network/runtime/wire_socks.c: see wire_socks.h. */
#include "network/runtime/wire_socks.h"

enum {
	VERSION = 5,
	LOGIN_VERSION = 1,
	CONNECT = 1,
	KIND_V4 = 1, /* RFC 1928 5 */
	KIND_NAME = 3,
	KIND_V6 = 4,
};

static void byte_put(struct buf *out, unsigned b)
{
	buf_byte(out, (char)b);
}

static void socks_text_put(struct buf *out, struct str text)
{
	assert(text.n >= 1 && text.n <= 255);
	byte_put(out, (unsigned)text.n);
	buf_put(out, text);
}

void socks_hello_put(struct buf *out, bool login)
{
	byte_put(out, VERSION);
	byte_put(out, login ? 2 : 1);
	byte_put(out, SOCKS_NONE);
	if (login)
		byte_put(out, SOCKS_LOGIN);
}

void socks_login_put(struct buf *out, struct str user, struct str password)
{
	byte_put(out, LOGIN_VERSION);
	socks_text_put(out, user);
	socks_text_put(out, password);
}

void socks_connect_put(struct buf *out, struct str name, const unsigned char *ip, size_t ip_n,
                       uint16_t port)
{
	byte_put(out, VERSION);
	byte_put(out, CONNECT);
	byte_put(out, 0);
	byte_put(out, ip_n == 4 ? KIND_V4 : ip_n == 16 ? KIND_V6 : KIND_NAME);
	if (ip_n != 0)
		buf_put(out, str_from((const char *)ip, ip_n));
	else
		socks_text_put(out, name);
	byte_put(out, port >> 8);
	byte_put(out, port & 255);
}

/* --- replies ---------------------------------------------------------------------------- */

/* Two bytes, the first of which is fixed. */
static enum socks_got pair_parse(struct cur *c, unsigned version, unsigned *second)
{
	struct cur at = *c;
	uint64_t first, other;

	if (!cur_be(&at, 1, &first))
		return SOCKS_MORE;
	if (first != version)
		return SOCKS_BAD;
	if (!cur_be(&at, 1, &other))
		return SOCKS_MORE;
	*second = (unsigned)other;
	*c = at;
	return SOCKS_DONE;
}

enum socks_got socks_method_parse(struct cur *c, unsigned *method)
{
	return pair_parse(c, VERSION, method);
}

/* RFC 1929 2: any status but 0 is a failure. */
enum socks_got socks_login_parse(struct cur *c, bool *good)
{
	unsigned status = 0;
	enum socks_got got = pair_parse(c, LOGIN_VERSION, &status);

	*good = got == SOCKS_DONE && status == 0;
	return got;
}

/* The bound address, depending on its type (RFC 1928 5). */
static enum socks_got address_skip(struct cur *c)
{
	struct str ignored;
	uint64_t kind, n = 0;

	if (!cur_be(c, 1, &kind))
		return SOCKS_MORE;
	if (kind != KIND_V4 && kind != KIND_V6 && kind != KIND_NAME)
		return SOCKS_BAD;
	if (kind == KIND_NAME && !cur_be(c, 1, &n))
		return SOCKS_MORE;
	if (kind != KIND_NAME)
		n = kind == KIND_V4 ? 4 : 16;
	return cur_take(c, (size_t)n + 2, &ignored) ? SOCKS_DONE : SOCKS_MORE;
}

enum socks_got socks_reply_parse(struct cur *c, unsigned *status)
{
	struct cur at = *c;
	enum socks_got got = pair_parse(&at, VERSION, status);
	uint64_t reserved;

	if (got != SOCKS_DONE)
		return got;
	if (!cur_be(&at, 1, &reserved))
		return SOCKS_MORE;
	got = address_skip(&at);
	if (got == SOCKS_DONE)
		*c = at;
	return got;
}

const char *socks_status_text(unsigned status)
{
	static const char *const texts[] = {
		"connected",
		"general failure",
		"not allowed by its rules",
		"network unreachable",
		"host unreachable",
		"connection refused",
		"its time to live expired",
		"it does not know CONNECT",
		"it does not know this kind of address",
	};

	return status < COUNT(texts) ? texts[status] : "an answer without meaning";
}
