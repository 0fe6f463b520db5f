/* doctor/dns_spf.c: one SPF record for all who send in a domain's name; see dns_records.h.
 *
 * A domain has exactly one such record (RFC 7208 3.2): a second one, as many guides tell people
 * to add, makes both worthless. */
#include "doctor/dns_records.h"

#include "base/cur.h"

bool dns_spf_is(struct str text)
{
	struct cur c = cur_of(text);

	/* record = version terms *SP		RFC 7208 4.5, 4.6 */
	return cur_stri(&c, STR("v=spf1")) && (cur_done(&c) || cur_peek(&c) == ' ');
}

static bool word_next(struct cur *c, struct str *word)
{
	while (cur_byte(c, ' ')) {
	}
	if (cur_done(c))
		return false;
	if (!cur_until(c, ' ', word)) {
		*word = cur_rest(c);
		cur_skip(c, word->n);
	}
	return true;
}

/* Does the term let the MX hosts send? "-mx" does not (RFC 7208 4.6.2). */
static bool allows_mx(struct str term)
{
	return str_eqi(term, STR("mx")) || str_eqi(term, STR("+mx"));
}

/* "all" with or without a qualifier: nothing behind it is looked at (RFC 7208 5.1). */
static bool is_all(struct str term)
{
	struct cur c = cur_of(term);

	if (cur_peek(&c) == '+' || cur_peek(&c) == '-' || cur_peek(&c) == '~' ||
	    cur_peek(&c) == '?')
		cur_skip(&c, 1);
	return str_eqi(cur_rest(&c), STR("all"));
}

static bool has_mx(struct cur c)
{
	struct str term;

	while (word_next(&c, &term) && !is_all(term))
		if (allows_mx(term))
			return true;
	return false;
}

struct str dns_spf_merge(struct str present, bool smarthost, struct arena *a)
{
	struct cur c = cur_of(present);
	struct str word, merged;
	struct buf b;

	/* Through a smarthost mail comes from addresses that only its owner knows: nobody is told
	 * to refuse what is not listed. */
	if (!dns_spf_is(present))
		return smarthost ? STR("v=spf1 mx ~all") : STR("v=spf1 mx -all");
	(void)!word_next(&c, &word); /* the version */
	if (has_mx(c))
		return str_dup(a, present);
	buf_init(&b, present.n + 16);
	buf_put(&b, STR("v=spf1 mx"));
	while (word_next(&c, &word)) {
		buf_byte(&b, ' ');
		buf_put(&b, word);
	}
	merged = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return merged;
}
