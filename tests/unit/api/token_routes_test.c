/* The limits of a token, route by route: a new route that changes something, or answers with
 * secrets, is decided about here. */
#include "harness/check.h"

#include "console/api/access/token.h"
#include "console/api/api_table.h"

#include <string.h>

enum decision {
	MAY,     /* with its scope: it gains nothing that the scope does not say   */
	NEVER,   /* the table refuses every token                                  */
	PARTLY,  /* the handler refuses what would make the token more than it is  */
	NOBODYS, /* no token is looked at                                          */
};

static const struct {
	const char *method, *path;
	enum decision decision;
} rows[] = {
	{ "POST", "/api/login", NOBODYS },
	{ "POST", "/api/login/passkey/begin", NOBODYS },
	{ "POST", "/api/login/passkey", NOBODYS },
	{ "POST", "/api/logout", MAY }, /* ends no token and no session but its cookie's */
	{ "POST", "/api/tokens", NEVER },
	{ "DELETE", "/api/tokens/{id}", NEVER },
	{ "GET", "/api/backup", NEVER }, /* TOTP secrets, hashes of passwords, private keys */
	/* Accounts that administer, and roles. */
	{ "POST", "/api/accounts", PARTLY },
	{ "PUT", "/api/accounts/{address}", PARTLY },
	{ "DELETE", "/api/accounts/{address}", PARTLY },
	{ "PUT", "/api/accounts/{address}/password", PARTLY },
	{ "DELETE", "/api/accounts/{address}/app-passwords/{id}", PARTLY },
	{ "DELETE", "/api/accounts/{address}/totp", PARTLY },
	{ "DELETE", "/api/accounts/{address}/passkeys/{id}", PARTLY },
	/* Listeners, proxies, authorities of client certificates. */
	{ "PUT", "/api/settings/{name}", PARTLY },
	{ "DELETE", "/api/settings/{name}", PARTLY },
	{ "PUT", "/api/acme", PARTLY },
	{ "PUT", "/api/me/password", NEVER },
	{ "POST", "/api/me/app-passwords", NEVER },
	{ "DELETE", "/api/me/app-passwords/{id}", MAY },
	{ "POST", "/api/me/totp", NEVER },
	{ "PUT", "/api/me/totp", NEVER },
	{ "DELETE", "/api/me/totp", NEVER },
	{ "POST", "/api/me/passkeys/begin", NEVER },
	{ "POST", "/api/me/passkeys", NEVER },
	{ "DELETE", "/api/me/passkeys/{id}", NEVER },
	/* Setup has a token of its own, which ends with it. */
	{ "POST", "/api/setup/claim", NOBODYS },
	{ "PUT", "/api/setup/host", NOBODYS },
	{ "PUT", "/api/setup/owner", NOBODYS },
	{ "POST", "/api/setup/look-around", NOBODYS },
	{ "PUT", "/api/setup/delivery", NOBODYS },
	{ "PUT", "/api/setup/certificate", NOBODYS },
	{ "POST", "/api/setup/test-mail", NOBODYS },
	{ "POST", "/api/setup/finish", NOBODYS },
	/* Sending as an account, and importing for it, is what admin:write says. */
	{ "POST", "/api/send", MAY },
	{ "DELETE", "/api/send/{id}", MAY },
	{ "POST", "/api/send/as/{address}", MAY },
	{ "DELETE", "/api/send/as/{address}/{id}", MAY },
	{ "POST", "/api/certificates/renew", MAY },
	{ "POST", "/api/certificates", MAY },
	{ "DELETE", "/api/certificates/{id}", MAY },
	{ "POST", "/api/certificates/{id}/revoke", MAY },
	{ "POST", "/api/acme/account/rollover", MAY },
	{ "DELETE", "/api/acme/account", MAY },
	{ "POST", "/api/blocked", MAY },
	{ "DELETE", "/api/blocked/{address}", MAY },
	{ "POST", "/api/access", MAY },
	{ "DELETE", "/api/access/{id}", MAY },
	{ "DELETE", "/api/tls/policies/{domain}", MAY },
	{ "POST", "/api/dns/flush", MAY },
	{ "POST", "/api/reports/out/send", MAY },
	{ "DELETE", "/api/reports/out/suppressed/{address}", MAY },
	{ "POST", "/api/doctor", MAY },
	{ "POST", "/api/doctor/self-test", MAY },
	{ "DELETE", "/api/reports/{id}", MAY },
	{ "POST", "/api/queue/{id}/retry", MAY },
	{ "POST", "/api/queue/{id}/hold", MAY },
	{ "POST", "/api/queue/{id}/release", MAY },
	{ "DELETE", "/api/queue/{id}", MAY },
	{ "POST", "/api/queue/{id}/route", MAY },
	{ "POST", "/api/queue/{id}/queue", MAY },
	{ "POST", "/api/queue-actions", MAY },
	{ "POST", "/api/pauses", MAY },
	{ "DELETE", "/api/pauses", MAY },
	{ "POST", "/api/suppressed", MAY },
	{ "DELETE", "/api/suppressed/{address}", MAY },
	{ "POST", "/api/domains", MAY },
	{ "PUT", "/api/domains/{domain}", MAY },
	{ "DELETE", "/api/domains/{domain}", MAY },
	{ "POST", "/api/aliases", MAY },
	{ "PUT", "/api/aliases/{address}", MAY },
	{ "DELETE", "/api/aliases/{address}", MAY },
	{ "POST", "/api/groups", MAY },
	{ "PUT", "/api/groups/{address}", MAY },
	{ "DELETE", "/api/groups/{address}", MAY },
	{ "PUT", "/api/me", MAY },
	{ "POST", "/api/me/imports", MAY },
	{ "POST", "/api/me/imports/look", MAY },
	{ "POST", "/api/me/imports/{id}/run", MAY },
	{ "POST", "/api/me/imports/{id}/cancel", MAY },
	{ "DELETE", "/api/me/imports/{id}", MAY },
	{ "POST", "/api/accounts/{address}/imports", MAY },
	{ "POST", "/api/accounts/{address}/imports/look", MAY },
	{ "POST", "/api/accounts/{address}/imports/{id}/run", MAY },
	{ "POST", "/api/accounts/{address}/imports/{id}/cancel", MAY },
	{ "DELETE", "/api/accounts/{address}/imports/{id}", MAY },
	{ "GET", "/api/me/messages", NEVER }, /* no scope is for reading mail */
	{ "POST", "/api/me/scripts/check", MAY },
	{ "POST", "/api/me/scripts/try", NEVER }, /* its tests tell what is in a message */
	{ "PUT", "/api/me/scripts/{name}", NEVER }, /* redirects copy mail out */
	{ "DELETE", "/api/me/scripts/{name}", MAY },
	{ "PUT", "/api/domains/{domain}/scripts/{name}", NEVER },
	{ "DELETE", "/api/domains/{domain}/scripts/{name}", MAY },
	{ "PUT", "/api/scripts/{name}", NEVER },
	{ "DELETE", "/api/scripts/{name}", MAY },
	{ "PUT", "/api/me/filters", NEVER },
	{ "POST", "/api/me/filters/apply", NEVER },
	{ "PUT", "/api/me/vacation", MAY },
	{ "PUT", "/api/accounts/{address}/filters", NEVER },
	{ "POST", "/api/accounts/{address}/filters/apply", NEVER },
	{ "PUT", "/api/accounts/{address}/vacation", PARTLY },
	{ "POST", "/api/settings/confirm", MAY },
	{ "POST", "/api/settings/undo", MAY },
	{ "POST", "/api/domains/{domain}/keys", MAY },
	{ "PUT", "/api/domains/{domain}/keys/{selector}", MAY },
	{ "DELETE", "/api/domains/{domain}/keys/{selector}", MAY },
	{ "POST", "/api/domains/{domain}/dkim/rotate", MAY },
};

