/* operations/doctor/verdict.c: see doctor_private.h. */
#include "operations/doctor/doctor_private.h"

#include "foundation/base/cur.h"
#include "operations/doctor/sentence.h"

/* The results of one kind of name server. */
struct tally {
	size_t answered, good;
	const struct view *right, *wrong; /* the first; NULL: none */
	enum dns_state worst;             /* of those that are not right */
	struct str advice; /* for the first that is not right, else for one that is */
	struct str wanted_right, wanted_wrong; /* what should be there, by the first of each */
	struct str doubt; /* what keeps an answer from being judged; empty: nothing */
	uint32_t ttl_s;   /* the longest that a wrong one is remembered */
};

static unsigned badness(enum dns_state s)
{
	return s == DNS_STATE_FAIL ? 2 : s == DNS_STATE_WARN;
}

static void view_judge(struct view *v, const struct dns_record *r, struct dns_judging *j,
                       struct tally *t)
{
	struct dns_seen seen = { .seen = v->data, .seen_count = v->count };

	dns_judge(r, v->status, j, &seen);
	v->state = seen.state;
	v->data = seen.seen;
	v->count = seen.seen_count;
	if (v->state == DNS_STATE_UNKNOWN) {
		if (v->status != DNS_RETRY)
			t->doubt = seen.advice;
		return;
	}
	t->answered++;
	if (v->state == DNS_STATE_OK) {
		t->good++;
		t->wanted_right = t->right != NULL ? t->wanted_right : seen.wanted;
		t->right = t->right != NULL ? t->right : v;
		t->advice = t->wrong == NULL ? seen.advice : t->advice;
		return;
	}
	if (t->wrong == NULL) {
		t->advice = seen.advice;
		t->wanted_wrong = seen.wanted;
	}
	t->wrong = t->wrong != NULL ? t->wrong : v;
	t->worst = badness(v->state) > badness(t->worst) ? v->state : t->worst;
	t->ttl_s = MAX(t->ttl_s, v->ttl_s);
}

static struct str number(struct arena *a, size_t n)
{
	return str_fmt(a, "%zu", n);
}

static struct str duration(uint32_t s, struct arena *a)
{
	if (s < 120)
		return sentence(a, seconds, { "count", number(a, s) });
	return s < 7200 ? sentence(a, minutes, { "count", number(a, s / 60) })
	                : sentence(a, hours, { "count", number(a, s / 3600) });
}

static void say(struct finding *f, enum dns_state state, struct str words, struct str advice)
{
	f->state = state;
	f->words = words;
	f->advice = advice;
}

static void say_wrong(struct finding *f, const struct tally *t)
{
	say(f, t->worst, sentence_of(t->wrong->count != 0 ? SENTENCE_wrong : SENTENCE_missing),
	    t->advice);
}

static void say_right(struct finding *f, const struct tally *t, size_t answered, struct arena *a)
{
	size_t silent = f->view_count - answered;

	say(f, DNS_STATE_OK,
	    silent == 0 ? sentence_of(SENTENCE_right)
	                : sentence(a, right_partly, { "silent", number(a, silent) },
	                           { "all", number(a, f->view_count) }),
	    t->advice);
}

static void say_old(struct finding *f, const struct tally *caches, struct arena *a)
{
	f->settling = true;
	say(f, DNS_STATE_WARN,
	    sentence(a, cached, { "old", number(a, caches->answered - caches->good) },
	             { "all", number(a, caches->answered) }),
	    caches->ttl_s == 0
	            ? sentence_of(SENTENCE_cached_advice)
	            : sentence(a, cached_until_advice, { "time", duration(caches->ttl_s, a) }));
}

static void say_split(struct finding *f, const struct tally *zone, struct arena *a)
{
	say(f, zone->worst,
	    sentence(a, split, { "right", zone->right->by }, { "wrong", zone->wrong->by }),
	    sentence(a, split_advice, { "server", zone->wrong->by }, { "advice", zone->advice }));
}

static void say_gone(struct finding *f, const struct tally *zone, struct arena *a)
{
	say(f, zone->worst, sentence_of(SENTENCE_gone),
	    sentence(a, gone_advice, { "advice", zone->advice }));
}

static void say_differ(struct finding *f, const struct tally *caches, struct arena *a)
{
	say(f, caches->worst,
	    sentence(a, differ, { "right", caches->right->by }, { "wrong", caches->wrong->by }),
	    caches->ttl_s == 0
	            ? sentence(a, differ_advice, { "advice", caches->advice })
	            : sentence(a, differ_until_advice, { "time", duration(caches->ttl_s, a) },
	                       { "advice", caches->advice }));
}

/* The wanted record: a correct one that some server returns, the zone's first; else the wrong one,
 * repaired. */
static void want(struct finding *f, const struct dns_record *r, const struct tally *zone,
                 const struct tally *caches, struct arena *a)
{
	const struct tally *t = zone->answered != 0 ? zone : caches;
	struct str wanted = t->right != NULL ? t->wanted_right : t->wanted_wrong;

	if (t->right == NULL && t->wrong != NULL && t->wrong->count == 0 && caches->right != NULL)
		wanted = caches->wanted_right;
	if (wanted.n == 0)
		return;
	f->expected = wanted;
	f->paste = dns_zone_line(r, wanted, a);
}

