/* tests/unit/mailbox/changed_test.c: random operations; then the changes since every earlier state,
 * applied to what a client had then, give what it has now (model/mailbox/changed.h). For the owner,
 * and for a user with rights in some mailboxes. */
#include "model/mailbox/changed.h"

#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "model/directory/group.h"
#include "model/mailbox/acl.h"
#include "model/mailbox/email_edit.h"
#include "model/mailbox/placement.h"
#include "model/mailbox/rights.h"
#include "model/mailbox/thread.h"
#include "model/store/store.h"
#include "unit/mailbox/fixture.h"

#include <stdio.h>
#include <string.h>

enum {
	OWNER = 1,
	USER = 2,
	IDS = 1500, /* of emails, threads and mailboxes */
	TYPES = CHANGED_MAILBOX + 1,
	STATES = 120,
	OPERATIONS = 4, /* between two states */
	BOXES = 24,     /* names */
};

/* A client: for each id a hash of its values; 0: it has none. */
struct shown {
	uint64_t state[TYPES];
	uint64_t of[TYPES][IDS];
};

static struct shown states[2][STATES]; /* of OWNER and USER */
static uint64_t random_state;

static uint32_t pick(uint32_t below)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(random_state >> 33) % below;
}

static uint64_t mix(uint64_t h, uint64_t n)
{
	h = (h ^ n) * 0x9e3779b97f4a7c15u;
	return h ^ h >> 29;
}

/* --- What is shown, from the rows alone ------------------------------------------------- */

struct truth {
	struct shown *out;
	uint64_t boxes[IDS];   /* of each email, the sum of hashes of its mailboxes */
	uint64_t threads[IDS]; /* of each email */
	struct flags all[IDS], any[IDS];
};

static enum err box_truth(const struct mail_txn *m, uint32_t id, struct truth *x)
{
	struct email_rows rows;
	struct email_row row;

	email_rows_init(&rows, m, id, 1, UINT32_MAX);
	while (email_rows_next(&rows, &row)) {
		if (flags_has(row.flags, FLAG_DELETED))
			continue;
		assert_true(row.email < IDS && row.thread < IDS);
		x->all[row.email] = x->threads[row.email] ? flags_and(x->all[row.email], row.flags)
		                                          : row.flags;
		x->any[row.email] = flags_or(x->any[row.email], row.flags);
		x->boxes[row.email] += mix(7, id) + row.uid;
		x->threads[row.email] = row.thread;
	}
	return email_rows_end(&rows);
}

static void email_truth(struct truth *x, uint64_t id)
{
	uint64_t both = BIT64(FLAG_SEEN) | BIT64(FLAG_DRAFT);
	uint64_t flags = (x->all[id].bits[0] & both) | (x->any[id].bits[0] & ~both);

	x->out->of[CHANGED_EMAIL][id] =
		mix(mix(x->boxes[id], flags), x->any[id].bits[1]) ^ x->threads[id];
	x->out->of[CHANGED_THREAD][x->threads[id]] =
		mix(x->out->of[CHANGED_THREAD][x->threads[id]], id) | 1;
}

static enum err shown_read(const struct mail_txn *m, void *arg)
{
	static struct truth x;
	struct email_viewer *v;
	struct email_view view;
	struct arena a = { 0 };
	enum err e = OK;

