/* operations/doctor/self_test/self_sender.c: the steps of a self-test in which a receiver asks
 * who sent the mail: the address and its name, SPF, DMARC, lists of bad senders; see
 * self_judge.h. */
#include "operations/doctor/self_test/self_judge.h"

#include "formats/mailauth/spf.h"
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "foundation/config/settings.h"
#include "network/dns/dns.h"
#include "operations/doctor/records/dns_facts.h"
#include "operations/doctor/examine/lists.h"
#include "operations/doctor/sentence.h"

enum { STEP_MS = 10000 };

static int64_t step_end(void)
{
	return clock_mono_ms() + STEP_MS;
}

/* --- the address ------------------------------------------------------------------------------ */

/* One that mail leaves from, IPv4 first as most mail goes; where none is public, that of the host's
 * name. */
static void ip_find(struct self_judge *j)
{
	struct addr ips[DNS_HOME_ALL];
	struct dns_addr_list list;
	struct dns_home home;
	size_t n;

	dns_home_find(&home, j->settings, j->dns, step_end(), j->a);
	n = dns_home_senders(&home, ips);
	for (size_t i = 0; i < n; i++)
		if (j->ip.family == ADDR_NONE || ips[i].family == ADDR_V4)
			j->ip = ips[i];
	if (n == 0 && dns_addresses(j->dns, j->a, home.hostname, DNS_V4 | DNS_V6, step_end(),
	                            &list) == DNS_OK)
		j->ip = list.items[list.count - 1]; /* IPv4 ones are last */
}

/* RFC 8601 3: does the address have a name, and does that lead back to it? */
static bool name_leads_back(struct self_judge *j, struct str name)
{
	struct dns_addr_list list;
	bool back = false;

	if (dns_addresses(j->dns, j->a, name, DNS_V4 | DNS_V6, step_end(), &list) != DNS_OK)
		return false;
	for (size_t i = 0; i < list.count; i++)
		back = back || addr_eq_ip(&list.items[i], &j->ip);
	return back;
}

static void judge_name(struct self_judge *j, struct check *c, const struct dns_text_list *names)
{
	bool ours = false;

	c->seen = str_fmt(j->a, "%.*s is %.*s", STR_ARG(c->seen), STR_ARG(names->items[0]));
	for (size_t i = 0; i < names->count; i++)
		ours = ours || str_eqi(names->items[i], j->settings->hostname);
	if (!name_leads_back(j, names->items[0])) {
		c->state = DNS_STATE_FAIL;
		c->seen = str_fmt(j->a, "%.*s, which does not lead back to it", STR_ARG(c->seen));
		c->advice = sentence_of(SENTENCE_test_ptr_back);
	} else if (!ours) {
		c->state = DNS_STATE_WARN;
		c->advice = sentence_of(SENTENCE_ptr_other);
	}
}

void judge_address(struct self_judge *j, struct checks *out)
{
	struct check *c = checks_add(out, "ptr", "Name of the sending address (PTR, HELO)");
	struct dns_text_list names;
	enum dns_status s;
	char text[ADDR_TEXT_MAX];

	ip_find(j);
	c->expected = str_fmt(j->a, "%.*s, and that it leads back", STR_ARG(j->settings->hostname));
	if (j->settings->smarthost.n != 0 || j->ip.family == ADDR_NONE) {
		c->state = DNS_STATE_UNKNOWN;
		c->seen = j->settings->smarthost.n != 0
		                  ? STR("mail leaves by the smarthost, whose address counts")
		                  : STR("no address of this server is known");
		return;
	}
	c->seen = str_dup(j->a, addr_ip_text(&j->ip, text));
	s = dns_ptr(j->dns, j->a, &j->ip, step_end(), &names);
	if (s == DNS_OK) {
		judge_name(j, c, &names);
		return;
	}
	c->state = s == DNS_RETRY ? DNS_STATE_UNKNOWN : DNS_STATE_FAIL;
	c->seen = str_fmt(j->a, "%.*s has no name: %s", STR_ARG(c->seen), dns_status_text(s));
	c->advice = sentence(j->a, ptr, { "host", j->settings->hostname });
}

/* --- SPF -------------------------------------------------------------------------------------- */

static enum dns_state state_of_spf(enum spf_result r)
{
	if (r == SPF_PASS)
		return DNS_STATE_OK;
	return r == SPF_TEMPERROR                    ? DNS_STATE_UNKNOWN
	       : r == SPF_FAIL || r == SPF_PERMERROR ? DNS_STATE_FAIL
	                                             : DNS_STATE_WARN;
}

