/* operations/doctor/meaning/meaning_dmarc.c: what the domain asks others to do with mail
 * that only pretends to be its; DMARC (RFC 7489, RFC 9989); see meaning.h.
 *
 * Any policy is right: one that asks for more than the one we suggest is the better. */
#include "operations/doctor/meaning/meaning.h"

#include "formats/mailauth/dmarc.h"
#include "foundation/base/cur.h"
#include "operations/doctor/sentence.h"

static const struct str label = STR("_dmarc.");

static bool asks_for_reports(struct str text)
{
	return str_find(text, STR("rua")) >= 0;
}

/* Both readings of a record: where they differ somebody reads nothing. */
static enum err tag_parse(struct str text, struct dmarc_record *out, struct why *why)
{
	enum err e = dmarc_record_parse(text, DMARC_TREE, out, why);

	if (e == OK && out->repaired)
		return fail(why, ERR_SYNTAX, "p= or sp= is none of none, quarantine and reject");
	return e != OK ? e : dmarc_record_parse(text, DMARC_SUFFIXES, out, why);
}

/* --- what to put there ------------------------------------------------------------------------ */

static struct str policy_of(struct str text)
{
	struct dmarc_record r;
	struct why why;

	return tag_parse(text, &r, &why) == OK ? str_of(dmarc_policy_name(r.p)) : STR("none");
}

/* Tags that are kept of a record which cannot be read. */
static bool is_kept(struct str name)
{
	static const char *const kept[] = { "rua", "ruf", "adkim", "aspf", "fo" };

	for (size_t i = 0; i < COUNT(kept); i++)
		if (str_eqi(name, str_of(kept[i])))
			return true;
	return false;
}

static struct str piece_next(struct cur *c)
{
	struct str piece;

	if (!cur_until(c, ';', &piece))
		cur_take(c, cur_left(c), &piece);
	cur_byte(c, ';');
	return str_trim(piece);
}

/* A record as it should be, with what can be kept of this one. */
static struct str mended(const struct meaning *m, struct str text)
{
	struct str policy = policy_of(text),
		   out = str_fmt(m->j->a, "v=DMARC1; p=%.*s", STR_ARG(policy));
	struct cur c = cur_of(text);
	bool reports = false;

	while (!cur_done(&c)) {
		struct str piece = piece_next(&c);
		ptrdiff_t at = str_find_byte(piece, '=');
		struct str name = at > 0 ? str_trim(str_sub(piece, 0, (size_t)at)) : STR_EMPTY;

		if (!is_kept(name))
			continue;
		reports = reports || str_eqi(name, STR("rua"));
		out = str_fmt(m->j->a, "%.*s; %.*s", STR_ARG(out), STR_ARG(piece));
	}
	return reports ? out
	               : str_fmt(m->j->a, "%.*s; rua=mailto:postmaster@%.*s", STR_ARG(out),
	                         STR_ARG(str_sub(m->r->name, label.n, m->r->name.n)));
}

/* The one that asks for most. */
static struct str strictest(const struct dns_seen *s)
{
	struct str best = STR_EMPTY;
	enum dmarc_policy most = DMARC_POLICY_NONE;

	for (size_t i = 0; i < s->seen_count; i++) {
		struct dmarc_record r;
		struct why why;

		if (tag_parse(s->seen[i], &r, &why) == OK && (best.n == 0 || r.p > most)) {
			best = s->seen[i];
			most = r.p;
		}
	}
	return best.n != 0 ? best : s->seen[0];
}

/* --- judging ---------------------------------------------------------------------------------- */

