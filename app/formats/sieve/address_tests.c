/* formats/sieve/address_tests.c: address and envelope (RFC 5228 5.1 and 5.4), with the parts of
 * addresses (2.7.4). */
#include "formats/message/address.h"
#include "formats/sieve/match.h"
#include "formats/sieve/parser.h"

#include <string.h>

enum { ADDRESSES_MAX = 400, KEPT_BYTES = 4096 }; /* of one field */

/* Headers that contain addresses (RFC 5228 5.1). Own ones with "X-" may. */
static const char *const address_headers[] = {
	"from",
	"to",
	"cc",
	"bcc",
	"sender",
	"reply-to",
	"resent-from",
	"resent-to",
	"resent-cc",
	"resent-bcc",
	"resent-sender",
	"resent-reply-to",
	"return-path",
	"delivered-to",
	"envelope-to",
	"original-recipient",
	"apparently-to",
	"errors-to",
	"mail-followup-to",
	"mail-reply-to",
	"disposition-notification-to",
	"return-receipt-to",
	"approved",
};

static bool has_addresses(struct str name)
{
	for (size_t i = 0; i < COUNT(address_headers); i++)
		if (str_eqi(name, str_of(address_headers[i])))
			return true;
	return str_startsi(name, STR("x-"));
}

/* The user and the detail are around the first "+" (RFC 5233 4). Without one there is no detail. */
static bool subaddress_get(uint64_t part, struct str local, struct str *out)
{
	ptrdiff_t plus = str_find_byte(local, '+');

	if (part == PART_USER)
		*out = plus < 0 ? local : str_sub(local, 0, (size_t)plus);
	else
		*out = plus < 0 ? STR_EMPTY : str_sub(local, (size_t)plus + 1, local.n);
	return part == PART_USER || plus >= 0;
}

/* The part of an address that the operation asks for; false when it has none. In scratch. */
static bool address_part_get(struct sieve_run *r, const struct sieve_op *op,
                             const struct address *address, struct str *out)
{
	struct str local = address->local, domain = address->domain;
	uint64_t part = sieve_number(op, ARG_PART, PART_ALL);
	bool valid = local.n != 0 && domain.n != 0;
	struct buf spec;
	char *room;

	*out = part == PART_DOMAIN ? domain : local;
	if (part == PART_USER || part == PART_DETAIL)
		return valid && subaddress_get(part, local, out);
	if (part != PART_ALL)
		return valid;
	if ((room = arena_try(&r->scratch, local.n + domain.n + 1)) == NULL)
		return sieve_fail(r, "The script needs too much memory");
	buf_init_in(&spec, room, local.n + domain.n + 1);
	buf_put(&spec, local);
	if (domain.n != 0) {
		buf_byte(&spec, '@');
		buf_put(&spec, domain);
	}
	*out = buf_str(&spec);
	return true;
}

static bool address_matches(struct sieve_run *r, struct sieve_matcher *m,
                            const struct address *address)
{
	struct str part;

	return address->kind == ADDRESS_MAILBOX && address_part_get(r, m->op, address, &part) &&
	       sieve_matcher_value(m, part);
}

static bool addresses_known(const struct sieve_run *r, struct str value, struct address_list *out)
{
	for (size_t i = 0; i < r->addresses_n; i++) {
		if (r->addresses[i].value.p == value.p && r->addresses[i].value.n == value.n) {
			*out = r->addresses[i].list;
			return true;
		}
	}
	return false;
}

/* Those of short fields are kept for the next test. */
static void addresses_parse(struct sieve_run *r, struct str value, struct address_list *out)
{
	bool kept = value.n <= KEPT_BYTES && r->addresses_n < COUNT(r->addresses) &&
	            r->parsed.used_bytes < r->limits->memory_bytes / 8;

	(void)sieve_work(r, value.n);
	address_list_parse(kept ? &r->parsed : &r->scratch, value, ADDRESSES_MAX, out);
	if (kept && !r->parsed.full)
		r->addresses[r->addresses_n++] = (struct sieve_addresses){ value, *out };
}

static bool field_matches(struct sieve_run *r, struct sieve_matcher *m, struct str value)
{
	struct address_list list;

	if (!addresses_known(r, value, &list))
		addresses_parse(r, value, &list);
	for (size_t i = 0; i < list.n && !r->stopped; i++)
		if (address_matches(r, m, &list.items[i]))
			return true;
	return false;
}

bool sieve_test_address(struct sieve_run *r, const struct sieve_op *op)
{
	struct sieve_picked fields;
	struct sieve_matcher m;
	struct str value;

	sieve_matcher_init(&m, r, op, ARG_2);
	sieve_picked_init(r, &fields, op, sieve_list(op, ARG_1));
	while (sieve_picked_next(r, &fields, &value))
		if ((fields.mime || has_addresses(fields.fields.name)) &&
		    field_matches(r, &m, value))
			return true;
	return sieve_matcher_end(&m);
}

void sieve_check_address(struct sieve_parser *p, struct sieve_command *c)
{
	const struct sieve_value *names = sieve_value_of(c, ARG_1);

	sieve_check_header(p, c);
	for (size_t i = 0; i < names->n && sieve_value_of(c, ARG_MIME_TEST) == NULL; i++)
		if (sieve_constant(p, names, i) && !has_addresses(names->items[i]))
			sieve_report_value(p, names,
			                   "The field \"%.*s\" does not contain addresses",
			                   STR_ARG(names->items[i]));
}

