/* tests/unit/mailbox/own_seen_test.c: \Seen of those who share a mailbox, each his own
 * (model/mailbox/own_seen.h): random operations of three users against a model that keeps what
 * each of them has seen. */
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/base/fault.h"
#include "model/directory/directory.h"
#include "model/mailbox/acl.h"
#include "model/mailbox/changes.h"
#include "model/mailbox/keys.h"
#include "model/mailbox/metadata.h"
#include "model/mailbox/own_seen.h"
#include "model/mailbox/records.h"
#include "model/store/store.h"
#include "unit/mailbox/fixture.h"

#include <errno.h>
#include <string.h>

enum { ADA, BOB, EVE, USERS, BOXES = 3, ROWS = 300, BATCHES = 25, BATCH = 40 };

struct model_row {
	uint32_t uid;
	bool seen[USERS];
};

struct model_box {
	const char *name;
	uint32_t id, uidnext;
	bool own;
	struct model_row rows[ROWS];
	size_t n;
};

static uint32_t ids[USERS];
static struct model_box model[BOXES];
static uint64_t random_state;

static uint32_t pick(uint32_t below)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(random_state >> 33) % below;
}

/* --- People ----------------------------------------------------------------------------- */

static enum err people_make(struct txn *t, void *arg)
{
	static const char *const names[USERS] = { "ada@example.org", "bob@example.org",
		                                  "eve@example.org" };
	enum err e = domain_add(t, STR("example.org"), NULL);

	(void)arg;
	for (size_t i = 0; i < USERS && !e; i++)
		e = account_add(t, &(struct account_new){ .address = str_of(names[i]) }, &ids[i],
		                NULL);
	return e;
}

static enum err grant(const struct mail_txn *m, void *arg)
{
	uint32_t *mailbox = arg;
	struct acl_change what = { .mailbox = *mailbox, .rights = RIGHTS_ALL };
	enum err e;

	what.who = ids[BOB];
	e = acl_change(m, &what);
	what.who = ids[EVE];
	return e ? e : acl_change(m, &what);
}

static int setup(void **state)
{
	static const char *const names[BOXES] = { "Work", "Plans", "Archive" };

	(void)state;
	random_state = 11;
	mail_store_open(&s, STORE_MEMORY);
	assert_int_equal(store_write(s.temp.store, people_make, NULL, NULL), OK);
	for (size_t i = 0; i < USERS; i++)
		assert_int_equal(mail_do_provision(&s, ids[i]), OK);
	for (size_t i = 0; i < BOXES; i++) {
		struct model_box *b = &model[i];

		*b = (struct model_box){ .name = names[i], .uidnext = 1 };
		if (!mail_box_exists(&s, ids[ADA], names[i]))
			assert_int_equal(mail_do_create(&s, ids[ADA], names[i]), OK);
		b->id = mail_box(&s, ids[ADA], names[i]).id;
		assert_int_equal(mail_write(&s, ids[ADA], grant, &b->id), OK);
	}
	return 0;
}

/* Accounts that are gone from the mail only: fsck would tell. */
static int closing(void **state)
{
	(void)state;
	mail_store_close(&s);
	return 0;
}

/* --- Setting ---------------------------------------------------------------------------- */

struct setting {
	uint32_t mailbox;
	const char *value; /* NULL: NIL */
};

static enum err set(const struct mail_txn *m, void *arg)
{
	const struct setting *x = arg;
	struct metadata_entry entry = { .name = METADATA_SEEN, .nil = !x->value };

	if (x->value)
		entry.value = str_of(x->value);
	return metadata_set(m, x->mailbox, &entry, 1);
}

static enum err own_set(unsigned user, const char *box, const char *value)
{
	struct setting x = { .value = value };
	enum err e;

	s.who = 0;
	x.mailbox = mail_box(&s, ids[ADA], box).id;
	s.who = ids[user];
	e = mail_write(&s, ids[ADA], set, &x);
	s.who = 0;
	return e;
}