static size_t row_of(const struct api_route *r)
{
	size_t i = 0;

	while (i < COUNT(rows) && (strcmp(rows[i].method, r->method) != 0 ||
	                           strcmp(rows[i].path, r->path) != 0))
		i++;
	return i;
}

static bool fits(const struct api_route *r, enum decision decision)
{
	const struct token all = { .scopes = BIT(API_SCOPES) - 1 };

	switch (decision) {
	case NEVER:
		return r->scope == API_SCOPE_LOGIN && !token_allows(&all, r->scope);
	case NOBODYS:
		return r->role == API_ANYBODY;
	case MAY:
	case PARTLY:
		return r->role != API_ANYBODY && r->scope < API_SCOPES;
	}
	return false;
}

/* The scope decides about routes that only read, unless they are in the table. */
static void every_route_is_decided(void **state)
{
	bool used[COUNT(rows)] = { false };

	(void)state;
	for (size_t i = 0; i < api_route_count; i++) {
		const struct api_route *r = &api_routes[i];
		size_t row = row_of(r);

		if (row == COUNT(rows)) {
			if (strcmp(r->method, "GET") != 0 || r->scope == API_SCOPE_LOGIN)
				fail_msg("%s %s: may a token do this? Add a row", r->method,
				         r->path);
			continue;
		}
		used[row] = true;
		if (!fits(r, rows[row].decision))
			fail_msg("%s %s: its row in routes.def says something else", r->method,
			         r->path);
	}
	for (size_t i = 0; i < COUNT(rows); i++)
		check_at(i, used[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_route_is_decided),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
