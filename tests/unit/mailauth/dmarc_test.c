/* Which record counts for an author, and what becomes of a message: RFC 7489 6.6, RFC 9989 4.10. */
#include "harness/check.h"

#include "formats/mailauth/dmarc.h"
#include "foundation/base/arena.h"
#include "network/dns/dns.h"

#include <string.h>

#define LONG "a.b.c.d.e.f.g.h.i.j.mail.example.com"

static const struct dns_fake_row zone[] = {
	{ "_dmarc.example.org", "TXT", "v=DMARC1; p=reject; sp=quarantine; np=none" },
	{ "example.org", "A", "192.0.2.1" },
	{ "mail.example.org", "A", "192.0.2.1" },
	{ "_dmarc.own.example.org", "TXT", "v=DMARC1; p=none" },
	{ "_dmarc.other.example.org", "TXT", "v=spf1 -all" },
	{ "other.example.org", "A", "192.0.2.1" },
	{ "_dmarc.two.org", "TXT", "v=DMARC1; p=none" },
	{ "_dmarc.two.org", "TXT", "v=DMARC1; p=reject" },
	{ "_dmarc.twice.example.org", "TXT", "v=DMARC1; p=none" },
	{ "_dmarc.twice.example.org", "TXT", "v=DMARC1; p=none" },
	{ "_dmarc.mixed.org", "TXT", "something else" },
	{ "_dmarc.mixed.org", "TXT", "v=DMARC1; p=quarantine" },
	{ "_dmarc.wrong.org", "TXT", "v=DMARC1; p=maybe" },
	{ "_dmarc.broken.org", "*", "SERVFAIL" },
	{ "_dmarc.fine.broken.org", "TXT", "v=DMARC1; p=reject" },
	{ "_dmarc.lame.example.org", "*", "SERVFAIL" },
	{ "_dmarc.lame.some.net", "*", "SERVFAIL" },
	{ "_dmarc.lame.watch.net", "*", "SERVFAIL" },
	{ "_dmarc.lame.strict.net", "*", "SERVFAIL" },
	{ "_dmarc.lame.x.bank.com", "*", "SERVFAIL" },
	{ "_dmarc.com", "TXT", "v=DMARC1; psd=y; p=none; sp=quarantine; np=reject" },
	{ "_dmarc.bank.com", "TXT", "v=DMARC1; p=reject" },
	{ "_dmarc.mail.shop.com", "TXT", "v=DMARC1; p=reject" },
	{ "poor.com", "A", "192.0.2.1" },
	{ "_dmarc.mid.corp.net", "TXT", "v=DMARC1; p=quarantine; psd=n" },
	{ "_dmarc.corp.net", "TXT", "v=DMARC1; p=reject" },
	{ "_dmarc.deep.corp.net", "TXT", "v=DMARC1; p=none" },
	{ "_dmarc.psd.corp.net", "TXT", "v=DMARC1; p=none; psd=y" },
	{ "_dmarc.a.b.c.d.e.f.g.example.net", "TXT", "v=DMARC1; p=reject; psd=n" },
	{ "_dmarc.strict.net", "TXT", "v=DMARC1; p=reject; adkim=s; aspf=s" },
	{ "_dmarc.some.net", "TXT", "v=DMARC1; p=reject; pct=30" },
	{ "_dmarc.few.net", "TXT", "v=DMARC1; p=quarantine; pct=0" },
	{ "_dmarc.test.net", "TXT", "v=DMARC1; p=reject; t=y" },
	{ "_dmarc.watch.net", "TXT", "v=DMARC1; p=none; t=y; pct=0" },
	{ "_dmarc.me.github.io", "TXT", "v=DMARC1; p=reject" },
	{ "example.org._report._dmarc.reader.net", "TXT", "something else" },
	{ "example.org._report._dmarc.reader.net", "TXT", "v=DMARC1" },
	{ "example.org._report._dmarc.chooser.net", "TXT", "v=DMARC1;rua=mailto:d@chooser.net" },
	{ "example.org._report._dmarc.loop.net", "TXT", "v=DMARC1; rua=mailto:d@victim.net" },
	{ "example.org._report._dmarc.silent.net", "*", "SERVFAIL" },
	{ "example.org._report._dmarc.other.net", "TXT", "v=DMARC2" },
	{ NULL, NULL, NULL },
};