static enum err get(const struct mail_txn *m, void *arg)
{
	struct metadata all;
	struct setting *x = arg;
	enum err e = metadata_read(m, x->mailbox, txn_arena(m->t), &all);

	x->value = NULL;
	for (size_t i = 0; i < all.n && !e; i++) {
		assert_true(i == 0 || str_cmp(all.entries[i - 1].name, all.entries[i].name) < 0);
		if (str_eq(all.entries[i].name, METADATA_SEEN))
			x->value = str_eq(all.entries[i].value, STR("own")) ? "own" : "other";
	}
	return e;
}

/* --- Operations, on the store and on the model ------------------------------------------- */

static void mark(struct model_box *b, struct model_row *row, unsigned user, bool seen)
{
	for (unsigned u = 0; u < USERS; u++)
		if (!b->own || u == user)
			row->seen[u] = seen;
}

static struct model_row *add(struct model_box *b)
{
	assert_true(b->n < ROWS);
	b->rows[b->n] = (struct model_row){ .uid = b->uidnext++ };
	return &b->rows[b->n++];
}

static void drop(struct model_box *b, size_t i)
{
	memmove(&b->rows[i], &b->rows[i + 1], (b->n - i - 1) * sizeof(b->rows[0]));
	b->n--;
}

static struct flags pick_seen(void)
{
	return FLAGS(pick(2) ? BIT64(FLAG_SEEN) : 0);
}

static void pick_uids(struct uids *u, const struct model_box *b)
{
	uint32_t step = 1 + pick(6), at = 1 + pick(b->uidnext);

	uids_reset(u);
	for (unsigned i = 0; i < 5 && at <= b->uidnext; i++) {
		uint32_t hi = at + pick(step);

		uids_add(u, at, hi);
		at = hi + 1 + pick(step);
	}
}

static void op_append(unsigned user, struct model_box *b)
{
	struct flags flags = pick_seen();

	if (b->n > ROWS / 3)
		return;
	s.who = ids[user];
	assert_int_equal(
		mail_do_append(&s, ids[ADA], b->id, STR("Subject: x\r\n\r\nx"), flags, NULL), OK);
	mark(b, add(b), user, flags_has(flags, FLAG_SEEN));
}

static void op_store(unsigned user, struct model_box *b)
{
	struct uids uids = { 0 };
	struct email_stored out = { 0 };
	struct email_store what = { b->id, &uids, (enum flags_op)pick(3), pick_seen(), UINT64_MAX };
	bool seen = flags_has(what.flags, FLAG_SEEN);

	pick_uids(&uids, b);
	s.who = ids[user];
	assert_int_equal(mail_do_store(&s, ids[ADA], &what, &out), OK);
	for (size_t i = 0; i < b->n; i++) {
		bool was = b->rows[i].seen[user], is = was;

		if (!uids_has(&uids, b->rows[i].uid))
			continue;
		if (what.op == FLAGS_SET || seen)
			is = seen && what.op != FLAGS_REMOVE;
		assert_int_equal(uids_has(&out.changed, b->rows[i].uid), was != is);
		if (was != is)
			mark(b, &b->rows[i], user, is);
	}
	email_stored_deinit(&out);
	uids_deinit(&uids);
}

static void op_transfer(unsigned user, struct model_box *from, struct model_box *to, bool move)
{
	struct uids uids = { 0 };
	struct email_copied out = { 0 };
	struct email_copy what = { from->id, to->id, 0, &uids };
	size_t n = from->n;

	if (to->n > ROWS / 3)
		return;
	pick_uids(&uids, from);
	s.who = ids[user];
	assert_int_equal(mail_do_transfer(&s, ids[ADA], &what, move, &out), OK);
	for (size_t i = 0, at = 0; i < n; i++) {
		struct model_row row = from->rows[at], *new;

		if (!uids_has(&uids, row.uid)) {
			at++;
			continue;
		}
		new = add(to);
		if (from->own && to->own)
			memcpy(new->seen, row.seen, sizeof(row.seen));
		else
			mark(to, new, user, row.seen[user]);
		if (move)
			drop(from, at);
		else
			at++;
	}
	email_copied_deinit(&out);
	uids_deinit(&uids);
}

