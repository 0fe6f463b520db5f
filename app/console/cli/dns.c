/* console/cli/dns.c: `roost dns NAME TYPE`: what name servers answer, what DNSSEC says. */
#include "console/cli/command.h"

#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/config/live.h"
#include "network/dns/dns.h"
#include "network/dnssec/message.h"
#include "network/runtime/addr.h"

#include <stdlib.h>

enum { ASK_MS = 20000 };

enum err command_dns(const struct settings *s, struct arena *a, struct dns **out, struct why *why)
{
	struct addr_list servers;
	struct live *live = NULL;
	enum err e = command_settings(s, &live, why);

	if (e == OK)
		e = addr_list_parse(a, settings_first(live)->dns_servers, 53, &servers, why);
	if (e == OK)
		e = dns_new(&servers, 0, out, why);
	if (e == OK)
		e = dns_security_set(*out, settings_first(live)->dnssec,
		                     settings_first(live)->dnssec_anchors, why);
	live_free(&live);
	return e;
}

static void print_lines(struct str text)
{
	struct cur c = cur_of(text);
	struct str line;

	while (cur_line(&c, &line))
		printf("  %.*s\n", STR_ARG(line));
}

static int say(enum dns_status status, const struct dns_explained *e)
{
	for (size_t i = 0; i < e->count; i++)
		printf("%.*s\n", STR_ARG(e->records[i]));
	if (e->count == 0)
		printf("%s\n", dns_status_text(status));
	printf("%s\n", e->verdict);
	print_lines(e->steps);
	return status == DNS_RETRY || status == DNS_BADNAME ? EXIT_FAILURE : EXIT_SUCCESS;
}

int cli_dns(const struct settings *s, int argc, char **argv)
{
	struct dns_explained explained;
	struct arena a = { 0 };
	struct dns *dns = NULL;
	struct why why = { "" };
	uint16_t type = RR_A;
	int status = EXIT_FAILURE;

	if (argc > 1 && !rr_type_parse(str_of(argv[1]), &type)) {
		(void)!fail(&why, ERR_SYNTAX, "%s is no type of records", argv[1]);
		(void)command_failed("dns", &why);
		status = EXIT_USAGE;
	} else if (command_dns(s, &a, &dns, &why) != OK) {
		status = command_failed("dns", &why);
	} else {
		status = say(dns_explain(dns, &a, str_of(argv[0]), type, clock_mono_ms() + ASK_MS,
		                         &explained),
		             &explained);
	}
	dns_free(&dns);
	arena_deinit(&a);
	return status;
}