	x = (struct truth){ .out = arg };
	*x.out = (struct shown){ 0 };
	assert_int_equal(email_viewer_new(m, &a, &v), OK);
	for (uint32_t id = 1; id < 200; id++) {
		struct mailbox box;
		unsigned rights;

		assert_int_equal(rights_get(m, id, &rights), OK);
		if (mailbox_get(m, id, &box) != OK)
			continue;
		assert_int_equal(email_viewer_rights(v, id), rights);
		assert_int_equal(mailbox_unseen(m, &box, false), OK);
		if (rights & RIGHT_LOOKUP)
			x.out->of[CHANGED_MAILBOX][id] =
				mix(mix(mix(mix(mix(1, box.parent), box.leaf.n),
			                    box.exists - box.deleted),
			                box.unread),
			            box.threads) ^
				box.unread_threads ^ (uint64_t)box.leaf.p[0] << 20;
		if (rights & RIGHT_READ)
			e = box_truth(m, id, &x);
		assert_int_equal(e, OK);
	}
	for (uint64_t id = 1; id < IDS; id++) {
		e = email_view_get(v, id, &a, &view);
		assert_true(e == (x.threads[id] ? OK : ERR_MISSING));
		if (e)
			continue;
		assert_int_equal(view.thread, x.threads[id]);
		email_truth(&x, id);
	}
	for (unsigned type = 0; type < TYPES; type++)
		assert_int_equal(changed_state(m, (enum changed_type)type, &x.out->state[type]),
		                 OK);
	arena_deinit(&a);
	return OK;
}

/* --- Replaying -------------------------------------------------------------------------- */

struct replay {
	const struct shown *was, *is;
	enum changed_type type;
	size_t max;
	bool missing;
	uint64_t has[IDS];
};

static void replay_apply(struct replay *r, const struct changed *c)
{
	const uint64_t *is = r->is->of[r->type];

	assert_true(r->max == 0 ||
	            c->created_count + c->updated_count + c->destroyed_count <= r->max);
	for (size_t i = 0; i < c->created_count; i++) {
		assert_true(r->has[c->created[i]] == 0);
		r->has[c->created[i]] = is[c->created[i]] ? is[c->created[i]] : 1;
	}
	for (size_t i = 0; i < c->updated_count; i++) {
		assert_true(r->has[c->updated[i]] != 0);
		r->has[c->updated[i]] = is[c->updated[i]] ? is[c->updated[i]] : 1;
	}
	for (size_t i = 0; i < c->destroyed_count; i++) {
		assert_true(r->has[c->destroyed[i]] != 0);
		r->has[c->destroyed[i]] = 0;
	}
}

static enum err replay(const struct mail_txn *m, void *arg)
{
	struct replay *r = arg;
	uint64_t since = r->was->state[r->type];
	struct changed c = { .more = true };
	struct arena a = { 0 };
	enum err e;

	memcpy(r->has, r->was->of[r->type], sizeof r->has);
	while (c.more) {
		e = changed_since(m, r->type, since, r->max, &a, &c);
		if (e == ERR_MISSING) {
			r->missing = true;
			break;
		}
		assert_int_equal(e, OK);
		assert_true(c.modseq > since || !c.more);
		replay_apply(r, &c);
		since = c.modseq;
		arena_reset(&a);
	}
	arena_deinit(&a);
	if (r->missing)
		return OK;
	assert_int_equal(since, r->is->state[r->type]);
	for (size_t id = 0; id < IDS; id++)
		if (r->has[id] != r->is->of[r->type][id])
			fail_msg("type %d, id %zu: %llx instead of %llx", r->type, id,
			         (unsigned long long)r->has[id],
			         (unsigned long long)r->is->of[r->type][id]);
	return OK;
}

/* Only a change of rights, or of more than max at once, may have no answer. */
static unsigned replay_all(uint32_t who, size_t n, bool rights)
{
	static struct replay r;
	unsigned answered = 0;

	s.who = who;
	for (size_t i = 0; i < n; i++)
		for (unsigned type = 0; type < TYPES; type++)
			for (size_t max = 0; max < 8; max += 3) {
				r = (struct replay){ .was = &states[who - 1][i],
					             .is = &states[who - 1][n - 1],
					             .type = (enum changed_type)type,
					             .max = max };
				assert_int_equal(mail_read(&s, OWNER, replay, &r), OK);
				assert_true(!r.missing || max || (rights && who == USER));
				answered += !r.missing;
			}
	s.who = 0;
	return answered;
}

/* --- Operations ------------------------------------------------------------------------- */