static void op_expunge(unsigned user, struct model_box *b)
{
	struct uids uids = { 0 }, gone = { 0 };
	struct email_expunge what = { b->id, &uids, false };

	pick_uids(&uids, b);
	s.who = ids[user];
	assert_int_equal(mail_do_expunge(&s, ids[ADA], &what, &gone), OK);
	for (size_t i = b->n; i-- > 0;)
		if (uids_has(&uids, b->rows[i].uid))
			drop(b, i);
	uids_deinit(&uids);
	uids_deinit(&gone);
}

static void op_setting(struct model_box *b)
{
	b->own = !b->own;
	assert_int_equal(own_set(ADA, b->name, b->own ? "own" : pick(2) ? "shared" : NULL), OK);
	for (size_t i = 0; i < b->n && !b->own; i++)
		mark(b, &b->rows[i], ADA, b->rows[i].seen[ADA]);
}

static void op_any(void)
{
	struct model_box *b = &model[pick(BOXES)], *to = &model[pick(BOXES)];
	unsigned user = pick(USERS), what = pick(30);

	if (what < 9)
		op_append(user, b);
	else if (what < 20)
		op_store(user, b);
	else if (what < 26)
		op_transfer(user, b, to, what < 23);
	else if (what < 29)
		op_expunge(user, b);
	else
		op_setting(b);
	s.who = 0;
}

/* --- Comparing -------------------------------------------------------------------------- */

struct looking {
	struct model_box *b;
	unsigned user;
};

static enum err look(const struct mail_txn *m, void *arg)
{
	struct looking *x = arg;
	struct model_box *b = x->b;
	uint32_t unseen = 0, first = 0;
	struct mailbox box;
	struct email_rows rows;
	struct email_row row, one;
	size_t i = 0;

	email_rows_init(&rows, m, b->id, 1, UINT32_MAX);
	while (email_rows_next(&rows, &row)) {
		assert_true(i < b->n);
		assert_int_equal(row.uid, b->rows[i].uid);
		check_at(i, flags_has(row.flags, FLAG_SEEN) == b->rows[i].seen[x->user]);
		assert_int_equal(email_row_get(m, b->id, row.uid, &one), OK);
		assert_true(flags_eq(one.flags, row.flags));
		if (!b->rows[i].seen[x->user] && unseen++ == 0)
			first = (uint32_t)i;
		i++;
	}
	assert_int_equal(email_rows_end(&rows), OK);
	assert_int_equal(i, b->n);
	assert_int_equal(mailbox_get(m, b->id, &box), OK);
	assert_int_equal(mailbox_unseen(m, &box, true), OK);
	assert_int_equal(box.own_seen, b->own);
	assert_int_equal(box.unseen, unseen);
	assert_int_equal(box.first_unseen_uid, unseen ? b->rows[first].uid : 0);
	if (unseen)
		assert_int_equal(box.first_unseen_seq, first + 1);
	return OK;
}

static void compare(void)
{
	for (unsigned i = 0; i < BOXES; i++)
		for (unsigned user = 0; user < USERS; user++) {
			struct looking x = { &model[i], user };

			s.who = ids[user];
			assert_int_equal(mail_read(&s, ids[ADA], look, &x), OK);
		}
	s.who = 0;
	mail_store_fsck(&s);
}

static void everybody_has_his_own(void **state)
{
	(void)state;
	op_setting(&model[0]);
	op_setting(&model[1]);
	for (unsigned i = 0; i < BATCHES; i++) {
		for (unsigned k = 0; k < BATCH; k++)
			op_any();
		compare();
	}
}

/* --- By itself -------------------------------------------------------------------------- */

