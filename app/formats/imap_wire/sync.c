/* formats/imap_wire/sync.c: see sync.h. */
#include "formats/imap_wire/sync.h"

bool imap_modseq_parse(struct cur *c, uint64_t *out)
{
	return cur_u64(c, out) && *out <= INT64_MAX;
}

/* partial-range-first = nz-number ":" nz-number
 * partial-range-last = MINUS nz-number ":" MINUS nz-number */
bool imap_partial_parse(struct cur *c, struct imap_partial *out)
{
	uint32_t a, b;

	if (!imap_word(c, STR("PARTIAL")) || !imap_space(c))
		return false;
	out->backwards = cur_byte(c, '-');
	if (!imap_nz_parse(c, &a) || !cur_byte(c, ':') || cur_byte(c, '-') != out->backwards ||
	    !imap_nz_parse(c, &b))
		return false;
	out->from = MIN(a, b);
	out->to = MAX(a, b);
	return true;
}

void imap_partial_put(struct buf *out, const struct imap_partial *p)
{
	const char *sign = p->backwards ? "-" : "";

	buf_fmt(out, "%s%" PRIu32 ":%s%" PRIu32, sign, p->from, sign, p->to);
}

uint32_t imap_partial_width(const struct imap_partial *p)
{
	return p->to - p->from + 1;
}

void imap_partial_place(const struct imap_partial *p, uint32_t count, uint32_t *skip, uint32_t *n)
{
	uint32_t last = MIN(p->to, count);

	*n = p->from <= last ? last - p->from + 1 : 0;
	*skip = *n == 0 ? 0 : p->backwards ? count - last : p->from - 1;
}

/* known-uids, known-sequence-set, known-uid-set: no "*" in them. */
static bool known_set(struct cur *c, struct arena *a, struct imap_seq *out)
{
	if (!imap_seq_parse(c, a, out))
		return false;
	for (size_t i = 0; i < out->n; i++)
		if (out->ranges[i].lo == IMAP_SEQ_STAR || out->ranges[i].hi == IMAP_SEQ_STAR)
			return false;
	return true;
}

/* The same in ascending order; *count is how many numbers it has. */
static bool ascending_set(struct cur *c, struct arena *a, struct imap_seq *out, uint64_t *count)
{
	uint32_t last = 0;

	*count = 0;
	if (!known_set(c, a, out))
		return false;
	for (size_t i = 0; i < out->n; i++) {
		struct imap_seq_range r = out->ranges[i];

		if (r.lo <= last || r.hi < r.lo)
			return false;
		last = r.hi;
		*count += r.hi - r.lo + 1;
	}
	return true;
}

/* seq-match-data = "(" known-sequence-set SP known-uid-set ")" (RFC 7162 3.2.5.2) */
static bool match_data(struct cur *c, struct arena *a, struct imap_select *out)
{
	uint64_t numbers, uids;

	return cur_byte(c, '(') && ascending_set(c, a, &out->match, &numbers) && imap_space(c) &&
	       ascending_set(c, a, &out->match_uids, &uids) && numbers == uids && cur_byte(c, ')');
}

/* "(" uidvalidity SP mod-sequence-value [SP known-uids] [SP seq-match-data] ")" */
static bool qresync(struct cur *c, struct arena *a, struct imap_select *out)
{
	if (!imap_space(c) || !cur_byte(c, '(') || !imap_nz_parse(c, &out->uidvalidity) ||
	    !imap_space(c) || !imap_modseq_parse(c, &out->modseq))
		return false;
	out->qresync = true;
	if (cur_byte(c, ')'))
		return true;
	if (!imap_space(c))
		return false;
	if (cur_peek(c) != '(') {
		out->has_known = true;
		if (!known_set(c, a, &out->known))
			return false;
		imap_seq_resolve(&out->known, 0);
		if (cur_byte(c, ')'))
			return true;
		if (!imap_space(c))
			return false;
	}
	return match_data(c, a, out) && cur_byte(c, ')');
}

static bool select_param(struct cur *c, struct arena *a, struct imap_select *out)
{
	if (imap_word(c, STR("CONDSTORE")))
		return out->condstore = true;
	return !out->qresync && imap_word(c, STR("QRESYNC")) && qresync(c, a, out);
}

bool imap_select_parse(struct cur *c, struct arena *a, bool utf8, struct imap_select *out)
{
	*out = (struct imap_select){ .name = STR_EMPTY };
	if (!imap_mailbox_parse(c, a, utf8, &out->name))
		return false;
	if (!imap_space(c))
		return true;
	if (!cur_byte(c, '('))
		return cur_done(c); /* a space is allowed, as in imap_end */
	do {
		if (!select_param(c, a, out))
			return false;
	} while (imap_space(c));
	return cur_byte(c, ')');
}