static void say_unknown(struct finding *f, struct str doubt)
{
	say(f, DNS_STATE_UNKNOWN,
	    sentence_of(doubt.n != 0 ? SENTENCE_doubtful : SENTENCE_unanswered),
	    doubt.n != 0 ? doubt : sentence_of(SENTENCE_unanswered_advice));
}

void verdict_make(struct finding *f, const struct dns_record *r, struct dns_judging *j)
{
	struct tally zone = { .worst = DNS_STATE_OK }, caches = zone;
	struct arena *a = j->a;
	size_t answered;

	for (size_t i = 0; i < f->view_count; i++)
		view_judge(&f->views[i], r, j, f->views[i].of == VIEW_AUTHORITY ? &zone : &caches);
	want(f, r, &zone, &caches, a);
	answered = zone.answered + caches.answered;
	if (answered == 0)
		say_unknown(f, zone.doubt.n != 0 ? zone.doubt : caches.doubt);
	else if (zone.answered == 0 && caches.good != 0 && caches.wrong != NULL)
		say_differ(f, &caches, a);
	else if (zone.answered == 0)
		caches.wrong != NULL ? say_wrong(f, &caches) : say_right(f, &caches, answered, a);
	else if (zone.right != NULL && zone.wrong != NULL)
		say_split(f, &zone, a);
	else if (zone.wrong != NULL)
		caches.good != 0 ? say_gone(f, &zone, a) : say_wrong(f, &zone);
	else if (caches.wrong != NULL)
		say_old(f, &caches, a);
	else
		say_right(f, &zone, answered, a);
}

/* --- the servers of a zone ------------------------------------------------------------------ */

/* mname rname serial ...						RFC 1035 3.3.13 */
static struct str serial_of(const struct view *v)
{
	struct cur c = cur_of(v->count != 0 ? v->data[0] : STR_EMPTY);
	struct str word = STR_EMPTY;

	for (int i = 0; i < 3; i++) {
		if (!cur_until(&c, ' ', &word))
			return STR_EMPTY;
		cur_byte(&c, ' ');
	}
	return word;
}

/* From some networks no name server can be queried at port 53, or a middlebox answers: when none
 * serves the zone, the fault may be on this side. */
static void say_dumb(struct finding *f, size_t dumb, const struct view *first, struct arena *a)
{
	if (dumb == f->view_count)
		say(f, DNS_STATE_UNKNOWN,
		    sentence(a, servers_silent, { "server", first->by }, { "why", first->why }),
		    sentence_of(SENTENCE_servers_silent_advice));
	else
		say(f, DNS_STATE_WARN,
		    sentence(a, servers_lame, { "count", number(a, dumb) },
		             { "all", number(a, f->view_count) }, { "server", first->by },
		             { "why", first->why }),
		    sentence_of(SENTENCE_servers_lame_advice));
}

static void say_serials(struct finding *f, const struct view *one, const struct view *other,
                        struct arena *a)
{
	say(f, DNS_STATE_WARN,
	    sentence(a, serials, { "one", one->by }, { "one_serial", serial_of(one) },
	             { "other", other->by }, { "other_serial", serial_of(other) }),
	    sentence_of(SENTENCE_serials_advice));
}

void verdict_servers(struct finding *f, struct arena *a)
{
	const struct view *dumb = NULL, *one = NULL, *other = NULL;
	size_t dumb_count = 0;

	for (size_t i = 0; i < f->view_count; i++) {
		const struct view *v = &f->views[i];

		if (v->state != DNS_STATE_OK) {
			dumb_count++;
			dumb = dumb != NULL ? dumb : v;
		} else if (one == NULL) {
			one = v;
		} else if (!str_eq(serial_of(v), serial_of(one))) {
			other = v;
		}
	}
	if (dumb != NULL)
		say_dumb(f, dumb_count, dumb, a);
	else if (other != NULL)
		say_serials(f, one, other, a);
	else if (f->view_count == 1)
		say(f, DNS_STATE_OK, sentence_of(SENTENCE_servers_single),
		    sentence_of(SENTENCE_servers_single_advice));
	else
		say(f, DNS_STATE_OK, sentence_of(SENTENCE_servers_agree), STR_EMPTY);
}

void verdict_dead(struct finding *f, struct arena *a)
{
	const struct view *first = &f->views[0];
	bool zone = first->of == VIEW_AUTHORITY;
	const struct sentence_value values[] = { { "server", first->by }, { "why", first->why } };

	say(f, DNS_STATE_FAIL,
	    sentence_fill(a, zone ? SENTENCE_zone_dead : SENTENCE_zone_lost, values, COUNT(values)),
	    sentence_of(zone ? SENTENCE_zone_dead_advice : SENTENCE_zone_lost_advice));
}
