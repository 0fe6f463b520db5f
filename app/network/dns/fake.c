/* network/dns/fake.c: answers from a table, for tests; see dns.h. */
#include "network/dns/private.h"

#include "foundation/base/cur.h"
#include "foundation/base/mem.h"

#include <string.h>

struct fake {
	struct dns dns;
	const struct dns_fake_row *rows;
	bool authenticated;
};

/* Does the row stand for a failure? */
static bool fails(const char *data, struct dns_trouble *trouble)
{
	struct cur c = cur_of(str_of(data));

	if (cur_str(&c, STR("BOGUS ")))
		*trouble = (struct dns_trouble){ cur_rest(&c), true };
	return trouble->bogus || strcmp(data, "SERVFAIL") == 0;
}

struct found {
	const char **data;
	size_t count;
};

static size_t rows_count(const struct fake *f)
{
	size_t n = 0;

	while (f->rows[n].name != NULL)
		n++;
	return n;
}

/* The data of the rows of name and type, in order. */
static enum dns_status rows_find(const struct fake *f, struct arena *a, struct str name,
                                 const char *type, struct found *out, struct dns_trouble *trouble)
{
	enum dns_status otherwise = DNS_NXDOMAIN;

	*out = (struct found){ arena_array(a, const char *, rows_count(f)), 0 };
	for (const struct dns_fake_row *r = f->rows; r->name != NULL; r++) {
		if (!str_eqi(str_of(r->name), name))
			continue;
		if (strcmp(r->type, "*") == 0)
			return fails(r->data, trouble) ? DNS_RETRY : DNS_NXDOMAIN;
		otherwise = DNS_NODATA;
		if (strcmp(r->type, type) != 0)
			continue;
		if (fails(r->data, trouble))
			return DNS_RETRY;
		out->data[out->count++] = r->data;
	}
	return out->count != 0 ? DNS_OK : otherwise;
}

static enum dns_status fake_mx(struct dns *d, struct arena *a, struct str name, int64_t deadline_ms,
                               struct dns_mx_list *out)
{
	const struct fake *f = container_of(d, struct fake, dns);
	struct found found;
	enum dns_status s = rows_find(f, a, name, "MX", &found, &out->trouble);

	(void)deadline_ms;
	out->authenticated = f->authenticated;
	out->count = found.count;
	out->items = arena_array(a, struct dns_mx, out->count);
	for (size_t i = 0; i < out->count; i++) {
		struct cur c = cur_of(str_of(found.data[i]));
		uint32_t preference = 0;

		cur_u32(&c, &preference);
		cur_blank(&c);
		out->items[i].preference = (uint16_t)preference;
		dns_host_take(a, c.p, &out->items[i].host);
	}
	return s;
}

static enum dns_status fake_addresses(struct dns *d, struct arena *a, struct str name,
                                      unsigned families, int64_t deadline_ms,
                                      struct dns_addr_list *out)
{
	static const struct {
		unsigned family;
		const char *type;
	} kinds[] = { { DNS_V6, "AAAA" }, { DNS_V4, "A" } };
	const struct fake *f = container_of(d, struct fake, dns);
	enum dns_status worst = DNS_NXDOMAIN;

	(void)deadline_ms;
	out->authenticated = f->authenticated;
	out->items = arena_array(a, struct addr, rows_count(f));
	for (size_t k = 0; k < COUNT(kinds); k++) {
		struct found found;
		enum dns_status s;

		if (!(families & kinds[k].family))
			continue;
		s = rows_find(f, a, name, kinds[k].type, &found, &out->trouble);
		if (s == DNS_RETRY || (s == DNS_NODATA && worst == DNS_NXDOMAIN))
			worst = s;
		for (size_t i = 0; i < found.count; i++)
			out->count += addr_parse_ip(str_of(found.data[i]), &out->items[out->count]);
	}
	return out->count != 0 ? DNS_OK : worst;
}

static enum dns_status fake_text(struct dns *d, struct arena *a, struct str name, const char *type,
                                 struct dns_text_list *out)
{
	const struct fake *f = container_of(d, struct fake, dns);
	struct found found;
	enum dns_status s = rows_find(f, a, name, type, &found, &out->trouble);

	out->authenticated = f->authenticated;
	out->count = found.count;
	out->items = arena_array(a, struct str, out->count);
	for (size_t i = 0; i < out->count; i++)
		out->items[i] = str_of(found.data[i]);
	return s;
}

static enum dns_status fake_txt(struct dns *d, struct arena *a, struct str name,
                                int64_t deadline_ms, struct dns_text_list *out)
{
	(void)deadline_ms;
	return fake_text(d, a, name, "TXT", out);
}

static enum dns_status fake_ptr(struct dns *d, struct arena *a, const struct addr *ip,
                                int64_t deadline_ms, struct dns_text_list *out)
{
	(void)deadline_ms;
	return fake_text(d, a, dns_reverse_name(a, ip), "PTR", out);
}

static enum dns_status fake_records(struct dns *d, struct arena *a, struct str name,
                                    enum dns_type type, int64_t deadline_ms,
                                    struct dns_text_list *out)
{
	static const char *const types[DNS_TYPES] = { "CNAME", "NS", "SRV", "TLSA", "CAA" };

	(void)deadline_ms;
	return fake_text(d, a, name, types[type], out);
}

static enum err fake_servers_set(struct dns *d, const struct addr_list *servers, struct why *why)
{
	(void)d, (void)servers, (void)why;
	return OK;
}

static enum err fake_security_set(struct dns *d, struct str mode, struct str anchors,
                                  struct why *why)
{
	(void)d;
	return dns_security_check(mode, anchors, why);
}

static enum dns_status fake_explain(struct dns *d, struct arena *a, struct str name, uint16_t type,
                                    int64_t deadline_ms, struct dns_explained *out)
{
	(void)d, (void)a, (void)name, (void)type, (void)deadline_ms, (void)out;
	return DNS_RETRY;
}

static bool fake_known(struct dns *d, struct str name, uint16_t type)
{
	(void)d;
	(void)name;
	(void)type;
	return true;
}

static size_t fake_flush(struct dns *d)
{
	(void)d;
	return 0;
}

static struct dns *fake_fresh(struct dns *d)
{
	return d;
}

static void fake_free(struct dns *d)
{
	mem_free(container_of(d, struct fake, dns));
}

struct dns *dns_fake_new(const struct dns_fake_row *rows, bool authenticated)
{
	static const struct dns_ops ops = {
		.mx = fake_mx,
		.addresses = fake_addresses,
		.txt = fake_txt,
		.ptr = fake_ptr,
		.records = fake_records,
		.servers_set = fake_servers_set,
		.security_set = fake_security_set,
		.explain = fake_explain,
		.cached = fake_known,
		.flush = fake_flush,
		.fresh = fake_fresh,
		.free = fake_free,
	};
	struct fake *f = NEW(struct fake);

	*f = (struct fake){ { &ops }, rows, authenticated };
	return &f->dns;
}
