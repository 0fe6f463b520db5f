/* network/runtime/socks.c: connecting through a SOCKS5 proxy; see dial.h. */
#include "foundation/base/mem.h"
#include "network/runtime/dial.h"
#include "network/runtime/stream.h"
#include "network/runtime/wire_socks.h"

enum { REPLY_MAX = 4 + 1 + 255 + 2 };

/* A reply so far, read byte by byte: bytes after it belong to the remote server. */
struct hearing {
	char bytes[REPLY_MAX];
	size_t n;
};

static enum err hear_byte(struct stream *s, struct hearing *h, struct why *why)
{
	size_t got;
	enum err e = stream_read(s, h->bytes + h->n, 1, &got, why);

	if (e == OK && got == 0)
		return fail(why, ERR_RETRY, "the proxy closed the connection");
	h->n += got;
	return e;
}

static enum err request_send(struct stream *s, struct buf *request, struct why *why)
{
	enum err e = stream_write(s, buf_str(request), why);

	if (request->cap != 0)
		mem_wipe(request->p, request->cap);
	buf_reset(request);
	return e;
}

/* Read until parse has a result. */
static enum err hear(struct stream *s, enum socks_got (*parse)(struct cur *, void *), void *result,
                     struct why *why)
{
	struct hearing h = { .n = 0 };
	enum socks_got got = SOCKS_MORE;
	enum err e = OK;

	while (e == OK && got == SOCKS_MORE && h.n < sizeof h.bytes) {
		struct cur c;

		if ((e = hear_byte(s, &h, why)))
			return e;
		c = cur_of(str_from(h.bytes, h.n));
		got = parse(&c, result);
	}
	return got == SOCKS_DONE ? OK : fail(why, ERR_RETRY, "the proxy's answer is no SOCKS5");
}

static enum socks_got method_parse(struct cur *c, void *result)
{
	return socks_method_parse(c, result);
}

static enum socks_got login_parse(struct cur *c, void *result)
{
	return socks_login_parse(c, result);
}

static enum socks_got reply_parse(struct cur *c, void *result)
{
	return socks_reply_parse(c, result);
}

static enum err login(struct stream *s, const struct dial_proxy *proxy, struct buf *request,
                      struct why *why)
{
	bool good = false;
	enum err e;

	socks_login_put(request, proxy->user, proxy->password);
	if ((e = request_send(s, request, why)) || (e = hear(s, login_parse, &good, why)))
		return e;
	return good ? OK : fail(why, ERR_DENIED, "the proxy refuses our login");
}

static enum err socks_greet(struct stream *s, const struct dial_proxy *proxy, struct buf *request,
                      struct why *why)
{
	unsigned method = SOCKS_REFUSED;
	enum err e;

	socks_hello_put(request, proxy->user.n != 0);
	if ((e = request_send(s, request, why)) || (e = hear(s, method_parse, &method, why)))
		return e;
	if (method == SOCKS_LOGIN && proxy->user.n != 0)
		return login(s, proxy, request, why);
	if (method == SOCKS_NONE)
		return OK;
	return fail(why, ERR_DENIED, "the proxy offers no login that we have");
}

static enum err socks_request(struct stream *s, struct str host, uint16_t port, struct buf *request,
                    struct why *why)
{
	unsigned status = 1;
	struct addr ip;
	enum err e;

	if (addr_parse_ip(host, &ip))
		socks_connect_put(request, host, ip.ip, ip.family == ADDR_V4 ? 4 : 16, port);
	else
		socks_connect_put(request, host, NULL, 0, port);
	if ((e = request_send(s, request, why)) || (e = hear(s, reply_parse, &status, why)))
		return e;
	if (status == 0)
		return OK;
	return fail(why, ERR_RETRY, "the proxy says: %s", socks_status_text(status));
}

enum err dial_proxied(const struct dial_manner *m, const struct dial_proxy *proxy, struct str host,
                      uint16_t port, struct stream **out, struct why *why)
{
	struct why inner = { "" };
	struct buf request;
	size_t which;
	enum err e = dial_any(m, &proxy->at, 1, out, &which, &inner);

	if (e)
		return fail(why, e, "the proxy: %s", inner.text);
	if (m->attempt_ms != 0)
		stream_timeout(*out, m->attempt_ms);
	buf_init(&request, SOCKS_REQUEST_MAX);
	e = socks_greet(*out, proxy, &request, why);
	if (e == OK)
		e = socks_request(*out, host, port, &request, why);
	buf_deinit(&request);
	if (e)
		stream_free(out);
	return e == ERR_IO || e == ERR_LIMIT ? ERR_RETRY : e;
}
