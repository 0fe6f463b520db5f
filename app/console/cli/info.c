/* console/cli/info.c: commands that need no store: licenses, version, healthcheck. */
#include "console/cli/command.h"

#include "console/cli/cli_private.h"
#include "foundation/config/live.h"
#include "foundation/config/version.h"
#include "network/runtime/stream.h"
#include "network/tls/tls.h"

#include <stdio.h>
#include <stdlib.h>

enum { HEALTH_MS = 3000, HEALTH_LINE_MAX = 1000 };

int cli_licenses(const struct settings *s, int argc, char **argv)
{
	(void)s, (void)argc, (void)argv;
	fwrite(licenses_text, 1, licenses_text_size, stdout);
	return EXIT_SUCCESS;
}

int cli_version(const struct settings *s, int argc, char **argv)
{
	(void)s, (void)argc, (void)argv;
	printf("roost %s (%s)\n", roost_version, roost_commit);
	return EXIT_SUCCESS;
}

/* --- healthcheck --- */

/* The first address of these listeners, as this machine reaches itself there. */
static bool health_address(struct arena *a, struct str listeners, struct addr *out)
{
	struct addr_list list;

	if (addr_list_parse(a, listeners, 0, &list, NULL) != OK || list.count == 0)
		return false;
	*out = list.items[0];
	if (out->family == ADDR_ANY) {
		uint16_t port = out->port;

		addr_parse_ip(STR("127.0.0.1"), out);
		out->port = port;
	}
	return true;
}

static enum err health_ask(struct stream *stream, bool tls, struct why *why)
{
	const struct tls_client_config unverified = { .verify = TLS_VERIFY_NONE };
	struct str line;
	enum err e;

	stream_timeout(stream, HEALTH_MS);
	if (tls && (e = stream_starttls(stream, &unverified, STR_EMPTY, why)))
		return e;
	e = stream_write(stream,
	                 STR("GET /healthz/ready HTTP/1.1\r\nHost: localhost\r\n"
	                     "Connection: close\r\n\r\n"),
	                 why);
	if (e || (e = stream_line(stream, HEALTH_LINE_MAX, &line, why)))
		return e;
	if (str_find(line, STR(" 200 ")) < 0)
		return fail(why, ERR_IO, "not ready: %.*s", STR_ARG(line));
	return OK;
}

/* *reached: somebody listens there, whether or not he answers. */
static enum err health_of(const struct settings *s, bool *reached, struct why *why)
{
	struct arena a = { 0 };
	struct dial_config dial = { .timeout_ms = HEALTH_MS };
	struct stream *stream = NULL;
	bool plain = health_address(&a, s->listen_http, &dial.to);
	enum err e;

	if (!plain && !health_address(&a, s->listen_https, &dial.to))
		e = fail(why, ERR_MISSING,
		         "ROOST_LISTEN_HTTP and ROOST_LISTEN_HTTPS are off: "
		         "there is nobody to ask");
	else
		e = stream_dial(&dial, &stream, why);
	*reached = e == OK;
	if (e == OK)
		e = health_ask(stream, !plain, why);
	stream_free(&stream);
	arena_deinit(&a);
	return e;
}

/* Where the environment says, which costs least; when nobody listens there, where the store
 * says. A server that hangs is waited for once: an engine that asks has little patience. */
int cli_healthcheck(const struct settings *s, int argc, char **argv)
{
	struct why why = { "" }, stored = { "" };
	struct live *live = NULL;
	bool reached;
	enum err e = health_of(s, &reached, &why);

	(void)argc, (void)argv;
	if (!reached && command_settings(s, &live, &stored) == OK)
		e = health_of(settings_first(live), &reached, &why);
	live_free(&live);
	return e == OK ? EXIT_SUCCESS : command_failed("healthcheck", &why);
}
