/* operations/transfer/sink.c: see sink.h. */
#include "operations/transfer/sink.h"

#include "formats/message/mime.h"
#include "foundation/base/arena.h"
#include "foundation/base/map.h"
#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "foundation/crypto/hash.h"
#include "model/mailbox/email/email_new.h"
#include "model/mailbox/keywords.h"

#include <stdio.h>
#include <string.h>

enum {
	PUT_TRIES = 3,
	IDENTITY_BYTES = HASH_BYTES + 8,
	LOAD_ROWS = 5000,       /* in one transaction, which should be short */
	ALONE_BYTES = 1048576, /* a larger message is not copied, and is written alone */
	KEYWORDS_TOLD = 100,   /* of omitted keywords                                  */
};

struct waiting {
	struct sink_message m; /* all of it in the batch's arena */
	enum err *kept;        /* of each of its flags           */
	struct email_new *email;
};

struct sink {
	const struct transfer *t;
	uint32_t mailbox; /* 0: none is open */
	struct str name;  /* on the heap     */
	struct transfer_counts counts;
	struct map there; /* identity -> count in the mailbox, without messages of this run */
	bool loaded;      /* there; on the first message */
	struct map lost;  /* omitted keywords: each is reported once */
	size_t lost_count;
	struct arena batch;
	struct waiting *waiting; /* LIMIT_transfer_batch of them */
	size_t waiting_count;
	size_t waiting_bytes;
	txn_fn *also;
	void *also_arg;
};

struct sink *sink_new(const struct transfer *t)
{
	struct sink *s = NEW(struct sink);

	s->waiting = mem_new(LIMIT_transfer_batch * sizeof *s->waiting);
	s->t = t;
	return s;
}

static void batch_drop(struct sink *s)
{
	for (size_t i = 0; i < s->waiting_count; i++)
		email_new_free(&s->waiting[i].email);
	s->waiting_count = s->waiting_bytes = 0;
	arena_reset(&s->batch);
}

void sink_free(struct sink **s)
{
	if (*s == NULL)
		return;
	batch_drop(*s);
	arena_deinit(&(*s)->batch);
	map_deinit(&(*s)->there);
	map_deinit(&(*s)->lost);
	str_free(&(*s)->name);
	mem_free((*s)->waiting);
	mem_free(*s);
	*s = NULL;
}

static struct mail_txn mail_of(const struct sink *s, struct txn *t)
{
	return (struct mail_txn){ s->t->mailboxes, t, s->t->account, 0 };
}

/* --- existing messages -------------------------------------------------------------------- */

/* Whole seconds: not every source has finer ones. */
static struct str identity(char to[IDENTITY_BYTES], const uint8_t hash[HASH_BYTES], int64_t ms)
{
	uint64_t seconds = (uint64_t)(ms / 1000);

	memcpy(to, hash, HASH_BYTES);
	memcpy(to + HASH_BYTES, &seconds, sizeof seconds);
	return str_from(to, IDENTITY_BYTES);
}

static void there_add(struct sink *s, struct str key)
{
	uintptr_t count = (uintptr_t)map_get(&s->there, key);

	map_put(&s->there, key, (void *)(count + 1));
}

/* Is there such a message not yet matched by another one of this run? */
static bool there_take(struct sink *s, struct str key)
{
	uintptr_t count = (uintptr_t)map_get(&s->there, key);

	if (count > 1)
		map_put(&s->there, key, (void *)(count - 1));
	else if (count == 1)
		map_remove(&s->there, key);
	return count != 0;
}

struct load {
	struct sink *s;
	uint64_t next; /* UID */
};

static enum err load_some(struct txn *t, void *arg)
{
	struct load *l = arg;
	struct mail_txn m = mail_of(l->s, t);
	uint64_t from = l->next;
	char key[IDENTITY_BYTES];
	struct email_rows rows;
	struct email_row row;
	struct email email;
	enum err e = OK, end;