static struct dmarc_discovery discover(struct dns *dns, struct arena *a, const char *author,
                                       enum dmarc_method method)
{
	struct dmarc_query q = { .author = str_of(author), .method = method, .dns = dns };
	struct dmarc_discovery d;

	dmarc_discover(&q, a, &d);
	return d;
}

static const char *const found_names[] = { "absent", "found", "wrong", "unanswered" };

static void test_discovery(void **state)
{
	static const struct {
		const char *author;
		enum dmarc_method method;
		const char *found, *domain, *organization;
		unsigned queries;
	} rows[] = {
		{ "example.org", DMARC_SUFFIXES, "found", "example.org", "example.org", 1 },
		{ "mail.example.org", DMARC_SUFFIXES, "found", "example.org", "example.org", 3 },
		{ "a.b.example.org", DMARC_SUFFIXES, "found", "example.org", "example.org", 3 },
		{ "own.example.org", DMARC_SUFFIXES, "found", "own.example.org", "example.org", 1 },
		{ "x.own.example.org", DMARC_SUFFIXES, "found", "example.org", "example.org", 3 },
		{ "other.example.org", DMARC_SUFFIXES, "found", "example.org", "example.org", 2 },
		{ "two.org", DMARC_SUFFIXES, "absent", "", "two.org", 1 },
		{ "x.two.org", DMARC_SUFFIXES, "absent", "", "two.org", 2 },
		{ "twice.example.org", DMARC_SUFFIXES, "absent", "", "example.org", 1 },
		{ "mixed.org", DMARC_SUFFIXES, "found", "mixed.org", "mixed.org", 1 },
		{ "wrong.org", DMARC_SUFFIXES, "wrong", "wrong.org", "wrong.org", 1 },
		{ "broken.org", DMARC_SUFFIXES, "unanswered", "", "broken.org", 1 },
		{ "x.broken.org", DMARC_SUFFIXES, "unanswered", "", "broken.org", 2 },
		{ "lame.example.org", DMARC_SUFFIXES, "unanswered", "", "example.org", 2 },
		{ "org", DMARC_SUFFIXES, "absent", "", "org", 1 },
		{ "me.github.io", DMARC_SUFFIXES, "found", "me.github.io", "me.github.io", 1 },
		{ "missing.net", DMARC_SUFFIXES, "absent", "", "missing.net", 1 },
		{ LONG, DMARC_SUFFIXES, "absent", "", "example.com", 2 },

		{ "example.org", DMARC_TREE, "found", "example.org", "example.org", 2 },
		{ "mail.example.org", DMARC_TREE, "found", "example.org", "example.org", 4 },
		{ "own.example.org", DMARC_TREE, "found", "own.example.org", "example.org", 3 },
		{ "x.own.example.org", DMARC_TREE, "found", "example.org", "example.org", 5 },
		{ "two.org", DMARC_TREE, "absent", "", "two.org", 2 },
		{ "twice.example.org", DMARC_TREE, "found", "example.org", "example.org", 3 },
		{ "wrong.org", DMARC_TREE, "wrong", "wrong.org", "wrong.org", 2 },
		{ "broken.org", DMARC_TREE, "unanswered", "", "", 2 },
		{ "lame.example.org", DMARC_TREE, "unanswered", "", "", 2 },
		{ "lame.x.bank.com", DMARC_TREE, "unanswered", "", "", 3 },
		{ "fine.broken.org", DMARC_TREE, "found", "fine.broken.org", "", 2 },
		{ "me.github.io", DMARC_TREE, "found", "me.github.io", "me.github.io", 3 },
		{ "missing.net", DMARC_TREE, "absent", "", "missing.net", 2 },
		/* psd=y above: the organization is one below, and its own record goes before */
		{ "com", DMARC_TREE, "found", "com", "com", 1 },
		{ "bank.com", DMARC_TREE, "found", "bank.com", "bank.com", 2 },
		{ "x.bank.com", DMARC_TREE, "found", "bank.com", "bank.com", 3 },
		{ "poor.com", DMARC_TREE, "found", "com", "poor.com", 3 },
		{ "x.poor.com", DMARC_TREE, "found", "com", "poor.com", 4 },
		{ "mail.shop.com", DMARC_TREE, "found", "mail.shop.com", "shop.com", 3 },
		{ "x.mail.shop.com", DMARC_TREE, "found", "com", "shop.com", 5 },
		{ "x.psd.corp.net", DMARC_TREE, "found", "psd.corp.net", "x.psd.corp.net", 2 },
		{ "psd.corp.net", DMARC_TREE, "found", "psd.corp.net", "psd.corp.net", 1 },
		/* psd=n ends it */
		{ "x.mid.corp.net", DMARC_TREE, "found", "mid.corp.net", "mid.corp.net", 2 },
		{ "x.deep.corp.net", DMARC_TREE, "found", "corp.net", "corp.net", 4 },
		/* eight questions, however long the name */
		{ LONG, DMARC_TREE, "found", "com", "example.com", 9 },
		{ "a.b.c.d.e.f.g.example.net", DMARC_TREE, "found", "a.b.c.d.e.f.g.example.net",
		  "a.b.c.d.e.f.g.example.net", 1 },
		{ "x.a.b.c.d.e.f.g.example.net", DMARC_TREE, "absent", "",
		  "x.a.b.c.d.e.f.g.example.net", 8 },
	};
	struct dns *dns = dns_fake_new(zone, false);
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct dmarc_discovery d = discover(dns, &a, rows[i].author, rows[i].method);

		check_str_at(i, str_of(found_names[d.found]), str_of(rows[i].found));
		check_str_at(i, d.domain, str_of(rows[i].domain));
		check_str_at(i, d.organization, str_of(rows[i].organization));
		check_at(i, d.queries == rows[i].queries);
		check_at(i, (d.found == DMARC_FOUND) == (d.why.n == 0));
	}
	arena_deinit(&a);
	dns_free(&dns);
}

