/* operations/doctor/meaning/meaning_policy.c: records that say one thing, once: MTA-STS
 * (RFC 8461 3.1), TLS-RPT (RFC 8460 3), and keys of DKIM (RFC 6376 3.6.1); see meaning.h.
 * */
#include "operations/doctor/meaning/meaning.h"

#include "formats/mailauth/dkim_public.h"
#include "formats/mailauth/dmarc_record.h"
#include "formats/mailauth/mta_sts.h"
#include "formats/mailauth/tags.h"
#include "formats/reports/tlsrpt.h"
#include "operations/doctor/sentence.h"

/* --- MTA-STS ---------------------------------------------------------------------------------- */

/* There is one: is its id that of the present policy? */
static void judge_id(struct meaning *m, bool same)
{
	bool ended = m->r->standing == DNS_STANDING_ENDED;

	if (same)
		m->s->wanted = m->s->seen[0];
	if (same && !ended)
		meaning_say(m, DNS_STATE_OK, STR_EMPTY);
	else if (same)
		/* RFC 8461 8.3: when the last policy before has run out everywhere, a week. */
		meaning_say(m, DNS_STATE_OK, sentence_of(SENTENCE_sts_ending));
	else
		meaning_say(m, DNS_STATE_WARN,
		            sentence_of(ended ? SENTENCE_sts_ended : SENTENCE_sts_stale));
}

void meaning_mta_sts(struct meaning *m)
{
	struct str id = STR_EMPTY, ours = STR_EMPTY;

	if (m->s->seen_count == 0 && m->r->standing == DNS_STANDING_ENDED) {
		meaning_say(m, DNS_STATE_OK, STR_EMPTY); /* it went */
	} else if (m->s->seen_count == 0) {
		meaning_missing(m);
	} else if (!mta_sts_record(m->s->seen, m->s->seen_count, &id)) {
		meaning_broken(m, sentence_of(m->s->seen_count > 1 ? SENTENCE_sts_several
		                                                   : SENTENCE_sts_unparsed));
	} else {
		judge_id(m, !mta_sts_record(&m->r->expected, 1, &ours) || str_eq(id, ours));
	}
}

/* --- TLS-RPT ---------------------------------------------------------------------------------- */

/* tlsrpt-uri: "mailto:" and "https:" are known (RFC 8460 3). */
static bool names_somebody(const struct tlsrpt_record *r)
{
	for (size_t i = 0; i < r->count; i++)
		if (str_startsi(r->uris[i], STR("mailto:")) ||
		    str_startsi(r->uris[i], STR("https:")))
			return true;
	return false;
}

static void judge_reports(struct meaning *m, const struct tlsrpt_record *r)
{
	struct dmarc_uri uris[TLSRPT_URIS_MAX];

	for (size_t i = 0; i < r->count; i++)
		uris[i] = (struct dmarc_uri){ .uri = r->uris[i] };
	if (meaning_reports(m, uris, r->count))
		meaning_say(m, DNS_STATE_OK, STR_EMPTY);
}

void meaning_tls_rpt(struct meaning *m)
{
	struct tlsrpt_record record;
	size_t records = 0;

	for (size_t i = 0; i < m->s->seen_count; i++)
		records += tlsrpt_record_is(m->s->seen[i]);
	if (m->s->seen_count == 0) {
		meaning_missing(m);
	} else if (records > 1) {
		meaning_broken(m, sentence_of(SENTENCE_tlsrpt_several));
	} else if (m->s->seen_count > 1 || !tlsrpt_record_parse(m->s->seen[0], &record) ||
	           !names_somebody(&record)) {
		meaning_broken(m, sentence_of(SENTENCE_tlsrpt_unparsed));
	} else {
		m->s->wanted = m->s->seen[0];
		judge_reports(m, &record);
	}
}

/* --- DKIM ------------------------------------------------------------------------------------- */

static enum dkim_algorithm algorithm_of(struct str record)
{
	struct tags tags;

	return tags_parse(record, &tags) &&
	                       str_eq(tags_value(&tags, STR("k"), STR("rsa")), STR("ed25519"))
	               ? DKIM_ED25519_SHA256
	               : DKIM_RSA_SHA256;
}

static bool has_ours(const struct meaning *m)
{
	for (size_t i = 0; i < m->s->seen_count; i++)
		if (dkim_record_same(m->s->seen[i], m->r->expected))
			return true;
	return false;
}

/* Ours is there, alone: can others use it, with the tags that are beside it? */
static void judge_key(struct meaning *m)
{
	struct dkim_public key;
	struct why why = { "" };

	if (!dkim_public_parse(m->s->seen[0], algorithm_of(m->r->expected), &key, &why))
		meaning_say(m, meaning_worse(m),
		            sentence(m->j->a, dkim_unusable, { "why", str_of(why.text) }));
	else if (key.tls_reports)
		meaning_say(m, meaning_worse(m), sentence_of(SENTENCE_dkim_tls));
	else if (key.testing)
		meaning_say(m, DNS_STATE_WARN, sentence_of(SENTENCE_dkim_testing));
	else
		meaning_say(m, DNS_STATE_OK, STR_EMPTY);
}

static void key_missing(struct meaning *m)
{
	if (m->r->standing == DNS_STANDING_NEXT)
		meaning_say(m, meaning_worse(m), sentence_of(SENTENCE_dkim_next));
	else if (m->r->standing == DNS_STANDING_WAITING)
		meaning_say(m, meaning_worse(m), sentence_of(SENTENCE_dkim_waiting));
	else
		meaning_missing(m);
}

void meaning_dkim(struct meaning *m)
{
	if (m->s->seen_count == 0)
		key_missing(m);
	else if (!has_ours(m) || m->s->seen_count > 1)
		/* RFC 6376 3.6.2.2: what several records mean is undefined. */
		meaning_say(m, meaning_worse(m), sentence_of(SENTENCE_dkim_other));
	else
		judge_key(m);
}