	l->next = UINT64_MAX;
	email_rows_init(&rows, &m, l->s->mailbox, (uint32_t)from, UINT32_MAX);
	for (int n = 0; e == OK && n < LOAD_ROWS && email_rows_next(&rows, &row); n++) {
		if ((e = email_get(&m, row.email, &email)) == OK)
			there_add(l->s, identity(key, email.blob.hash, row.internal_ms));
		else if (e == ERR_MISSING || e == ERR_CORRUPT) /* damaged: equals no other */
			e = OK;
		if (n == LOAD_ROWS - 1)
			l->next = (uint64_t)row.uid + 1;
	}
	end = email_rows_end(&rows);
	return e ? e : end;
}

static enum err there_load(struct sink *s)
{
	struct load l = { s, 1 };
	enum err e = OK;

	map_deinit(&s->there);
	while (e == OK && l.next <= UINT32_MAX)
		e = store_read(s->t->store, load_some, &l);
	s->loaded = e == OK;
	return e;
}

struct opening {
	struct sink *s;
	struct str name;
	enum mailbox_role role;
};

static enum err mailbox_ensure(struct txn *t, void *arg)
{
	struct opening *o = arg;
	struct mail_txn m = mail_of(o->s, t);
	struct mailbox_create create = { o->name, o->role, true };
	struct mailbox box;
	enum err e = ERR_MISSING;

	if (o->role != ROLE_NONE)
		e = mailbox_find_role(&m, o->role, &box);
	if (e == ERR_MISSING)
		e = mailbox_find(&m, o->name, &box);
	if (e == OK)
		o->s->mailbox = box.id;
	return e == ERR_MISSING ? mailbox_create(&m, &create, &o->s->mailbox) : e;
}

enum err sink_open(struct sink *s, struct str name, enum mailbox_role role, struct why *why)
{
	struct opening o = { s, name, role };
	enum err e = sink_close(s, why);

	if (e)
		return e;
	e = store_write(s->t->store, mailbox_ensure, &o, why);
	if (e) {
		s->mailbox = 0;
		return e;
	}
	s->loaded = false;
	s->counts = (struct transfer_counts){ 0 };
	str_free(&s->name);
	s->name = str_new(name);
	return OK;
}

/* --- messages ----------------------------------------------------------------------------- */

static enum err flags_of(const struct mail_txn *m, const struct waiting *w, struct flags *out)
{
	*out = (struct flags){ { 0 } };
	for (size_t i = 0; i < w->m.flag_count; i++) {
		unsigned id;
		enum err e = w->kept[i] = keyword_intern(m, w->m.flags[i], &id);

		if (e == OK)
			*out = flags_with(*out, id);
		else if (e != ERR_SYNTAX && e != ERR_LIMIT)
			return e;
	}
	return OK;
}

static enum err batch_put(struct txn *t, void *arg)
{
	struct sink *s = arg;
	struct mail_txn m = mail_of(s, t);
	struct mailbox box;
	enum err e = mailbox_get(&m, s->mailbox, &box); /* it was removed on purpose */

	for (size_t i = 0; e == OK && i < s->waiting_count; i++) {
		const struct waiting *w = &s->waiting[i];
		struct email_append what = { .mailbox = s->mailbox,
			                     .email = w->email,
			                     .internal_ms = w->m.internal_ms };
		struct email_appended done;

		if ((e = flags_of(&m, w, &what.flags)) == OK)
			e = email_append(&m, &what, &done);
	}
	return e == OK && s->also != NULL ? s->also(t, s->also_arg) : e;
}

static enum err batch_prepare(struct sink *s, struct why *why)
{
	for (size_t i = 0; i < s->waiting_count; i++) {
		struct waiting *w = &s->waiting[i];
		enum err e;

		email_new_free(&w->email);
		e = email_prepare(s->t->store, &w->m.raw, 1, s->t->limits, &w->email, why);
		if (e)
			return e;
	}
	return OK;
}

