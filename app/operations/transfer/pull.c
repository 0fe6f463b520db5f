/* operations/transfer/pull.c: imports mail from an IMAP server; see transfer.h.
 *
 * Each mailbox is opened read-only (EXAMINE): first the UIDs and sizes of new messages,
 * then the messages in groups (pull_mailbox.c). Each commit also stores the progress
 * (memory.h).
 *
 * Views, such as Gmail's "All Mail", show messages of mailboxes again. They come last,
 * and only messages that no mailbox has shown are imported: identified by X-GM-MSGID,
 * else by Message-ID. */
#include "foundation/base/buf.h"
#include "foundation/base/mem.h"
#include "operations/transfer/pull_body.h"

#include <stdarg.h>
#include <stdio.h>

enum err pull_ask(struct remote *r, remote_fn *fn, void *arg, struct why *why, const char *fmt, ...)
{
	char command[PULL_COMMAND_MAX];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(command, sizeof command, fmt, ap);
	va_end(ap);
	assert(n > 0 && (size_t)n < sizeof command);
	return remote_ask(r, str_from(command, (size_t)n), fn, arg, why);
}

enum err pull_ask_about(struct remote *r, const char *verb, struct str name, const char *rest,
                        remote_fn *fn, void *arg, struct why *why)
{
	struct buf command;
	enum err e = ERR_LIMIT;

	buf_init(&command, PULL_COMMAND_MAX);
	buf_fmt(&command, "%s ", verb);
	if (say_string(&command, name)) {
		buf_put(&command, str_of(rest));
		if (buf_ok(&command))
			e = remote_ask(r, buf_str(&command), fn, arg, why);
	}
	buf_deinit(&command);
	return e == ERR_LIMIT ? fail(why, e, "its name cannot be said") : e;
}

static void left_out(const struct pull *p, const struct transfer_folder *f, const char *why)
{
	p->t->watch->skipped(p->t->watch->arg, f->from, str_of(why));
}

static enum err one(struct pull *p, size_t index, struct why *why)
{
	const struct transfer_folder *f = &p->folders[index];
	struct why own = { "" };
	enum err e = OK;

	if (f->to.n == 0 && f->problem[0] != '\0')
		left_out(p, f, f->problem);
	else if (f->to.n != 0)
		e = pull_mailbox(p, f, index, &own);
	else if (p->views && !f->view) /* excluded, so a view must not import its messages
	                                * either */
		e = pull_note_seen(p, f, &own);
	if (e == OK)
		return OK;
	if (remote_is_open(p->remote) && (e == ERR_MISSING || e == ERR_SYNTAX)) {
		left_out(p, f, own.text);
		return OK;
	}
	return fail(why, e, "%s", own.text);
}

static enum err all(struct pull *p, struct why *why)
{
	const struct transfer_watch *w = p->t->watch;
	enum err e = pull_list(p->remote, p->from, &p->arena, &p->folders, &p->folder_count, why);

	if (e)
		return e;
	if (w->folders != NULL)
		w->folders(w->arg, p->folders, p->folder_count);
	for (size_t i = 0; i < p->folder_count; i++)
		p->views = p->views || (p->folders[i].view && p->folders[i].to.n != 0);
	for (size_t i = 0; i < p->folder_count && e == OK; i++)
		e = one(p, i, why);
	return e;
}

enum err transfer_pull(const struct transfer *t, const struct transfer_pull *from, struct why *why)
{
	struct pull p = { .t = t, .from = from };
	enum err e = remote_open(from, t->watch->go_on, t->watch->arg, &p.remote, why);

	p.sink = sink_new(t);
	if (e == OK)
		e = all(&p, why);
	sink_free(&p.sink);
	remote_free(&p.remote);
	mem_free(p.seen.items);
	arena_deinit(&p.arena);
	return e;
}

enum err transfer_look(const struct transfer_pull *from, bool (*go_on)(void *arg), void *arg,
                       struct arena *a, struct transfer_folder **folders, size_t *count,
                       struct why *why)
{
	struct remote *r;
	enum err e = remote_open(from, go_on, arg, &r, why);

	*count = 0;
	if (e == OK)
		e = pull_list(r, from, a, folders, count, why);
	remote_free(&r);
	return e;
}
