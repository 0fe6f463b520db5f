/* operations/doctor/meaning/meaning_spf.c: may our addresses send in the domain's name?
 * SPF (RFC 7208); see meaning.h.
 *
 * The record is evaluated as receivers do it, for each address of ours, and for one that is
 * nobody's: that comes by all terms, so it shows what strangers are told, and whether too much is
 * asked for. */
#include "operations/doctor/meaning/meaning.h"

#include "formats/mailauth/spf.h"
#include "foundation/base/clock.h"
#include "operations/doctor/sentence.h"

/* An address of a network reserved for documentation. */
static const struct str stranger = STR("203.0.113.77");

static void ask(const struct meaning *m, struct str text, const struct addr *ip,
                struct spf_answer *out)
{
	const struct spf_query q = { .ip = *ip,
		                     .helo = m->j->home->hostname,
		                     .local = STR("postmaster"),
		                     .domain = m->r->name,
		                     .receiver = m->j->home->hostname,
		                     .now_s = clock_real_ms() / 1000,
		                     .dns = m->j->dns,
		                     .deadline_ms = m->j->deadline_ms };

	spf_check_record(&q, text, m->j->a, out);
}

static void say_unknown(struct meaning *m, const struct spf_answer *answer)
{
	meaning_say(m, DNS_STATE_UNKNOWN, sentence(m->j->a, spf_unknown, { "why", answer->why }));
}

/* --- our addresses ---------------------------------------------------------------------------- */

struct ours {
	size_t passed[2], failed[2]; /* of IPv4, of IPv6           */
	struct str names, terms;     /* of those that do not pass  */
};

/* False: it is not known. */
static bool try_address(struct meaning *m, const struct addr *ip, struct ours *o)
{
	bool v6 = ip->family == ADDR_V6;
	struct spf_answer answer;
	char text[ADDR_TEXT_MAX];
	struct str name;

	ask(m, m->s->seen[0], ip, &answer);
	if (answer.result == SPF_TEMPERROR) {
		say_unknown(m, &answer);
		return false;
	}
	if (answer.result == SPF_PASS) {
		o->passed[v6]++;
		return true;
	}
	name = addr_ip_text(ip, text);
	o->failed[v6]++;
	o->names = str_fmt(m->j->a, "%.*s%s%.*s", STR_ARG(o->names), o->names.n != 0 ? ", " : "",
	                   STR_ARG(name));
	o->terms = str_fmt(m->j->a, "%.*s%sip%c:%.*s", STR_ARG(o->terms),
	                   o->terms.n != 0 ? " " : "", v6 ? '6' : '4', STR_ARG(name));
	return true;
}

static bool try_all(struct meaning *m, struct ours *o)
{
	struct addr ips[DNS_HOME_ALL];
	size_t n = dns_home_senders(m->j->home, ips);

	*o = (struct ours){ .names = STR_EMPTY, .terms = STR_EMPTY };
	for (size_t i = 0; i < n && !m->j->home->smarthost; i++)
		if (!try_address(m, &ips[i], o))
			return false;
	return true;
}

static bool is_mx(const struct meaning *m)
{
	struct dns_mx_list list;

	if (dns_mx(m->j->dns, m->j->a, m->r->name, m->j->deadline_ms, &list) != DNS_OK)
		return false;
	for (size_t i = 0; i < list.count; i++)
		if (str_eqi(list.items[i].host, m->j->home->hostname))
			return true;
	return false;
}

/* Some of ours may not send. lookups: what the record takes already. */
static void say_refused(struct meaning *m, const struct ours *o, unsigned lookups)
{
	struct arena *a = m->j->a;
	bool none = (o->passed[0] == 0 && o->failed[0] != 0) ||
	            (o->passed[1] == 0 && o->failed[1] != 0);

	meaning_say(m, none ? DNS_STATE_FAIL : DNS_STATE_WARN, STR_EMPTY);
	if (dns_spf_has_mx(m->s->seen[0]) && !is_mx(m)) {
		m->s->advice = sentence(a, spf_mx, { "addresses", o->names });
		return;
	}
	m->s->wanted = dns_spf_has_mx(m->s->seen[0]) || lookups >= SPF_LOOKUPS_MAX
	                       ? dns_spf_insert(m->s->seen[0], o->terms, a)
	                       : dns_spf_merge(m->s->seen[0], m->j->home->smarthost, a);
	m->s->advice = sentence(a, spf_refused, { "addresses", o->names });
}