static void who_may_set_it(void **state)
{
	struct setting x = { .mailbox = model[0].id };

	(void)state;
	assert_int_equal(own_set(ADA, "Work", "mine"), ERR_SYNTAX);
	assert_int_equal(own_set(BOB, "INBOX", "own"), ERR_MISSING); /* he may not see it */
	assert_int_equal(own_set(BOB, "Work", "own"), OK);           /* he may administer it */
	s.who = ids[EVE];
	assert_int_equal(mail_read(&s, ids[ADA], get, &x), OK);
	assert_string_equal(x.value, "own");
	s.who = 0;
	assert_int_equal(own_set(ADA, "Work", NULL), OK);
	assert_int_equal(mail_read(&s, ids[ADA], get, &x), OK);
	assert_null(x.value);
}

/* Mailboxes below have it, too; and INBOX's mail keeps it when it is renamed. */
static void it_goes_along(void **state)
{
	struct model_box *b = &model[2];
	uint32_t inbox = mail_box(&s, ids[ADA], "INBOX").id, old;
	struct email_store what = { 0, &uids_all, FLAGS_ADD, FLAGS(BIT64(FLAG_SEEN)), UINT64_MAX };
	struct email_stored out = { 0 };
	struct email_row row;

	(void)state;
	assert_int_equal(own_set(ADA, "Work", "own"), OK);
	assert_int_equal(mail_do_create(&s, ids[ADA], "Work/a/b"), OK);
	assert_true(mail_box(&s, ids[ADA], "Work/a/b").own_seen);
	assert_true(mail_box(&s, ids[ADA], "Work/a").own_seen);
	assert_false(mail_box(&s, ids[ADA], b->name).own_seen);

	assert_int_equal(mail_write(&s, ids[ADA], grant, &inbox), OK);
	assert_int_equal(own_set(ADA, "INBOX", "own"), OK);
	assert_int_equal(mail_do_append(&s, ids[ADA], inbox, STR("\r\n"), FLAGS(0), NULL), OK);
	what.mailbox = inbox;
	s.who = ids[BOB];
	assert_int_equal(mail_do_store(&s, ids[ADA], &what, &out), OK);
	assert_int_equal(out.changed.count, 1);
	s.who = 0;
	assert_int_equal(mail_do_rename(&s, ids[ADA], "INBOX", "Old"), OK);
	old = mail_box(&s, ids[ADA], "Old").id;
	s.who = ids[BOB];
	row = mail_row(&s, ids[ADA], old, 1);
	assert_true(flags_has(row.flags, FLAG_SEEN));
	s.who = ids[EVE];
	row = mail_row(&s, ids[ADA], old, 1);
	assert_false(flags_has(row.flags, FLAG_SEEN));
	s.who = 0;
	assert_int_equal(mail_do_delete(&s, ids[ADA], "Old"), OK); /* fsck finds nothing of it */
	email_stored_deinit(&out);
}

struct logged { /* the last that the log says of rows */
	uint64_t since;
	enum change_kind kind;
	uint32_t who;
};

static bool log_take(const struct change *c, void *arg)
{
	struct logged *x = arg;

	x->kind = c->kind;
	x->who = c->who;
	return true;
}

static enum err log_read(const struct mail_txn *m, void *arg)
{
	struct logged *x = arg;

	return changes_since(m, model[0].id, x->since, log_take, x);
}