static uint32_t pick_box(void)
{
	for (;;) {
		uint32_t id = 1 + pick(BOXES);
		char name[8];

		snprintf(name, sizeof name, "b%u", id);
		if (id <= 3)
			return id;
		if (mail_box_exists(&s, OWNER, name))
			return mail_box(&s, OWNER, name).id;
	}
}

static struct flags pick_flags(void)
{
	static const unsigned ids[] = { FLAG_SEEN, FLAG_DELETED, FLAG_FLAGGED, FLAG_DRAFT };
	struct flags f = FLAGS(0);

	for (size_t i = 0; i < COUNT(ids); i++)
		f = pick(3) ? f : flags_with(f, ids[i]);
	return f;
}

static void pick_uids(struct uids *u)
{
	uint32_t lo = 1 + pick(30);

	uids_reset(u);
	uids_add(u, lo, lo + pick(4));
}

static void op_append(void)
{
	char text[200];

	snprintf(text, sizeof text,
	         "Message-ID: <%u@x>\r\nIn-Reply-To: <%u@x>\r\nSubject: x\r\n\r\n", pick(40),
	         pick(40));
	assert_int_equal(mail_do_append(&s, OWNER, pick_box(), str_of(text), pick_flags(), NULL),
	                 OK);
}

static void op_flags(uint32_t who)
{
	struct email_stored out = { 0 };
	struct uids uids = { 0 };
	struct email_store what = { pick_box(), &uids, (enum flags_op)pick(3), pick_flags(),
		                    UINT64_MAX };
	enum err e;

	pick_uids(&uids);
	s.who = who;
	e = mail_do_store(&s, OWNER, &what, &out);
	s.who = 0;
	assert_true(e == OK || e == ERR_DENIED || e == ERR_MISSING);
	email_stored_deinit(&out);
	uids_deinit(&uids);
}

static void op_transfer(bool move)
{
	struct uids uids = { 0 };
	struct email_copied out = { 0 };
	struct email_copy what = { .from = pick_box(), .to = pick_box(), .uids = &uids };

	pick_uids(&uids);
	assert_int_equal(mail_do_transfer(&s, OWNER, &what, move, &out), OK);
	email_copied_deinit(&out);
	uids_deinit(&uids);
}

static void op_expunge(void)
{
	struct uids uids = { 0 }, gone = { 0 };
	struct email_expunge what = { pick_box(), &uids, pick(3) != 0 };

	pick_uids(&uids);
	assert_int_equal(mail_do_expunge(&s, OWNER, &what, &gone), OK);
	uids_deinit(&gone);
	uids_deinit(&uids);
}

static enum err edits_run(const struct mail_txn *m, void *arg)
{
	struct email_edit edits[4];
	uint32_t boxes[4][2];
	uint64_t limit, modseq;
	size_t n = 1 + pick(4);
	enum err e = emails_limit(m, &limit);

	(void)arg;
	for (size_t i = 0; i < n; i++) {
		boxes[i][0] = 1 + pick(9);
		boxes[i][1] = 1 + pick(9);
		edits[i] = (struct email_edit){ .email = 1 + pick((uint32_t)limit),
			                        .destroy = pick(8) == 0,
			                        .replace = pick(3) == 0,
			                        .add = boxes[i],
			                        .add_count = pick(3),
			                        .remove = boxes[i] + 1,
			                        .remove_count = pick(2),
			                        .replace_flags = pick(4) == 0,
			                        .add_flags = pick_flags(),
			                        .remove_flags = pick_flags() };
	}
	e = e ? e : email_edit_all(m, edits, n, &modseq);
	return e;
}

static void op_edit(uint32_t who)
{
	s.who = who;
	assert_int_equal(mail_write(&s, OWNER, edits_run, NULL), OK);
	s.who = 0;
}

