/* transfer/pull.c: mail comes from another server by IMAP; see transfer.h.
 *
 * Mailbox by mailbox, read-only (EXAMINE): first the UIDs and sizes of what is new, then the
 * messages in groups. What was brought is remembered with each commit (memory.h). */
#include "base/mem.h"
#include "config/limits.h"
#include "transfer/memory.h"
#include "transfer/remote.h"
#include "transfer/sink.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { GROUP_MESSAGES = 50, GROUP_BYTES = 4 << 20, COMMAND_MAX = 4096, NAME_MAX_BYTES = 2048 };

struct source {
	struct source *next;
	struct str name; /* as the server has it */
	char separator;
	struct str role;
};

struct item {
	uint32_t uid, size;
};

struct pull {
	const struct transfer *t;
	const struct transfer_pull *from;
	struct remote *remote;
	struct sink *sink;
	struct arena arena; /* of the list */
	struct source *sources, **last;
	size_t source_count;
	/* Every mailbox but INBOX is below it: the server's way, not the user's. */
	bool all_in_inbox;
	/* of one mailbox */
	const struct source *source;
	struct memory_key key;
	struct memory memory; /* as it will be stored */
	uint32_t uidvalidity, exists;
	struct item *items;
	size_t item_count, item_cap;
	size_t done;
};

/* --- which mailboxes ---------------------------------------------------------------------- */

static enum err list_add(void *arg, const struct said *said, struct why *why)
{
	struct pull *p = arg;
	struct source *s;

	if (said->kind != SAID_LIST || !said->selectable)
		return OK;
	if (p->source_count == LIMIT_mailboxes || said->name.n > NAME_MAX_BYTES)
		return fail(why, ERR_LIMIT, "the server has too many mailboxes, or too long names");
	s = arena_new(&p->arena, struct source);
	s->name = str_dup(&p->arena, said->name);
	s->separator = said->separator;
	s->role = said->role;
	p->source_count++;
	*p->last = s;
	p->last = &s->next;
	return OK;
}

static bool below_inbox(const struct source *s)
{
	return s->separator != 0 && str_startsi(s->name, STR("INBOX")) && s->name.n > 6 &&
	       s->name.p[5] == s->separator;
}

static enum err list(struct pull *p, struct why *why)
{
	bool extended =
		remote_can(p->remote, "SPECIAL-USE") && remote_can(p->remote, "LIST-EXTENDED");
	enum err e;

	p->last = &p->sources;
	p->all_in_inbox = true;
	e = remote_ask(p->remote,
	               extended ? STR("LIST \"\" \"*\" RETURN (SPECIAL-USE)")
	                        : STR("LIST \"\" \"*\""),
	               list_add, p, why);
	for (const struct source *s = p->sources; s != NULL; s = s->next)
		if (!str_eqi(s->name, STR("INBOX")) && !below_inbox(s))
			p->all_in_inbox = false;
	return e;
}

static enum mailbox_role role_of(struct str attribute)
{
	for (int r = ROLE_DRAFTS; r < ROLES; r++)
		if (attribute.n != 0 &&
		    str_eqi(mailbox_role_attribute((enum mailbox_role)r), attribute))
			return (enum mailbox_role)r;
	return ROLE_NONE;
}

/* --- what is new in one ------------------------------------------------------------------- */

static enum err examine_hear(void *arg, const struct said *said, struct why *why)
{
	struct pull *p = arg;

	(void)why;
	if (said->kind == SAID_EXISTS)
		p->exists = said->number;
	else if (said->kind == SAID_STATUS)
		said_code_number(said->code, STR("UIDVALIDITY"), &p->uidvalidity);
	return OK;
}

static enum err item_hear(void *arg, const struct said *said, struct why *why)
{
	struct pull *p = arg;

	/* n:* names the last message also when it is older (RFC 9051 9, seq-range). */
	if (said->kind != SAID_FETCH || said->uid <= p->memory.uid)
		return OK;
	if (p->item_count == LIMIT_transfer_files)
		return fail(why, ERR_LIMIT, "the mailbox has too many messages");
	if (p->item_count == p->item_cap)
		p->items =
			mem_resize(p->items, (p->item_cap = p->item_cap ? p->item_cap * 2 : 256) *
		                                     sizeof *p->items);
	p->items[p->item_count++] = (struct item){ said->uid, said->size };
	return OK;
}

static int by_uid(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	return (x->uid > y->uid) - (x->uid < y->uid);
}

static enum err ask_fmt(struct pull *p, remote_fn *fn, struct why *why, const char *fmt, ...)
	PRINTF(4, 5);
static enum err ask_fmt(struct pull *p, remote_fn *fn, struct why *why, const char *fmt, ...)
{
	char command[COMMAND_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(command, sizeof command, fmt, ap);
	va_end(ap);
	return remote_ask(p->remote, str_of(command), fn, p, why);
}

static enum err memory_load(struct txn *t, void *arg)
{
	struct pull *p = arg;

	return memory_get(t, &p->key, &p->memory);
}

static enum err memory_store(struct txn *t, void *arg)
{
	const struct pull *p = arg;

	return memory_put(t, &p->key, &p->memory);
}

static enum err look(struct pull *p, struct why *why)
{
	enum err e = store_read(p->t->store, memory_load, p);

