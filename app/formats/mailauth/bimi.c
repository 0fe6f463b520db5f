/* formats/mailauth/bimi.c: see bimi.h. */
#include "formats/mailauth/bimi.h"

#include "formats/mailauth/tags.h"
#include "foundation/base/arena.h"
#include "network/dns/dns.h"

enum { LABEL_MAX = 63, PCT_ALL = 100 };

static const struct str version = STR("BIMI1"), usual = STR("default");

const char *bimi_result_name(enum bimi_result result)
{
	static const char *const names[] = { "none", "pass", "fail", "temperror", "declined",
		                             "skipped" };

	return names[result];
}

/* --- the record ----------------------------------------------------------------------------- */

bool bimi_record_is(struct str text)
{
	ptrdiff_t end = str_find_byte(text, ';');
	struct str first = end < 0 ? text : str_sub(text, 0, (size_t)end);
	struct tags t;

	return tags_parse(first, &t) && t.count == 1 && str_eq(t.items[0].name, STR("v")) &&
	       str_eq(t.items[0].value, version);
}

static bool in_uri(char c)
{
	return c > ' ' && c <= '~' && str_find_byte(STR("\"<>\\^`{|};"), c) < 0;
}

/* Empty, or an address that a header field may contain: no blanks, no line ends. */
static bool uri_is(struct str uri)
{
	const struct str scheme = STR("https://");

	if (uri.n == 0)
		return true;
	if (uri.n > BIMI_URI_MAX || uri.n == scheme.n || !str_startsi(uri, scheme))
		return false;
	for (size_t i = 0; i < uri.n; i++)
		if (!in_uri(uri.p[i]))
			return false;
	return true;
}

enum err bimi_record_parse(struct str text, struct bimi_record *out, struct why *why)
{
	const struct tag *location, *evidence;
	struct tags t;

	*out = (struct bimi_record){ 0 };
	if (!bimi_record_is(text) || !tags_parse(text, &t))
		return fail(why, ERR_SYNTAX, "it is no list of tags");
	location = tags_find(&t, STR("l"));
	evidence = tags_find(&t, STR("a"));
	if (location == NULL)
		return fail(why, ERR_SYNTAX, "there is no l=");
	out->location = location->value;
	out->evidence = evidence != NULL ? evidence->value : STR_EMPTY;
	if (!uri_is(out->location) || !uri_is(out->evidence))
		return fail(why, ERR_SYNTAX, "%s= is no https address",
		            uri_is(out->location) ? "a" : "l");
	out->declined = out->location.n == 0 && out->evidence.n == 0;
	if (out->location.n == 0 && !out->declined)
		return fail(why, ERR_SYNTAX, "l= is empty and a= is not");
	return OK;
}

/* --- the lookup ---------------------------------------------------------------------------- */

/* Does a DMARC record enforce its policy for all names to which it applies? */
static bool protects(const struct dmarc_record *r)
{
	return !r->testing && !r->repaired && r->sp != DMARC_POLICY_NONE &&
	       (r->p == DMARC_POLICY_REJECT ||
	        (r->p == DMARC_POLICY_QUARANTINE && r->pct == PCT_ALL));
}

bool bimi_protected(const struct bimi_query *q, struct arena *a)
{
	const struct dmarc_discovery *d = q->dmarc;
	struct dmarc_query above = { .author = d->organization,
		                     .method = d->method,
		                     .dns = q->dns,
		                     .deadline_ms = q->deadline_ms };
	struct dmarc_discovery found;

	if (d->found != DMARC_FOUND || !protects(&d->record))
		return false;
	if (d->organization.n == 0 || str_eqi(d->domain, d->organization))
		return d->organization.n != 0;
	dmarc_discover(&above, a, &found);
	return found.found == DMARC_FOUND && protects(&found.record);
}

/* The records of one name. True: the result is set. */
static bool bimi_lookup(const struct bimi_query *q, struct str domain, struct arena *a,
                    struct bimi_answer *out)
{
	struct str name = str_fmt(a, "%.*s._bimi.%.*s", STR_ARG(out->selector), STR_ARG(domain));
	struct str text = STR_EMPTY;
	struct dns_text_list list;
	struct bimi_record r;
	struct why why = { "" };
	enum dns_status s = dns_txt(q->dns, a, name, q->deadline_ms, &list);
	size_t n = 0;

	out->domain = domain;
	out->result = s == DNS_RETRY ? BIMI_TEMPERROR : BIMI_NONE;
	if (s == DNS_RETRY)
		out->why = str_fmt(a, "DNS did not answer for %.*s", STR_ARG(name));
	for (size_t i = 0; s == DNS_OK && i < list.count; i++)
		if (bimi_record_is(list.items[i])) {
			text = list.items[i];
			n++;
		}
	if (n == 0)
		return s == DNS_RETRY;
	if (n > 1) {
		out->why = str_fmt(a, "there are several records at %.*s", STR_ARG(name));
		return true;
	}
	out->result = BIMI_PASS;
	if (bimi_record_parse(text, &r, &why) != OK) {
		out->result = BIMI_FAIL;
		out->why = str_fmt(a, "in the record at %.*s %s", STR_ARG(name), why.text);
	} else if (r.declined) {
		out->result = BIMI_DECLINED;
	}
	out->location = r.location;
	out->evidence = r.evidence;
	return true;
}

void bimi_look(const struct bimi_query *q, struct arena *a, struct bimi_answer *out)
{
	const struct dmarc_discovery *d = q->dmarc;

	*out = (struct bimi_answer){ .domain = d->author,
		                     .selector = q->selector.n != 0 ? q->selector : usual };
	if (!bimi_protected(q, a)) {
		out->result = BIMI_SKIPPED;
		out->why = STR("its DMARC policy lets others use its name");
		return;
	}
	if (!bimi_lookup(q, d->author, a, out) && !str_eqi(d->organization, d->author))
		(void)bimi_lookup(q, d->organization, a, out);
}

/* --- the selector of a message ------------------------------------------------------------- */

/* sub-domain *("." sub-domain), like selectors of DKIM (RFC 6376 3.1). */
static bool selector_is(struct str s)
{
	size_t label = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '.' ? label == 0 : !ascii_alnum(c) && c != '-' && c != '_')
			return false;
		label = c == '.' ? 0 : label + 1;
		if (label > LABEL_MAX)
			return false;
	}
	return label != 0 && s.n <= 2 * LABEL_MAX;
}

struct str bimi_selector(const struct dkim_fields *fields, struct arena *a)
{
	const struct header_field *field = NULL;
	struct tags t;
	struct str s;

	for (size_t i = 0; i < fields->count; i++) {
		if (!str_eqi(fields->items[i].name, STR("BIMI-Selector")))
			continue;
		if (field != NULL)
			return STR_EMPTY;
		field = &fields->items[i];
	}
	if (field == NULL || !tags_parse(field->value, &t) ||
	    !str_eq(tags_value(&t, STR("v"), STR_EMPTY), version))
		return STR_EMPTY;
	s = tags_value(&t, STR("s"), STR_EMPTY);
	return selector_is(s) ? str_lower(a, s) : STR_EMPTY;
}
