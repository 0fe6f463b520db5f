/* mailauth/spf.c: check_host() (RFC 7208 4); see spf.h.
 *
 * Records include each other, at most as deep as there are lookups: a stack of frames, not
 * recursion. */
#include "mailauth/spf.h"

#include "base/arena.h"
#include "base/cur.h"
#include "mailauth/spf_macro.h"
#include "message/mailaddr.h"
#include "net/dns.h"

enum { LABEL_MAX = 63, DOMAIN_MAX = 253 };

struct frame {
	struct str domain;
	struct spf_record record;
	size_t at; /* the term to be looked at next */
};

struct check {
	const struct spf_query *q;
	struct arena *a;
	struct str local, origin;
	struct frame frames[SPF_LOOKUPS_MAX + 1]; /* each but the first is a lookup */
	size_t depth;
	unsigned lookups, voids;
	bool named; /* name is known */
	struct str name;
	struct str why;
};

struct str spf_result_text(enum spf_result result)
{
	static const struct str names[SPF_RESULTS] = {
		[SPF_NONE] = STR("none"),           [SPF_NEUTRAL] = STR("neutral"),
		[SPF_PASS] = STR("pass"),           [SPF_FAIL] = STR("fail"),
		[SPF_SOFTFAIL] = STR("softfail"),   [SPF_TEMPERROR] = STR("temperror"),
		[SPF_PERMERROR] = STR("permerror"),
	};

	return names[result];
}

static struct frame *top(struct check *c)
{
	return &c->frames[c->depth - 1];
}

static enum spf_result permerror(struct check *c, struct str why)
{
	c->why = why;
	return SPF_PERMERROR;
}

static enum spf_result temperror(struct check *c, struct str name)
{
	c->why = str_fmt(c->a, "DNS did not answer for %.*s", STR_ARG(name));
	return SPF_TEMPERROR;
}

/* --- DNS ------------------------------------------------------------------------------------ */

/* What a term that asks DNS comes to: does it match, or has the check ended? */
enum found { FOUND_NOT, FOUND, FOUND_END };

/* RFC 7208 4.6.4: more than so many terms that ask are an error. */
static bool may_ask(struct check *c, enum spf_result *end)
{
	if (c->lookups == SPF_LOOKUPS_MAX) {
		*end = permerror(c, str_fmt(c->a, "more than %d DNS lookups are needed",
		                            SPF_LOOKUPS_MAX));
		return false;
	}
	c->lookups++;
	return true;
}

/* An answer for a mechanism: FOUND has records. */
static enum found judge(struct check *c, enum dns_status status, struct str name,
                        enum spf_result *end)
{
	if (status == DNS_RETRY) {
		*end = temperror(c, name);
		return FOUND_END;
	}
	if (!dns_missing(status))
		return status == DNS_OK ? FOUND : FOUND_NOT;
	c->voids++;
	if (c->voids <= SPF_VOIDS_MAX)
		return FOUND_NOT;
	*end = permerror(c, str_fmt(c->a, "more than %d names do not exist", SPF_VOIDS_MAX));
	return FOUND_END;
}

static unsigned families(const struct check *c)
{
	return c->q->ip.family == ADDR_V6 ? DNS_V6 : DNS_V4;
}

static bool list_has(const struct dns_addr_list *list, const struct addr *ip, unsigned v4_bits,
                     unsigned v6_bits)
{
	for (size_t i = 0; i < list->count; i++)
		if (spf_network_has(&list->items[i], ip->family == ADDR_V6 ? v6_bits : v4_bits, ip))
			return true;
	return false;
}

/* Does the host have the client's address? named: by the term itself; of hosts that its MX records
 * name those that do not exist are not counted, for the term has found records (RFC 7208 4.6.4). */
static enum found host_has(struct check *c, struct str host, const struct spf_term *t, bool named,
                           enum spf_result *end)
{
	struct dns_addr_list list;
	enum dns_status s = dns_addresses(c->q->dns, c->a, host, families(c), c->q->deadline_ms,
	                                  &list);
	enum found found = named || s == DNS_RETRY ? judge(c, s, host, end) : FOUND;

	if (found != FOUND)
		return found;
	return list_has(&list, &c->q->ip, t->v4_bits, t->v6_bits) ? FOUND : FOUND_NOT;
}

/* --- names of the client -------------------------------------------------------------------- */

