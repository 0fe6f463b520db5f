/* operations/doctor/examine/lists.c: see lists.h. */
#include "operations/doctor/examine/lists.h"

#include "operations/doctor/sentence.h"

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
	for (size_t i = 0; i < COUNT(removals); i++) {
		const struct sentence_value where = { "where", str_of(removals[i].where) };

		if (str_ends(list->zone, str_of(removals[i].zone)))
			return list->of_domain ? sentence(a, list_listed_domain_at_advice, where)
			                       : sentence(a, list_listed_at_advice, where);
	}
	return list->of_domain ? sentence(a, list_listed_domain_advice, { "list", list->zone })
	                       : sentence(a, list_listed_advice, { "list", list->zone });
}

/* --- answers that are no accusation ----------------------------------------------------------- */

enum { CODE_ANSWERS = 2 };

static const struct code {
	const char *zone, *answers[CODE_ANSWERS];
	enum sentence words, advice;
} codes[] = {
	/* The PBL: by the provider's word, and by Spamhaus's own. */
	{ "spamhaus.org",
	  { "127.0.0.10", "127.0.0.11" },
	  SENTENCE_list_dynamic,
	  SENTENCE_list_dynamic_advice },
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

/* The meaning of all answers; NULL: one of them lists the address. */
static const struct code *mild(const struct list_answer *x)
{
	const struct code *found = NULL;

	for (size_t i = 0; i < x->count; i++)
		if ((found = code_of(x, x->data[i])) == NULL)
			return NULL;
	return found;
}

/* --- all of it -------------------------------------------------------------------------------- */

static void say(struct list_answer *x, enum dns_state state, enum sentence words, struct str advice,
                struct arena *a)
{
	x->state = state;
	x->words =
		sentence_fill(a, words, &(const struct sentence_value){ "list", x->list->zone }, 1);
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
		say(x, DNS_STATE_OK, SENTENCE_list_absent, STR_EMPTY, a);
	else if (x->status != DNS_OK)
		say(x, DNS_STATE_UNKNOWN, SENTENCE_list_silent, STR_EMPTY, a);
	else if (refused)
		say(x, DNS_STATE_UNKNOWN, SENTENCE_list_refused,
		    sentence_of(SENTENCE_list_refused_advice), a);
	else if (code != NULL)
		say(x, DNS_STATE_WARN, code->words, sentence_of(code->advice), a);
	else if (listed)
		say(x, DNS_STATE_WARN, SENTENCE_list_listed, advise(x->list, a), a);
	else
		say(x, DNS_STATE_UNKNOWN, SENTENCE_list_changed,
		    sentence_of(SENTENCE_list_changed_advice), a);
}
