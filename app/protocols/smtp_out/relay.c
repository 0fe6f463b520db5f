/* protocols/smtp_out/relay.c: see relay.h. */
#include "protocols/smtp_out/relay.h"

#include "foundation/base/arena.h"
#include "foundation/config/limits.h"
#include "foundation/config/value.h"
#include "model/queue/route.h"
#include "network/tls/trust.h"
#include "protocols/smtp_out/smtp_out.h"

typedef bool relay_read(struct str value, struct arena *a, struct out_relay *out);

static bool read_name(struct str v, struct arena *a, struct out_relay *out)
{
	(void)a;
	out->name = v;
	return v.n != 0 && v.n <= LIMIT_route_name;
}

/* A login in the URL overrides words of the row. */
static bool read_to(struct str v, struct arena *a, struct out_relay *out)
{
	return out_url_parse(v, a, &out->host, &out->is_proxy) == NULL;
}

static bool read_user(struct str v, struct arena *a, struct out_relay *out)
{
	(void)a;
	out->host.user = v;
	return v.n != 0 && v.n <= 255;
}

static bool read_password(struct str v, struct arena *a, struct out_relay *out)
{
	(void)a;
	out->host.password = v;
	return v.n != 0 && v.n <= 255;
}

static bool read_token(struct str v, struct arena *a, struct out_relay *out)
{
	(void)a;
	out->host.token = v;
	return v.n != 0;
}

static bool read_tls(struct str v, struct arena *a, struct out_relay *out)
{
	static const enum out_tls_level levels[] = {
		[ROUTE_TLS_MAY] = OUT_TLS_MAY,       [ROUTE_TLS_NONE] = OUT_TLS_OFF,
		[ROUTE_TLS_MUST] = OUT_TLS_MUST,     [ROUTE_TLS_VERIFY] = OUT_TLS_VERIFY,
		[ROUTE_TLS_DANE] = OUT_TLS_DANE,
	};
	enum route_tls tls;

	(void)a;
	if (!route_tls_parse(v, &tls))
		return false;
	out->host.tls_said = true;
	out->host.tls = levels[tls];
	return true;
}

static bool read_ca(struct str v, struct arena *a, struct out_relay *out)
{
	(void)a;
	out->ca = v;
	return str_starts(v, STR("/"));
}

static bool read_priority(struct str v, struct arena *a, struct out_relay *out)
{
	(void)a;
	return value_count(v, &out->priority);
}

static bool read_weight(struct str v, struct arena *a, struct out_relay *out)
{
	(void)a;
	return value_count(v, &out->weight);
}

/* "to" comes last: it may contain a login. */
static const struct {
	const char *key, *valid;
	relay_read *read;
} words[] = {
	{ "name", "a name", read_name },
	{ "user", "a user name of at most 255 bytes", read_user },
	{ "password", "a password of at most 255 bytes", read_password },
	{ "token", "an OAuth access token", read_token },
	{ "tls", "may, none, must, verify or dane", read_tls },
	{ "ca", "the path of a PEM file, from the root on", read_ca },
	{ "priority", "a number", read_priority },
	{ "weight", "a number", read_weight },
	{ "to", "smtp://host:port, smtps://host, lmtp://host, lmtp:///path or socks5://address",
	  read_to },
};

static enum err keys_check(const struct rule *rule, struct why *why)
{
	struct rule_key keys[COUNT(words)];

	for (size_t i = 0; i < COUNT(words); i++)
		keys[i] = (struct rule_key){ .key = words[i].key };
	return rule_check(rule, keys, COUNT(words), why);
}

static enum err sense_check(const struct rule *rule, const struct out_relay *r, struct why *why)
{
	const struct out_smarthost *h = &r->host;
	struct addr ip;