/* RFC 7208 5.5: names by PTR that lead back to the address; errors are as if there was none, and
 * names beyond the tenth are not looked at. Returns how many there are in names. */
static size_t validated(struct check *c, struct str names[static SPF_NAMES_MAX])
{
	struct dns_text_list all;
	size_t n = 0;

	if (dns_ptr(c->q->dns, c->a, &c->q->ip, c->q->deadline_ms, &all) != DNS_OK)
		return 0;
	for (size_t i = 0; i < all.count && i < SPF_NAMES_MAX; i++) {
		struct dns_addr_list list;

		if (dns_addresses(c->q->dns, c->a, all.items[i], families(c), c->q->deadline_ms,
		                  &list) == DNS_OK &&
		    list_has(&list, &c->q->ip, 32, 128))
			names[n++] = all.items[i];
	}
	return n;
}

/* RFC 7208 7.3: of its names the domain itself, else one below it, else any. */
static struct str name_choose(const struct str *names, size_t n, struct str domain)
{
	struct str best = STR("unknown");

	for (size_t i = 0; i < n; i++) {
		if (str_eqi(names[i], domain))
			return names[i];
		if (str_eq(best, STR("unknown")) ||
		    (mailaddr_domain_within(names[i], domain) &&
		     !mailaddr_domain_within(best, domain)))
			best = names[i];
	}
	return best;
}

/* %{p}, for the macros: found once in a check. */
static struct str client_name(void *arg)
{
	struct str names[SPF_NAMES_MAX];
	struct check *c = arg;

	if (!c->named)
		c->name = name_choose(names, validated(c, names), top(c)->domain);
	c->named = true;
	return c->name;
}

static struct spf_macros macros(struct check *c)
{
	return (struct spf_macros){
		.local = c->local,
		.origin = c->origin,
		.domain = top(c)->domain,
		.helo = c->q->helo,
		.receiver = c->q->receiver,
		.now_s = c->q->now_s,
		.ip = &c->q->ip,
		.name = client_name,
		.arg = c,
	};
}

static struct str target(struct check *c, struct str spec)
{
	struct spf_macros m = macros(c);

	return spec.n == 0 ? top(c)->domain : spf_macro_name(spec, &m, c->a);
}

/* --- mechanisms ----------------------------------------------------------------------------- */

static enum found match_a(struct check *c, const struct spf_term *t, enum spf_result *end)
{
	return host_has(c, target(c, t->domain), t, true, end);
}

static enum found match_mx(struct check *c, const struct spf_term *t, enum spf_result *end)
{
	struct str name = target(c, t->domain);
	struct dns_mx_list list;
	enum found found = judge(c, dns_mx(c->q->dns, c->a, name, c->q->deadline_ms, &list), name,
	                         end);

	if (found != FOUND)
		return found;
	if (list.count > SPF_NAMES_MAX) {
		*end = permerror(c, str_fmt(c->a, "%.*s has more than %d MX hosts", STR_ARG(name),
		                            SPF_NAMES_MAX));
		return FOUND_END;
	}
	for (size_t i = 0; i < list.count; i++) {
		if (list.items[i].host.n == 0) /* RFC 7505 */
			continue;
		found = host_has(c, list.items[i].host, t, false, end);
		if (found != FOUND_NOT)
			return found;
	}
	return FOUND_NOT;
}

static enum found match_ptr(struct check *c, const struct spf_term *t, enum spf_result *end)
{
	struct str names[SPF_NAMES_MAX], domain = target(c, t->domain);
	size_t n = validated(c, names);

	(void)end;
	for (size_t i = 0; i < n; i++)
		if (mailaddr_domain_within(names[i], domain))
			return FOUND;
	return FOUND_NOT;
}

/* An A record, whatever the client has come by (RFC 7208 5.7). */
static enum found match_exists(struct check *c, const struct spf_term *t, enum spf_result *end)
{
	struct str name = target(c, t->domain);
	struct dns_addr_list list;

	return judge(c, dns_addresses(c->q->dns, c->a, name, DNS_V4, c->q->deadline_ms, &list),
	             name, end);
}

static enum found match_ip(struct check *c, const struct spf_term *t, enum spf_result *end)
{
	unsigned bits = t->mechanism == SPF_IP6 ? t->v6_bits : t->v4_bits;

	(void)end;
	return spf_network_has(&t->network, bits, &c->q->ip) ? FOUND : FOUND_NOT;
}

