/* network/runtime/wire_proxy.c: see wire_proxy.h. Section numbers are those of the
 * specification. */
#include "network/runtime/wire_proxy.h"

#include "foundation/base/cur.h"

#include <string.h>

/* --- version 1: text (2.1) ----------------------------------------------------------- */

static const struct str line_begin = STR("PROXY ");

/* An address of the family in the line. */
static bool line_address(struct cur *c, enum addr_family family, struct addr *out)
{
	struct str rest = cur_rest(c);
	ptrdiff_t blank = str_find_byte(rest, ' ');

	if (blank <= 0 || !addr_parse_ip(str_sub(rest, 0, (size_t)blank), out) ||
	    rest.p[0] == '[' || out->scope != 0)
		return false;
	/* An IPv4-mapped IPv6 address becomes IPv4: addr.h. */
	if (out->family != family && !(family == ADDR_V6 && rest.p[0] == ':'))
		return false;
	cur_skip(c, (size_t)blank + 1);
	return true;
}

static bool line_port(struct cur *c, struct addr *out)
{
	uint32_t port;
	bool zero = cur_peek(c) == '0';

	if (!cur_u32(c, &port) || port > 65535 || (zero && port != 0))
		return false;
	out->port = (uint16_t)port;
	return true;
}

static bool line_parse(struct str line, struct proxy_header *out)
{
	struct cur c = cur_of(line);
	enum addr_family family;

	if (!cur_str(&c, line_begin))
		return false;
	if (cur_str(&c, STR("UNKNOWN")))
		return cur_done(&c) || cur_peek(&c) == ' '; /* the rest is ignored */
	if (cur_str(&c, STR("TCP4 ")))
		family = ADDR_V4;
	else if (cur_str(&c, STR("TCP6 ")))
		family = ADDR_V6;
	else
		return false;
	return line_address(&c, family, &out->source) &&
	       line_address(&c, family, &out->destination) && line_port(&c, &out->source) &&
	       cur_byte(&c, ' ') && line_port(&c, &out->destination) && cur_done(&c);
}

static enum proxy_step text_parse(struct str in, struct proxy_header *out)
{
	ptrdiff_t lf = str_find_byte(in, '\n');

	if (lf < 0) {
		out->want = 1;
		return in.n < PROXY_LINE_MAX ? PROXY_MORE : PROXY_BAD;
	}
	out->size = (size_t)lf + 1;
	if (out->size > PROXY_LINE_MAX || lf == 0 || in.p[lf - 1] != '\r')
		return PROXY_BAD;
	return line_parse(str_sub(in, 0, (size_t)lf - 1), out) ? PROXY_DONE : PROXY_BAD;
}

/* --- version 2: binary (2.2) ------------------------------------------------------------ */

static const struct str signature = STR("\r\n\r\n\0\r\nQUIT\n");

enum {
	FIXED = 16, /* bytes before the addresses */
	CRC_TYPE = 0x03,
	CRC_BYTES = 4,
};

static unsigned byte_at(struct str s, size_t i)
{
	return (unsigned char)s.p[i];
}

static unsigned u16_at(struct str s, size_t i)
{
	return byte_at(s, i) << 8 | byte_at(s, i + 1);
}

static uint32_t u32_at(struct str s, size_t i)
{
	return (uint32_t)u16_at(s, i) << 16 | u16_at(s, i + 2);
}

/* The header's, with the field of the checksum itself as zeros: CRC-32C (2.2.3). */
static uint32_t checksum(struct str header, size_t field)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < header.n; i++) {
		crc ^= i >= field && i < field + CRC_BYTES ? 0 : byte_at(header, i);
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
	}
	return ~crc;
}

/* Type, length, value, up to the end (2.2.1). */
static bool tlvs_ok(struct str header, size_t at)
{
	while (at < header.n) {
		size_t n, value = at + 3;

		if (header.n - at < 3 || (n = u16_at(header, at + 1)) > header.n - value)
			return false;
		if (byte_at(header, at) == CRC_TYPE &&
		    (n != CRC_BYTES || checksum(header, value) != u32_at(header, value)))
			return false;
		at = value + n;
	}
	return true;
}

