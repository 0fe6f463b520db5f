/* What the API does, a command does: each route has one, or a reason why not. */
#include "harness/check.h"

#include "console/api/api_table.h"
#include "console/cli/command.h"

#include <string.h>

/* Rows of calls.def. */
static const char *const calls[] = {
#define CALL(words, args, least, needs, handler, takes, prints, help) #handler, words,
#include "console/cli/calls.def"
#undef CALL
};

/* Routes without such a row. */
static const struct {
	const char *handler;
	const char *words;  /* NULL: there is none      */
	const char *reason; /* then: why                */
} others[] = {
	{ "api_client_settings", NULL, "mail programs find them by themselves" },
	{ "api_login", NULL, "who may run a command needs no login" },
	{ "api_logout", NULL, "as login" },
	{ "api_session", NULL, "as login" },
	{ "api_backup", "backup", NULL },
	{ "api_openapi", NULL, "it describes HTTP" },
	{ "api_me", "account show", NULL },
	{ "api_me_change", "account set", NULL },
	{ "api_me_password", "account passwd", NULL },
	{ "api_me_logins", "account logins", NULL },
	{ "api_me_app_passwords", "account app-password list", NULL },
	{ "api_me_app_password_rm", "account app-password rm", NULL },
	{ "api_me_totp_begin", NULL, "the secret belongs into its user's hands only" },
	{ "api_me_totp_on", NULL, "as api_me_totp_begin" },
	{ "api_me_totp_off", "account totp off", NULL },
	{ "api_login_passkey_begin", NULL, "as login" },
	{ "api_login_passkey", NULL, "as login" },
	{ "api_me_passkeys", "account passkeys list", NULL },
	{ "api_me_passkey_begin", NULL, "a browser makes them" },
	{ "api_me_passkey_add", NULL, "as api_me_passkey_begin" },
	{ "api_me_passkey_rm", "account passkeys rm", NULL },
	{ "api_account_import_add", "account import-imap", NULL },
	{ "api_account_import_look", NULL, "import-imap says where each mailbox went" },
	{ "api_account_import_run", "account import-imap", NULL },
	{ "api_me_imports", "account imports", NULL },
	{ "api_me_import", "account import show", NULL },
	{ "api_me_import_add", "account import-imap", NULL },
	{ "api_me_import_look", NULL, "as api_account_import_look" },
	{ "api_me_import_run", "account import-imap", NULL },
	{ "api_me_import_cancel", "account import cancel", NULL },
	{ "api_me_import_rm", "account import rm", NULL },
	{ "api_me_messages", NULL, "script try takes a file" },
	{ "api_me_filters", "filters show", NULL },
	{ "api_me_filters_change", "filters set", NULL },
	{ "api_me_filters_apply", "filters apply", NULL },
	{ "api_me_vacation", "vacation show", NULL },
	{ "api_me_vacation_change", "vacation set", NULL },
	{ "api_send", "send", NULL },
	{ "api_send_get", "send status", NULL },
	{ "api_send_cancel", "send cancel", NULL },
	{ "api_settings", "settings", NULL },
	{ "api_setting_set", "settings set", NULL },
	{ "api_setting_unset", "settings unset", NULL },
	{ "api_setup", NULL, "the pages of the first start; `roost account owner` ends it" },
	{ "api_setup_claim", NULL, "as api_setup" },
	{ "api_setup_host", "settings set", NULL },
	{ "api_setup_owner", "account owner", NULL },
	{ "api_setup_look", "doctor", NULL },
	{ "api_setup_delivery", "settings set", NULL },
	{ "api_setup_certificate", "settings set", NULL },
	{ "api_setup_certificate_state", "certificate list", NULL },
	{ "api_setup_challenges", NULL,
	  "as api_setup; `roost certificate list` tells what came of it" },
	{ "api_setup_dns", "domain dns", NULL },
	{ "api_setup_test", NULL, "any mail program sends one" },
	{ "api_setup_finish", "account owner", NULL },
};