static void test_discovery_words(void **state)
{
	static const struct {
		const char *author, *why;
	} rows[] = {
		{ "missing.net", "there is no DMARC record for missing.net" },
		{ "two.org", "two.org has more than one DMARC record" },
		{ "wrong.org", "in the DMARC record of wrong.org: p= is none of none, quarantine "
		               "and reject" },
		{ "broken.org", "DNS did not answer for _dmarc.broken.org" },
	};
	struct dns *dns = dns_fake_new(zone, false);
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_str_at(i, discover(dns, &a, rows[i].author, DMARC_SUFFIXES).why,
		             str_of(rows[i].why));
	arena_deinit(&a);
	dns_free(&dns);
}

/* What was proven: "spf=RESULT DOMAIN", "dkim=DOMAIN", "fail=DOMAIN", "temp=DOMAIN". */
struct proof {
	enum spf_result spf;
	const char *spf_domain;
	const char *passed, *failed, *temporary; /* signatures; NULL: none */
	unsigned random;
};

static void sign(struct dmarc_evidence *e, struct dmarc_signature *room, const char *domain,
                 bool passed, bool temporary)
{
	if (domain != NULL)
		room[e->count++] = (struct dmarc_signature){ str_of(domain), passed, temporary };
}

static struct dmarc_verdict evaluate(struct dns *dns, struct arena *a, const char *author,
                                     enum dmarc_method method, const struct proof *p)
{
	struct dmarc_discovery d = discover(dns, a, author, method);
	struct dmarc_signature room[3];
	struct dmarc_evidence e = { .spf = p->spf,
		                    .spf_domain = str_of(p->spf_domain),
		                    .signatures = room,
		                    .random = p->random,
		                    .dns = dns };
	struct dmarc_verdict v;

	sign(&e, room, p->failed, false, false);
	sign(&e, room, p->temporary, false, true);
	sign(&e, room, p->passed, true, false);
	dmarc_evaluate(&d, &e, a, &v);
	return v;
}

#define SPF_OF(domain) SPF_PASS, domain, NULL, NULL, NULL, 0
#define DKIM_OF(domain) SPF_NONE, "", domain, NULL, NULL, 0
#define NOTHING SPF_FAIL, "example.org", NULL, "example.org", NULL, 0

