/* network/dns/ares.c: the resolver over c-ares; see dns.h.
 *
 * network/dns/question.h sends and awaits a query, network/dns/answer.h interprets the answer,
 * network/dns/secure.h validates it; network/dns/resolver.h combines them. */
#include "network/dns/direct.h"
#include "network/dns/private.h"
#include "network/dns/resolver.h"

#include "foundation/base/buf.h"
#include "foundation/base/cur.h"
#include "foundation/base/fault.h"
#include "foundation/base/mem.h"

#include <netinet/in.h>
#include <string.h>

enum {
	SYSTEM_MAX = 16,
	TIMEOUT_MS = 3000,
	/* c-ares waits five times the recent response time of a name server, at least 250 ms, and
	 * twice as long for each further try. A near resolver with a cache is fast, until it has to
	 * query others itself: several tries give it some seconds. */
	TRIES = 5,
	/* Each query uses its own port: against forged answers, and because c-ares closes a socket
	 * that receives a malformed packet from any sender, which would cost each query on it a
	 * try. */
	QUERIES_PER_PORT = 1,
};

static const struct dns_view *view_of(struct dns *d)
{
	return container_of(d, struct dns_view, dns);
}

static struct resolver *resolver_of(struct dns *d)
{
	return view_of(d)->of;
}

static struct dns_trouble trouble_of(const struct dns_lookup *l)
{
	return (struct dns_trouble){ l->secured.trouble, l->secured.verdict == DNSSEC_BOGUS };
}

/* The limit for lists whose items are processed one by one. */
static size_t at_most(size_t count)
{
	return MIN(count, (size_t)DNS_RECORDS_MAX);
}

/* --- the kinds -------------------------------------------------------------- */

/* The target of name's aliases, if DNSSEC proves it. */
static struct str canonical_of(const struct dns_lookup *l, struct str name, struct arena *a)
{
	if (!l->secured.authenticated || dns_name_same(l->secured.name, name))
		return STR_EMPTY;
	return str_dup(a, l->secured.name);
}

static enum dns_status ares_mx(struct dns *d, struct arena *a, struct str name, int64_t deadline_ms,
                               struct dns_mx_list *out)
{
	struct dns_lookup l;
	enum dns_status s = resolver_lookup(view_of(d), a, name, ARES_REC_TYPE_MX, deadline_ms, &l);
	const struct dns_records *found = &l.records;

	out->items = arena_array(a, struct dns_mx, at_most(found->count));
	out->authenticated = l.secured.authenticated;
	out->canonical = canonical_of(&l, name, a);
	out->trouble = trouble_of(&l);
	for (size_t i = 0; i < at_most(found->count); i++) {
		struct dns_mx *mx = &out->items[out->count];

		mx->preference = ares_dns_rr_get_u16(found->items[i], ARES_RR_MX_PREFERENCE);
		/* SPF resolves such a name whatever its form. */
		out->count += dns_name_take(
			a, ares_dns_rr_get_str(found->items[i], ARES_RR_MX_EXCHANGE), &mx->host);
	}
	dns_lookup_deinit(&l);
	/* RFC 5321 5.1: there are MX records, so the domain is not its own mail host. */
	return s == DNS_OK && out->count == 0 ? DNS_RETRY : s;
}

/* Append the addresses. */
static void take_addresses(const struct dns_records *found, ares_dns_rec_type_t type,
                           struct arena *a, struct dns_addr_list *out)
{
	struct addr *items = arena_array(a, struct addr, out->count + found->count);

	if (out->count != 0)
		memcpy(items, out->items, out->count * sizeof *items);
	out->items = items;
	for (size_t i = 0; i < found->count; i++) {
		struct addr *to = &out->items[out->count++];

		if (type == ARES_REC_TYPE_A) {
			to->family = ADDR_V4;
			memcpy(to->ip, ares_dns_rr_get_addr(found->items[i], ARES_RR_A_ADDR), 4);
		} else {
			to->family = ADDR_V6;
			memcpy(to->ip, ares_dns_rr_get_addr6(found->items[i], ARES_RR_AAAA_ADDR),
			       16);
		}
	}
}

/* Combine the validation of both families' answers. */
static void addresses_secured(const struct dns_lookup *l, struct str name, struct arena *a,
                              struct dns_addr_list *out)
{
	out->authenticated = out->authenticated && l->secured.authenticated;
	out->alias_signed = out->alias_signed || l->secured.alias_signed;
	if (out->canonical.n == 0)
		out->canonical = canonical_of(l, name, a);
}

static enum dns_status ares_addresses(struct dns *d, struct arena *a, struct str name,
                                      unsigned families, int64_t deadline_ms,
                                      struct dns_addr_list *out)
{
	static const struct {
		unsigned family;
		ares_dns_rec_type_t type;
	} kinds[] = { { DNS_V6, ARES_REC_TYPE_AAAA }, { DNS_V4, ARES_REC_TYPE_A } };
	struct dns_question *q[COUNT(kinds)] = { NULL };
	const struct dns_view *view = view_of(d);
	enum dns_status worst = DNS_NXDOMAIN;

