/* operations/doctor/examine/examine_picture.c: the picture that some show beside a
 * domain's mail (BIMI): is its record right, and does the domain's DMARC policy keep
 * others from using its name, without which nobody shows it? See examine.h. */
#include "operations/doctor/examine/examining.h"

#include "formats/mailauth/bimi.h"
#include "foundation/base/clock.h"
#include "operations/doctor/records/dns_facts.h"
#include "operations/doctor/sentence.h"
#include "operations/doctor/doctor_private.h"

enum { DMARC_MS = 5000 };

static void say(struct finding *f, enum dns_state state, struct str words, struct str advice)
{
	f->state = state;
	f->words = words;
	f->advice = advice;
}

/* --- the record ------------------------------------------------------------------------------- */

enum picture {
	PICTURE_UNKNOWN, /* no name server told              */
	PICTURE_ABSENT,
	PICTURE_DECLINED, /* the domain wants none shown      */
	PICTURE_NAMED,
	PICTURE_WRONG,
};

static enum picture records_read(const struct view *v, struct why *why)
{
	enum picture found = PICTURE_ABSENT;
	struct bimi_record record;
	size_t records = 0;

	for (size_t i = 0; i < v->count; i++) {
		if (!bimi_record_is(v->data[i]))
			continue;
		if (records++ != 0) {
			(void)!fail(why, ERR_CONFLICT, "there are several, so none counts");
			return PICTURE_WRONG;
		}
		if (bimi_record_parse(v->data[i], &record, why) != OK)
			return PICTURE_WRONG;
		found = record.declined ? PICTURE_DECLINED : PICTURE_NAMED;
	}
	return found;
}

/* The most severe of the results. */
static enum picture views_read(struct finding *f, struct why *why)
{
	enum picture most = PICTURE_UNKNOWN;

	for (size_t i = 0; i < f->view_count; i++) {
		struct view *v = &f->views[i];
		struct why its = { "" };
		enum picture found =
			v->status == DNS_RETRY ? PICTURE_UNKNOWN : records_read(v, &its);

		v->state = found == PICTURE_UNKNOWN ? DNS_STATE_UNKNOWN
		           : found == PICTURE_WRONG ? DNS_STATE_WARN
		                                    : DNS_STATE_OK;
		if (found == PICTURE_WRONG && most != PICTURE_WRONG)
			*why = its;
		most = MAX(most, found);
	}
	return most;
}

/* --- who shows it ----------------------------------------------------------------------------- */

static void judge_policy(const struct examining *g, struct finding *f)
{
	const struct dmarc_query q = { .author = g->x->domain->name,
		                       .dns = g->dns,
		                       .deadline_ms = clock_mono_ms() + DMARC_MS };
	struct dmarc_discovery d;
	const struct bimi_query of = { .dmarc = &d, .dns = g->dns, .deadline_ms = q.deadline_ms };

	dmarc_discover(&q, g->x->a, &d);
	if (d.found == DMARC_UNANSWERED)
		say(f, DNS_STATE_UNKNOWN, sentence_of(SENTENCE_picture_unknown),
		    sentence_of(SENTENCE_picture_unknown_advice));
	else if (bimi_protected(&of, g->x->a))
		say(f, DNS_STATE_OK, sentence_of(SENTENCE_picture), STR_EMPTY);
	else
		say(f, DNS_STATE_WARN, sentence_of(SENTENCE_picture_weak),
		    sentence_of(SENTENCE_picture_weak_advice));
}

static void picture_judge(const struct examining *g, struct finding *f)
{
	struct why why = { "" };

	switch (views_read(f, &why)) {
	case PICTURE_UNKNOWN:
		say(f, DNS_STATE_UNKNOWN, sentence_of(SENTENCE_unanswered), STR_EMPTY);
		break;
	case PICTURE_ABSENT:
		say(f, DNS_STATE_OK, sentence_of(SENTENCE_picture_none),
		    sentence_of(SENTENCE_picture_none_advice));
		break;
	case PICTURE_DECLINED:
		say(f, DNS_STATE_OK, sentence_of(SENTENCE_picture_declined), STR_EMPTY);
		break;
	case PICTURE_NAMED:
		judge_policy(g, f);
		break;
	case PICTURE_WRONG:
		say(f, DNS_STATE_WARN,
		    sentence(g->x->a, picture_wrong, { "why", str_of(why.text) }),
		    sentence_of(SENTENCE_picture_wrong_advice));
		break;
	}
}

void picture_examine(struct examining *g)
{
	struct finding *f = finding_add(g->out, STR("bimi"), "TXT",
	                                "BIMI: a logo that some mail clients show");
	struct str domain = g->x->domain->name;
	struct dns_record shape;

	f->name = str_fmt(g->x->a, "default._bimi.%.*s", STR_ARG(domain));
	f->expected = str_fmt(g->x->a, "v=BIMI1; l=https://%.*s/picture.svg", STR_ARG(domain));
	shape = (struct dns_record){ .name = f->name, .type = f->type, .expected = f->expected };
	f->paste = dns_zone_line(&shape, shape.expected, g->x->a);
	f->optional = true;
	views_ask(&g->asked, &f, 1);
	picture_judge(g, f);
}