static void test_alignment(void **state)
{
	static const struct {
		const char *author;
		enum dmarc_method method;
		struct proof proof;
		const char *want;
	} rows[] = {
		{ "example.org", DMARC_SUFFIXES, { SPF_OF("example.org") }, "pass" },
		{ "example.org", DMARC_SUFFIXES, { SPF_OF("Bounce.Example.ORG") }, "pass" },
		{ "example.org", DMARC_SUFFIXES, { SPF_OF("notexample.org") }, "fail" },
		{ "example.org", DMARC_SUFFIXES, { SPF_OF("org") }, "fail" },
		{ "example.org", DMARC_SUFFIXES, { SPF_OF("") }, "fail" },
		{ "example.org", DMARC_SUFFIXES, { DKIM_OF("example.org") }, "pass" },
		{ "a.b.example.org", DMARC_SUFFIXES, { DKIM_OF("c.example.org") }, "pass" },
		{ "example.org", DMARC_SUFFIXES, { DKIM_OF("example.net") }, "fail" },
		{ "example.org", DMARC_SUFFIXES, { NOTHING }, "fail" },
		{ "me.github.io", DMARC_SUFFIXES, { DKIM_OF("you.github.io") }, "fail" },
		{ "me.github.io", DMARC_SUFFIXES, { DKIM_OF("github.io") }, "fail" },
		{ "strict.net", DMARC_SUFFIXES, { DKIM_OF("Strict.net") }, "pass" },
		{ "strict.net", DMARC_SUFFIXES, { DKIM_OF("x.strict.net") }, "fail" },
		{ "strict.net", DMARC_SUFFIXES, { SPF_OF("x.strict.net") }, "fail" },
		{ "missing.net", DMARC_SUFFIXES, { DKIM_OF("missing.net") }, "none" },
		{ "wrong.org", DMARC_SUFFIXES, { DKIM_OF("wrong.org") }, "permerror" },
		{ "broken.org", DMARC_SUFFIXES, { DKIM_OF("broken.org") }, "temperror" },
		/* RFC 7489 6.6.2: what could have passed was not to be known */
		{ "example.org",
		  DMARC_SUFFIXES,
		  { SPF_TEMPERROR, "example.org", NULL, NULL, NULL, 0 },
		  "temperror" },
		{ "example.org",
		  DMARC_SUFFIXES,
		  { SPF_TEMPERROR, "example.net", NULL, NULL, NULL, 0 },
		  "fail" },
		{ "example.org",
		  DMARC_SUFFIXES,
		  { SPF_NONE, "", NULL, NULL, "x.example.org", 0 },
		  "temperror" },
		{ "example.org",
		  DMARC_SUFFIXES,
		  { SPF_NONE, "", "example.net", NULL, "x.example.net", 0 },
		  "fail" },
		{ "example.org",
		  DMARC_SUFFIXES,
		  { SPF_TEMPERROR, "example.org", "example.org", NULL, "example.org", 0 },
		  "pass" },
		{ "example.org",
		  DMARC_SUFFIXES,
		  { SPF_PERMERROR, "example.org", NULL, NULL, NULL, 0 },
		  "fail" },

		{ "example.org", DMARC_TREE, { DKIM_OF("example.org") }, "pass" },
		{ "mail.example.org", DMARC_TREE, { DKIM_OF("example.org") }, "pass" },
		{ "example.org", DMARC_TREE, { DKIM_OF("x.y.example.org") }, "pass" },
		{ "example.org", DMARC_TREE, { DKIM_OF("own.example.org") }, "pass" },
		{ "example.org", DMARC_TREE, { DKIM_OF("org") }, "fail" },
		{ "example.org", DMARC_TREE, { DKIM_OF("notexample.org") }, "fail" },
		{ "corp.net", DMARC_TREE, { DKIM_OF("x.mid.corp.net") }, "fail" },
		{ "corp.net", DMARC_TREE, { DKIM_OF("mid.corp.net") }, "fail" },
		{ "corp.net", DMARC_TREE, { DKIM_OF("psd.corp.net") }, "fail" },
		{ "corp.net", DMARC_TREE, { DKIM_OF("x.psd.corp.net") }, "fail" },
		{ "corp.net", DMARC_TREE, { DKIM_OF("x.deep.corp.net") }, "pass" },
		{ "x.mid.corp.net", DMARC_TREE, { DKIM_OF("corp.net") }, "fail" },
		{ "x.mid.corp.net", DMARC_TREE, { DKIM_OF("y.mid.corp.net") }, "pass" },
		{ "x.bank.com", DMARC_TREE, { DKIM_OF("y.bank.com") }, "pass" },
		{ "x.bank.com", DMARC_TREE, { DKIM_OF("com") }, "fail" },
		{ "x.poor.com", DMARC_TREE, { DKIM_OF("poor.com") }, "pass" },
		{ "strict.net", DMARC_TREE, { DKIM_OF("x.strict.net") }, "fail" },
		/* the walk leaps from nine labels to seven, past the organization of eight */
		{ "a.b.c.d.e.f.g.example.net",
		  DMARC_TREE,
		  { DKIM_OF("x.a.b.c.d.e.f.g.example.net") },
		  "fail" },
		/* above the author's own record DNS did not answer */
		{ "fine.broken.org", DMARC_TREE, { DKIM_OF("fine.broken.org") }, "pass" },
		{ "fine.broken.org", DMARC_TREE, { DKIM_OF("x.broken.org") }, "temperror" },
		{ "fine.broken.org", DMARC_TREE, { NOTHING }, "fail" },
	};
	struct dns *dns = dns_fake_new(zone, false);
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct dmarc_verdict v = evaluate(dns, &a, rows[i].author, rows[i].method,
		                                  &rows[i].proof);

		check_str_at(i, str_of(dmarc_result_name(v.result)), str_of(rows[i].want));
		check_at(i, (v.result == DMARC_PASS) == (v.by_spf || v.by_dkim));
		check_at(i, v.result == DMARC_FAIL || v.disposition == DMARC_POLICY_NONE);
		check_at(i, v.result == DMARC_TEMPERROR || v.at_stake == DMARC_POLICY_NONE);
		check_at(i, v.why.n != 0);
	}
	arena_deinit(&a);
	dns_free(&dns);
}

