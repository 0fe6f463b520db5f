/* console/cli/dmarc.c: `roost dmarc DOMAIN`: what a domain wants done with mail that only
 * pretends to be its own, and who is told. */
#include "console/cli/command.h"

#include "formats/mailauth/dmarc.h"
#include "formats/mailauth/psl.h"
#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "network/dns/dns.h"

#include <stdlib.h>
#include <string.h>

enum { ASK_MS = 20000 };

static void print_record(const struct dmarc_discovery *d)
{
	printf("record: %.*s\n", STR_ARG(d->text));
	printf("found at: _dmarc.%.*s\n", STR_ARG(d->domain));
}

static void print_organization(const struct dmarc_discovery *d)
{
	if (d->organization.n == 0)
		printf("organization: not known, DNS did not answer\n");
	else if (d->method == DMARC_TREE)
		printf("organization: %.*s (by the tree of DNS)\n", STR_ARG(d->organization));
	else
		printf("organization: %.*s (by the public suffix list of %s)\n",
		       STR_ARG(d->organization), psl_date());
}

/* The policy of the domain, evaluated for a message that passes neither SPF nor DKIM. */
static void print_policy(const struct dmarc_discovery *d, const struct dmarc_verdict *v)
{
	static const char *const asks[] = {
		[DMARC_POLICY_NONE] = "mail that fails is to be treated as if there was no DMARC",
		[DMARC_POLICY_QUARANTINE] = "mail that fails is to be taken as suspicious",
		[DMARC_POLICY_REJECT] = "mail that fails is to be refused",
	};

	printf("asks: %s (%s=%s)\n", asks[v->policy], v->tag, dmarc_policy_name(v->policy));
	if (d->missing)
		printf("domain: it does not exist\n");
	if (d->record.repaired)
		printf("mistake: what the record asks is wrong, and counts as none\n");
	if (v->policy != DMARC_POLICY_NONE && d->record.pct < 100)
		printf("share: %u of 100 messages, the others one step milder\n", d->record.pct);
	if (v->testing)
		printf("test: one step milder for now (t=y)\n");
}

static void print_line(const char *what, const char *who, bool strict,
                       const struct dmarc_discovery *d)
{
	if (strict)
		printf("%s: %s %.*s itself\n", what, who, STR_ARG(d->author));
	else
		printf("%s: %s %.*s or any name of its organization\n", what, who,
		       STR_ARG(d->author));
}

static const char *consent_text(enum dmarc_consent consent)
{
	static const char *const texts[] = {
		[DMARC_CONSENT_OWN] = "",
		[DMARC_CONSENT_GIVEN] = ", which agrees to get them",
		[DMARC_CONSENT_REFUSED] = ", which does not agree: nobody sends any",
		[DMARC_CONSENT_UNANSWERED] = ", of which DNS does not say whether it agrees",
	};

	return texts[consent];
}

static void print_uris(const char *what, const struct dmarc_uris *uris, struct dmarc_query q,
                       struct arena *a)
{
	for (size_t i = 0; i < uris->count; i++) {
		const struct dmarc_uri *uri = &uris->items[i];
		struct dmarc_record said;
		struct mailaddr to;

		printf("%s: %.*s", what, STR_ARG(uri->uri));
		if (uri->max_bytes != 0)
			printf(" (at most %" PRIu64 " bytes)", uri->max_bytes);
		if (!dmarc_uri_mailto(uri, a, &to))
			printf(", which is no address of mail: nobody sends any\n");
		else
			printf("%s\n", consent_text(dmarc_consent(&q, to.domain, a, &said)));
	}
	if (uris->count == 0)
		printf("%s: to nobody\n", what);
	if (uris->limited)
		printf("%s: and more than %d\n", what, DMARC_URIS_MAX);
}

static void print_found(const struct dmarc_discovery *d, struct dmarc_query q, struct arena *a)
{
	struct dmarc_evidence nothing = { .spf = SPF_NONE, .spf_domain = STR_EMPTY };
	struct dmarc_verdict v;

	dmarc_evaluate(d, &nothing, a, &v);
	print_policy(d, &v);
	print_line("SPF", "must pass for", d->record.strict_spf, d);
	print_line("DKIM", "or a signature of", d->record.strict_dkim, d);
	q.author = d->domain;
	print_uris("reports", &d->record.rua, q, a);
	print_uris("failure reports", &d->record.ruf, q, a);
}

static int say(const struct dmarc_discovery *d, struct dmarc_query q, struct arena *a)
{
	static const char *const heads[] = {
		[DMARC_ABSENT] = "no record",
		[DMARC_FOUND] = "found",
		[DMARC_WRONG] = "wrong record",
		[DMARC_UNANSWERED] = "no answer",
	};

	printf("%s\n", heads[d->found]);
	if (d->why.n != 0)
		printf("why: %.*s\n", STR_ARG(d->why));
	if (d->text.n != 0)
		print_record(d);
	print_organization(d);
	if (d->found == DMARC_FOUND)
		print_found(d, q, a);
	printf("lookups: %u\n", d->queries);
	return d->found == DMARC_UNANSWERED ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* DOMAIN [--tree-walk] */
static enum err arguments(int argc, char **argv, struct arena *a, struct dmarc_query *q,
                          struct why *why)
{
	struct cur c = cur_of(str_of(argv[0]));

	if (!mailaddr_domain_parse(&c, a, MAILADDR_UTF8, &q->author) || !cur_done(&c))
		return fail(why, ERR_SYNTAX, "%s is no domain name", argv[0]);
	if (argc > 1 && strcmp(argv[1], "--tree-walk") != 0)
		return fail(why, ERR_SYNTAX, "%s is not --tree-walk", argv[1]);
	q->method = argc > 1 ? DMARC_TREE : DMARC_SUFFIXES;
	return OK;
}

int cli_dmarc(const struct settings *s, int argc, char **argv)
{
	struct dmarc_query q = { .deadline_ms = clock_mono_ms() + ASK_MS };
	struct dmarc_discovery found;
	struct arena a = { 0 };
	struct why why = { "" };
	int status;

	if (arguments(argc, argv, &a, &q, &why) != OK) {
		(void)command_failed("dmarc", &why);
		status = EXIT_USAGE;
	} else if (command_dns(s, &a, &q.dns, &why) != OK) {
		status = command_failed("dmarc", &why);
	} else {
		dmarc_discover(&q, &a, &found);
		status = say(&found, q, &a);
	}
	dns_free(&q.dns);
	arena_deinit(&a);
	return status;
}
