/* operations/doctor/lists.c: see lists.h. */
#include "operations/doctor/lists.h"

bool list_next(struct cur *c, struct list *out)
{
	struct str entry;

	while (cur_listed(c, &entry)) {
		struct cur words = cur_of(entry);

		if (!cur_until(&words, ' ', &out->zone))
			out->zone = entry;
		out->of_domain =
			str_eqi(str_trim(str_sub(entry, out->zone.n, entry.n)), STR("of=domain"));
		if (out->zone.n != 0)
			return true;
	}
	return false;
}

/* RFC 5782 2.1, 2.4, 3.1: the address backwards, as for its name, or the domain, before the list's
 * zone. */
struct str list_question(const struct list *list, const struct addr *ip, struct str domain,
                         struct arena *a)
{
	struct str name = domain;

	if (!list->of_domain) {
		name = dns_reverse_name(a, ip);
		name = str_sub(name, 0, (size_t)str_rfind_byte(name, '.'));
		name = str_sub(name, 0, (size_t)str_rfind_byte(name, '.'));
	}
	return str_fmt(a, "%.*s.%.*s", STR_ARG(name), STR_ARG(list->zone));
}

static const struct {
	const char *zone, *where;
} removals[] = {
	{ "spamhaus.org", "https://check.spamhaus.org/" },
	{ "spamcop.net", "https://www.spamcop.net/bl.shtml" },
	{ "barracudacentral.org", "https://www.barracudacentral.org/rbl/removal-request" },
	{ "sorbs.net", "http://www.sorbs.net/lookup.shtml" },
	{ "abuseat.org", "https://check.spamhaus.org/" },
};

static struct str advise(const struct list *list, struct arena *a)
{
	for (size_t i = 0; i < COUNT(removals); i++)
		if (str_ends(list->zone, str_of(removals[i].zone)))
			return str_fmt(a,
			               "see why, and ask to be taken off, at %s. Mend the cause "
			               "first%s",
			               removals[i].where,
			               list->of_domain ? "" : ", or send through a smarthost");
	return str_fmt(a,
	               "see at the web site of %.*s why, and ask to be taken off, once the cause "
	               "is mended%s",
	               STR_ARG(list->zone), list->of_domain ? "" : "; or send through a smarthost");
}

/* --- answers that are no accusation ----------------------------------------------------------- */

enum { CODE_ANSWERS = 2 };

static const struct code {
	const char *zone, *answers[CODE_ANSWERS], *words, *advice;
} codes[] = {
	/* The PBL: by the provider's word, and by Spamhaus's own. */
	{ "spamhaus.org",
	  { "127.0.0.10", "127.0.0.11" },
	  "listed as a line that should not send mail by itself, which accuses nobody",
	  "send through a smarthost, or remove the address at https://check.spamhaus.org/" },
};

static const struct code *code_of(const struct list_answer *x, struct str answer)
{
	for (size_t i = 0; i < COUNT(codes); i++)
		for (size_t k = 0; k < CODE_ANSWERS; k++)
			if (str_ends(x->list->zone, str_of(codes[i].zone)) &&
			    str_eq(answer, str_of(codes[i].answers[k])))
				return &codes[i];
	return NULL;
}

/* What all of the answers say; NULL: there is one that accuses. */
static const struct code *mild(const struct list_answer *x)
{
	const struct code *found = NULL;

	for (size_t i = 0; i < x->count; i++)
		if ((found = code_of(x, x->data[i])) == NULL)
			return NULL;
	return found;
}

/* --- all of it -------------------------------------------------------------------------------- */

static void say(struct list_answer *x, enum dns_state state, const char *words, struct str advice)
{
	x->state = state;
	x->words = str_of(words);
	x->advice = advice;
}

/* Answers in 127.255.255.0/24 say, by convention, that the question was not answered: asked by a
 * public name server, too often, or wrongly. 127.0.1.255 is what lists of domains say to an
 * address. Answers outside of 127.0.0.0/8 are somebody's in between (RFC 5782 2.1). */
void list_judge(struct list_answer *x, struct arena *a)
{
	static const struct str loopback = { "127.", 4 }, error = { "127.255.255.", 12 };
	const struct code *code = mild(x);
	bool listed = false, refused = false;

	for (size_t i = 0; i < x->count; i++) {
		refused = refused || str_starts(x->data[i], error) ||
		          (x->list->of_domain && str_eq(x->data[i], STR("127.0.1.255")));
		listed = listed || str_starts(x->data[i], loopback);
	}
	if (dns_missing(x->status))
		say(x, DNS_STATE_OK, "not listed", STR_EMPTY);
	else if (x->status != DNS_OK)
		say(x, DNS_STATE_UNKNOWN, "the list did not answer", STR_EMPTY);
	else if (refused)
		say(x, DNS_STATE_UNKNOWN, "the list does not answer us; that is no listing",
		    STR("lists do not answer questions that come by a public name server: use one "
		        "of your own in ROOST_DNS_SERVERS"));
	else if (code != NULL)
		say(x, DNS_STATE_WARN, code->words, str_of(code->advice));
	else if (listed)
		say(x, DNS_STATE_WARN, "listed as a sender of bad mail", advise(x->list, a));
	else
		say(x, DNS_STATE_UNKNOWN, "what came is no answer of such a list",
		    STR("somebody between here and the list changes answers, or the list is no "
		        "more: take it out of ROOST_LOOK_LISTS then"));
}