/* What mail would come to if all that DNS does not tell of proved nothing; none where something
 * else proves it. */
static void test_at_stake(void **state)
{
	static const struct {
		const char *author;
		enum dmarc_method method;
		struct proof proof;
		const char *at_stake;
	} rows[] = {
		{ "example.org",
		  DMARC_SUFFIXES,
		  { SPF_TEMPERROR, "lame.example.org", NULL, NULL, NULL, 0 },
		  "reject" },
		{ "example.org",
		  DMARC_SUFFIXES,
		  { SPF_FAIL, "", NULL, NULL, "lame.example.org", 0 },
		  "reject" },
		{ "mail.example.org",
		  DMARC_SUFFIXES,
		  { SPF_FAIL, "", NULL, NULL, "lame.example.org", 0 },
		  "quarantine" },
		{ "some.net",
		  DMARC_SUFFIXES,
		  { SPF_TEMPERROR, "some.net", NULL, NULL, NULL, 30 },
		  "quarantine" },
		{ "watch.net",
		  DMARC_SUFFIXES,
		  { SPF_TEMPERROR, "watch.net", NULL, NULL, NULL, 0 },
		  "none" },
		{ "few.net", DMARC_SUFFIXES, { SPF_TEMPERROR, "few.net", NULL, NULL, NULL, 0 },
		  "none" },
		{ "test.net", DMARC_TREE, { SPF_TEMPERROR, "test.net", NULL, NULL, NULL, 0 },
		  "quarantine" },
		/* DNS does not tell of the author: what its organization asks for */
		{ "lame.example.org", DMARC_SUFFIXES, { NOTHING }, "quarantine" },
		{ "lame.example.org", DMARC_SUFFIXES, { DKIM_OF("example.org") }, "none" },
		{ "lame.example.org", DMARC_SUFFIXES, { SPF_OF("a.example.org") }, "none" },
		{ "lame.example.org", DMARC_SUFFIXES, { DKIM_OF("example.net") }, "quarantine" },
		{ "lame.strict.net", DMARC_SUFFIXES, { DKIM_OF("strict.net") }, "reject" },
		{ "lame.strict.net", DMARC_SUFFIXES, { DKIM_OF("lame.strict.net") }, "none" },
		{ "lame.some.net",
		  DMARC_SUFFIXES,
		  { SPF_NONE, "", NULL, NULL, NULL, 30 },
		  "quarantine" },
		{ "lame.watch.net", DMARC_SUFFIXES, { NOTHING }, "none" },
		{ "lame.example.org", DMARC_TREE, { NOTHING }, "quarantine" },
		{ "lame.example.org", DMARC_TREE, { DKIM_OF("example.org") }, "none" },
		{ "lame.example.org", DMARC_TREE, { SPF_OF("a.example.org") }, "none" },
		{ "lame.example.org", DMARC_TREE, { DKIM_OF("example.net") }, "quarantine" },
		{ "lame.x.bank.com", DMARC_TREE, { NOTHING }, "reject" },
		/* nor of that, or it asks for nothing that can be known */
		{ "broken.org", DMARC_SUFFIXES, { NOTHING }, "none" },
		{ "x.broken.org", DMARC_SUFFIXES, { NOTHING }, "none" },
		{ "broken.org", DMARC_TREE, { NOTHING }, "none" },
	};
	struct dns *dns = dns_fake_new(zone, false);
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct dmarc_verdict v = evaluate(dns, &a, rows[i].author, rows[i].method,
		                                  &rows[i].proof);

		check_at(i, v.result == DMARC_TEMPERROR && !v.by_spf && !v.by_dkim);
		check_at(i, v.disposition == DMARC_POLICY_NONE && !v.sampled_out && !v.testing);
		check_str_at(i, str_of(dmarc_policy_name(v.at_stake)), str_of(rows[i].at_stake));
	}
	arena_deinit(&a);
	dns_free(&dns);
}