	out->authenticated = true;
	for (size_t k = 0; k < COUNT(kinds); k++) {
		if (families & kinds[k].family)
			q[k] = resolver_ask(view, name, kinds[k].type);
	}
	for (size_t k = 0; k < COUNT(kinds); k++) {
		struct dns_lookup l;
		enum dns_status s;

		if (!(families & kinds[k].family))
			continue;
		s = resolver_take(view, q[k], a, name, kinds[k].type, deadline_ms, &l);
		if (s == DNS_RETRY)
			out->trouble = trouble_of(&l);
		else
			addresses_secured(&l, name, a, out);
		if (s == DNS_OK)
			take_addresses(&l.records, kinds[k].type, a, out);
		if (s == DNS_RETRY || (s == DNS_NODATA && worst == DNS_NXDOMAIN))
			worst = s;
		dns_lookup_deinit(&l);
	}
	if (out->count == 0 && worst == DNS_RETRY)
		out->authenticated = false;
	return out->count != 0 ? DNS_OK : worst;
}

static void texts_begin(const struct dns_lookup *l, struct arena *a, struct dns_text_list *out)
{
	out->items = arena_array(a, struct str, l->records.count);
	out->authenticated = l->secured.authenticated;
	out->trouble = trouble_of(l);
}

static enum dns_status ares_txt(struct dns *d, struct arena *a, struct str name,
                                int64_t deadline_ms, struct dns_text_list *out)
{
	struct dns_lookup l;
	enum dns_status s =
		resolver_lookup(view_of(d), a, name, ARES_REC_TYPE_TXT, deadline_ms, &l);

	texts_begin(&l, a, out);
	for (size_t i = 0; i < l.records.count; i++) {
		size_t n = 0;
		/* All strings of the record, joined (RFC 7208 3.3). */
		const unsigned char *p =
			ares_dns_rr_get_bin(l.records.items[i], ARES_RR_TXT_DATA, &n);

		out->items[out->count++] = str_dup(a, str_from((const char *)p, n));
	}
	dns_lookup_deinit(&l);
	return s;
}

static enum dns_status ares_ptr(struct dns *d, struct arena *a, const struct addr *ip,
                                int64_t deadline_ms, struct dns_text_list *out)
{
	struct dns_lookup l;
	enum dns_status s = resolver_lookup(view_of(d), a, dns_reverse_name(a, ip),
	                                    ARES_REC_TYPE_PTR, deadline_ms, &l);

	texts_begin(&l, a, out);
	for (size_t i = 0; i < at_most(l.records.count); i++) {
		struct str *host = &out->items[out->count];

		const char *z = ares_dns_rr_get_str(l.records.items[i], ARES_RR_PTR_DNAME);

		if (dns_host_take(a, z, host))
			out->count += host->n != 0;
	}
	dns_lookup_deinit(&l);
	return s == DNS_OK && out->count == 0 ? DNS_NODATA : s;
}

static enum dns_status ares_records(struct dns *d, struct arena *a, struct str name,
                                    enum dns_type type, int64_t deadline_ms,
                                    struct dns_text_list *out)
{
	struct dns_lookup l;
	enum dns_status s =
		resolver_lookup(view_of(d), a, name, dns_text_type(type), deadline_ms, &l);

	texts_begin(&l, a, out);
	out->count = at_most(l.records.count);
	for (size_t i = 0; i < out->count; i++)
		out->items[i] = dns_text(a, type, l.records.items[i]);
	dns_lookup_deinit(&l);
	return s;
}

/* --- life ------------------------------------------------------------------- */

static void resolver_free(struct dns *d)
{
	struct resolver *r = resolver_of(d);

	if (r->channel != NULL)
		CLOSING(ares_destroy(r->channel)); /* answers open questions with an error */
	ares_library_cleanup();
	dns_secure_free(r->secure);
	dns_cache_free(r->cache);
	pthread_rwlock_destroy(&r->lock);
	mem_free(r);
}

void dns_system_servers(struct arena *a, struct addr_list *out)
{
	ares_channel_t *channel = NULL;
	struct addr one;
	struct cur c;
	char *text;

	*out = (struct addr_list){ .items = arena_array(a, struct addr, SYSTEM_MAX) };
	if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS)
		return;
	if (ares_init_options(&channel, NULL, 0) == ARES_SUCCESS) {
		text = ares_get_servers_csv(channel);
		c = cur_of(str_of(text != NULL ? text : ""));
		for (struct str entry; out->count < SYSTEM_MAX && !cur_done(&c);
		     cur_byte(&c, ',')) {
			if (!cur_until(&c, ',', &entry)) {
				entry = cur_rest(&c);
				cur_skip(&c, entry.n);
			}
			if (addr_parse(entry, &one) && one.family != ADDR_ANY)
				out->items[out->count++] = one;
		}
		ares_free_string(text);
		ares_destroy(channel);
	}
	ares_library_cleanup();
}

