/* operations/dns_update/wire_update.c: see wire_update.h. Formats of RFC 1035 3.3, 4.1. */
#include "operations/dns_update/wire_update.h"

#include "foundation/base/cur.h"
#include "foundation/base/pack.h"

#include <string.h>

enum {
	OPCODE_UPDATE = 5,
	CLASS_IN = 1,
	CLASS_NONE = 254,
	TYPE_CNAME = 5,
	TYPE_SOA = 6,
	TYPE_ANY = 255,
	WIRE_NAME_MAX = 255,
	LABEL_MAX = 63,
	STRING_MAX = 255,
};

void wire_put16(struct buf *out, unsigned n)
{
	buf_byte(out, (char)(n >> 8));
	buf_byte(out, (char)n);
}

bool wire_name_put(struct buf *out, struct str name)
{
	struct cur c = cur_of(name);

	if (name.n == 0 || name.n > WIRE_NAME_MAX - 2)
		return false;
	while (!cur_done(&c)) {
		struct str label;

		if (!cur_until(&c, '.', &label))
			cur_take(&c, cur_left(&c), &label);
		else
			cur_byte(&c, '.');
		if (label.n == 0 || label.n > LABEL_MAX)
			return false;
		buf_byte(out, (char)label.n);
		for (size_t i = 0; i < label.n; i++)
			buf_byte(out, ascii_lower(label.p[i]));
	}
	buf_byte(out, 0);
	return true;
}

/* --- data of records ---------------------------------------------------------------------- */

/* A number and the blank after it. */
static bool update_number(struct cur *c, uint32_t max, uint32_t *out)
{
	return cur_u32(c, out) && *out <= max && cur_byte(c, ' ');
}

/* RFC 1035 3.3.14: strings of at most 255 bytes, at least one. */
static bool update_text_put(struct buf *out, struct str data)
{
	do {
		struct str part = str_sub(data, 0, MIN(data.n, (size_t)STRING_MAX));

		buf_byte(out, (char)part.n);
		buf_put(out, part);
		data = str_sub(data, part.n, data.n);
	} while (data.n != 0);
	return true;
}

static bool name_data_put(struct buf *out, struct str data)
{
	return wire_name_put(out, data);
}

/* numbers numbers of 16 bits, and a host: MX (RFC 1035 3.3.9) and SRV (RFC 2782). */
static bool numbered_put(struct buf *out, struct str data, size_t numbers)
{
	struct cur c = cur_of(data);
	uint32_t n;

	for (size_t i = 0; i < numbers; i++) {
		if (!update_number(&c, UINT16_MAX, &n))
			return false;
		wire_put16(out, n);
	}
	return wire_name_put(out, cur_rest(&c));
}

static bool mx_put(struct buf *out, struct str data)
{
	return numbered_put(out, data, 1);
}

static bool srv_put(struct buf *out, struct str data)
{
	return numbered_put(out, data, 3);
}