static struct addr address_at(struct str s, size_t ip, size_t ip_bytes, size_t port)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct addr a = { .family = ip_bytes == 4 ? ADDR_V4 : ADDR_V6,
		          .port = (uint16_t)u16_at(s, port) };

	memcpy(a.ip, s.p + ip, ip_bytes);
	if (a.family == ADDR_V6 && memcmp(a.ip, mapped, sizeof mapped) == 0) {
		memmove(a.ip, a.ip + sizeof mapped, 4);
		memset(a.ip + 4, 0, sizeof a.ip - 4);
		a.family = ADDR_V4;
	}
	return a;
}

/* Size of the addresses of a family: none, IPv4, IPv6, UNIX. */
static const size_t address_bytes[] = { 0, 12, 36, 216 };

static bool addresses_parse(struct str header, struct proxy_header *out)
{
	unsigned family = byte_at(header, 13) >> 4, transport = byte_at(header, 13) & 15;
	size_t ip_bytes = family == 1 ? 4 : 16;

	/* Datagrams are not supported; other families are invalid (2.2). */
	if (family >= COUNT(address_bytes) || transport > 1 ||
	    header.n - FIXED < address_bytes[family])
		return false;
	if (transport == 1 && (family == 1 || family == 2)) {
		out->source = address_at(header, FIXED, ip_bytes, FIXED + 2 * ip_bytes);
		out->destination =
			address_at(header, FIXED + ip_bytes, ip_bytes, FIXED + 2 * ip_bytes + 2);
	}
	return tlvs_ok(header, FIXED + address_bytes[family]);
}

static enum proxy_step binary_parse(struct str in, struct proxy_header *out)
{
	unsigned command;

	if (in.n < FIXED) {
		out->want = FIXED - in.n;
		return PROXY_MORE;
	}
	command = byte_at(in, 12);
	out->size = FIXED + u16_at(in, 14);
	if ((command != 0x20 && command != 0x21) || out->size > PROXY_HEADER_MAX)
		return PROXY_BAD;
	if (in.n < out->size) {
		out->want = out->size - in.n;
		return PROXY_MORE;
	}
	/* LOCAL: the proxy's own connection; addresses are ignored. */
	return command == 0x20 || addresses_parse(str_sub(in, 0, out->size), out) ? PROXY_DONE
	                                                                           : PROXY_BAD;
}

static void u16_put(struct buf *out, unsigned n)
{
	buf_byte(out, (char)(n >> 8));
	buf_byte(out, (char)n);
}

void proxy_header_put(struct buf *out, const struct addr *source, const struct addr *destination)
{
	bool v6 = source->family == ADDR_V6;
	size_t ip_bytes = v6 ? 16 : 4;

	assert(source->family == destination->family);
	buf_put(out, signature);
	buf_byte(out, 0x21);            /* version 2, PROXY               */
	buf_byte(out, v6 ? 0x21 : 0x11); /* the family, then the transport */
	u16_put(out, (unsigned)(2 * ip_bytes + 4));
	buf_put(out, str_from((const char *)source->ip, ip_bytes));
	buf_put(out, str_from((const char *)destination->ip, ip_bytes));
	u16_put(out, source->port);
	u16_put(out, destination->port);
}

/* --- either ------------------------------------------------------------------------------- */

static bool begins_as(struct str in, struct str begin)
{
	size_t n = MIN(in.n, begin.n);

	return str_eq(str_sub(in, 0, n), str_sub(begin, 0, n));
}

enum proxy_step proxy_header_parse(struct str in, struct proxy_header *out)
{
	*out = (struct proxy_header){ 0 };
	if (in.n == 0) {
		out->want = line_begin.n; /* no header of either version is shorter */
		return PROXY_MORE;
	}
	if (begins_as(in, signature)) {
		if (in.n >= signature.n)
			return binary_parse(in, out);
		out->want = signature.n - in.n;
		return PROXY_MORE;
	}
	return begins_as(in, line_begin) ? text_parse(in, out) : PROXY_BAD;
}