static void test_policies(void **state)
{
	static const struct {
		const char *author;
		enum dmarc_method method;
		unsigned random;
		const char *tag, *policy, *disposition;
		bool sampled_out, testing;
	} rows[] = {
		{ "example.org", DMARC_SUFFIXES, 0, "p", "reject", "reject", false, false },
		{ "example.org", DMARC_SUFFIXES, 99, "p", "reject", "reject", false, false },
		{ "mail.example.org", DMARC_TREE, 0, "sp", "quarantine", "quarantine", false,
		  false },
		{ "nobody.example.org", DMARC_TREE, 0, "np", "none", "none", false, false },
		{ "nobody.example.org", DMARC_SUFFIXES, 0, "np", "none", "none", false, false },
		{ "poor.com", DMARC_TREE, 0, "sp", "quarantine", "quarantine", false, false },
		{ "rich.com", DMARC_TREE, 0, "np", "reject", "reject", false, false },
		{ "x.bank.com", DMARC_TREE, 0, "p", "reject", "reject", false, false },
		{ "some.net", DMARC_SUFFIXES, 29, "p", "reject", "reject", false, false },
		{ "some.net", DMARC_SUFFIXES, 30, "p", "reject", "quarantine", true, false },
		{ "some.net", DMARC_SUFFIXES, 4294967229, "p", "reject", "reject", false, false },
		{ "some.net", DMARC_TREE, 30, "p", "reject", "reject", false, false },
		{ "few.net", DMARC_SUFFIXES, 0, "p", "quarantine", "none", true, false },
		{ "test.net", DMARC_SUFFIXES, 0, "p", "reject", "quarantine", false, true },
		{ "test.net", DMARC_TREE, 99, "p", "reject", "quarantine", false, true },
		{ "watch.net", DMARC_SUFFIXES, 99, "p", "none", "none", false, false },
	};
	struct dns *dns = dns_fake_new(zone, false);
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct proof p = { .spf_domain = "", .random = rows[i].random };
		struct dmarc_verdict v = evaluate(dns, &a, rows[i].author, rows[i].method, &p);

		check_at(i, v.result == DMARC_FAIL);
		check_str_at(i, str_of(v.tag), str_of(rows[i].tag));
		check_str_at(i, str_of(dmarc_policy_name(v.policy)), str_of(rows[i].policy));
		check_str_at(i, str_of(dmarc_policy_name(v.disposition)),
		             str_of(rows[i].disposition));
		check_at(i, v.sampled_out == rows[i].sampled_out);
		check_at(i, v.testing == rows[i].testing);
	}
	arena_deinit(&a);
	dns_free(&dns);
}

