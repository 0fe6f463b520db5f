/* model/queue/route_parse.c: parses the rules of ROOST_ROUTES; see route.h. */
#include "model/queue/route.h"

#include "foundation/base/cur.h"
#include "foundation/config/limits.h"
#include "foundation/config/value.h"

/* Parses the value of one key; false: it does not have the form in valid. */
typedef bool route_read(struct str value, struct route *out);

struct route_word {
	const char *key, *valid;
	route_read *read;
};

static bool is_name_byte(unsigned char c)
{
	return ascii_alnum((char)c) || c == '-' || c == '_' || c == '.';
}

static bool is_name(struct str s)
{
	struct cur c = cur_of(s);

	cur_while(&c, is_name_byte);
	return s.n != 0 && s.n <= LIMIT_route_name && cur_done(&c);
}

/* --- patterns ------------------------------------------------------------------------------- */

static bool read_to(struct str v, struct route *out)
{
	out->to = v;
	return v.n != 0;
}

static bool read_from(struct str v, struct route *out)
{
	out->from = v;
	return v.n != 0;
}

static bool read_account(struct str v, struct route *out)
{
	out->account = v;
	return v.n != 0;
}

static bool read_header(struct str v, struct route *out)
{
	out->header = v;
	return str_find_byte(v, ':') > 0;
}

/* --- the way -------------------------------------------------------------------------------- */

static bool read_via(struct str v, struct route *out)
{
	static const struct {
		const char *word;
		enum route_kind kind;
	} words[] = {
		{ "mx", ROUTE_MX },
		{ "local", ROUTE_LOCAL },
		{ "discard", ROUTE_DISCARD },
		{ "reject", ROUTE_REJECT },
	};

	out->kind = ROUTE_RELAY;
	for (size_t i = 0; i < COUNT(words); i++)
		if (str_eqi(v, str_of(words[i].word)))
			out->kind = words[i].kind;
	if (out->kind == ROUTE_RELAY)
		out->relay = v;
	if (out->name.n == 0)
		out->name = v;
	return is_name(v);
}

static bool read_name(struct str v, struct route *out)
{
	out->name = v;
	return is_name(v);
}

static bool read_address(struct str v, struct route *out)
{
	out->address = v;
	return str_find_byte(v, '@') > 0;
}

/* A failure code, optionally an enhanced one, and text. */
static bool read_text(struct str v, struct route *out)
{
	struct cur c = cur_of(v);
	uint32_t code;

	out->text = v;
	for (size_t i = 0; i < v.n; i++)
		if ((unsigned char)v.p[i] < ' ' || v.p[i] == 0x7f)
			return false;
	return cur_u32(&c, &code) && code >= 500 && code <= 599 && cur_byte(&c, ' ');
}

static bool read_fallback(struct str v, struct route *out)
{
	out->fallback = v;
	return is_name(v);
}

static bool read_after(struct str v, struct route *out)
{
	return value_count(v, &out->after) && out->after != 0;
}

/* --- connections ---------------------------------------------------------------------------- */

/* One address, or one of each family. */
static bool read_source(struct str v, struct route *out)
{
	struct cur c = cur_of(v);

	while (!cur_done(&c)) {
		struct addr *to, one;
		struct str text;

		if (cur_until(&c, ',', &text))
			cur_skip(&c, 1);
		else
			cur_take(&c, cur_left(&c), &text);
		if (!addr_parse_ip(str_trim(text), &one))
			return false;
		to = one.family == ADDR_V4 ? &out->manner.source4 : &out->manner.source6;
		if (to->family != ADDR_NONE)
			return false;
		*to = one;
	}
	return v.n != 0;
}

static bool read_hello(struct str v, struct route *out)
{
	out->manner.hello = v;
	return value_is_host(v);
}

static bool read_proxy(struct str v, struct route *out)
{
	out->manner.proxy = v;
	return is_name(v);
}

static bool read_ip(struct str v, struct route *out)
{
	static const char *const words[] = {
		[ROUTE_IP_ANY] = "any",         [ROUTE_IP_ONLY4] = "only4",
		[ROUTE_IP_ONLY6] = "only6",     [ROUTE_IP_PREFER4] = "prefer4",
		[ROUTE_IP_PREFER6] = "prefer6",
	};

	for (size_t i = 0; i < COUNT(words); i++) {
		out->manner.ip = (enum route_ip)i;
		if (str_eqi(v, str_of(words[i])))
			return true;
	}
	return false;
}

static bool read_tls(struct str v, struct route *out)
{
	return route_tls_parse(v, &out->manner.tls);
}

static bool read_port(struct str v, struct route *out)
{
	uint64_t n;

	if (!value_count(v, &n) || n == 0 || n > 65535)
		return false;
	out->manner.port = (uint16_t)n;
	return true;
}

static bool read_connections(struct str v, struct route *out)
{
	return value_count(v, &out->manner.connections) && out->manner.connections != 0;
}

static bool read_messages(struct str v, struct route *out)
{
	return value_count(v, &out->manner.messages) && out->manner.messages != 0;
}

static bool read_rcpts(struct str v, struct route *out)
{
	return value_count(v, &out->manner.rcpts) && out->manner.rcpts != 0;
}

/* --- rules ---------------------------------------------------------------------------------- */

#define A_NAME "a name of letters, digits, \"-\", \"_\" and \".\""
#define PATTERNS "domains or addresses like example.org,*.example.org,bob@example.org"