/* Which changes are one's own, and which are others' as well. */
static void the_log_tells(void **state)
{
	const struct flags seen = FLAGS(BIT64(FLAG_SEEN)), flagged = FLAGS(BIT64(FLAG_FLAGGED));
	const struct {
		bool own;
		unsigned user; /* USERS: the server */
		enum flags_op op;
		struct flags flags;
		enum change_kind kind; /* by user, when it is CHANGE_SEEN */
	} steps[] = {
		{ false, BOB, FLAGS_ADD, seen, CHANGE_FLAGS },
		{ false, BOB, FLAGS_REMOVE, seen, CHANGE_FLAGS },
		{ true, BOB, FLAGS_ADD, seen, CHANGE_SEEN },
		{ true, ADA, FLAGS_ADD, seen, CHANGE_SEEN },
		{ true, USERS, FLAGS_REMOVE, seen, CHANGE_SEEN }, /* for whose mail it is */
		{ true, EVE, FLAGS_ADD, flags_or(seen, flagged), CHANGE_FLAGS },
		{ true, BOB, FLAGS_SET, flags_or(seen, flagged), CHANGE_FLAGS }, /* nothing new */
		{ true, BOB, FLAGS_SET, flagged, CHANGE_SEEN },
		{ true, BOB, FLAGS_REMOVE, flagged, CHANGE_FLAGS },
	};
	struct email_store what = { model[0].id, &uids_all, FLAGS_ADD, FLAGS(0), UINT64_MAX };
	struct email_stored out = { 0 };
	struct logged x = { 0 };

	(void)state;
	assert_int_equal(mail_do_append(&s, ids[ADA], model[0].id, STR("\r\n"), FLAGS(0), NULL),
	                 OK);
	for (size_t i = 0; i < COUNT(steps); i++) {
		assert_int_equal(own_set(ADA, "Work", steps[i].own ? "own" : NULL), OK);
		what.op = steps[i].op;
		what.flags = steps[i].flags;
		s.who = steps[i].user == USERS ? 0 : ids[steps[i].user];
		assert_int_equal(mail_do_store(&s, ids[ADA], &what, &out), OK);
		assert_int_equal(mail_read(&s, ids[ADA], log_read, &x), OK);
		check_at(i, x.kind == steps[i].kind);
		check_at(i, x.who == (x.kind != CHANGE_SEEN    ? 0
		                      : steps[i].user == USERS ? ids[ADA]
		                                               : ids[steps[i].user]));
	}
	/* For all who had another one it changes when everybody's is the same. */
	assert_int_equal(own_set(ADA, "Work", NULL), OK);
	assert_int_equal(mail_read(&s, ids[ADA], log_read, &x), OK);
	assert_int_equal(x.kind, CHANGE_MAILBOX_EDITED);
	email_stored_deinit(&out);
}

static enum err erase(const struct mail_txn *m, void *arg)
{
	(void)arg;
	return mail_erase(m);
}

static enum err any_rows(const struct mail_txn *m, void *arg)
{
	struct kv_iter it;
	size_t *n = arg;

	kv_iter_prefix(&it, m->t, SPACE_SEEN, STR_EMPTY);
	while (kv_iter_next(&it))
		++*n;
	return kv_iter_end(&it);
}

static size_t rows_left(void)
{
	size_t n = 0;

	assert_int_equal(mail_read(&s, ids[ADA], any_rows, &n), OK);
	return n;
}

static void accounts_go(void **state)
{
	struct email_store what = { model[0].id, &uids_all, FLAGS_ADD, FLAGS(BIT64(FLAG_SEEN)),
		                    UINT64_MAX };
	struct email_stored out = { 0 };

	(void)state;
	assert_int_equal(own_set(ADA, "Work", "own"), OK);
	op_append(ADA, &model[0]);
	for (unsigned user = BOB; user < USERS; user++) {
		s.who = ids[user];
		assert_int_equal(mail_do_store(&s, ids[ADA], &what, &out), OK);
	}
	s.who = 0;
	assert_int_equal(rows_left(), 2);
	assert_int_equal(mail_write(&s, ids[BOB], erase, NULL), OK);
	assert_int_equal(rows_left(), 1);
	assert_int_equal(mail_write(&s, ids[ADA], erase, NULL), OK);
	assert_int_equal(rows_left(), 0);
	email_stored_deinit(&out);
}

/* --- Sets ------------------------------------------------------------------------------- */

/* Blocks far apart, the set of all below that of one: what was put is there, and counted. */
static enum err sets(const struct mail_txn *m, void *arg)
{
	static const uint32_t places[] = {
		1, 2, SEEN_BLOCK - 1, SEEN_BLOCK, 3 * SEEN_BLOCK, 3 * SEEN_BLOCK + 63, UINT32_MAX
	};
	static const struct change_run gone[] = { { 3 * SEEN_BLOCK + 60, 4, 0 },
		                                  { SEEN_BLOCK - 1, 2, 0 } };
	struct own_seen all, one;
	struct key k;
	uint32_t n;
	bool yes;

