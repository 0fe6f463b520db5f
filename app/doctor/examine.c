/* doctor/examine.c: see examine.h. */
#include "doctor/examine.h"

#include "doctor/dns_facts.h"
#include "doctor/look.h"
#include "base/clock.h"
#include "config/settings.h"

static struct str paste_of(const struct dns_record *r, struct arena *a)
{
	struct buf line;
	struct str text;

	buf_init(&line, KIB(8));
	buf_fmt(&line, "%.*s. IN %s ", STR_ARG(r->name), r->type);
	dns_zone_data_put(&line, r);
	text = str_dup(a, buf_str(&line));
	buf_deinit(&line);
	return text;
}

/* What the resolver answered, which is all that is asked yet. */
static void view_add(struct finding *f, const struct dns_seen *seen, const struct settings *s,
                     struct arena *a)
{
	struct view *v = arena_new(a, struct view);

	*v = (struct view){ .of = VIEW_RESOLVER,
		            .by = s->dns_servers.n != 0 ? str_dup(a, s->dns_servers)
		                                        : STR("the system's resolver"),
		            .status = seen->seen_count != 0 ? DNS_OK : DNS_NODATA,
		            .data = seen->seen,
		            .count = seen->seen_count,
		            .state = seen->state };
	if (seen->state == DNS_STATE_UNKNOWN) {
		v->status = DNS_RETRY;
		v->why = STR("does not answer");
	}
	f->views = v;
	f->view_count = 1;
}

static struct str words_of(const struct dns_seen *seen)
{
	if (seen->state == DNS_STATE_UNKNOWN)
		return STR("the name server did not answer");
	if (seen->state == DNS_STATE_OK)
		return seen->seen_count != 0 ? STR("it is as it should be")
		                             : STR("there is none, and none is needed");
	return seen->seen_count != 0 ? STR("it is not as it should be") : STR("it is missing");
}

static void domain_examine(const struct examination *x, struct dns *dns, struct findings *out)
{
	int64_t deadline_ms = clock_mono_ms() + EXAMINE_MS;
	struct dns_facts_from from = { x->settings, x->certs, dns, deadline_ms };
	struct dns_seen seen[DNS_RECORDS];
	struct dns_records records;
	struct dns_facts facts;

	dns_facts_find(&facts, &from, x->domain, x->a);
	dns_records_make(&records, &facts, x->a);
	dns_check(dns, &records, deadline_ms, x->a, seen);
	for (size_t i = 0; i < records.count; i++) {
		const struct dns_record *r = &records.items[i];
		struct finding *f =
			finding_add(out, str_fmt(x->a, "%s:%.*s", r->type, STR_ARG(r->name)),
		                    r->type, r->purpose);

		f->name = r->name;
		f->expected = r->expected;
		f->paste = paste_of(r, x->a);
		f->optional = r->optional;
		f->state = seen[i].state;
		f->words = words_of(&seen[i]);
		f->advice = seen[i].advice;
		view_add(f, &seen[i], x->settings, x->a);
	}
}

void examine(const struct examination *x, struct findings *out)
{
	struct dns *dns = dns_unremembering(x->settings);

	out->count = 0;
	if (dns == NULL)
		return;
	if (x->domain != NULL)
		domain_examine(x, dns, out);
	dns_free(&dns);
}