static void test_words(void **state)
{
	static const struct {
		const char *author;
		struct proof proof;
		const char *why;
	} rows[] = {
		{ "example.org", { SPF_OF("x.example.org") }, "SPF for x.example.org" },
		{ "example.org", { DKIM_OF("example.org") }, "a signature of example.org" },
		{ "example.org",
		  { SPF_PASS, "example.org", "x.example.org", NULL, NULL, 0 },
		  "SPF for example.org and a signature of x.example.org" },
		{ "mail.example.org",
		  { NOTHING },
		  "neither SPF nor a signature passed for mail.example.org or its organization, "
		  "and example.org asks for sp=quarantine" },
		{ "strict.net",
		  { NOTHING },
		  "neither SPF nor a signature passed for strict.net itself, and strict.net asks "
		  "for p=reject" },
		{ "test.net",
		  { NOTHING },
		  "neither SPF nor a signature passed for test.net or its organization, and "
		  "test.net asks for p=reject, as a test" },
		{ "few.net",
		  { NOTHING },
		  "neither SPF nor a signature passed for few.net or its organization, and few.net "
		  "asks for p=quarantine, but not for every message" },
		{ "example.org",
		  { SPF_TEMPERROR, "example.org", NULL, NULL, NULL, 0 },
		  "nothing passed for example.org, and DNS did not answer all" },
		{ "missing.net", { NOTHING }, "there is no DMARC record for missing.net" },
	};
	struct dns *dns = dns_fake_new(zone, false);
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_str_at(i,
		             evaluate(dns, &a, rows[i].author, DMARC_SUFFIXES, &rows[i].proof).why,
		             str_of(rows[i].why));
	arena_deinit(&a);
	dns_free(&dns);
}

/* However many signatures there are, few are asked about. */
static void test_walks_limited(void **state)
{
	static const struct dns_fake_row rows[] = {
		{ "_dmarc.corp.net", "TXT", "v=DMARC1; p=reject" },
		{ "_dmarc.b.corp.net", "TXT", "v=DMARC1; p=reject; psd=n" },
		{ NULL, NULL, NULL },
	};
	struct dmarc_signature s[DMARC_WALKS_MAX + 1];
	struct dns *dns = dns_fake_new(rows, false);
	struct arena a = { 0 };
	struct dmarc_discovery d = discover(dns, &a, "corp.net", DMARC_TREE);
	struct dmarc_evidence e = { .spf_domain = STR(""), .signatures = s, .dns = dns };
	struct dmarc_verdict v;

	(void)state;
	for (size_t i = 0; i < COUNT(s); i++)
		s[i] = (struct dmarc_signature){ STR("x.b.corp.net"), true, false };
	e.count = DMARC_WALKS_MAX;
	dmarc_evaluate(&d, &e, &a, &v);
	assert_int_equal(v.result, DMARC_FAIL);
	e.count++;
	dmarc_evaluate(&d, &e, &a, &v);
	assert_int_equal(v.result, DMARC_TEMPERROR);
	arena_deinit(&a);
	dns_free(&dns);
}

static void test_consent(void **state)
{
	static const struct {
		const char *host;
		enum dmarc_consent want;
		size_t uris;
	} rows[] = {
		{ "example.org", DMARC_CONSENT_OWN, 0 },
		{ "reports.Example.ORG", DMARC_CONSENT_OWN, 0 },
		{ "reader.net", DMARC_CONSENT_GIVEN, 0 },
		{ "chooser.net", DMARC_CONSENT_GIVEN, 1 },
		{ "loop.net", DMARC_CONSENT_REFUSED, 1 },
		{ "silent.net", DMARC_CONSENT_UNANSWERED, 0 },
		{ "other.net", DMARC_CONSENT_REFUSED, 0 },
		{ "missing.net", DMARC_CONSENT_REFUSED, 0 },
	};
	struct dns *dns = dns_fake_new(zone, false);
	struct dmarc_query q = { .author = STR("example.org"), .dns = dns };
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct dmarc_record said;

		check_at(i, dmarc_consent(&q, str_of(rows[i].host), &a, &said) == rows[i].want);
		check_at(i, said.rua.count == rows[i].uris);
	}
	arena_deinit(&a);
	dns_free(&dns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_discovery),  cmocka_unit_test(test_discovery_words),
		cmocka_unit_test(test_alignment),  cmocka_unit_test(test_policies),
		cmocka_unit_test(test_at_stake),
		cmocka_unit_test(test_words),      cmocka_unit_test(test_walks_limited),
		cmocka_unit_test(test_consent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
