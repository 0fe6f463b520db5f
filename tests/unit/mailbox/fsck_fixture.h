/* tests/unit/mailbox/fsck_fixture.h: an account with a row of each kind, what damages them, and the
 * look at what fsck says of it. */
#ifndef UNIT_MAILBOX_FSCK_FIXTURE_H
#define UNIT_MAILBOX_FSCK_FIXTURE_H
#include "foundation/base/arena.h"
#include "model/mailbox/fsck/fsck.h"
#include "model/mailbox/keys.h"
#include "model/mailbox/metadata.h"
#include "model/mailbox/records.h"
#include "model/mailbox/url_key.h"
#include "unit/mailbox/fixture.h"

#include <string.h>

/* Account 1: INBOX (1) with rows 1 to 3 of emails 1 to 3, a keyword, a subscription, an annotation
 * of INBOX and an access key for it. */
static enum err keyword_make(const struct mail_txn *m, void *arg)
{
	unsigned id;

	(void)arg;
	return keyword_intern(m, STR("word"), &id);
}

static enum err annotate(const struct mail_txn *m, void *arg)
{
	uint8_t key[URL_KEY_BYTES] = { 1, 2, 3 };
	const struct metadata_entry entry = { .name = STR("/shared/comment"),
		                              .value = STR("what is in it") };
	const struct mail_txn server = { m->mailboxes, m->t, 0, 0 };
	enum err e = metadata_set(m, 1, &entry, 1);

	(void)arg;
	if (!e)
		e = metadata_set(&server, 0, &entry, 1);
	return e ? e : url_key_set(m, 1, key);
}

static void healthy(void)
{
	mail_store_open(&s, STORE_MEMORY);
	assert_int_equal(mail_do_provision(&s, 1), OK);
	assert_int_equal(mail_write(&s, 1, keyword_make, NULL), OK);
	assert_int_equal(mail_do_subscribe(&s, 1, "none", true), OK);
	assert_int_equal(mail_write(&s, 1, annotate, NULL), OK);
	for (int i = 0; i < 3; i++)
		assert_int_equal(mail_do_append(&s, 1, 1, STR("a: b\r\n\r\nbody"),
		                                flags_with(FLAGS(0), FLAG_CUSTOM), NULL),
		                 OK);
	mail_store_fsck(&s);
}

/* --- damages ---------------------------------------------------------------------------- */

UNUSED static enum err del(const struct mail_txn *m, enum space space, const struct key *k)
{
	return kv_del(m->t, space, key_str(k));
}

UNUSED static enum err put(const struct mail_txn *m, enum space space, const struct key *k,
                           struct str val)
{
	return kv_put(m->t, space, key_str(k), val);
}

/* A number of a record becomes one more or less. */
struct field {
	size_t offset;
	size_t size;
	int by;
};

UNUSED static void field_change(void *record, const struct field *f)
{
	char *p = (char *)record + f->offset;

	if (f->size == 8)
		*(uint64_t *)(void *)p += (uint64_t)(int64_t)f->by;
	else
		*(uint32_t *)(void *)p += (uint32_t)f->by;
}

/* In a transaction; arg: the struct field of its row. */
#define DAMAGE(name) static enum err name(const struct mail_txn *m, void *arg)

struct damage {
	mail_fn *damage;
	struct field field;
	const char *want; /* a part of some finding */
};

/* --- findings --------------------------------------------------------------------------- */

struct search {
	const char *want;
	bool found;
};

static void finding_search(void *arg, const char *check, struct str sentence)
{
	struct search *x = arg;

	if (strcmp(check, "mailbox") == 0)
		x->found |= str_find(sentence, str_of(x->want)) >= 0;
}

/* Each is found, alone in what was whole. */
static void damages_find(const struct damage *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct search x = { rows[i].want, false };
		struct fsck_report r = { .say = finding_search, .arg = &x };
		struct field field = rows[i].field;

		healthy();
		check_at(i, mail_write(&s, 1, rows[i].damage, &field) == OK);
		check_at(i, fsck_run(s.temp.store, &mailbox_fsck, 1, &r, NULL) == OK);
		check_at(i, x.found);
		mail_store_close(&s);
	}
}

#endif
