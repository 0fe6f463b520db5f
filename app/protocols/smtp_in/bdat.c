/* protocols/smtp_in/bdat.c: BDAT: a message in chunks (RFC 3030); data.c judges the whole.
 *
 * The bytes of a chunk follow its command at once, without leave, so they are taken also
 * when the command is refused: what was meant as message must never be read as commands. */
#include "formats/smtp_wire/chunk.h"
#include "foundation/base/clock.h"
#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "network/runtime/conn.h"
#include "protocols/smtp_in/session.h"

static void data_begin(struct in_session *s)
{
	in_data_begin(s);
	s->data->until_ms = clock_mono_ms() + LIMIT_smtp_data_ms;
}

/* The whole message has one deadline, however many chunks it has, and the peer may be silent
 * between two no longer than elsewhere. */
static void deadline(struct in_session *s, int64_t most_ms)
{
	int64_t left_ms = s->data != NULL ? s->data->until_ms - clock_mono_ms() : most_ms;

	conn_deadline(s->c, MAX(MIN(left_ms, most_ms), 1));
}

static void chunk_end(struct in_session *s)
{
	const struct smtp_answer *fault;
	uint64_t size = s->chunk.size;

	in_enter(s, s->chunk.refused ? s->chunk.back : IN_BDAT);
	if (s->chunk.refused) {
		conn_deadline(s->c, LIMIT_smtp_idle_ms);
		in_order_refuse(s, STR("BDAT"));
		return;
	}
	if (s->chunk.last) {
		in_data_finish(s);
		return;
	}
	deadline(s, LIMIT_smtp_idle_ms);
	fault = in_data_fault(s);
	if (fault == NULL)
		in_reply(s, 250, "2.0.0", "%" PRIu64 " bytes", size);
	else
		in_reply(s, fault->code, fault->enhanced, "%s", fault->text);
}

static void chunk_begin(struct in_session *s, struct str args, bool refused)
{
	struct smtp_bdat bdat;

	if (!smtp_bdat_parse(args, &bdat)) {
		/* How many bytes of no commands follow? */
		in_reply(s, 501, "5.5.4", "syntax: BDAT size [LAST]; closing connection");
		in_enter(s, IN_CLOSED);
		return;
	}
	s->chunk = (struct in_chunk){ .size = bdat.size,
		                      .left = bdat.size,
		                      .last = bdat.last,
		                      .refused = refused,
		                      .back = s->state };
	if (!refused && s->data == NULL)
		data_begin(s);
	/* Chunks of a message that grows are no commands that lead to nothing. */
	if (!refused && bdat.size != 0 && s->data->error == OK)
		s->commands--;
	deadline(s, LIMIT_smtp_data_ms);
	in_enter(s, IN_CHUNK);
	if (bdat.size == 0)
		chunk_end(s);
}

void in_bdat(struct in_session *s, struct str args)
{
	chunk_begin(s, args, false);
}

void in_bdat_refused(struct in_session *s, struct str args)
{
	chunk_begin(s, args, true);
}

/* Message or not, what belongs to the chunk is taken off the input. */
bool in_bdat_input(struct in_session *s)
{
	struct str bytes = conn_input(s->c);
	struct in_data *d = s->data;

	bytes = str_sub(bytes, 0, (size_t)MIN((uint64_t)bytes.n, s->chunk.left));
	if (bytes.n == 0)
		return false;
	if (!s->chunk.refused) {
		if (!(s->mail.envelope.flags & ENVELOPE_BINARY))
			lines_next(&d->lines, bytes);
		in_data_more(s, bytes);
	}
	conn_consume(s->c, bytes.n);
	s->chunk.left -= bytes.n;
	if (!s->chunk.refused && (s->chunk.left != 0 || !s->chunk.last))
		in_data_ahead(s);
	if (s->chunk.left == 0)
		chunk_end(s);
	return true;
}