/* --- the record ------------------------------------------------------------------------------- */

/* No address is known that could be tried: behind a router, and DNS has none of the host yet. */
static bool is_nowhere(const struct dns_home *h)
{
	return !h->smarthost && h->all_count == 0;
}

/* Somebody of ours does not pass, or the record is to name where we are; but by what is seen from
 * inside of a house that cannot be told. */
static void say_inside(struct meaning *m)
{
	meaning_say(m, DNS_STATE_UNKNOWN,
	            sentence(m->j->a, spf_inside, { "host", m->j->home->hostname }));
}

static void judge_ours(struct meaning *m, const struct spf_answer *strangers)
{
	struct arena *a = m->j->a;
	struct ours o;

	bool nowhere;

	if (!try_all(m, &o))
		return;
	nowhere = is_nowhere(m->j->home) && !dns_spf_has_mx(m->s->seen[0]);
	if ((o.names.n != 0 || nowhere) && m->j->home->inside) {
		say_inside(m);
	} else if (o.names.n != 0) {
		say_refused(m, &o, strangers->lookups);
	} else if (nowhere) {
		m->s->wanted = dns_spf_merge(m->s->seen[0], false, a);
		meaning_say(m, DNS_STATE_FAIL, sentence_of(SENTENCE_spf_no_mx));
	} else if (strangers->result == SPF_PASS) {
		m->s->wanted =
			dns_spf_merge(dns_spf_close(m->s->seen[0], a), m->j->home->smarthost, a);
		meaning_say(m, DNS_STATE_WARN, sentence(a, spf_open, { "term", strangers->term }));
	} else if (strangers->result == SPF_PERMERROR) {
		meaning_say(m, DNS_STATE_WARN, sentence(a, spf_void, { "why", strangers->why }));
	} else {
		meaning_say(m, DNS_STATE_OK, STR_EMPTY);
	}
}

static void judge_one(struct meaning *m)
{
	struct spf_answer strangers;
	struct addr ip;
	bool known = addr_parse_ip(stranger, &ip);

	assert(known);
	ask(m, m->s->seen[0], &ip, &strangers);
	if (strangers.result == SPF_TEMPERROR)
		say_unknown(m, &strangers);
	else if (strangers.result == SPF_PERMERROR && strangers.voids <= SPF_VOIDS_MAX)
		/* RFC 7208 2.6.7: as if somebody had said that he cannot say it. */
		meaning_broken(m, sentence(m->j->a, spf_broken, { "why", strangers.why }));
	else
		judge_ours(m, &strangers);
}

void meaning_spf(struct meaning *m)
{
	struct spf_record record;
	struct why why = { "" };
	struct arena *a = m->j->a;

	if (m->s->seen_count == 0) {
		meaning_missing(m);
		return;
	}
	if (m->s->seen_count > 1) {
		m->s->wanted = dns_spf_merge(dns_spf_join(m->s->seen, m->s->seen_count, a),
		                             m->j->home->smarthost, a);
		meaning_broken(m, sentence_of(SENTENCE_spf_several));
		return;
	}
	m->s->wanted = m->s->seen[0];
	if (spf_record_parse(m->s->seen[0], a, &record, &why) != OK) {
		m->s->wanted =
			dns_spf_merge(dns_spf_sound(m->s->seen[0], a), m->j->home->smarthost, a);
		meaning_broken(m, sentence(a, spf_unparsed, { "why", str_of(why.text) }));
	} else if (m->j->dns == NULL) {
		meaning_say(m, DNS_STATE_OK, STR_EMPTY);
	} else {
		judge_one(m);
	}
}
