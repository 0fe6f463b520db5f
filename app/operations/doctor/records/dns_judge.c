/* operations/doctor/records/dns_judge.c: what is there of a record, and what that means; see
 * dns_check.h. */
#include "operations/doctor/meaning/meaning.h"

#include "foundation/base/cur.h"
#include "operations/doctor/sentence.h"

#include <string.h>

static bool is_type(const struct dns_record *r, const char *type)
{
	return strcmp(r->type, type) == 0;
}

static bool is_dkim(const struct dns_record *r)
{
	return is_type(r, "TXT") && str_find(r->name, STR("._domainkey.")) >= 0;
}

/* --- verdicts --------------------------------------------------------------------------------- */

void meaning_say(struct meaning *m, enum dns_state state, struct str advice)
{
	m->s->state = state;
	m->s->advice = advice;
}

enum dns_state meaning_worse(const struct meaning *m)
{
	return m->r->optional ? DNS_STATE_WARN : DNS_STATE_FAIL;
}

void meaning_missing(struct meaning *m)
{
	meaning_say(m, meaning_worse(m),
	            sentence_of(m->r->optional ? SENTENCE_add_optional : SENTENCE_add));
}

void meaning_broken(struct meaning *m, struct str advice)
{
	meaning_say(m, DNS_STATE_FAIL, advice);
}

struct str meaning_above(struct str name)
{
	ptrdiff_t dot = str_find_byte(name, '.');

	return dot < 0 ? STR_EMPTY : str_sub(name, (size_t)dot + 1, name.n);
}

/* --- what is there ---------------------------------------------------------------------------- */

/* The version a TXT record begins with says what it is for: "v=DMARC1", however it is spaced. */
static bool is_kind(struct str text, struct str version)
{
	struct cur c = cur_of(text);

	if (!cur_stri(&c, STR("v")))
		return false;
	(void)cur_while(&c, ascii_space);
	if (!cur_byte(&c, '='))
		return false;
	(void)cur_while(&c, ascii_space);
	return cur_stri(&c, version) && !ascii_alnum((char)cur_peek(&c));
}

/* Only those of the same kind; a domain's TXT records serve many. */
static void keep_kind(struct dns_seen *s, struct str expected)
{
	struct cur c = cur_of(expected);
	struct str version;
	size_t kept = 0;

	if (!cur_stri(&c, STR("v=")))
		return;
	version = str_sub(expected, 2, expected.n);
	for (size_t i = 0; i < version.n; i++)
		if (version.p[i] == ' ' || version.p[i] == ';')
			version.n = i;
	for (size_t i = 0; i < s->seen_count; i++)
		if (is_kind(s->seen[i], version))
			s->seen[kept++] = s->seen[i];
	s->seen_count = kept;
}

static uint32_t number_of(struct str data)
{
	struct cur c = cur_of(data);
	uint32_t n = 0;

	return cur_u32(&c, &n) ? n : 0;
}

static void by_preference(struct dns_seen *s)
{
	for (size_t i = 1; i < s->seen_count; i++)
		for (size_t k = i; k > 0 && number_of(s->seen[k]) < number_of(s->seen[k - 1]);
		     k--) {
			struct str t = s->seen[k];

			s->seen[k] = s->seen[k - 1];
			s->seen[k - 1] = t;
		}
}

/* --- records of which the text is the meaning ------------------------------------------------- */

static bool is_among(const struct meaning *m)
{
	for (size_t i = 0; i < m->s->seen_count; i++)
		if (str_eqi(m->s->seen[i], m->r->expected))
			return true;
	return false;
}

static void judge_text(struct meaning *m)
{
	bool there = is_among(m);

	if (m->s->seen_count != 0 && !there)
		meaning_say(m, meaning_worse(m), sentence_of(SENTENCE_replace));
	else if (!there)
		meaning_missing(m);
	else
		meaning_say(m, DNS_STATE_OK, STR_EMPTY);
}

/* Those that name a key as ours do; of a chain or whole certificates others know more. */
static bool all_name_keys(const struct dns_seen *s)
{
	for (size_t i = 0; i < s->seen_count; i++)
		if (!str_starts(s->seen[i], STR("3 1 1 ")))
			return false;
	return true;
}

/* Each key that the server shows has a record, and whom it is shown to one that fits (RFC 7671
 * 8.1): so none takes another's place. Where records count and ours is not among them, those who
 * are shown the key bring no mail. */