static void op_mailbox(void)
{
	char name[16], to[16];
	enum err e;

	snprintf(name, sizeof name, "%sb%u", pick(2) ? "b5/" : "", 4 + pick(BOXES - 4));
	snprintf(to, sizeof to, "b%u", 4 + pick(BOXES - 4));
	if (pick(3) == 0)
		e = mail_do_delete(&s, OWNER, name);
	else if (pick(4) == 0)
		e = mail_do_rename(&s, OWNER, name, to);
	else
		e = mail_do_create(&s, OWNER, name);
	assert_true(e == OK || e == ERR_MISSING || e == ERR_CONFLICT || e == ERR_LIMIT ||
	            e == ERR_SYNTAX);
}

struct grant {
	uint32_t mailbox;
	unsigned rights;
	bool own_seen;
};

static enum err grant(const struct mail_txn *m, void *arg)
{
	const struct grant *g = arg;
	enum err e = acl_change(m, &(struct acl_change){ .mailbox = g->mailbox,
	                                                 .who = USER,
	                                                 .op = ACL_REPLACE,
	                                                 .rights = g->rights });

	return e || !g->own_seen ? e : mailbox_own_seen_set(m, g->mailbox, true);
}

static void grant_to_user(uint32_t mailbox, unsigned rights, bool own_seen)
{
	struct grant g = { mailbox, rights, own_seen };

	assert_int_equal(mail_write(&s, OWNER, grant, &g), OK);
}

static void op_random(bool rights)
{
	uint32_t n = pick(100);

	if (n < 25)
		op_append();
	else if (n < 40)
		op_flags(pick(3) ? OWNER : USER);
	else if (n < 50)
		op_transfer(true);
	else if (n < 58)
		op_transfer(false);
	else if (n < 68)
		op_expunge();
	else if (n < 92)
		op_edit(pick(3) ? OWNER : USER);
	else if (n < 98)
		op_mailbox();
	else if (rights)
		grant_to_user(1 + pick(3), pick(2) ? RIGHTS_ALL : RIGHT_LOOKUP, false);
}

/* --- Tests ------------------------------------------------------------------------------ */

static void states_take(size_t i)
{
	for (s.who = OWNER; s.who <= USER; s.who++)
		assert_int_equal(mail_read(&s, OWNER, shown_read, &states[s.who - 1][i]), OK);
	s.who = 0;
	for (unsigned who = 0; who < 2 && i; who++)
		for (unsigned type = 0; type < TYPES; type++) {
			const struct shown *was = &states[who][i - 1], *is = &states[who][i];

			/* Another state, when anything is different. */
			assert_true(is->state[type] >= was->state[type]);
			assert_true(is->state[type] > was->state[type] ||
			            memcmp(is->of[type], was->of[type], sizeof is->of[type]) == 0);
		}
}

static void run(uint64_t seed, bool rights)
{
	unsigned owner = 0, user = 0;

	random_state = seed;
	assert_int_equal(mail_do_provision(&s, USER), OK);
	grant_to_user(1, RIGHT_LOOKUP | RIGHT_READ | RIGHT_SEEN | RIGHT_WRITE, false);
	grant_to_user(2, RIGHTS_ALL, true);
	for (size_t i = 0; i < STATES; i++) {
		for (int k = 0; k < OPERATIONS; k++)
			op_random(rights);
		states_take(i);
		if (i % 20 == 19) {
			owner += replay_all(OWNER, i + 1, rights);
			user += replay_all(USER, i + 1, rights);
			mail_store_fsck(&s);
		}
	}
	assert_true(owner > 1000 && user > 100);
}

static void replayed(void **state)
{
	(void)state;
	run(1, false);
}

static void replayed_with_other_rights(void **state)
{
	(void)state;
	run(2, true);
}

/* --- Groups ----------------------------------------------------------------------------- */

static enum err group_make(struct txn *t, void *arg)
{
	static const struct account_new accounts[] = { { .address = { "a@x.org", 7 } },
		                                       { .address = { "b@x.org", 7 } } };
	struct group group = { .address = STR("g@x.org") };
	uint32_t id;
	enum err e = domain_add(t, STR("x.org"), NULL);

