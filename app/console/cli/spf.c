/* console/cli/spf.c: `roost spf IP ADDRESS [HELO]`: what SPF says of a client, and why. */
#include "console/cli/command.h"

#include "formats/mailauth/spf.h"
#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "network/dns/dns.h"

#include <stdlib.h>
#include <string.h>

enum { CHECK_MS = 20000 }; /* RFC 7208 4.6.4: at least that long */

static void print(struct str name, struct str text)
{
	if (text.n != 0)
		printf("%.*s: %.*s\n", STR_ARG(name), STR_ARG(text));
}

static int say(const struct spf_answer *answer)
{
	printf("%.*s\n", STR_ARG(spf_result_text(answer->result)));
	print(STR("domain"), answer->domain);
	print(STR("term"), answer->term);
	print(STR("why"), answer->why);
	print(STR("explanation"), answer->explanation);
	printf("lookups: %u of %d\n", answer->lookups, SPF_LOOKUPS_MAX);
	return answer->result == SPF_TEMPERROR ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* ADDRESS as the client may have given it, also what is no address by the grammar: a null one is
 * "<>" or empty. */
static void sender_take(struct str address, struct spf_query *q)
{
	ptrdiff_t at = str_rfind_byte(address, '@');

	if (str_eq(address, STR("<>")) || address.n == 0)
		return;
	q->local = at < 0 ? STR_EMPTY : str_sub(address, 0, (size_t)at);
	q->domain = str_sub(address, at < 0 ? 0 : (size_t)at + 1, address.n);
}

int cli_spf(const struct settings *s, int argc, char **argv)
{
	struct spf_query q = { .receiver = s->hostname,
		               .helo = argc > 2 ? str_of(argv[2]) : STR_EMPTY,
		               .now_s = clock_real_ms() / 1000,
		               .deadline_ms = clock_mono_ms() + CHECK_MS };
	struct spf_answer answer;
	struct arena a = { 0 };
	struct why why = { "" };
	int status;

	sender_take(str_of(argv[1]), &q);
	if (!addr_parse_ip(str_of(argv[0]), &q.ip)) {
		(void)!fail(&why, ERR_SYNTAX, "%s is no IP address", argv[0]);
		(void)command_failed("spf", &why);
		status = EXIT_USAGE;
	} else if (command_dns(s, &a, &q.dns, &why) != OK) {
		status = command_failed("spf", &why);
	} else {
		spf_check_mail(&q, &a, &answer);
		status = say(&answer);
	}
	dns_free(&q.dns);
	arena_deinit(&a);
	return status;
}
