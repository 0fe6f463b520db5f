/* operations/doctor/verdict.c: see verdict.h. */
#include "operations/doctor/verdict.h"

#include "foundation/base/cur.h"

/* What those of a kind say. */
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

static struct str duration(uint32_t s, struct arena *a)
{
	if (s < 120)
		return str_fmt(a, "%u seconds", s);
	return s < 7200 ? str_fmt(a, "%u minutes", s / 60) : str_fmt(a, "%u hours", s / 3600);
}

static struct str wait_words(const struct tally *t, struct arena *a)
{
	return t->ttl_s == 0 ? STR("wait until they ask anew, an hour or a day")
	                     : str_fmt(a, "wait: they ask anew after %.*s at the latest",
	                               STR_ARG(duration(t->ttl_s, a)));
}

static void say(struct finding *f, enum dns_state state, struct str words, struct str advice)
{
	f->state = state;
	f->words = words;
	f->advice = advice;
}

static void say_wrong(struct finding *f, const struct tally *t)
{
	say(f, t->worst,
	    t->wrong->count != 0 ? STR("it is not as it should be") : STR("it is missing"),
	    t->advice);
}

static void say_right(struct finding *f, const struct tally *t, size_t answered, struct arena *a)
{
	size_t silent = f->view_count - answered;

	say(f, DNS_STATE_OK,
	    silent == 0
	            ? STR("it is as it should be")
	            : str_fmt(a, "it is as it should be, but %zu of %zu name servers told nothing",
	                      silent, f->view_count),
	    t->advice);
}

static void say_old(struct finding *f, const struct tally *caches, struct arena *a)
{
	f->settling = true;
	say(f, DNS_STATE_WARN,
	    str_fmt(a,
	            "the zone has it right; %zu of %zu name servers that remember answers still "
	            "have what was there before",
	            caches->answered - caches->good, caches->answered),
	    str_fmt(a,
	            "nothing to do but %.*s. If one keeps its answer for longer, it changes "
	            "answers on the way",
	            STR_ARG(wait_words(caches, a))));
}

static void say_split(struct finding *f, const struct tally *zone, struct arena *a)
{
	say(f, zone->worst,
	    str_fmt(a, "the zone's name servers differ: %.*s has it right, %.*s does not",
	            STR_ARG(zone->right->by), STR_ARG(zone->wrong->by)),
	    str_fmt(a,
	            "have all servers of the zone take over its newest version (a transfer may be "
	            "stuck; the serial numbers are in the row of the zone's servers). Of %.*s: "
	            "%.*s",
	            STR_ARG(zone->wrong->by), STR_ARG(zone->advice)));
}

static void say_gone(struct finding *f, const struct tally *zone, struct arena *a)
{
	say(f, zone->worst,
	    STR("it was right until lately, and some name servers still remember that; the zone "
	        "has it right no more"),
	    str_fmt(a, "look whether the zone was changed; %.*s", STR_ARG(zone->advice)));
}

static void say_differ(struct finding *f, const struct tally *caches, struct arena *a)
{
	say(f, caches->worst,
	    str_fmt(a,
	            "name servers differ: %.*s has it right, %.*s does not; none of the zone's own "
	            "could be asked",
	            STR_ARG(caches->right->by), STR_ARG(caches->wrong->by)),
	    str_fmt(a, "if you have just changed it, %.*s; else: %.*s",
	            STR_ARG(wait_words(caches, a)), STR_ARG(caches->advice)));
}

/* What should be there: what is right somewhere, best in the zone; else what is wrong there,
 * mended. */
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
	if (doubt.n != 0)
		say(f, DNS_STATE_UNKNOWN, STR("it is there, but what it comes to is not known"),
		    doubt);
	else
		say(f, DNS_STATE_UNKNOWN, STR("no name server told"),
		    STR("try again in a moment; if it stays so, see ROOST_DNS_SERVERS, and whether "
		        "port 53 is open to the outside"));
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

static void say_dumb(struct finding *f, size_t dumb, const struct view *first, struct arena *a)
{
	/* From some networks nobody's port 53 can be asked, or somebody in between answers. */
	if (dumb == f->view_count)
		say(f, DNS_STATE_UNKNOWN,
		    str_fmt(a, "none of the zone's name servers tells us anything: %.*s %.*s",
		            STR_ARG(first->by), STR_ARG(first->why)),
		    STR("if the domain works for others, port 53 is closed from here, or somebody "
		        "in between answers; else the zone's servers are down"));
	else
		say(f, DNS_STATE_WARN,
		    str_fmt(a, "%zu of %zu name servers of the zone do not serve it: %.*s %.*s",
		            dumb, f->view_count, STR_ARG(first->by), STR_ARG(first->why)),
		    STR("mend that server, or take it out of the zone's NS records and of those at "
		        "the registrar: whoever asks it first gets late answers or none"));
}

static void say_serials(struct finding *f, const struct view *one, const struct view *other,
                        struct arena *a)
{
	say(f, DNS_STATE_WARN,
	    str_fmt(a, "the zone's name servers have different versions: %.*s %.*s, %.*s %.*s",
	            STR_ARG(one->by), STR_ARG(serial_of(one)), STR_ARG(other->by),
	            STR_ARG(serial_of(other))),
	    STR("right after a change that is as it should be. Later: see why the zone is not "
	        "transferred"));
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
		say(f, DNS_STATE_OK, STR("the zone's only name server answers"),
		    STR("a second one, elsewhere, keeps the domain going when this one is away"));
	else
		say(f, DNS_STATE_OK, STR("all name servers of the zone answer, and agree"),
		    STR_EMPTY);
}

void verdict_dead(struct finding *f, struct arena *a)
{
	const struct view *first = &f->views[0];

	if (first->of == VIEW_AUTHORITY)
		say(f, DNS_STATE_FAIL,
		    str_fmt(a,
		            "no name server of the zone answers, while those of other domains do: "
		            "%.*s %.*s",
		            STR_ARG(first->by), STR_ARG(first->why)),
		    STR("have whoever keeps the zone bring its servers up, or see at the registrar "
		        "which servers it is given to. Once others have forgotten what they "
		        "remember of the zone, no mail comes any more, and what you send is "
		        "refused or put off"));
	else
		say(f, DNS_STATE_FAIL,
		    str_fmt(a,
		            "the zone cannot be found any more, while other domains can: %.*s %.*s",
		            STR_ARG(first->by), STR_ARG(first->why)),
		    STR("the zone's own servers answer nobody, or its signatures (DNSSEC) are "
		        "wrong: ask whoever keeps the zone. No mail comes any more, and what you "
		        "send is refused or put off"));
}