static bool is_command(const char *words)
{
	char text[64], *argv[4] = { NULL };
	const struct command *c;
	int argc = 0, n = 0;

	snprintf(text, sizeof text, "%s", words);
	for (char *at = text; at != NULL && argc < 4; argc++) {
		argv[argc] = at;
		at = strchr(at, ' ');
		if (at != NULL)
			*at++ = '\0';
	}
	c = command_find(argc, argv, &n);
	return c != NULL && strcmp(c->words, words) == 0;
}

static bool covered(const char *handler)
{
	for (size_t i = 0; i < COUNT(calls); i += 2)
		if (strcmp(calls[i], handler) == 0)
			return is_command(calls[i + 1]);
	for (size_t i = 0; i < COUNT(others); i++)
		if (strcmp(others[i].handler, handler) == 0)
			return others[i].words != NULL ? is_command(others[i].words)
			                               : others[i].reason[0] != '\0';
	return false;
}

static void every_route_has_a_command(void **state)
{
	(void)state;
	for (size_t i = 0; i < api_route_count; i++)
		if (!covered(api_routes[i].name))
			fail_msg("%s %s: no command does this; see console/cli/calls.def",
			         api_routes[i].method, api_routes[i].path);
}

/* Nothing here is about a route that is gone, nor is one excused that has a call. */
static void every_row_is_needed(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(others); i++) {
		bool there = false, twice = false;

		for (size_t j = 0; j < api_route_count; j++)
			there |= strcmp(api_routes[j].name, others[i].handler) == 0;
		for (size_t j = 0; j < COUNT(calls); j += 2)
			twice |= strcmp(calls[j], others[i].handler) == 0;
		if (!there || twice)
			fail_msg("%s: %s", others[i].handler,
			         there ? "there twice" : "no such route");
	}
}

static const struct {
	const char *handler, *takes;
	int least;
} rows[] = {
#define CALL(words, args, least, needs, handler, takes, prints, help) { #handler, takes, least },
#include "console/cli/calls.def"
#undef CALL
};

static const struct api_route *route_of(const char *handler)
{
	for (size_t i = 0; i < api_route_count; i++)
		if (strcmp(api_routes[i].name, handler) == 0)
			return &api_routes[i];
	return NULL;
}

/* The path's parameters are the first arguments. */
static void calls_fit_their_paths(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int parameters = 0;

		for (const char *p = route_of(rows[i].handler)->path; *p != '\0'; p++)
			parameters += *p == '{';
		check_at(i, parameters <= rows[i].least);
		check_at(i, rows[i].takes[0] != '\0' || parameters == rows[i].least);
	}
}

static bool has_field(const struct api_route *route, struct str name)
{
	const struct api_shape *shape = api_shape_find(str_of(route->body));
	struct cur c = cur_of(str_of(shape != NULL ? shape->fields : ""));
	struct api_field f;
	char query[32];

	while (api_field_next(&c, &f))
		if (str_eq(f.name, name))
			return true;
	snprintf(query, sizeof query, "%.*s", STR_ARG(name));
	return shape == NULL && api_query_find(route, query);
}

/* Each word of "takes" names a field of the body or of the query. */
static void calls_take_what_there_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[128];

		snprintf(text, sizeof text, "%s", rows[i].takes);
		for (char *word = strtok(text, " "); word != NULL; word = strtok(NULL, " ")) {
			char *colon = strchr(word, '=') != NULL ? strchr(word, ':') : NULL;

			if (strcmp(word, "#") == 0 || strcmp(word, "as") == 0 ||
			    strcmp(word, "@") == 0)
				continue;
			word = colon != NULL ? colon + 1 : word;
			check_at(i, has_field(route_of(rows[i].handler),
			                      str_from(word, strcspn(word, ".|<=!"))));
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_route_has_a_command),
		cmocka_unit_test(every_row_is_needed),
		cmocka_unit_test(calls_fit_their_paths),
		cmocka_unit_test(calls_take_what_there_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