static enum found match_all(struct check *c, const struct spf_term *t, enum spf_result *end)
{
	(void)c, (void)t, (void)end;
	return FOUND;
}

static const struct {
	bool asks;
	enum found (*match)(struct check *c, const struct spf_term *t, enum spf_result *end);
} mechanisms[] = {
	[SPF_ALL] = { false, match_all },  [SPF_INCLUDE] = { true, NULL },
	[SPF_A] = { true, match_a },       [SPF_MX] = { true, match_mx },
	[SPF_PTR] = { true, match_ptr },   [SPF_IP4] = { false, match_ip },
	[SPF_IP6] = { false, match_ip },   [SPF_EXISTS] = { true, match_exists },
};

/* --- records -------------------------------------------------------------------------------- */

/* RFC 7208 4.3: a name of at least two labels, none empty or too long. */
static bool domain_check(struct str domain)
{
	size_t labels = 0;

	if (domain.n > DOMAIN_MAX)
		return false;
	for (size_t i = 0, from = 0; i <= domain.n; i++)
		if (i == domain.n || domain.p[i] == '.') {
			if (i == from || i - from > LABEL_MAX)
				return false;
			labels++;
			from = i + 1;
		}
	return labels > 1 && domain.p[0] != '[';
}

static bool is_ascii(struct str s)
{
	struct cur c = cur_of(s);

	return cur_ascii(&c).n == s.n;
}

/* The one record of a domain (RFC 7208 4.5). SPF_PASS: text is it. */
static enum spf_result record_find(struct check *c, struct str domain, struct str *text)
{
	struct dns_text_list list;
	enum dns_status s = dns_txt(c->q->dns, c->a, domain, c->q->deadline_ms, &list);
	size_t n = 0;

	if (s == DNS_RETRY)
		return temperror(c, domain);
	for (size_t i = 0; s == DNS_OK && i < list.count; i++)
		if (spf_record_is(list.items[i])) {
			*text = list.items[i];
			n++;
		}
	c->why = str_fmt(c->a, "%.*s has %s", STR_ARG(domain),
	                 n == 0 ? "no SPF record" : "more than one SPF record");
	return n == 0 ? SPF_NONE : n == 1 ? SPF_PASS : SPF_PERMERROR;
}

/* Read the record of a domain into f. SPF_PASS: it is there. */
static enum spf_result frame_read(struct check *c, struct frame *f, struct str domain)
{
	struct why why = { "" };
	enum spf_result r;
	struct str text;

	*f = (struct frame){ .domain = domain };
	if (!domain_check(domain)) {
		c->why = str_fmt(c->a, "\"%.*s\" is no domain name", STR_ARG(domain));
		return SPF_NONE;
	}
	r = record_find(c, domain, &text);
	if (r != SPF_PASS)
		return r;
	if (!is_ascii(text)) /* RFC 7208 3.1 */
		return permerror(c, str_fmt(c->a, "the record of %.*s is not ASCII",
		                            STR_ARG(domain)));
	if (spf_record_parse(text, c->a, &f->record, &why) != OK)
		return permerror(c, str_fmt(c->a, "in the record of %.*s %s", STR_ARG(domain),
		                            why.text));
	return SPF_PASS;
}

/* Go on in the record of a domain that another names, in the given frame; SPF_PASS: so be it. That
 * there is none is an error there (RFC 7208 5.2, 6.1). */
static enum spf_result follow(struct check *c, struct frame *f, struct str spec)
{
	enum spf_result r = frame_read(c, f, target(c, spec));

	return r == SPF_NONE ? SPF_PERMERROR : r;
}

/* --- evaluation ----------------------------------------------------------------------------- */

/* What a step led to: the result of the topmost record, the end of all, or neither. */
enum step { STEP_ON, STEP_RESULT, STEP_END };

static enum step include(struct check *c, const struct spf_term *t, enum spf_result *result)
{
	if (!may_ask(c, result))
		return STEP_END;
	assert(c->depth < COUNT(c->frames)); /* each frame took one of the lookups */
	*result = follow(c, &c->frames[c->depth], t->domain);
	if (*result != SPF_PASS)
		return STEP_END;
	c->depth++;
	return STEP_ON;
}

/* Behind the last term (RFC 7208 4.7, 6.1). */
static enum step last(struct check *c, enum spf_result *result)
{
	struct str redirect = top(c)->record.redirect;

