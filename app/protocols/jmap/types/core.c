/* protocols/jmap/types/core.c: Core/echo (RFC 8620 4). */
#include "protocols/jmap/request/call.h"

/* "The response has the same arguments as the request." */
static enum err core_echo(struct jmap_call *c)
{
	struct json_iter it = json_iter(c->args);

	while (json_next(&it)) {
		json_put_name(c->out, it.name);
		json_put_value(c->out, NULL, it.value);
	}
	return OK;
}

static const struct jmap_method rows[] = {
	{ .name = "Core/echo",
	  .capability = CAP_CORE,
	  .no_account = true,
	  .any_arguments = true,
	  .run = core_echo },
};
const struct jmap_methods jmap_methods_core = { rows, COUNT(rows) };