	if (r->name.n == 0 || (h->host.n == 0 && h->path.n == 0))
		return rule_fail(rule, why, "give name= and to=");
	if (str_eqi(r->name, STR("mx")) || str_eqi(r->name, STR("local")) ||
	    str_eqi(r->name, STR("discard")) || str_eqi(r->name, STR("reject")))
		return rule_fail(rule, why, "this name has a meaning of its own in ROOST_ROUTES");
	if ((h->user.n != 0) != (h->password.n != 0 || h->token.n != 0))
		return rule_fail(rule, why, "user= and password= (or token=) go together");
	if (h->token.n != 0 && h->password.n != 0)
		return rule_fail(rule, why, "a login has a password= or a token=, not both");
	if (h->tls_said && (h->path.n != 0 || r->is_proxy))
		return rule_fail(rule, why, "there is no TLS to that");
	if (r->is_proxy && addr_parse_ip(h->host, &ip) == false)
		return rule_fail(rule, why, "give the proxy by its address");
	if (r->is_proxy && (h->user.n > 255 || h->password.n > 255)) /* RFC 1929 2 */
		return rule_fail(rule, why, "a proxy's login has at most 255 bytes each");
	if (h->implicit_tls && h->tls_said && (h->tls == OUT_TLS_OFF || h->tls == OUT_TLS_MAY))
		return rule_fail(rule, why, "smtps:// is TLS: tls= can be must, verify or dane");
	if ((r->ca.n != 0 || h->tls == OUT_TLS_VERIFY) && addr_parse_ip(h->host, &ip))
		return rule_fail(rule, why, "a certificate is for a name, not an address");
	return OK;
}

static enum err relay_row_parse(const struct rule *rule, struct arena *a, struct out_relay *out,
                                struct why *why)
{
	struct str value;
	enum err e;

	*out = (struct out_relay){ .weight = 1 };
	if ((e = keys_check(rule, why)))
		return e;
	for (size_t i = 0; i < COUNT(words); i++)
		if (rule_get(rule, str_of(words[i].key), &value) && !words[i].read(value, a, out))
			return rule_fail(rule, why, "%s= wants %s", words[i].key, words[i].valid);
	if ((e = sense_check(rule, out, why)))
		return e;
	out_smarthost_secure(&out->host);
	return OK;
}

enum err out_relays_parse(struct str text, struct arena *a, struct out_relays *out,
                          struct why *why)
{
	struct rules rules;
	enum err e;

	*out = (struct out_relays){ 0 };
	if ((e = rules_parse(text, a, &rules, why)))
		return e;
	out->items = arena_array(a, struct out_relay, rules.count);
	for (size_t i = 0; i < rules.count; i++) {
		struct out_relay *row = &out->items[i];

		if ((e = relay_row_parse(&rules.items[i], a, row, why)))
			return e;
		if (out_relay_find(out, row->name, !row->is_proxy) != NULL)
			return rule_fail(&rules.items[i], why,
			                 "one name cannot be a relay's and a proxy's");
		out->count++;
	}
	return OK;
}

const struct out_relay *out_relay_find(const struct out_relays *r, struct str name, bool is_proxy)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->items[i].is_proxy == is_proxy && str_eq(r->items[i].name, name))
			return &r->items[i];
	return NULL;
}

/* --- order ------------------------------------------------------------------------------------ */

/* RFC 2782: among equals each comes first with a probability by weight; weight 0 rarely
 * does. */
static size_t weighted(const struct out_relay *const *rows, size_t n,
                       uint64_t (*chance)(uint64_t n))
{
	uint64_t sum = 0, at;

	for (size_t i = 0; i < n; i++)
		sum += MAX(rows[i]->weight * 100, 1u);
	at = chance(sum);
	for (size_t i = 0; i < n; i++) {
		uint64_t w = MAX(rows[i]->weight * 100, 1u);

		if (at < w)
			return i;
		at -= w;
	}
	return 0;
}

static void by_priority(const struct out_relay **rows, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		const struct out_relay *row = rows[i];
		size_t j = i;

		for (; j > 0 && rows[j - 1]->priority > row->priority; j--)
			rows[j] = rows[j - 1];
		rows[j] = row;
	}
}