	(void)arg;
	own_seen_init(&all, m, 1, SEEN_ALL);
	own_seen_init(&one, m, 1, ids[BOB]);
	for (size_t i = 0; i < COUNT(places); i++)
		assert_int_equal(own_seen_put(&all, places[i], true), OK);
	assert_int_equal(own_seen_flush(&all), OK);
	for (size_t i = 0; i < COUNT(places); i++) {
		assert_int_equal(own_seen_has(&one, places[i], &yes), OK);
		check_at(i, yes);
	}
	assert_int_equal(own_seen_count(m, 1, ids[BOB], &n), OK);
	assert_int_equal(n, COUNT(places));
	assert_int_equal(own_seen_put(&one, 2, false), OK);
	assert_int_equal(own_seen_put(&one, SEEN_BLOCK, false), OK);
	assert_int_equal(own_seen_flush(&one), OK);
	assert_int_equal(own_seen_count(m, 1, ids[BOB], &n), OK);
	assert_int_equal(n, COUNT(places) - 2);
	assert_int_equal(own_seen_count(m, 1, ids[EVE], &n), OK);
	assert_int_equal(n, COUNT(places));
	assert_int_equal(own_seen_vanish(m, 1, gone, COUNT(gone)), OK);
	assert_int_equal(own_seen_count(m, 1, ids[BOB], &n), OK);
	assert_int_equal(n, COUNT(places) - 4);
	assert_int_equal(own_seen_count(m, 1, ids[EVE], &n), OK);
	assert_int_equal(n, COUNT(places) - 3);
	/* A damaged row: nothing is seen, until something is put there. */
	key_mailbox(&k, m->account, 1);
	key_u32(&k, ids[BOB]);
	key_u32(&k, 0);
	assert_int_equal(kv_put(m->t, SPACE_SEEN, key_str(&k), STR("\x07")), OK);
	own_seen_init(&one, m, 1, ids[BOB]);
	assert_int_equal(own_seen_has(&one, 1, &yes), OK);
	assert_false(yes);
	assert_int_equal(own_seen_count(m, 1, ids[BOB], &n), OK);
	assert_int_equal(n, 2);
	assert_int_equal(own_seen_put(&one, 5, true), OK);
	assert_int_equal(own_seen_flush(&one), OK);
	assert_int_equal(own_seen_count(m, 1, ids[BOB], &n), OK);
	assert_int_equal(n, 3);
	assert_int_equal(own_seen_forget(m, 1), OK);
	return ERR_CONFLICT; /* nothing of it is kept */
}

static void blocks(void **state)
{
	(void)state;
	assert_int_equal(mail_write(&s, ids[ADA], sets, NULL), ERR_CONFLICT);
}

/* --- The first unseen --------------------------------------------------------------------- */

struct layout { /* of a mailbox and of one user's set, in blocks far apart and beside each other */
	uint32_t rows, unseen, first, first_seq;
	struct own_seen set;
};

static enum err row_lay(const struct mail_txn *m, struct layout *x, uint32_t uid, bool seen)
{
	struct email_row row = { .uid = uid, .email = 1, .modseq = 1 };
	enum err e = email_row_put(m, model[0].id, &row);

	x->rows++;
	x->unseen += !seen;
	if (!seen && x->first == 0) {
		x->first = uid;
		x->first_seq = x->rows;
	}
	return e || !seen ? e : own_seen_put(&x->set, uid, true);
}

/* Every UID of it or some, seen all of them, none, some, or all but one. */
static enum err block_lay(const struct mail_txn *m, struct layout *x, uint32_t block)
{
	uint32_t from = MAX(block * SEEN_BLOCK, 1), to = block * SEEN_BLOCK + (SEEN_BLOCK - 1);
	uint32_t every = pick(3) ? 1 + pick(900) : 1, seen = pick(5), one = from + pick(SEEN_BLOCK);
	enum err e = OK;

	for (uint32_t uid = from; !e; uid += every) {
		e = row_lay(m, x, uid,
		            seen > 2 || (seen == 2 && pick(2)) || (seen == 1 && uid != one));
		if (to - uid < every)
			break;
	}
	return e;
}

