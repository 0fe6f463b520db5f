/* What the API does, a command does: each route has one, or a reason why not. */
#include "harness/check.h"

#include "console/api/api_table.h"
#include "console/cli/command.h"

#include <string.h>

/* Commands that call the API by themselves. */
static const char *const calls[] = {
#define CALL(words, args, least, handler, query, help) #handler, words,
#include "console/cli/calls.def"
#undef CALL
};

/* Commands that work on the store, beside a server and without one. */
static const struct {
	const char *handler;
	const char *words;  /* NULL: there is none      */
	const char *reason; /* then: why                */
} others[] = {
	{ "api_client_settings", NULL, "mail programs find them by themselves" },
	{ "api_login", NULL, "who may run a command needs no login" },
	{ "api_logout", NULL, "as login" },
	{ "api_session", NULL, "as login" },
	{ "api_tokens", "token list", NULL },
	{ "api_token_add", "token add", NULL },
	{ "api_token_rm", "token rm", NULL },
	{ "api_certificates", "certificate list", NULL },
	{ "api_certificates_renew", "certificate renew", NULL },
	{ "api_certificate_add", "certificate add", NULL },
	{ "api_certificate_rm", "certificate rm", NULL },
	{ "api_certificate_revoke", "certificate revoke", NULL },
	{ "api_acme_account", "certificate account", NULL },
	{ "api_acme_account_rollover", "certificate account rollover", NULL },
	{ "api_acme_account_end", "certificate account deactivate", NULL },
	{ "api_backup", "backup", NULL },
	{ "api_queue", "queue list", NULL },
	{ "api_queue_get", "queue show", NULL },
	{ "api_queue_retry", "queue retry", NULL },
	{ "api_queue_hold", "queue hold", NULL },
	{ "api_queue_release", "queue release", NULL },
	{ "api_openapi", NULL, "it describes HTTP" },
	{ "api_domains", "domain list", NULL },
	{ "api_domain_add", "domain add", NULL },
	{ "api_domain_rm", "domain rm", NULL },
	{ "api_accounts", "account list", NULL },
	{ "api_account_add", "account add", NULL },
	{ "api_account_rm", "account rm", NULL },
	{ "api_account_password", "account passwd", NULL },
	{ "api_account_logins", "account logins", NULL },
	{ "api_account_app_passwords", "account app-password list", NULL },
	{ "api_account_app_password_rm", "account app-password rm", NULL },
	{ "api_account_totp_off", "account totp off", NULL },
	{ "api_aliases", "alias list", NULL },
	{ "api_alias_add", "alias add", NULL },
	{ "api_alias_rm", "alias rm", NULL },
	{ "api_groups", "group list", NULL },
	{ "api_group_add", "group add", NULL },
	{ "api_group_change", "group join", NULL },
	{ "api_group_rm", "group rm", NULL },
	{ "api_me", "account show", NULL },
	{ "api_me_change", "account set", NULL },
	{ "api_me_password", "account passwd", NULL },
	{ "api_me_logins", "account logins", NULL },
	{ "api_me_app_passwords", "account app-password list", NULL },
	{ "api_me_app_password_add", "account app-password add", NULL },
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
	{ "api_account_passkeys", "account passkeys list", NULL },
	{ "api_account_passkey_rm", "account passkeys rm", NULL },
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
	{ "api_send", "send", NULL },
	{ "api_send_get", "send status", NULL },
	{ "api_send_cancel", "send cancel", NULL },
	{ "api_send_as", "send", NULL },
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

/* As many arguments as the path has parameters. */
static void calls_fit_their_paths(void **state)
{
	(void)state;
#define CALL(words, args, least, handler, query, help) { #handler, least },
	static const struct {
		const char *handler;
		int least;
	} rows[] = {
#include "console/cli/calls.def"
	};
#undef CALL
	for (size_t i = 0; i < COUNT(rows); i++) {
		int parameters = 0;

		for (size_t j = 0; j < api_route_count; j++)
			if (strcmp(api_routes[j].name, rows[i].handler) == 0)
				for (const char *p = api_routes[j].path; *p != '\0'; p++)
					parameters += *p == '{';
		check_at(i, parameters == rows[i].least);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_route_has_a_command),
		cmocka_unit_test(every_row_is_needed),
		cmocka_unit_test(calls_fit_their_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
