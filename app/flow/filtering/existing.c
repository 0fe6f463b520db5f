/* flow/filtering/existing.c: see existing.h. */
#include "flow/filtering/existing.h"

#include "flow/filtering/chain.h"
#include "flow/filtering/place.h"
#include "formats/message/encword.h"
#include "formats/message/header.h"
#include "formats/message/mime.h"
#include "foundation/base/clock.h"
#include "model/filters/filter.h"
#include "model/mailbox/email.h"
#include "model/mailbox/keywords.h"
#include "model/store/store.h"

enum { FIELD_MAX = 200 };

static const struct action_place trash = { .special_use = { "\\Trash", 6 },
	                                   .mailbox = { "Trash", 5 },
	                                   .create = true };

struct finding {
	struct existing *x;
	struct arena *a;
	struct mail_txn m;
	struct chain chain; /* the rules alone */
	struct keywords keywords;
	struct existing_change **end;
};

/* --- one message -------------------------------------------------------------------------- */

static struct str field_of(struct finding *f, struct str raw, struct str name)
{
	struct header_field field;

	if (!header_find(str_sub(raw, 0, header_size(raw)), name, &field))
		return STR_EMPTY;
	return str_dup(f->a, encword_text(f->a, field.value, FIELD_MAX));
}

static bool is_flag_byte(unsigned char byte)
{
	return byte != ' ';
}

/* The next of names that are separated by spaces. */
static bool flag_next(struct cur *c, struct str *name)
{
	*name = cur_while(c, is_flag_byte);
	cur_skip(c, cur_done(c) ? 0 : 1);
	return name->n != 0;
}

/* Those that the message does not have yet are added to c. */
static void flags_need(struct finding *f, struct existing_change *c, struct str names,
                       struct flags has)
{
	struct cur all = cur_of(names);
	struct str name;

	while (flag_next(&all, &name)) {
		int id = keywords_find(&f->keywords, name);

		if ((id < 0 || !flags_has(has, (unsigned)id)))
			c->flags = c->flags.n == 0 ? str_dup(f->a, name)
			                           : str_fmt(f->a, "%.*s %.*s", STR_ARG(c->flags),
			                                     STR_ARG(name));
	}
}

/* A mailbox by its name, as it will be found again. */
static void place_add(struct finding *f, struct existing_change *c,
                      const struct action_place *place)
{
	if (c->places_n == EXISTING_PLACES)
		return;
	c->places[c->places_n++] =
		(struct action_place){ .mailbox = str_dup(f->a, place->mailbox),
		                       .special_use = str_dup(f->a, place->special_use),
		                       .create = true };
}

/* Is it the mailbox in which the message is? */
static enum err place_is_here(struct finding *f, const struct action_place *place, bool *here)
{
	struct action_place look = *place;
	struct mailbox box;
	enum err e;

	*here = !place_given(place);
	look.create = false;
	if (*here)
		return OK;
	e = place_find(&f->m, &look, &box);
	*here = e == OK && box.id == f->x->mailbox_id;
	return e == ERR_MISSING ? OK : e;
}

static enum err change_make(struct finding *f, const struct action *list, struct flags has,
                            struct existing_change *c)
{
	bool stays = false, discarded = false, here;
	enum err e;

	for (; list != NULL; list = list->next) {
		stays |= list->kind == ACTION_REJECT;
		discarded |= list->kind == ACTION_DISCARD;
		if (list->kind != ACTION_KEEP)
			continue;
		if ((e = place_is_here(f, &list->place, &here)) != OK)
			return e;
		stays |= here;
		if (!here)
			place_add(f, c, &list->place);
		flags_need(f, c, list->place.flags, has);
	}
	if (!stays && discarded && c->places_n == 0) {
		if ((e = place_is_here(f, &trash, &here)) != OK)
			return e;
		stays = here;
		c->trash = !here;
		if (!here)
			place_add(f, c, &trash);
	}
	c->leaves = !stays && c->places_n != 0;
	return OK;
}

/* The results of the message are in f->a, its bytes are not. */
static enum err message_run(struct finding *f, const struct email_row *row, struct buf *raw)
{
	struct filtering_mail mail = *f->x->account;
	struct existing_change *c = arena_new(f->a, struct existing_change);
	const struct action *list;
	struct email email;
	enum err e = email_get(&f->m, row->email, &email);

	if (e == OK)
		e = blob_get(f->m.t, &email.blob, 0, SIZE_MAX, raw);
	if (e)
		return e == ERR_MISSING || e == ERR_CORRUPT || e == ERR_LIMIT ? OK : e;
	e = chain_run(f->m.t, &mail, buf_str(raw), &f->chain, f->a, &list);
	if (e == OK)
		e = change_make(f, list, row->flags, c);
	if (e || (c->places_n == 0 && c->flags.n == 0))
		return e;
	c->uid = row->uid;
	c->time_ms = row->internal_ms;
	if (f->x->senders) {
		c->from = field_of(f, buf_str(raw), STR("From"));
		c->subject = field_of(f, buf_str(raw), STR("Subject"));
	}
	*f->end = c;
	f->end = &c->next;
	return OK;
}