static int update_hex_value(char c)
{
	c = ascii_lower(c);
	if (ascii_digit(c))
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* RFC 6698 2.1: three numbers of 8 bits, and bytes, here as hexadecimal digits. */
static bool tlsa_put(struct buf *out, struct str data)
{
	struct cur c = cur_of(data);
	struct str hex;
	uint32_t n;

	for (size_t i = 0; i < 3; i++) {
		if (!update_number(&c, UINT8_MAX, &n))
			return false;
		buf_byte(out, (char)n);
	}
	hex = cur_rest(&c);
	if (hex.n == 0 || hex.n % 2 != 0)
		return false;
	for (size_t i = 0; i < hex.n; i += 2) {
		int high = update_hex_value(hex.p[i]), low = update_hex_value(hex.p[i + 1]);

		if (high < 0 || low < 0)
			return false;
		buf_byte(out, (char)(high << 4 | low));
	}
	return true;
}

static const struct rr_type {
	const char *name;
	unsigned number;
	bool (*put)(struct buf *out, struct str data);
} types[] = {
	{ "TXT", 16, update_text_put }, { "CNAME", TYPE_CNAME, name_data_put },
	{ "MX", 15, mx_put },           { "SRV", 33, srv_put },
	{ "TLSA", 52, tlsa_put },
};

static const struct rr_type *type_find(const char *name)
{
	for (size_t i = 0; i < COUNT(types); i++)
		if (strcmp(types[i].name, name) == 0)
			return &types[i];
	return NULL;
}

/* --- the message -------------------------------------------------------------------------- */

/* A record without data means all records (RFC 2136 2.4, 2.5). */
static bool record_put(struct buf *out, struct str name, unsigned type, unsigned class,
                       uint32_t ttl_s)
{
	if (!wire_name_put(out, name))
		return false;
	wire_put16(out, type);
	wire_put16(out, class);
	pack_be32(out, ttl_s);
	return true;
}

static bool data_put(struct buf *out, const struct rr_type *type, struct str data)
{
	size_t at = out->n, n;

	wire_put16(out, 0);
	if (!type->put(out, data) || !buf_ok(out))
		return false;
	n = out->n - at - 2;
	out->p[at] = (char)(n >> 8);
	out->p[at + 1] = (char)n;
	return n <= UINT16_MAX;
}

/* A server silently ignores a record added next to a CNAME (RFC 2136 3.4.2.2): require
 * that there is none. */
static bool no_alias_is_asked(const struct dns_change *c, const struct rr_type *type)
{
	return c->when == CHANGE_ANYWAY && c->add.n != 0 && type->number != TYPE_CNAME;
}

static bool prerequisite_put(struct buf *out, const struct dns_change *c,
                             const struct rr_type *type)
{
	switch (c->when) {
	case CHANGE_ANYWAY:
		if (!no_alias_is_asked(c, type))
			return true;
		if (!record_put(out, c->name, TYPE_CNAME, CLASS_NONE, 0)) /* RFC 2136 2.4.3 */
			return false;
		wire_put16(out, 0);
		return true;
	case CHANGE_IF_UNUSED: /* RFC 2136 2.4.5 */
		if (!record_put(out, c->name, TYPE_ANY, CLASS_NONE, 0))
			return false;
		wire_put16(out, 0);
		return true;
	case CHANGE_IF_ALONE:
		if (c->remove.n != 0) /* RFC 2136 2.4.2: the whole set is exactly this */
			return record_put(out, c->name, type->number, CLASS_IN, 0) &&
			       data_put(out, type, c->remove);
		if (!record_put(out, c->name, type->number, CLASS_NONE, 0)) /* RFC 2136 2.4.3 */
			return false;
		wire_put16(out, 0);
		return true;
	}
	return false;
}

bool update_make(struct buf *out, uint16_t id, struct str zone, const struct dns_change *c)
{
	const struct rr_type *type = type_find(c->type);

	if (type == NULL || (c->add.n == 0 && c->remove.n == 0))
		return false;
	wire_put16(out, id);
	wire_put16(out, OPCODE_UPDATE << 11);
	wire_put16(out, 1); /* zones, then prerequisites, updates, additional (RFC 2136 2.2) */
	wire_put16(out, c->when != CHANGE_ANYWAY || no_alias_is_asked(c, type));
	wire_put16(out, (c->remove.n != 0) + (c->add.n != 0));
	wire_put16(out, 0);
	if (!wire_name_put(out, zone))
		return false;
	wire_put16(out, TYPE_SOA); /* RFC 2136 2.3 */
	wire_put16(out, CLASS_IN);
	if (!prerequisite_put(out, c, type))
		return false;
	/* RFC 2136 2.5.4, 2.5.1; in this order: a CNAME makes room for the next. */
	if (c->remove.n != 0 && (!record_put(out, c->name, type->number, CLASS_NONE, 0) ||
	                         !data_put(out, type, c->remove)))
		return false;
	if (c->add.n != 0 && (!record_put(out, c->name, type->number, CLASS_IN, c->ttl_s) ||
	                      !data_put(out, type, c->add)))
		return false;
	return buf_ok(out);
}