	if (e)
		return e;
	if (p->memory.uidvalidity != p->uidvalidity) /* RFC 9051 2.3.1.1: other UIDs */
		p->memory = (struct memory){ p->uidvalidity, 0 };
	if (p->exists == 0 || p->memory.uid == UINT32_MAX)
		return OK;
	e = ask_fmt(p, item_hear, why, "UID FETCH %u:* (UID RFC822.SIZE)", p->memory.uid + 1);
	if (e == OK && p->item_count != 0)
		qsort(p->items, p->item_count, sizeof *p->items, by_uid);
	return e;
}

/* --- messages ----------------------------------------------------------------------------- */

static enum err message_hear(void *arg, const struct said *said, struct why *why)
{
	struct pull *p = arg;
	struct sink_message m = { .raw = said->body,
		                  .internal_ms = said->date_ms,
		                  .flags = said->flags,
		                  .flag_count = said->flag_count };

	if (said->kind != SAID_FETCH || !said->has_body)
		return OK;
	if (said->body.n == 0 || !said->has_date) {
		char what[40];

		snprintf(what, sizeof what, "UID %u", said->uid);
		sink_skip(p->sink, str_of(what), "it came without text or date");
		return OK;
	}
	p->done++;
	if (!sink_step(p->sink, p->done, p->item_count))
		return fail(why, ERR_RETRY, "stopped");
	return sink_put(p->sink, &m, why);
}

/* The next messages in one command; *next is moved behind them. */
static enum err group(struct pull *p, size_t *next, struct why *why)
{
	struct buf set;
	uint64_t bytes = 0;
	size_t n = 0;
	enum err e = OK;

	buf_init(&set, COMMAND_MAX / 2);
	for (; *next < p->item_count && n < GROUP_MESSAGES; (*next)++) {
		const struct item *i = &p->items[*next];

		if (i->size > LIMIT_transfer_message) {
			char what[40];

			snprintf(what, sizeof what, "UID %u", i->uid);
			sink_skip(p->sink, str_of(what), "it is too big");
			continue;
		}
		if (n != 0 && bytes + i->size > GROUP_BYTES)
			break;
		buf_fmt(&set, "%s%u", n++ != 0 ? "," : "", i->uid);
		bytes += i->size;
	}
	if (n != 0)
		e = ask_fmt(p, message_hear, why,
		            "UID FETCH %.*s (UID FLAGS INTERNALDATE BODY.PEEK[])",
		            STR_ARG(buf_str(&set)));
	buf_deinit(&set);
	/* Not before all of the group came: servers may send it in any order. */
	if (e == OK)
		p->memory.uid = p->items[*next - 1].uid;
	return e;
}

static enum err messages(struct pull *p, struct why *why)
{
	enum err e = OK;

	sink_also(p->sink, p->item_count != 0 ? memory_store : NULL, p);
	for (size_t next = 0; e == OK && next < p->item_count;)
		e = group(p, &next, why);
	if (e != OK) { /* what came is worth keeping */
		struct why ignored;
		enum err kept = sink_flush(p->sink, &ignored);

		(void)kept;
	} else {
		e = sink_close(p->sink, why);
	}
	sink_also(p->sink, NULL, NULL);
	return e;
}

static void left_out(const struct pull *p, const struct source *s, struct str why)
{
	p->t->watch->skipped(p->t->watch->arg, s->name, why);
}

/* ERR_MISSING: left out, as told. */
static enum err enter(struct pull *p, struct why *why)
{
	struct str name = p->source->name, mailbox;
	struct why own = { "" };
	struct buf command;
	enum err e = ERR_MISSING;

	if (p->all_in_inbox && below_inbox(p->source))
		name = str_sub(name, 6, name.n);
	if (!said_mailbox(name, p->source->separator, &p->arena, &mailbox)) {
		left_out(p, p->source, STR("its name cannot be read"));
		return ERR_MISSING;
	}
	buf_init(&command, COMMAND_MAX);
	buf_put(&command, STR("EXAMINE "));
	if (say_quoted(&command, p->source->name) && buf_ok(&command))
		e = remote_ask(p->remote, buf_str(&command), examine_hear, p, &own);
	buf_deinit(&command);
	if (e == OK)
		e = sink_open(p->sink, str_eqi(name, STR("INBOX")) ? STR("INBOX") : mailbox,
		              role_of(p->source->role), &own);
	if (e == ERR_IO || e == ERR_RETRY || e == ERR_FULL || e == ERR_CORRUPT)
		return fail(why, e, "%s", own.text);
	if (e != OK)
		left_out(p, p->source,
		         own.text[0] != '\0' ? str_of(own.text) : STR("its name cannot be said"));
	return e == OK ? OK : ERR_MISSING;
}

static enum err mailbox_pull(struct pull *p, const struct source *s, struct why *why)
{
	enum err e;

	p->source = s;
	p->key = (struct memory_key){ p->t->account, p->from->host, p->from->user, s->name };
	p->uidvalidity = p->exists = 0;
	p->item_count = p->done = 0;
	e = enter(p, why);
	if (e)
		return e == ERR_MISSING ? OK : e;
	e = look(p, why);
	return e ? e : messages(p, why);
}

enum err transfer_pull(const struct transfer *t, const struct transfer_pull *from, struct why *why)
{
	struct pull p = { .t = t, .from = from };
	enum err e = remote_open(from, &p.remote, why);

	p.sink = sink_new(t);
	if (e == OK)
		e = list(&p, why);
	for (const struct source *s = p.sources; e == OK && s != NULL; s = s->next)
		e = mailbox_pull(&p, s, why);
	sink_free(&p.sink);
	remote_free(&p.remote);
	mem_free(p.items);
	arena_deinit(&p.arena);
	return e;
}
