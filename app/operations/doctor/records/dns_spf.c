/* operations/doctor/records/dns_spf.c: one SPF record for all who send in a domain's name; see
 * dns_records.h.
 *
 * A domain has exactly one such record (RFC 7208 3.2): a second one, as many guides tell people
 * to add, makes both worthless. */
#include "operations/doctor/records/dns_records.h"

#include "formats/mailauth/spf_record.h"
#include "foundation/base/cur.h"

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

bool dns_spf_has_mx(struct str record)
{
	struct cur c = cur_of(record);
	struct str term;

	while (word_next(&c, &term) && !is_all(term))
		if (allows_mx(term))
			return true;
	return false;
}

/* --- records made of others ------------------------------------------------------------------- */

static struct str taken(struct buf *b, struct arena *a)
{
	struct str text = str_dup(a, buf_str(b));

	buf_deinit(b);
	return text;
}

static void word_put(struct buf *b, struct str word)
{
	if (b->n != 0)
		buf_byte(b, ' ');
	buf_put(b, word);
}

struct str dns_spf_insert(struct str record, struct str terms, struct arena *a)
{
	struct cur c = cur_of(record);
	struct str word;
	struct buf b;

	buf_init(&b, record.n + terms.n + 16);
	word_put(&b, STR("v=spf1"));
	word_put(&b, terms);
	(void)!word_next(&c, &word); /* the version */
	while (word_next(&c, &word))
		word_put(&b, word);
	return taken(&b, a);
}

struct str dns_spf_merge(struct str present, bool smarthost, struct arena *a)
{
	/* Through a smarthost mail comes from addresses that only its owner knows: nobody is told
	 * to refuse what is not listed. */
	if (!dns_spf_is(present))
		return smarthost ? STR("v=spf1 mx ~all") : STR("v=spf1 mx -all");
	return dns_spf_has_mx(present) ? str_dup(a, present)
	                               : dns_spf_insert(present, STR("mx"), a);
}

/* "redirect=", "exp=", and what looks like them; they stand behind all mechanisms. */
static bool is_modifier(struct str term)
{
	ptrdiff_t equals = str_find_byte(term, '='), colon = str_find_byte(term, ':');

	return equals > 0 && (colon < 0 || equals < colon);
}

static bool has_word(struct str text, struct str word)
{
	struct cur c = cur_of(text);
	struct str other;

	while (word_next(&c, &other))
		if (str_eqi(other, word))
			return true;
	return false;
}

/* The mechanisms of a record that are not there yet, but for "all". */
static void mechanisms_put(struct buf *b, struct str record)
{
	struct cur c = cur_of(record);
	struct str word;

	(void)!word_next(&c, &word);
	while (word_next(&c, &word) && !is_all(word))
		if (!is_modifier(word) && !has_word(buf_str(b), word))
			word_put(b, word);
}

struct str dns_spf_join(const struct str *records, size_t n, struct arena *a)
{
	struct cur c = cur_of(records[0]);
	struct str word;
	struct buf b;
	size_t room = 16;

	for (size_t i = 0; i < n; i++)
		room += records[i].n + 1;
	buf_init(&b, room);
	word_put(&b, STR("v=spf1"));
	for (size_t i = 0; i < n; i++)
		mechanisms_put(&b, records[i]);
	(void)!word_next(&c, &word);
	while (word_next(&c, &word))
		if (is_all(word) || is_modifier(word))
			word_put(&b, word);
	return taken(&b, a);
}

struct str dns_spf_sound(struct str record, struct arena *a)
{
	struct cur c = cur_of(record);
	struct str word;
	struct buf b;

	buf_init(&b, record.n + 16);
	word_put(&b, STR("v=spf1"));
	(void)!word_next(&c, &word);
	while (word_next(&c, &word)) {
		struct spf_record unused;
		struct why why;
		struct str one = str_fmt(a, "v=spf1 %.*s", STR_ARG(word));
		bool again = is_modifier(word) && has_word(buf_str(&b), word);

		if (!again && spf_record_parse(one, a, &unused, &why) == OK)
			word_put(&b, word);
	}
	return taken(&b, a);
}

struct str dns_spf_close(struct str record, struct arena *a)
{
	struct cur c = cur_of(record);
	struct str word;
	struct buf b;

	buf_init(&b, record.n + 16);
	while (word_next(&c, &word)) {
		bool open = str_eqi(word, STR("all")) || str_eqi(word, STR("+all"));

		word_put(&b, open ? STR("~all") : word);
	}
	return taken(&b, a);
}
