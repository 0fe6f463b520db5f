/* operations/doctor/server/server_dnssec.c: do the name servers hand on what it takes to
 * judge signed answers; see server_checks.h. */
#include "operations/doctor/server/server_checks.h"

#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/config/settings.h"
#include "network/dns/dns.h"
#include "network/dnssec/message.h"
#include "operations/doctor/sentence.h"

#include <string.h>

enum { KEYS_MS = 15000 };

/* The meaning of the verdict on the root's keys. */
static const struct keys_meaning {
	const char *verdict, *seen;
	enum dns_state state;
	enum sentence advice;
} meanings[] = {
	{ "secure", "the root's keys came, signed by one that is known", DNS_STATE_OK,
	  SENTENCE_none },
	{ "insecure", "the name servers do not hand signatures on", DNS_STATE_WARN,
	  SENTENCE_dnssec_stripped },
	{ "bogus", "the root's keys came without good signatures", DNS_STATE_FAIL,
	  SENTENCE_dnssec_bogus },
	{ "indeterminate", "the name servers do not answer the question for the root's keys",
	  DNS_STATE_WARN, SENTENCE_dnssec_unanswered },
};

static const struct keys_meaning *meaning_of(const char *verdict)
{
	size_t i = 0;

	while (strcmp(meanings[i].verdict, verdict) != 0)
		i++;
	return &meanings[i];
}

/* The last line: the step that decided. */
static struct str last_line(struct str steps)
{
	struct cur c = cur_of(steps);
	struct str line, last = STR_EMPTY;

	while (cur_line(&c, &line))
		last = line;
	return last;
}

void look_dnssec(const struct look *l, struct checks *out)
{
	struct check *c = &out->items[0];
	struct dns_explained keys;
	const struct keys_meaning *m;
	struct str step;

	out->count = 0;
	if (str_eqi(l->settings->dnssec, STR("off")))
		return;
	(void)!dns_explain(l->dns, l->a, STR("."), RR_DNSKEY, clock_mono_ms() + KEYS_MS, &keys);
	step = last_line(keys.steps);
	m = meaning_of(keys.verdict);
	out->count = 1;
	*c = (struct check){ .id = "dnssec",
		             .title = "Signatures in DNS (DNSSEC)",
		             .state = m->state,
		             .seen = str_of(m->seen),
		             .expected = STR("the root's keys, signed by one that is known"),
		             .advice = sentence_of(m->advice) };
	if (m->state != DNS_STATE_OK && step.n != 0)
		c->seen = str_fmt(l->a, "%s (%.*s)", m->seen, STR_ARG(step));
}