/* The domain has none of its own: that of a domain above may count. */
static void judge_inherited(struct meaning *m)
{
	const struct dmarc_query q = { .author = str_sub(m->r->name, label.n, m->r->name.n),
		                       .dns = m->j->dns,
		                       .deadline_ms = m->j->deadline_ms };
	struct dmarc_discovery d = { .found = DMARC_ABSENT };
	struct arena *a = m->j->a;

	if (m->j->dns != NULL && str_starts(m->r->name, label))
		dmarc_discover(&q, a, &d);
	if (d.found == DMARC_UNANSWERED) {
		meaning_say(m, DNS_STATE_UNKNOWN,
		            sentence(a, dmarc_parent_unknown, { "why", d.why }));
	} else if (d.found == DMARC_FOUND && !str_eqi(d.domain, q.author)) {
		m->s->wanted = str_fmt(a, "v=DMARC1; p=%s; rua=mailto:postmaster@%.*s",
		                       dmarc_policy_name(d.record.sp), STR_ARG(q.author));
		meaning_say(m, DNS_STATE_OK,
		            sentence(a, dmarc_parent, { "domain", d.domain },
		                     { "policy", str_of(dmarc_policy_name(d.record.sp)) }));
	} else {
		meaning_missing(m);
	}
}

/* A host elsewhere that was not asked, or does not want reports about the domain (RFC 7489 7.1);
 * empty: all do. */
static struct str unwilling(const struct meaning *m, const struct dmarc_record *record)
{
	const struct dmarc_query q = { .author = str_sub(m->r->name, label.n, m->r->name.n),
		                       .dns = m->j->dns,
		                       .deadline_ms = m->j->deadline_ms };

	for (size_t i = 0; m->j->dns != NULL && i < record->rua.count; i++) {
		struct dmarc_record said;
		struct mailaddr to;

		if (dmarc_uri_mailto(&record->rua.items[i], m->j->a, &to) &&
		    dmarc_consent(&q, to.domain, m->j->a, &said) == DMARC_CONSENT_REFUSED)
			return to.domain;
	}
	return STR_EMPTY;
}

static void judge_reports(struct meaning *m, const struct dmarc_record *record)
{
	struct str host = unwilling(m, record), author = str_sub(m->r->name, label.n, m->r->name.n);

	if (host.n == 0 && meaning_reports(m, record->rua.items, record->rua.count))
		meaning_say(m, DNS_STATE_OK, STR_EMPTY);
	else if (host.n != 0)
		meaning_say(m, DNS_STATE_WARN,
		            sentence(m->j->a, dmarc_no_consent, { "host", host },
		                     { "name", str_fmt(m->j->a, "%.*s._report._dmarc.%.*s",
		                                       STR_ARG(author), STR_ARG(host)) }));
}

static void judge_one(struct meaning *m)
{
	struct dmarc_record record;
	struct str text = m->s->seen[0];
	struct why why = { "" };
	struct arena *a = m->j->a;

	m->s->wanted = text;
	if (!dmarc_record_is(text) || tag_parse(text, &record, &why) != OK) {
		m->s->wanted = mended(m, text);
		meaning_broken(m, why.text[0] != '\0'
		                          ? sentence(a, dmarc_unparsed, { "why", str_of(why.text) })
		                          : sentence_of(SENTENCE_dmarc_semicolon));
	} else if (record.repaired) {
		m->s->wanted = mended(m, text);
		meaning_say(m, DNS_STATE_WARN, sentence_of(SENTENCE_dmarc_no_policy));
	} else if (asks_for_reports(text) && record.rua.count == 0) {
		meaning_say(m, DNS_STATE_WARN, sentence_of(SENTENCE_dmarc_rua));
	} else {
		judge_reports(m, &record);
	}
}

void meaning_dmarc(struct meaning *m)
{
	size_t records = 0;

	/* Malformed records are ignored if there is a well-formed one (RFC 7489 6.6.3). */
	for (size_t i = 0; i < m->s->seen_count; i++)
		records += dmarc_record_is(m->s->seen[i]);
	if (m->s->seen_count == 0) {
		judge_inherited(m);
	} else if (records > 1) {
		m->s->wanted = strictest(m->s);
		meaning_broken(m, sentence_of(SENTENCE_dmarc_several));
	} else {
		for (size_t i = 1; i < m->s->seen_count && records == 1; i++)
			if (dmarc_record_is(m->s->seen[i])) {
				struct str first = m->s->seen[0];

				m->s->seen[0] = m->s->seen[i];
				m->s->seen[i] = first;
			}
		judge_one(m);
	}
}
