/* network/dns/dns.c: see dns.h; common code of both implementations. */
#include "network/dns/private.h"

#include "foundation/base/buf.h"
#include "foundation/base/cur.h"
#include "foundation/base/mem.h"

const char *dns_status_text(enum dns_status s)
{
	static const char *const texts[] = {
		[DNS_OK] = "found",
		[DNS_NODATA] = "no such record",
		[DNS_NXDOMAIN] = "no such domain",
		[DNS_RETRY] = "no answer from the name servers",
		[DNS_BADNAME] = "not a domain name",
	};

	return texts[s];
}

struct str dns_trouble_text(const struct dns_trouble *t, struct arena *a)
{
	if (t->text.n == 0)
		return STR("DNS did not answer");
	return str_fmt(a, "%s: %.*s",
	               t->bogus ? "the signatures in DNS are wrong" : "DNS did not answer",
	               STR_ARG(t->text));
}

enum dns_status dns_mx(struct dns *d, struct arena *a, struct str name, int64_t deadline_ms,
                       struct dns_mx_list *out)
{
	enum dns_status s;

	*out = (struct dns_mx_list){ 0 };
	if (!dns_name_ask(a, &name))
		return DNS_BADNAME;
	s = d->ops->mx(d, a, name, deadline_ms, out);
	dns_mx_sort(out);
	return s;
}

enum dns_status dns_addresses(struct dns *d, struct arena *a, struct str name, unsigned families,
                              int64_t deadline_ms, struct dns_addr_list *out)
{
	*out = (struct dns_addr_list){ 0 };
	assert(families != 0);
	if (!dns_name_ask(a, &name))
		return DNS_BADNAME;
	return d->ops->addresses(d, a, name, families, deadline_ms, out);
}

enum dns_status dns_txt(struct dns *d, struct arena *a, struct str name, int64_t deadline_ms,
                        struct dns_text_list *out)
{
	*out = (struct dns_text_list){ 0 };
	if (!dns_name_ask(a, &name))
		return DNS_BADNAME;
	return d->ops->txt(d, a, name, deadline_ms, out);
}

enum dns_status dns_ptr(struct dns *d, struct arena *a, const struct addr *ip, int64_t deadline_ms,
                        struct dns_text_list *out)
{
	*out = (struct dns_text_list){ 0 };
	return d->ops->ptr(d, a, ip, deadline_ms, out);
}

enum dns_status dns_records(struct dns *d, struct arena *a, struct str name, enum dns_type type,
                            int64_t deadline_ms, struct dns_text_list *out)
{
	*out = (struct dns_text_list){ 0 };
	if (!dns_name_check(&name))
		return DNS_BADNAME;
	return d->ops->records(d, a, name, type, deadline_ms, out);
}

enum err dns_servers_set(struct dns *d, const struct addr_list *servers, struct why *why)
{
	return d->ops->servers_set(d, servers, why);
}

enum err dns_security_set(struct dns *d, struct str mode, struct str anchors, struct why *why)
{
	return d->ops->security_set(d, mode, anchors, why);
}

enum dns_status dns_explain(struct dns *d, struct arena *a, struct str name, uint16_t type,
                            int64_t deadline_ms, struct dns_explained *out)
{
	*out = (struct dns_explained){ .verdict = "indeterminate" };
	if (!dns_name_check(&name) && !str_eq(name, STR(".")))
		return DNS_BADNAME;
	return d->ops->explain(d, a, name, type, deadline_ms, out);
}

bool dns_txt_cached(struct dns *d, struct str name)
{
	struct arena scratch = { 0 };
	bool known = dns_name_ask(&scratch, &name) && d->ops->cached(d, name, DNS_TYPE_TXT);

	arena_deinit(&scratch);
	return known;
}

size_t dns_flush(struct dns *d)
{
	return d->ops->flush(d);
}

struct dns *dns_fresh(struct dns *d)
{
	return d->ops->fresh(d);
}

void dns_free(struct dns **d)
{
	if (*d != NULL)
		(*d)->ops->free(*d);
	*d = NULL;
}

/* --- names ------------------------------------------------------------------ */

/* c-ares and zone files use a backslash as an escape, also before the other characters of the list,
 * which host names do not contain. */
static bool dns_name_byte(char c)
{
	return c >= ' ' && c < 0x7f && c != '\\' && c != '"' && c != '(' && c != ')' && c != ';' &&
	       c != '@' && c != '$';
}