/* --- envelope ----------------------------------------------------------------------------- */

#define BY_TIME_ABSOLUTE "bytimeabsolute"

static const struct {
	const char *name;
	enum sieve_ext ext;
	bool address;
} envelope_parts[] = {
	{ "from", EXT_ENVELOPE, true },
	{ "to", EXT_ENVELOPE, true },
	{ "auth", EXT_ENVELOPE, true },
	{ "notify", EXT_ENVELOPE_DSN, false },
	{ "orcpt", EXT_ENVELOPE_DSN, false },
	{ "ret", EXT_ENVELOPE_DSN, false },
	{ "envid", EXT_ENVELOPE_DSN, false },
	{ "bytimerelative", EXT_ENVELOPE_DELIVERBY, false },
	{ "bymode", EXT_ENVELOPE_DELIVERBY, false },
	{ "bytrace", EXT_ENVELOPE_DELIVERBY, false },
	{ BY_TIME_ABSOLUTE, EXT_ENVELOPE_DELIVERBY, false },
};

static size_t envelope_part_find(struct str name)
{
	size_t i = 0;

	while (i < COUNT(envelope_parts) && !str_eqi(name, str_of(envelope_parts[i].name)))
		i++;
	return i;
}

/* The null reverse-path is one empty address, of which each part is empty (RFC 5228 5.4). */
static bool envelope_matches(struct sieve_run *r, struct sieve_matcher *m, size_t part,
                             struct str value)
{
	ptrdiff_t at = str_rfind_byte(value, '@');
	struct address address = { .kind = ADDRESS_MAILBOX,
		                   .local = str_sub(value, 0, at < 0 ? value.n : (size_t)at),
		                   .domain = at < 0 ? STR_EMPTY
		                                    : str_sub(value, (size_t)at + 1, value.n) };

	if (value.n == 0 || !envelope_parts[part].address)
		return sieve_matcher_value(m, value);
	return address_matches(r, m, &address);
}

/* The host answers seconds from now, which become a time in the zone (RFC 6009 5). */
static bool envelope_get(struct sieve_run *r, const struct sieve_op *op, struct str name, size_t i,
                         struct str *value)
{
	const struct sieve_host *h = r->host;
	bool absolute = str_eq(name, STR(BY_TIME_ABSOLUTE));
	struct str relative = absolute ? STR("bytimerelative") : name;
	bool negative;
	uint32_t seconds;
	struct cur c;
	int zone_min;

	if (!h->envelope(h->arg, relative, i, value))
		return false;
	if (!absolute)
		return true;
	c = cur_of(*value);
	negative = cur_byte(&c, '-');
	return cur_u32(&c, &seconds) && sieve_zone(r, op, &zone_min) &&
	       sieve_date_put(r, h->now_ms + (negative ? -1000 : 1000) * (int64_t)seconds,
	                      zone_min, value);
}

bool sieve_test_envelope(struct sieve_run *r, const struct sieve_op *op)
{
	struct sieve_list names = sieve_list(op, ARG_1);
	const struct sieve_host *h = r->host;
	struct sieve_matcher m;
	struct str name, value;

	sieve_matcher_init(&m, r, op, ARG_2);
	if (h->imap_event)
		return sieve_fail(r, "There is no envelope in an event of IMAP");
	while (!r->stopped && h->envelope != NULL && sieve_list_next(r, &names, &name)) {
		size_t part = envelope_part_find(name);

		if (part == COUNT(envelope_parts))
			return sieve_fail(r, "The envelope has no part \"%.*s\"", STR_ARG(name));
		name = str_of(envelope_parts[part].name);
		if (!envelope_parts[part].address && sieve_has(op, ARG_PART))
			return sieve_fail(r, "The part \"%.*s\" is not an address", STR_ARG(name));
		for (size_t i = 0; envelope_get(r, op, name, i, &value); i++)
			if (envelope_matches(r, &m, part, value))
				return true;
	}
	return sieve_matcher_end(&m);
}

void sieve_check_envelope(struct sieve_parser *p, struct sieve_command *c)
{
	const struct sieve_value *names = sieve_value_of(c, ARG_1);

	sieve_check_match(p, c);
	for (size_t i = 0; i < names->n; i++) {
		size_t part = envelope_part_find(names->items[i]);

		if (!sieve_constant(p, names, i))
			continue;
		if (part == COUNT(envelope_parts))
			sieve_report_value(p, names, "The envelope has no part \"%.*s\"",
			                   STR_ARG(names->items[i]));
		else if (!sieve_enabled(p, envelope_parts[part].ext))
			sieve_report_value(p, names, "The part \"%s\" needs require \"%s\"",
			                   envelope_parts[part].name,
			                   sieve_extensions[envelope_parts[part].ext].name);
		else if (!envelope_parts[part].address && sieve_value_of(c, ARG_PART) != NULL)
			sieve_report_value(p, names, "The part \"%s\" is not an address",
			                   envelope_parts[part].name);
	}
	sieve_check_zone(p, c);
	if (sieve_value_of(c, ARG_ZONE) != NULL && !sieve_enabled(p, EXT_ENVELOPE_DELIVERBY))
		sieve_report(p, true, c->line, c->column,
		             "\":zone\" needs require \"envelope-deliverby\"");
}