static enum err unseen_check(const struct mail_txn *m, const struct layout *x)
{
	struct mailbox box;

	assert_int_equal(mailbox_get(m, model[0].id, &box), OK);
	box.exists = x->rows;
	if (mailbox_unseen(m, &box, true))
		return ERR_IO;
	assert_int_equal(box.unseen, x->unseen);
	assert_int_equal(box.first_unseen_uid, x->first);
	assert_true(x->first == 0 || box.first_unseen_seq == x->first_seq);
	return OK;
}

static enum err lay_and_check(const struct mail_txn *m, void *arg)
{
	static const uint32_t blocks[] = { 0, 1, 2, 7, 8, UINT32_MAX / SEEN_BLOCK };
	struct layout x = { .rows = 0 };

	(void)arg;
	own_seen_init(&x.set, m, model[0].id, ids[BOB]);
	for (size_t i = 0; i < COUNT(blocks); i++)
		if (pick(3))
			assert_int_equal(block_lay(m, &x, blocks[i]), OK);
	assert_int_equal(own_seen_flush(&x.set), OK);
	assert_int_equal(unseen_check(m, &x), OK);
	return ERR_CONFLICT; /* nothing of it is kept */
}

/* All seen but the last one: neither of the rows before it is read. */
static enum err lay_and_count(const struct mail_txn *m, void *arg)
{
	struct layout x = { .rows = 0 };

	(void)arg;
	own_seen_init(&x.set, m, model[0].id, ids[BOB]);
	for (uint32_t uid = 1; uid < 3 * SEEN_BLOCK + 9; uid += 1 + (uid > SEEN_BLOCK))
		assert_int_equal(row_lay(m, &x, uid, uid < 3 * SEEN_BLOCK + 6), OK);
	assert_int_equal(own_seen_flush(&x.set), OK);
	fault_arm_point("kv_step", 50, EIO);
	assert_int_equal(unseen_check(m, &x), OK);
	assert_false(fault_fired());
	fault_arm(0);
	return ERR_CONFLICT;
}

static void first_unseen(void **state)
{
	(void)state;
	assert_int_equal(own_set(ADA, "Work", "own"), OK);
	s.who = ids[BOB];
	for (int i = 0; i < 60; i++)
		assert_int_equal(mail_write(&s, ids[ADA], lay_and_check, NULL), ERR_CONFLICT);
	assert_int_equal(mail_write(&s, ids[ADA], lay_and_count, NULL), ERR_CONFLICT);
}

static void records(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
		bool ok;
		uint32_t count;
	} rows[] = {
		{ "\1\0", 2, true, 0 },
		{ "\1\2\0\2", 4, true, 2 },
		{ "\1\3\1\2\5\1", 6, true, 3 },
		{ "\2\0", 2, false, 0 },           /* a form of the future       */
		{ "\1\3\0\2", 4, false, 0 },       /* counted wrong              */
		{ "\1\2\0", 3, false, 0 },         /* cut                        */
		{ "\1\1\x80\x20\1", 5, false, 0 }, /* behind the block           */
		{ "\1\2\xff\x1f\2", 5, false, 0 }, /* out of the block           */
		{ "\1\1\xff\x1f\1", 5, true, 1 },  /* its last                   */
		{ "\1", 1, false, 0 },
		{ "", 0, false, 0 },
	};
	uint64_t bits[SEEN_BLOCK / 64];
	uint32_t n;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		bool ok = own_seen_unpack(str_from(rows[i].bytes, rows[i].n), &n, bits);

		check_at(i, ok == rows[i].ok);
		if (ok)
			check_at(i, n == rows[i].count);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(everybody_has_his_own),
		TEST(who_may_set_it),
		TEST(it_goes_along),
		TEST(the_log_tells),
		cmocka_unit_test_setup_teardown(accounts_go, setup, closing),
		TEST(blocks),
		TEST(first_unseen),
		cmocka_unit_test(records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