/* RFC 1035 2.3.4. */
static bool labels_check(struct str *name)
{
	struct str s = *name;
	size_t label = 0;

	if (str_ends(s, STR(".")))
		s.n--;
	if (s.n == 0 || s.n > 253)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '.' && label == 0)
			return false;
		label = s.p[i] == '.' ? 0 : label + 1;
		if (label > 63)
			return false;
	}
	*name = s;
	return label != 0;
}

bool dns_name_check(struct str *name)
{
	struct str s = *name;

	if (!labels_check(&s))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!dns_name_byte(s.p[i]))
			return false;
	*name = s;
	return true;
}

bool dns_name_ask(struct arena *a, struct str *name)
{
	char room[4 * 253];
	struct buf b;

	if (!labels_check(name))
		return false;
	buf_init_in(&b, room, sizeof room);
	for (size_t i = 0; i < name->n; i++) {
		unsigned char byte = (unsigned char)name->p[i];

		if (byte > ' ' && byte < 0x7f && byte != '\\')
			buf_byte(&b, (char)byte);
		else
			buf_fmt(&b, "\\%03u", byte);
	}
	if (b.n != name->n)
		*name = str_dup(a, buf_str(&b));
	return true;
}

enum { DOT = 0x100 };

/* The next byte in lower case, DOT between labels, -1 at the end. The text was written by a
 * program, so escapes are well-formed. */
static int byte_next(struct cur *c)
{
	unsigned n = 0;
	char byte;

	if (!cur_any(c, &byte) || (byte == '.' && cur_done(c)))
		return -1;
	if (byte == '.')
		return DOT;
	if (byte != '\\')
		return (unsigned char)ascii_lower(byte);
	if (cur_peek(c) < '0' || cur_peek(c) > '9')
		return cur_any(c, &byte) ? (unsigned char)ascii_lower(byte) : -1;
	for (int i = 0; i < 3 && cur_any(c, &byte); i++)
		n = n * 10 + (unsigned)(byte - '0') % 10;
	return (unsigned char)ascii_lower((char)n);
}

bool dns_name_same(struct str x, struct str y)
{
	struct cur one = cur_of(x), other = cur_of(y);
	int byte;

	do {
		byte = byte_next(&one);
		if (byte != byte_next(&other))
			return false;
	} while (byte >= 0);
	return true;
}

bool dns_name_take(struct arena *a, const char *z, struct str *out)
{
	struct str s = str_of(z);

	*out = STR_EMPTY;
	if (s.n == 0 || str_eq(s, STR(".")))
		return true;
	if (!dns_name_check(&s))
		return false;
	*out = str_lower(a, s);
	return true;
}

bool dns_host_take(struct arena *a, const char *z, struct str *out)
{
	if (!dns_name_take(a, z, out))
		return false;
	for (size_t i = 0; i < out->n; i++) {
		char c = out->p[i];

		/* RFC 952 and RFC 1123 2.1, and the underscore, which is common. */
		if (!ascii_alnum(c) && c != '-' && c != '.' && c != '_') {
			*out = STR_EMPTY;
			return false;
		}
	}
	return true;
}

struct str dns_reverse_name(struct arena *a, const struct addr *ip)
{
	static const char hex[] = "0123456789abcdef";
	const unsigned char *b = ip->ip;
	char nibbles[64];

	if (ip->family == ADDR_V4)
		return str_fmt(a, "%u.%u.%u.%u.in-addr.arpa", b[3], b[2], b[1], b[0]);
	for (size_t i = 0; i < 16; i++) {
		nibbles[4 * i] = hex[b[15 - i] & 15];
		nibbles[4 * i + 2] = hex[b[15 - i] >> 4];
		nibbles[4 * i + 1] = nibbles[4 * i + 3] = '.';
	}
	return str_fmt(a, "%.*sip6.arpa", (int)sizeof nibbles, nibbles);
}

void dns_mx_sort(struct dns_mx_list *list)
{
	for (size_t i = 1; i < list->count; i++) {
		struct dns_mx mx = list->items[i];
		size_t j = i;

		for (; j > 0 && list->items[j - 1].preference > mx.preference; j--)
			list->items[j] = list->items[j - 1];
		list->items[j] = mx;
	}
}