size_t out_relay_order(const struct out_relays *r, struct str name, uint64_t (*chance)(uint64_t n),
                       const struct out_relay **out, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < r->count && n < max; i++)
		if (!r->items[i].is_proxy && str_eq(r->items[i].name, name))
			out[n++] = &r->items[i];
	by_priority(out, n);
	for (size_t i = 0; i < n; i++) {
		size_t end = i + 1, with;
		const struct out_relay *swap = out[i];

		while (end < n && out[end]->priority == out[i]->priority)
			end++;
		with = i + weighted(out + i, end - i, chance);
		out[i] = out[with];
		out[with] = swap;
	}
	return n;
}

/* --- targets of rules ---------------------------------------------------------------- */

static bool leads(const struct out_relays *r, const struct routes *routes, struct str name)
{
	return str_eqi(name, STR("mx")) || route_find(routes, name) != NULL ||
	       out_relay_find(r, name, false) != NULL;
}

/* Names resolved by the proxy have no known TLSA records. */
static bool dane_by_proxy(const struct out_relays *r, const struct route *route)
{
	if (route->manner.proxy.n == 0)
		return false;
	if (route->manner.tls == ROUTE_TLS_DANE)
		return true;
	for (size_t i = 0; route->kind == ROUTE_RELAY && i < r->count; i++)
		if (!r->items[i].is_proxy && str_eq(r->items[i].name, route->relay) &&
		    r->items[i].host.tls_said && r->items[i].host.tls == OUT_TLS_DANE)
			return true;
	return false;
}

enum err out_relays_check(const struct out_relays *r, const struct routes *routes, struct why *why)
{
	for (size_t i = 0; i < routes->count; i++) {
		const struct route *route = &routes->items[i];

		if (route->kind == ROUTE_RELAY && out_relay_find(r, route->relay, false) == NULL)
			return fail(why, ERR_SYNTAX,
			            "ROOST_ROUTES: line %u: ROOST_RELAYS has no relay of the name "
			            "after via=",
			            route->line);
		if (route->fallback.n != 0 && !leads(r, routes, route->fallback))
			return fail(why, ERR_SYNTAX,
			            "ROOST_ROUTES: line %u: no route and no relay has the name "
			            "after fallback=",
			            route->line);
		if (route->manner.proxy.n != 0 &&
		    out_relay_find(r, route->manner.proxy, true) == NULL)
			return fail(why, ERR_SYNTAX,
			            "ROOST_ROUTES: line %u: ROOST_RELAYS has no proxy of the name "
			            "after proxy=",
			            route->line);
		if (dane_by_proxy(r, route))
			return fail(why, ERR_SYNTAX,
			            "ROOST_ROUTES: line %u: tls=dane cannot be had through a proxy",
			            route->line);
	}
	return OK;
}

static enum err roots_check(const struct out_relay *row, struct why *why)
{
	struct out_smarthost host = row->host;
	struct trust *trust = NULL;
	struct why inner = { "" };
	enum err e;

	if (row->ca.n == 0)
		return OK;
	e = out_smarthost_roots(&host, row->ca, &trust, &inner);
	trust_free(trust);
	return e ? fail(why, e, "ROOST_RELAYS: %.*s: %s", STR_ARG(row->name), inner.text) : OK;
}

enum err smtp_out_routes_check(struct str routes, struct str relays, struct why *why)
{
	struct routes parsed;
	struct out_relays rows;
	struct arena a;
	enum err e;

	arena_init(&a, true);
	if ((e = routes_parse(routes, false, &a, &parsed, why)))
		(void)fail_about(why, e, "ROOST_ROUTES");
	else if ((e = out_relays_parse(relays, &a, &rows, why)))
		(void)fail_about(why, e, "ROOST_RELAYS");
	else
		e = out_relays_check(&rows, &parsed, why);
	for (size_t i = 0; e == OK && i < rows.count; i++)
		e = roots_check(&rows.items[i], why);
	arena_deinit(&a);
	return e;
}
