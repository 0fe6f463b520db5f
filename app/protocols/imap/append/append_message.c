/* protocols/imap/append/append_message.c: receives and prepares one message of an
 * APPEND. */
#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "model/mailbox/email/email_new.h"
#include "model/mailbox/mailbox.h"
#include "model/mailbox/rights.h"
#include "protocols/imap/append/append_parts.h"
#include "protocols/imap/commands.h"
#include "protocols/imap/message_limit.h"
#include "protocols/imap/store.h"
#include "protocols/imap/url.h"

/* Most bytes that other threads may still have to prepare; then wait for them. */
enum { WORK_BYTES = 2 << 20 };

static struct imap_strs flags_dup(struct arena *a, const struct imap_strs *flags)
{
	struct imap_strs out = { arena_alloc_array(a, MAX(flags->n, 1), sizeof(struct str)),
		                 flags->n };

	for (size_t i = 0; i < flags->n; i++)
		out.items[i] = str_dup(a, flags->items[i]);
	return out;
}

bool append_message_begin(struct imap *s, struct appending *g, const struct imap_append_step *step)
{
	if (imap_limit_exceeded(s, imap_save_limit(s), g->n + 1))
		return false;
	if (g->n == LIMIT_imap_append_messages || (g->replaced && g->n == 1)) {
		imap_no(s, "LIMIT", "Too many messages in one command");
		return false;
	}
	spool_reset(&g->spool);
	g->binary = false;
	g->message = (struct append_message){ .flags = flags_dup(&s->run.arena, &step->flags),
		                              .dated = step->dated,
		                              .date_ms = step->date_ms };
	return true;
}

struct checking {
	struct imap_place at;
	uint64_t size;
	bool quota;
};

static enum err append_check(const struct mail_txn *m, void *arg)
{
	const struct checking *c = arg;
	struct mailbox box;
	enum err e = mailbox_find_for(m, c->at.name, RIGHT_INSERT, &box);

	return e || !c->quota ? e : mail_quota_check(m, c->size);
}

/* Are size more bytes accepted? */
static bool bytes_wanted(struct imap *s, struct appending *g, uint64_t size)
{
	struct checking c = { g->place, g->total + g->spool.size + size, g->replaced == 0 };
	enum err e;

	/* RFC 3502: an empty message is an error, by which clients cancel. */
	if (size == 0 && g->at == APPEND_AT_MESSAGE) {
		imap_no(s, "CANNOT", "The message is empty");
		return false;
	}
	/* RFC 7889, RFC 4469 4.2 */
	if (size > s->settings->message_size - MIN(g->spool.size, s->settings->message_size)) {
		imap_no(s, "TOOBIG", "Message too big");
		return false;
	}
	e = imap_read_at(s, &c.at, append_check, &c);
	if (e)
		imap_failed(s, ABOUT_TARGET, e, NULL);
	return !e;
}

bool append_bytes_begin(struct imap *s, struct appending *g, enum imap_append_at at)
{
	const struct imap_input *in = &s->input;

	g->at = at;
	if (!bytes_wanted(s, g, in->message))
		return false;
	g->left = in->message;
	g->bytes = true;
	g->binary |= in->message_binary;
	if (in->message_sync)
		buf_put(imap_out(s), STR("+ Ready for the message\r\n"));
	return true;
}

bool append_url_add(struct imap *s, struct appending *g, struct str url)
{
	enum err e = imap_url_copy(s, url, s->settings->message_size, &g->spool);

	if (e == ERR_LIMIT)
		imap_no(s, "TOOBIG", "Message too big");
	else if (e == ERR_MISSING || e == ERR_SYNTAX)
		imap_bad_url(s, url);
	else if (e)
		imap_failed(s, ABOUT_ANY, e, NULL);
	return !e;
}

/* --- a complete message ---------------------------------------------------------------- */

/* A message with NULs cannot be fetched by BODY[]; our messages are the same by every
 * fetch. RFC 3516 4.4 has a code for the refusal. */
static bool binary_taken(struct imap *s, struct appending *g)
{
	struct str raw;

	if (!g->binary || spool_view(&g->spool, &raw) != OK || str_find_byte(raw, '\0') < 0)
		return true;
	imap_no(s, "UNKNOWN-CTE", "A message with NUL needs an encoding");
	return false;
}

enum err append_prepare(struct imap *s, struct appending *g, struct email_new **out,
                        struct why *why)
{
	struct str raw;
	enum err e = spool_view(&g->spool, &raw);

	*out = NULL;
	return e ? e
	         : email_prepare(s->server->store, &raw, 1, &s->server->message_limits, out, why);
}

/* Take over the next message from the other threads. */
static void work_take(void *arg, struct email_new *email)
{
	struct appending *g = arg;
	size_t freeable;

	while (g->messages[g->ready].email)
		g->ready++;
	g->messages[g->ready].email = email;
	g->held += email_new_held(email, &freeable);
}

enum err append_work_end(struct appending *g, struct why *why)
{
	return g->work.n ? append_work_finish(&g->work, work_take, g, why) : OK;
}

/* Write the chunks of pending messages ahead if there are many. */
static enum err append_settle(struct appending *g, struct why *why)
{
	struct email_new **emails;
	size_t n = g->n - g->ahead, freed = 0;
	enum err e = OK;

	if (g->work.bytes > WORK_BYTES || g->held + g->work.bytes > LIMIT_imap_append_held)
		e = append_work_end(g, why);
	if (e || g->held <= LIMIT_imap_append_held)
		return e;
	emails = mem_new(MAX(n, (size_t)1) * sizeof *emails);
	for (size_t i = 0; i < n; i++) {
		size_t freeable;

		emails[i] = g->messages[g->ahead + i].email;
		(void)email_new_held(emails[i], &freeable);
		freed += freeable;
	}
	e = email_new_ahead(emails, n, why);
	mem_free(emails);
	if (e)
		return e;
	g->ahead = g->n;
	g->held -= freed;
	return g->held <= LIMIT_imap_append_held ? OK
	                                         : fail(why, ERR_LIMIT, "command is too large");
}

/* email is NULL: other threads prepare it. */
static void append_save(struct appending *g, struct email_new *email, uint64_t size)
{
	size_t freeable;

	if (g->n == g->cap) {
		g->cap = 2 * g->cap + 1;
		g->messages = mem_resize(g->messages, g->cap * sizeof *g->messages);
	}
	g->message.email = email;
	g->messages[g->n++] = g->message;
	g->held += email ? email_new_held(email, &freeable) : 0;
	g->total += size;
}

/* A single message is prepared at once: nothing arrives meanwhile, and its bytes may be
 * needed again. */
static bool work_begin(struct imap *s, struct appending *g)
{
	struct spool *sp = &g->spool;

	if (!s->server->pool || g->n == 0 || sp->error || sp->memory.n != sp->size)
		return false;
	append_save(g, NULL, sp->size);
	append_work_add(&g->work, s->server, &sp->memory);
	return true;
}

bool append_message_end(struct imap *s, struct appending *g)
{
	struct why why = { "" };
	struct email_new *email;
	enum err e = OK;

	if (g->spool.error == OK && g->spool.size == 0) {
		imap_no(s, "CANNOT", "The message is empty");
		return false;
	}
	if (!binary_taken(s, g))
		return false;
	if (!work_begin(s, g) && (e = append_prepare(s, g, &email, &why)) == OK)
		append_save(g, email, email_new_get(email)->size_bytes);
	if (!e)
		e = append_settle(g, &why);
	if (e)
		imap_failed(s, ABOUT_ANY, e, &why);
	return !e;
}
