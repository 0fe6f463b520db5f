/* flow/delivery/fit.c: see fit.h. */
#include "flow/delivery/fit.h"

#include "formats/message/downgrade.h"
#include "formats/message/header.h"
#include "formats/message/lines.h"
#include "foundation/base/arena.h"
#include "model/store/spool.h"

unsigned fit_flags(const struct delivery_message *m)
{
	size_t header = header_size(m->body);
	unsigned flags = 0;

	if (!lines_text_fit(m->trace) || !lines_text_fit(str_sub(m->body, 0, header)))
		flags |= ENVELOPE_LONG_HEADER;
	if (!lines_text_fit(str_sub(m->body, header, m->body.n)))
		flags |= ENVELOPE_LONG_BODY;
	return flags;
}

static bool room_take(struct str bytes, void *arg)
{
	return spool_put(arg, bytes) == OK;
}

enum err fit_own(const struct delivery *d, struct delivery_message *m, struct spool *room)
{
	struct arena a = { 0 };
	struct message parsed;
	enum downgraded how;
	struct str field;
	enum err e = OK;

	if (!m->ours || (m->envelope.flags & ENVELOPE_BINARY) || fit_flags(m) == 0)
		return OK;
	message_parse(&a, m->body, &d->limits, &parsed);
	how = downgrade_put(&parsed, true, room_take, room, &field);
	if (how == DOWNGRADED)
		e = spool_view(room, &m->body);
	else if (how == DOWNGRADE_STOPPED)
		e = room->error;
	arena_deinit(&a);
	return e;
}