/* Flags that begin with "\" are not stored: \Recent, and a server's own ones. */
static void keyword_tell(struct sink *s, struct str name, enum err e)
{
	char what[sizeof "keyword " + KEYWORD_MAX + 3];
	bool cut = name.n > KEYWORD_MAX;

	if (e == OK || str_starts(name, STR("\\")) || s->lost_count == KEYWORDS_TOLD ||
	    map_get(&s->lost, name) != NULL)
		return;
	map_put(&s->lost, name, s);
	s->lost_count++;
	(void)snprintf(what, sizeof what, "keyword %.*s%s",
	               STR_ARG(str_sub(name, 0, KEYWORD_MAX)), cut ? "..." : "");
	s->t->watch->skipped(s->t->watch->arg, str_of(what),
	                     e == ERR_LIMIT ? STR("an account has no room for more keywords")
	                                    : STR("it cannot be a keyword here"));
}

static void keywords_tell(struct sink *s)
{
	for (size_t i = 0; i < s->waiting_count; i++) {
		const struct waiting *w = &s->waiting[i];

		for (size_t k = 0; k < w->m.flag_count; k++)
			keyword_tell(s, w->m.flags[k], w->kept[k]);
	}
}

enum err sink_flush(struct sink *s, struct why *why)
{
	enum err e = ERR_RETRY;

	if (s->waiting_count == 0 && s->also == NULL)
		return OK;
	for (int i = 0; i < PUT_TRIES && e == ERR_RETRY; i++) {
		e = batch_prepare(s, why);
		if (e == OK)
			e = store_write(s->t->store, batch_put, s, why);
	}
	if (e == OK) {
		s->counts.imported += s->waiting_count;
		s->counts.bytes += s->waiting_bytes;
		keywords_tell(s);
	}
	batch_drop(s);
	return e;
}

static bool batch_full(const struct sink *s)
{
	return s->waiting_count == LIMIT_transfer_batch ||
	       s->waiting_bytes >= LIMIT_transfer_batch_bytes;
}

/* Copies the message; a big one is not copied, but flushed before the caller reuses its
 * memory. */
static void batch_add(struct sink *s, const struct sink_message *m)
{
	struct waiting *w = &s->waiting[s->waiting_count++];
	struct str *flags = arena_array(&s->batch, struct str, m->flag_count);

	for (size_t i = 0; i < m->flag_count; i++)
		flags[i] = str_dup(&s->batch, m->flags[i]);
	*w = (struct waiting){ .m = *m };
	if (m->raw.n < ALONE_BYTES)
		w->m.raw = str_dup(&s->batch, m->raw);
	w->m.flags = flags;
	w->kept = arena_array(&s->batch, enum err, m->flag_count);
	s->waiting_bytes += m->raw.n;
}

enum err sink_put(struct sink *s, const struct sink_message *m, struct why *why)
{
	uint8_t hash[HASH_BYTES];
	char key[IDENTITY_BYTES];
	enum err e = OK;

	if (!s->loaded && (e = there_load(s)))
		return fail(why, e, "what is there already cannot be read");
	if ((batch_full(s) || m->raw.n >= ALONE_BYTES) && (e = sink_flush(s, why)))
		return e;
	hash_blake2b_256(m->raw, hash);
	if (there_take(s, identity(key, hash, m->internal_ms))) {
		s->counts.known++;
		return OK;
	}
	batch_add(s, m);
	return m->raw.n >= ALONE_BYTES ? sink_flush(s, why) : OK;
}

void sink_known(struct sink *s, uint64_t count)
{
	s->counts.known += count;
}

void sink_skip(struct sink *s, struct str what, const char *why)
{
	s->counts.skipped++;
	s->t->watch->skipped(s->t->watch->arg, what, str_of(why));
}

void sink_also(struct sink *s, txn_fn *fn, void *arg)
{
	s->also = fn;
	s->also_arg = arg;
}

enum err sink_close(struct sink *s, struct why *why)
{
	enum err e;

	if (s->mailbox == 0)
		return OK;
	e = sink_flush(s, why);
	s->t->watch->mailbox(s->t->watch->arg, s->name, &s->counts);
	s->mailbox = 0;
	return e;
}

bool sink_step(struct sink *s, uint64_t done, uint64_t total)
{
	const struct transfer_watch *w = s->t->watch;

	w->step(w->arg, s->name, done, total, &s->counts);
	return w->go_on == NULL || w->go_on(w->arg);
}