static const struct route_word words[] = {
	{ "to", PATTERNS, read_to },
	{ "from", PATTERNS ", or <>", read_from },
	{ "account", PATTERNS, read_account },
	{ "header", "\"Name: pattern\"", read_header },
	{ "name", A_NAME, read_name },
	{ "via", "mx, local, discard, reject or a name of ROOST_RELAYS", read_via },
	{ "address", "an address of ours", read_address },
	{ "text", "\"550 5.7.1 why not\", with a code of 500 to 599", read_text },
	{ "fallback", "mx, or a name of ROOST_ROUTES or ROOST_RELAYS", read_fallback },
	{ "after", "a number of attempts", read_after },
	{ "source", "an address, or one of each family with a comma between", read_source },
	{ "hello", "a host name", read_hello },
	{ "proxy", "a name of ROOST_RELAYS", read_proxy },
	{ "ip", "any, only4, only6, prefer4 or prefer6", read_ip },
	{ "tls", "may, none, must, verify or dane", read_tls },
	{ "port", "a port", read_port },
	{ "connections", "a number", read_connections },
	{ "messages", "a number", read_messages },
	{ "recipients", "a number", read_rcpts },
};

bool route_tls_parse(struct str v, enum route_tls *out)
{
	static const char *const names[] = {
		[ROUTE_TLS_MAY] = "may",
		[ROUTE_TLS_NONE] = "none",
		[ROUTE_TLS_MUST] = "must",
		[ROUTE_TLS_VERIFY] = "verify",
		[ROUTE_TLS_DANE] = "dane",
	};

	for (size_t i = 0; i < COUNT(names); i++) {
		*out = (enum route_tls)i;
		if (str_eqi(v, str_of(names[i])))
			return true;
	}
	return false;
}

static enum err keys_check(const struct rule *rule, struct why *why)
{
	struct rule_key keys[COUNT(words)];

	for (size_t i = 0; i < COUNT(words); i++)
		keys[i] = (struct rule_key){ .key = words[i].key };
	return rule_check(rule, keys, COUNT(words), why);
}

/* Check combinations of keys. */
static enum err sense_check(const struct rule *rule, const struct route *route, bool via,
                            struct why *why)
{
	if (!via)
		return rule_fail(rule, why, "via= is missing");
	if ((route->fallback.n != 0) != (route->after != 0))
		return rule_fail(rule, why, "fallback= and after= go together");
	if ((route->kind == ROUTE_REJECT) != (route->text.n != 0))
		return rule_fail(rule, why, "via=reject and text= go together");
	if ((route->kind == ROUTE_LOCAL) != (route->address.n != 0))
		return rule_fail(rule, why, "via=local and address= go together");
	if (route->manner.port != 0 && route->kind != ROUTE_MX)
		return rule_fail(rule, why, "port= is for via=mx; a relay's is in ROOST_RELAYS");
	if (str_eqi(route->name, STR("mx")) && !route->plain)
		return rule_fail(rule, why, "mx is the plain way: give this one a name=");
	return OK;
}

static bool same_manner(const struct route_manner *a, const struct route_manner *b)
{
	return addr_eq(&a->source4, &b->source4) && addr_eq(&a->source6, &b->source6) &&
	       str_eq(a->hello, b->hello) && str_eq(a->proxy, b->proxy) && a->ip == b->ip &&
	       a->tls == b->tls && a->port == b->port && a->connections == b->connections &&
	       a->messages == b->messages && a->rcpts == b->rcpts;
}

static enum err route_parse(const struct rule *rule, struct arena *a, struct route *out,
                            struct why *why)
{
	static const struct route_manner none;
	struct str value;
	enum err e;

	*out = (struct route){ .line = rule->line };
	if ((e = keys_check(rule, why)))
		return e;
	for (size_t i = 0; i < COUNT(words); i++)
		if (rule_get(rule, str_of(words[i].key), &value) && !words[i].read(value, out))
			return rule_fail(rule, why, "%s= wants %s", words[i].key, words[i].valid);
	if (!rule_domains(a, out->to, &out->to) || !rule_domains(a, out->from, &out->from) ||
	    !rule_domains(a, out->account, &out->account))
		return rule_fail(rule, why, RULE_DOMAINS);
	out->plain = out->kind == ROUTE_MX && same_manner(&out->manner, &none);
	return sense_check(rule, out, rule_get(rule, STR("via"), &value), why);
}

static bool same_way(const struct route *a, const struct route *b)
{
	return a->kind == b->kind && str_eq(a->relay, b->relay) &&
	       str_eq(a->address, b->address) && str_eq(a->text, b->text) &&
	       str_eq(a->fallback, b->fallback) && a->after == b->after &&
	       same_manner(&a->manner, &b->manner);
}

/* Destinations of entries have only the name, so it must determine everything else. */
static enum err name_check(const struct rule *rule, const struct routes *r,
                           const struct route *route, struct why *why)
{
	const struct route *other = route_find(r, route->name);

	if (other == NULL || same_way(other, route))
		return OK;
	return rule_fail(rule, why,
	                 "line %u has a way of this name that is another one: give this one a "
	                 "name=",
	                 other->line);
}

enum err routes_parse(struct str text, bool smarthost, struct arena *a, struct routes *out,
                      struct why *why)
{
	struct rules rules;
	enum err e;

	*out = (struct routes){ .smarthost = smarthost };
	if ((e = rules_parse(text, a, &rules, why)))
		return e;
	out->items = arena_array(a, struct route, rules.count);
	for (size_t i = 0; i < rules.count; i++) {
		struct route *route = &out->items[i];

		if ((e = route_parse(&rules.items[i], a, route, why)) ||
		    (e = name_check(&rules.items[i], out, route, why)))
			return e;
		out->headers = out->headers || route->header.n != 0;
		out->accounts = out->accounts || route->account.n != 0;
		out->fallbacks = out->fallbacks || route->fallback.n != 0;
		out->count++;
	}
	return OK;
}
