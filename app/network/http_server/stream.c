/* network/http_server/stream.c: see stream.h. */
#include "network/http_server/stream.h"

void http_event_put(struct buf *out, const char *event, struct str id, struct str data)
{
	assert(str_find_byte(data, '\n') < 0 && str_find_byte(id, '\n') < 0);
	buf_fmt(out, "event: %s\n", event);
	if (id.n != 0)
		buf_fmt(out, "id: %.*s\n", STR_ARG(id));
	buf_put(out, STR("data: "));
	buf_put(out, data);
	buf_put(out, STR("\n\n"));
}

void http_event_comment(struct buf *out)
{
	buf_put(out, STR(":\n\n"));
}