static void judge_tlsa(struct meaning *m)
{
	bool counts = m->j->authenticated;

	if (m->s->seen_count == 0)
		meaning_missing(m);
	else if (!is_among(m))
		meaning_say(m, counts && all_name_keys(m->s) ? DNS_STATE_FAIL : DNS_STATE_WARN,
		            sentence_of(counts ? SENTENCE_tlsa_other_signed : SENTENCE_tlsa_other));
	else
		meaning_say(m, DNS_STATE_OK,
		            counts ? STR_EMPTY : sentence_of(SENTENCE_tlsa_unsigned));
}

enum { PTR_NAMES_MAX = 10 }; /* RFC 7208 4.6.4: nobody looks at more */

/* Does one of the names have the address that the record is of (RFC 8601 3)? DNS_RETRY: it is not
 * known. */
static enum dns_status leads_back(const struct meaning *m)
{
	struct dns_judging *j = m->j;
	size_t n = j->dns != NULL ? MIN(m->s->seen_count, (size_t)PTR_NAMES_MAX) : 0;
	enum dns_status s = DNS_NODATA;

	for (size_t i = 0; i < n; i++) {
		struct dns_addr_list list;
		enum dns_status one = dns_addresses(j->dns, j->a, m->s->seen[i], DNS_V4 | DNS_V6,
		                                    j->deadline_ms, &list);

		for (size_t k = 0; k < list.count; k++)
			if (str_eqi(dns_reverse_name(j->a, &list.items[k]), m->r->name))
				return DNS_OK;
		s = one == DNS_RETRY ? one : s;
	}
	return s;
}

static void judge_ptr(struct meaning *m)
{
	enum dns_status back;

	judge_text(m);
	if (m->s->state == DNS_STATE_OK)
		return;
	back = leads_back(m);
	if (back == DNS_OK)
		meaning_say(m, DNS_STATE_WARN, sentence_of(SENTENCE_ptr_other));
	else if (back == DNS_RETRY)
		meaning_say(m, DNS_STATE_UNKNOWN, sentence_of(SENTENCE_ptr_unknown));
	else
		m->s->advice = sentence(m->j->a, ptr, { "host", m->r->expected });
}

/* --- all of it -------------------------------------------------------------------------------- */

static const struct kind {
	const char *type, *version; /* version: of TXT; NULL: any */
	void (*judge)(struct meaning *m);
} kinds[] = {
	{ "TXT", "v=spf1", meaning_spf },
	{ "TXT", "v=DMARC1", meaning_dmarc },
	{ "TXT", "v=STSv1", meaning_mta_sts },
	{ "TXT", "v=TLSRPTv1", meaning_tls_rpt },
	{ "A", NULL, meaning_address },
	{ "AAAA", NULL, meaning_address },
	{ "MX", NULL, meaning_mx },
	{ "CNAME", NULL, meaning_alias },
	{ "SRV", NULL, meaning_srv },
	{ "CAA", NULL, meaning_caa },
	{ "TLSA", NULL, judge_tlsa },
	{ "PTR", NULL, judge_ptr },
};

static void judge(struct meaning *m)
{
	if (is_dkim(m->r)) {
		meaning_dkim(m);
		return;
	}
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (is_type(m->r, kinds[i].type) &&
		    (kinds[i].version == NULL ||
		     str_startsi(m->r->expected, str_of(kinds[i].version)))) {
			kinds[i].judge(m);
			return;
		}
	judge_text(m);
}

static bool is_same(const struct dns_seen *a, const struct dns_seen *b)
{
	if (a->seen_count != b->seen_count)
		return false;
	for (size_t i = 0; i < a->seen_count; i++)
		if (!str_eq(a->seen[i], b->seen[i]))
			return false;
	return true;
}

/* Judged before, for somebody who saw the same? */
static bool remembered(struct dns_judging *j, const struct dns_record *r, struct dns_seen *s)
{
	if (j->of != r)
		j->memo_count = 0;
	j->of = r;
	for (size_t i = 0; i < j->memo_count; i++)
		if (is_same(&j->memos[i], s)) {
			s->state = j->memos[i].state;
			s->advice = j->memos[i].advice;
			s->wanted = j->memos[i].wanted;
			return true;
		}
	return false;
}

void dns_judge(const struct dns_record *r, enum dns_status status, struct dns_judging *j,
               struct dns_seen *s)
{
	struct meaning m = { .r = r, .j = j, .s = s };

	if (is_type(r, "MX"))
		by_preference(s);
	if (is_type(r, "TXT") && !is_dkim(r))
		keep_kind(s, r->expected);
	s->wanted = STR_EMPTY;
	if (status == DNS_RETRY) {
		meaning_say(&m, DNS_STATE_UNKNOWN, sentence_of(SENTENCE_try_again));
		return;
	}
	if (remembered(j, r, s))
		return;
	judge(&m);
	if (j->memo_count < DNS_MEMOS)
		j->memos[j->memo_count++] = *s;
}