	for (uint32_t i = 0; i < 2 && !e; i++)
		e = account_add(t, &accounts[i], &id, NULL);
	if (e || (e = mail_group_set(t, &group, NULL)))
		return e;
	e = group_find(t, group.address, txn_arena(t), &group);
	*(uint32_t *)arg = group.id;
	return e;
}

static enum err group_join(struct txn *t, void *arg)
{
	static struct str member = { "b@x.org", 7 };

	(void)arg;
	return mail_group_set(t,
	                      &(struct group){ .address = STR("g@x.org"),
	                                       .members = &member,
	                                       .count = 1 },
	                      NULL);
}

static enum err share_with(const struct mail_txn *m, void *arg)
{
	return acl_change(m, &(struct acl_change){ .mailbox = 1,
	                                           .who = *(uint32_t *)arg,
	                                           .op = ACL_REPLACE,
	                                           .rights = RIGHT_LOOKUP | RIGHT_READ });
}

/* A new member of a group may read what is shared with it: earlier states end, but not those of
 * the owner. */
static void member_of_a_group(void **state)
{
	static struct shown was[2], is[2];
	static struct replay r;
	uint32_t group = 0;

	(void)state;
	assert_int_equal(store_write(s.temp.store, group_make, &group, NULL), OK);
	assert_int_equal(mail_write(&s, OWNER, share_with, &group), OK);
	assert_int_equal(mail_do_append(&s, 1, 1, STR("a: b\r\n\r\n"), FLAGS(0), NULL), OK);
	for (s.who = OWNER; s.who <= USER; s.who++)
		assert_int_equal(mail_read(&s, OWNER, shown_read, &was[s.who - 1]), OK);
	assert_int_equal(store_write(s.temp.store, group_join, NULL, NULL), OK);
	for (s.who = OWNER; s.who <= USER; s.who++) {
		assert_int_equal(mail_read(&s, OWNER, shown_read, &is[s.who - 1]), OK);
		r = (struct replay){ .was = &was[s.who - 1], .is = &is[s.who - 1] };
		assert_int_equal(mail_read(&s, OWNER, replay, &r), OK);
		assert_true(r.missing == (s.who == USER));
	}
	assert_true(was[1].of[CHANGED_EMAIL][1] == 0 && is[1].of[CHANGED_EMAIL][1] != 0);
}

/* A change of flags is no change of threads or, if nothing is counted, of mailboxes. */
static void states_by_type(void **state)
{
	struct email_stored out = { 0 };
	struct email_store what = { 1, &uids_all, FLAGS_ADD, FLAGS(BIT64(FLAG_FLAGGED)),
		                    UINT64_MAX };
	struct shown *was = &states[0][0], *is = &states[0][1];

	(void)state;
	assert_int_equal(mail_do_append(&s, 1, 1, STR("a: b\r\n\r\n"), FLAGS(0), NULL), OK);
	assert_int_equal(mail_read(&s, 1, shown_read, was), OK);
	assert_int_equal(mail_do_store(&s, 1, &what, &out), OK);
	assert_int_equal(mail_read(&s, 1, shown_read, is), OK);
	assert_true(is->state[CHANGED_EMAIL] > was->state[CHANGED_EMAIL]);
	assert_int_equal(is->state[CHANGED_THREAD], was->state[CHANGED_THREAD]);
	assert_int_equal(is->state[CHANGED_MAILBOX], was->state[CHANGED_MAILBOX]);
	what.flags = FLAGS(BIT64(FLAG_SEEN));
	assert_int_equal(mail_do_store(&s, 1, &what, &out), OK);
	assert_int_equal(mail_read(&s, 1, shown_read, is), OK);
	assert_int_equal(is->state[CHANGED_THREAD], was->state[CHANGED_THREAD]);
	assert_true(is->state[CHANGED_MAILBOX] > was->state[CHANGED_MAILBOX]);
	email_stored_deinit(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(setup_new, replayed),
		WITH(setup_new, replayed_with_other_rights),
		WITH(setup_new, states_by_type),
		WITH(setup_new, member_of_a_group),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