static bool set_servers(ares_channel_t *channel, const struct addr_list *servers)
{
	struct buf list;
	bool ok;

	if (servers->count == 0)
		return true;
	buf_init(&list, KIB(16));
	for (size_t i = 0; i < servers->count; i++) {
		char text[ADDR_TEXT_MAX];

		buf_put(&list, i != 0 ? STR(",") : STR(""));
		buf_put(&list, addr_text(&servers->items[i], text));
	}
	buf_byte(&list, '\0');
	ok = buf_ok(&list) && ares_set_servers_ports_csv(channel, list.p) == ARES_SUCCESS;
	buf_deinit(&list);
	return ok;
}

/* Without c-ares' cache (qcache_max_ttl stays 0), which confuses all types without a name in
 * c-ares, such as DS and DNSKEY; our cache is network/dns/cache.h. */
static enum err channel_new(const struct addr_list *servers, int64_t timeout_ms,
                            ares_channel_t **out, struct why *why)
{
	struct ares_options options = {
		.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_EDNS,
		.timeout = (int)timeout_ms,
		.maxtimeout = (int)timeout_ms,
		.tries = TRIES,
		.ednspsz = DNS_UDP_SIZE,
		.udp_max_queries = QUERIES_PER_PORT,
		.evsys = ARES_EVSYS_DEFAULT,
	};
	int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_MAXTIMEOUTMS | ARES_OPT_TRIES |
	           ARES_OPT_EDNSPSZ | ARES_OPT_UDP_MAX_QUERIES | ARES_OPT_EVENT_THREAD |
	           ARES_OPT_QUERY_CACHE;
	int status = fault("dns_new") ? ARES_ENOMEM : ares_init_options(out, &options, mask);

	if (status == ARES_SUCCESS && !set_servers(*out, servers)) {
		ares_destroy(*out);
		status = ARES_EBADSTR;
	}
	if (status == ARES_SUCCESS)
		return OK;
	*out = NULL;
	return fail(why, ERR_IO, "cannot set up DNS: %s", ares_strerror(status));
}

/* A channel with explicit servers cannot return to the system's, so a new one is made. */
static enum err ares_servers_set(struct dns *d, const struct addr_list *servers, struct why *why)
{
	struct resolver *r = resolver_of(d);
	ares_channel_t *channel, *before;
	enum err e = channel_new(servers, r->timeout_ms, &channel, why);

	if (e)
		return e;
	pthread_rwlock_wrlock(&r->lock);
	before = r->channel;
	r->channel = channel;
	pthread_rwlock_unlock(&r->lock);
	CLOSING(ares_destroy(before));
	dns_secure_forget(r->secure);
	(void)dns_cache_flush(r->cache);
	return OK;
}

/* Drop cached results of validation by other rules. */
static enum err ares_security_set(struct dns *d, struct str mode, struct str anchors,
                                  struct why *why)
{
	enum err e = dns_secure_set(resolver_of(d)->secure, mode, anchors, why);

	if (e == OK)
		(void)dns_cache_flush(resolver_of(d)->cache);
	return e;
}

static bool ares_known(struct dns *d, struct str name, uint16_t type)
{
	const struct dns_view *view = view_of(d);

	return view->use == DNS_USE_KEPT && dns_cache_has(view->of->cache, name, type);
}

static size_t ares_flush(struct dns *d)
{
	return dns_cache_flush(resolver_of(d)->cache);
}

static struct dns *ares_fresh(struct dns *d)
{
	return &resolver_of(d)->fresh.dns;
}

enum err dns_new(const struct addr_list *servers, int64_t timeout_ms, struct dns **out,
                 struct why *why)
{
	static const struct dns_ops ops = {
		.mx = ares_mx,
		.addresses = ares_addresses,
		.txt = ares_txt,
		.ptr = ares_ptr,
		.records = ares_records,
		.servers_set = ares_servers_set,
		.security_set = ares_security_set,
		.explain = resolver_explain,
		.cached = ares_known,
		.flush = ares_flush,
		.fresh = ares_fresh,
		.free = resolver_free,
	};
	struct resolver *r = NEW(struct resolver);
	enum err e;

	r->kept = (struct dns_view){ { &ops }, r, DNS_USE_KEPT };
	r->fresh = (struct dns_view){ { &ops }, r, DNS_USE_FRESH };
	r->timeout_ms = timeout_ms != 0 ? timeout_ms : TIMEOUT_MS;
	r->secure = dns_secure_new();
	r->cache = dns_cache_new();
	pthread_rwlock_init(&r->lock, NULL);
	if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS)
		e = fail(why, ERR_IO, "cannot set up DNS");
	else
		e = channel_new(servers, r->timeout_ms, &r->channel, why);
	if (e)
		resolver_free(&r->kept.dns);
	else
		*out = &r->kept.dns;
	return e;
}
