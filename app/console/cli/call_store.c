/* console/cli/call_store.c: a call of the API in the process of a command, on the store; see
 * call.h. Objects of the running server are NULL in its struct admin. */
#include "console/cli/call.h"

#include "console/api/admin.h"
#include "console/api/settings/settings_store.h"
#include "console/cli/command.h"
#include "foundation/config/live.h"
#include "foundation/config/version.h"
#include "model/webhook/webhook.h"
#include "network/http_server/http.h"
#include "network/http_server/path.h"

#include <string.h>

/* As network/http_server decodes a request-target. */
static struct str path_of(struct call *c)
{
	char *text = arena_alloc(&c->a, c->path.n + 1);

	memcpy(text, c->path.p, c->path.n);
	return str_from(text, path_unescape(text));
}

static void handle(struct call *c, const struct admin *admin)
{
	const struct http_request q = { .method = c->route->method,
		                        .path = path_of(c),
		                        .body = c->sent,
		                        .local = true,
		                        .host = STR("localhost"),
		                        .arena = &c->a,
		                        .context = (void *)(uintptr_t)admin,
		                        .type = c->type,
		                        .query = buf_str(&c->query) };
	struct http_response r = { .status = 200, .file = -1 };

	buf_init(&r.body, HTTP_RESPONSE_MAX);
	api_serve(&q, &r);
	c->status = r.status;
	c->content = str_dup(&c->a, buf_str(&r.body));
	buf_deinit(&r.body);
}

bool call_store_run(struct call *c, const struct settings *s, bool create)
{
	struct webhooks_config hooks = { 0 }; /* it writes rows; the server sends them */
	struct admin admin = { .settings = s,
		               .version = str_of(roost_version),
		               .commit = str_of(roost_commit) };
	bool done = false;

	c->why = (struct why){ "" };
	admin.store = command_store(s, create);
	if (admin.store == NULL)
		return false;
	if (command_live(s, admin.store, &admin.live, &c->why) != OK) {
		command_failed("settings", &c->why);
	} else {
		hooks.live = admin.live;
		admin.webhooks = webhooks_new(&hooks);
		handle(c, &admin);
		done = true;
	}
	webhooks_free(&admin.webhooks);
	live_free(&admin.live);
	store_close(&admin.store);
	return done;
}