void judge_spf(struct self_judge *j, struct checks *out)
{
	struct check *c = checks_add(out, "spf", "May that address send for the domain? (SPF)");
	struct spf_query q = { .ip = j->ip,
		               .helo = j->settings->hostname,
		               .local = j->from.local,
		               .domain = j->from.domain,
		               .receiver = j->settings->hostname,
		               .now_s = clock_real_ms() / 1000,
		               .dns = j->dns,
		               .deadline_ms = step_end() };
	struct spf_answer answer;

	c->expected = STR("pass: the domain's record names the address");
	j->spf = SPF_NONE;
	j->spf_domain = j->domain;
	if (j->settings->smarthost.n != 0 || j->ip.family == ADDR_NONE) {
		c->state = DNS_STATE_UNKNOWN;
		c->seen = STR("not known: the sending address is not");
		c->advice = sentence_of(SENTENCE_test_spf_smarthost);
		return;
	}
	spf_check_mail(&q, j->a, &answer);
	j->spf = answer.result;
	j->spf_domain = answer.domain;
	c->state = state_of_spf(answer.result);
	c->seen = str_fmt(j->a, "%.*s%s%.*s%s%.*s", STR_ARG(spf_result_text(answer.result)),
	                  answer.term.n != 0 ? " by " : "", STR_ARG(answer.term),
	                  answer.why.n != 0 ? ": " : "", STR_ARG(answer.why));
	if (c->state != DNS_STATE_OK && c->state != DNS_STATE_UNKNOWN)
		c->advice = sentence_of(SENTENCE_test_spf);
}

/* --- DMARC ------------------------------------------------------------------------------------ */

void judge_dmarc(struct self_judge *j, struct checks *out)
{
	struct check *c = checks_add(out, "dmarc", "Is it proven who wrote it? (DMARC)");
	const struct dmarc_query q = { .author = j->domain,
		                       .dns = j->dns,
		                       .deadline_ms = step_end() };
	const struct dmarc_evidence e = { .spf = j->spf,
		                          .spf_domain = j->spf_domain,
		                          .signatures = j->signed_by,
		                          .count = j->signed_count,
		                          .dns = j->dns,
		                          .deadline_ms = step_end() };
	struct dmarc_discovery found;
	struct dmarc_verdict v;

	dmarc_discover(&q, j->a, &found);
	dmarc_evaluate(&found, &e, j->a, &v);
	c->expected = STR("pass, by a signature or SPF of the domain itself");
	c->seen = v.result == DMARC_PASS ? str_fmt(j->a, "pass by %s, policy %s",
	                                           v.by_dkim && v.by_spf ? "signature and SPF"
	                                           : v.by_dkim           ? "signature"
	                                                                 : "SPF",
	                                           dmarc_policy_name(v.policy))
	                                 : str_fmt(j->a, "%s%s%.*s", dmarc_result_name(v.result),
	                                           v.why.n != 0 ? ": " : "", STR_ARG(v.why));
	if (v.result == DMARC_PASS)
		return;
	c->state = v.result == DMARC_TEMPERROR ? DNS_STATE_UNKNOWN
	           : v.result == DMARC_NONE    ? DNS_STATE_WARN
	                                       : DNS_STATE_FAIL;
	c->advice = sentence_of(v.result == DMARC_NONE ? SENTENCE_test_dmarc_none
	                                               : SENTENCE_test_dmarc);
}

/* --- lists ------------------------------------------------------------------------------------ */

static enum dns_state worse(enum dns_state a, enum dns_state b)
{
	static const int rank[] = { [DNS_STATE_OK] = 0,
		                    [DNS_STATE_UNKNOWN] = 1,
		                    [DNS_STATE_WARN] = 2,
		                    [DNS_STATE_FAIL] = 3 };

	return rank[a] >= rank[b] ? a : b;
}

static void list_ask(struct self_judge *j, const struct list *list, struct check *c)
{
	struct list_answer answer = { .list = list };
	struct dns_addr_list found;

	answer.status = dns_addresses(j->dns, j->a, list_question(list, &j->ip, j->domain, j->a),
	                              DNS_V4, step_end(), &found);
	answer.data = arena_array(j->a, struct str, found.count);
	for (; answer.count < found.count; answer.count++) {
		char text[ADDR_TEXT_MAX];

		answer.data[answer.count] =
			str_dup(j->a, addr_ip_text(&found.items[answer.count], text));
	}
	list_judge(&answer, j->a);
	c->seen = str_fmt(j->a, "%.*s%s%.*s", STR_ARG(c->seen), c->seen.n != 0 ? " " : "",
	                  STR_ARG(answer.words));
	if (worse(answer.state, c->state) == answer.state && answer.advice.n != 0)
		c->advice = answer.advice;
	c->state = worse(c->state, answer.state);
}

void judge_lists(struct self_judge *j, struct checks *out)
{
	struct check *c = checks_add(out, "dnsbl", "DNS blocklists");
	struct cur lists = cur_of(j->settings->doctor_blocklists);
	struct list list;

	c->expected = STR("neither the address nor the domain is listed");
	for (int i = 0; i < LIMIT_doctor_lists && list_next(&lists, &list); i++)
		if (list.of_domain || (j->ip.family != ADDR_NONE && !addr_is_private(&j->ip) &&
		                       j->settings->smarthost.n == 0))
			list_ask(j, &list, c);
	if (c->seen.n == 0)
		c->seen = STR("nobody was asked");
}