	*result = SPF_NEUTRAL;
	if (redirect.n == 0)
		return STEP_RESULT;
	if (!may_ask(c, result))
		return STEP_END;
	*result = follow(c, top(c), redirect);
	return *result == SPF_PASS ? STEP_ON : STEP_END;
}

static enum step step(struct check *c, enum spf_result *result, struct str *term)
{
	struct frame *f = top(c);
	const struct spf_term *t;
	enum found found;

	if (f->at == f->record.count)
		return last(c, result);
	t = &f->record.terms[f->at++];
	if (t->mechanism == SPF_INCLUDE)
		return include(c, t, result);
	if (mechanisms[t->mechanism].asks && !may_ask(c, result))
		return STEP_END;
	found = mechanisms[t->mechanism].match(c, t, result);
	if (found == FOUND_END)
		return STEP_END;
	if (found == FOUND_NOT)
		return STEP_ON;
	*result = t->result;
	*term = t->text;
	return STEP_RESULT;
}

/* An included record has come to a result: a pass matches, with the meaning of the term that
 * included it; else it was as if nothing had been there (RFC 7208 5.2). */
static bool leave(struct check *c, enum spf_result *result, struct str *term)
{
	const struct frame *f;

	c->depth--;
	f = top(c);
	if (*result != SPF_PASS)
		return false;
	*result = f->record.terms[f->at - 1].result;
	*term = f->record.terms[f->at - 1].text;
	return true;
}

static enum spf_result evaluate(struct check *c, struct str *term)
{
	enum spf_result result = SPF_NEUTRAL;

	for (;;) {
		enum step next = step(c, &result, term);

		if (next == STEP_END)
			return result;
		if (next == STEP_ON)
			continue;
		do {
			if (c->depth == 1)
				return result;
		} while (leave(c, &result, term));
	}
}

/* --- explanation ---------------------------------------------------------------------------- */

static bool is_printable(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 0x20 || s.p[i] > 0x7e)
			return false;
	return true;
}

/* RFC 7208 6.2: whatever is wrong with it, there is none then. */
static struct str explanation(struct check *c)
{
	struct str spec = top(c)->record.exp, text = STR_EMPTY, name;
	struct spf_macros m = macros(c);
	struct dns_text_list list;
	struct buf b;

	if (spec.n == 0)
		return STR_EMPTY;
	name = target(c, spec);
	if (dns_txt(c->q->dns, c->a, name, c->q->deadline_ms, &list) != DNS_OK ||
	    list.count != 1 || !is_printable(list.items[0]) ||
	    !spf_macro_check(list.items[0], SPF_MACRO_EXPLANATION))
		return STR_EMPTY;
	buf_init(&b, SPF_EXPLANATION_MAX);
	spf_macro_put(&b, list.items[0], &m);
	if (buf_ok(&b) && is_printable(buf_str(&b)))
		text = str_dup(c->a, buf_str(&b));
	buf_deinit(&b);
	return text;
}

/* --- entry ---------------------------------------------------------------------------------- */

static void check_host(const struct spf_query *q, struct str local, struct str domain,
                       struct arena *a, struct spf_answer *out)
{
	struct check *c = arena_new(a, struct check);

	*c = (struct check){ .q = q, .a = a, .origin = domain };
	c->local = local.n != 0 ? local : STR("postmaster"); /* RFC 7208 4.3 */
	*out = (struct spf_answer){ .domain = domain };
	c->depth = 1;
	out->result = frame_read(c, top(c), domain);
	if (out->result == SPF_PASS) {
		out->result = evaluate(c, &out->term);
		if (out->result == SPF_FAIL)
			out->explanation = explanation(c);
	}
	if (out->result == SPF_NONE || out->result == SPF_TEMPERROR ||
	    out->result == SPF_PERMERROR)
		out->why = c->why;
	out->lookups = c->lookups;
	out->voids = c->voids;
}

static struct str without_dot(struct str domain)
{
	return domain.n != 0 && domain.p[domain.n - 1] == '.' ? str_sub(domain, 0, domain.n - 1)
	                                                       : domain;
}

void spf_check_helo(const struct spf_query *q, struct arena *a, struct spf_answer *out)
{
	check_host(q, STR_EMPTY, without_dot(q->helo), a, out);
}

void spf_check_mail(const struct spf_query *q, struct arena *a, struct spf_answer *out)
{
	if (q->domain.n == 0)
		spf_check_helo(q, a, out);
	else
		check_host(q, q->local, without_dot(q->domain), a, out);
}