/* --- a batch ------------------------------------------------------------------------------ */

static enum err batch_run(struct finding *f)
{
	struct existing *x = f->x;
	int64_t until = clock_mono_ms() + EXISTING_MS;
	struct email_rows rows;
	struct email_row row;
	enum err e = OK, walked;

	if (x->after == UINT32_MAX)
		return OK;
	email_rows_init(&rows, &f->m, x->mailbox_id, x->after + 1, UINT32_MAX);
	while (e == OK && x->next == 0 && email_rows_next(&rows, &row)) {
		struct buf raw;

		buf_init(&raw, MESSAGE_SIZE_MAX);
		e = message_run(f, &row, &raw);
		buf_deinit(&raw);
		if (++x->examined == EXISTING_MESSAGES || clock_mono_ms() >= until)
			x->next = row.uid;
	}
	walked = email_rows_end(&rows);
	return e ? e : walked;
}

static enum err existing_read(struct txn *t, void *arg)
{
	struct finding *f = arg;
	struct filter filter;
	struct mailbox box;
	enum err e;

	f->m = (struct mail_txn){ f->x->account->mailboxes, t, f->x->account->account, 0 };
	if ((e = mailbox_find(&f->m, f->x->mailbox, &box)))
		return e;
	f->x->mailbox_id = box.id;
	e = filter_get(t, f->m.account, FILTER_RULES, &filter);
	if (e || filter.program.n == 0)
		return e == ERR_MISSING ? OK : e;
	f->chain.items[0] =
		(struct chain_program){
			.name = STR("filters"),
			.text = filter.script,
			.program = filter.program,
		};
	f->chain.n = 1;
	e = keywords_load(&f->m, f->a, &f->keywords);
	return e ? e : batch_run(f);
}

enum err existing_find(struct existing *x, struct arena *a, struct why *why)
{
	struct finding f = { .x = x, .a = a, .end = &x->changes };
	enum err e = store_read(x->account->store, existing_read, &f);

	return e == ERR_MISSING || e == ERR_SYNTAX
	               ? fail(why, ERR_MISSING, "there is no mailbox %.*s", STR_ARG(x->mailbox))
	               : e;
}

/* --- carrying out ------------------------------------------------------------------------- */

static enum err flags_apply(const struct mail_txn *m, uint32_t mailbox, const struct uids *uids,
                            struct str names)
{
	struct email_store what = {
		.mailbox = mailbox, .uids = uids, .op = FLAGS_ADD, .unchanged_since = UINT64_MAX
	};
	struct email_stored stored = { 0 };
	enum err e = place_flags(m, names, &what.flags);

	if (e == OK && !flags_empty(what.flags))
		e = email_flags_store(m, &what, &stored);
	email_stored_deinit(&stored);
	return e;
}

static enum err place_apply(const struct mail_txn *m, const struct existing *x,
                            const struct uids *uids, const struct action_place *place, bool move)
{
	struct email_copy what = { .from = x->mailbox_id, .uids = uids };
	struct email_copied copied = { 0 };
	struct mailbox to;
	enum err e = place_find(m, place, &to);

	if (e) /* a mailbox that cannot be made */
		return e == ERR_MISSING ? OK : e;
	what.to = to.id;
	e = move ? email_move(m, &what, &copied) : email_copy(m, &what, &copied);
	email_copied_deinit(&copied);
	return e;
}

/* Copies first: a moved message is no longer there. */
static enum err change_apply(const struct mail_txn *m, const struct existing *x,
                             const struct existing_change *c)
{
	struct uids uids = { 0 };
	enum err e;

	uids_add(&uids, c->uid, c->uid);
	e = flags_apply(m, x->mailbox_id, &uids, c->flags);
	for (size_t i = c->places_n; e == OK && i-- > 0;)
		e = place_apply(m, x, &uids, &c->places[i], c->leaves && i == 0);
	uids_deinit(&uids);
	return e;
}

enum err existing_apply(struct txn *t, const struct existing *x)
{
	const struct mail_txn m = { x->account->mailboxes, t, x->account->account, 0 };
	enum err e = OK;

	for (const struct existing_change *c = x->changes; e == OK && c != NULL; c = c->next)
		e = change_apply(&m, x, c);
	return e;
}

void existing_put(struct json_writer *w, const struct existing_change *c)
{
	struct cur flags = cur_of(c->flags);
	struct str name;

	json_put_u64(w, "uid", c->uid);
	json_put_str(w, "from", c->from);
	json_put_str(w, "subject", c->subject);
	json_put_time(w, "time", c->time_ms);
	json_put_bool(w, "discarded", c->trash);
	json_put_str(w, "move", c->leaves ? c->places[0].mailbox : STR_EMPTY);
	json_open(w, "copy", '[');
	for (size_t i = c->leaves; i < c->places_n; i++)
		json_put_str(w, NULL, c->places[i].mailbox);
	json_close(w);
	json_open(w, "flags", '[');
	while (flag_next(&flags, &name))
		json_put_str(w, NULL, name);
	json_close(w);
}
