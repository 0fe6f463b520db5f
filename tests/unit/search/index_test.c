/* The index over a store: what it says of an email is what the email's texts say, whatever the
 * words, however they came into segments, and while it is behind.
 * Slow: it compares thousands of random words with a model. */
#include "harness/check.h"
#include "harness/mail_store.h"

#include "foundation/base/arena.h"
#include "foundation/text/fold.h"
#include "model/search/find.h"
#include "model/search/fsck.h"
#include "model/search/fuzzy_text.h"
#include "model/search/indexer.h"
#include "model/search/rows.h"
#include "model/search/text.h"

#include <stdlib.h>
#include <string.h>

enum { ACCOUNT = 1, MESSAGES = 300, PATTERNS = 400 };

static uint64_t seed = 42;

static uint32_t any(uint32_t below)
{
	seed = seed * 6364136223846793005 + 1442695040888963407;
	return (uint32_t)(seed >> 33) % below;
}

/* Few letters, so that patterns are found; scripts without spaces, marks, long words. */
static void text_put(struct buf *out, unsigned words)
{
	static const char *const pieces[] = { "a",
		                              "b",
		                              "ab",
		                              "A",
		                              "\xc3\xa4",
		                              "a\xcc\x88",
		                              "7",
		                              "\xe6\xbc\xa2",
		                              "\xe5\xad\x97",
		                              "\xe3\x81\x82",
		                              "\xef\xac\x81",
		                              "\xc3\x9f" };
	/* words that share stems, in some language or other */
	static const char *const real[] = { "the",
		                            "Reports",
		                            "reporting",
		                            "report",
		                            "der",
		                            "Bericht",
		                            "Berichte",
		                            "nicht",
		                            "lapor",
		                            "pelaporan",
		                            "yang",
		                            "tuarasc\xc3\xa1il",
		                            "thuarasc\xc3\xa1il" };
	static const char *const gaps[] = { " ", "-", ", ", "\r\n ", "@", ".", "\xe2\x80\x9d" };

	while (words-- > 0) {
		unsigned n;

		if (any(3) == 0) {
			buf_put(out, str_of(real[any(COUNT(real))]));
			buf_put(out, str_of(gaps[any(COUNT(gaps))]));
			continue;
		}
		n = any(20) == 0 ? 60 + any(80) : 1 + any(6);

		while (n-- > 0)
			buf_put(out, str_of(pieces[any(COUNT(pieces))]));
		buf_put(out, str_of(gaps[any(COUNT(gaps))]));
	}
}

static void field_put(struct buf *out, const char *name)
{
	struct buf value;

	buf_init(&value, 10000);
	text_put(&value, 1 + any(3));
	buf_fmt(out, "%s: %.*s\r\n", name, STR_ARG(buf_str(&value)));
	buf_deinit(&value);
}

static void message_put(struct buf *out)
{
	static const char *const languages[] = { "de", "en-GB", "id", "ga", "ja" };

	buf_put(out, STR("From: a ab <b@ab.example>\r\n"));
	field_put(out, "Subject");
	if (any(2))
		field_put(out, "Cc");
	if (any(3) == 0)
		field_put(out, "X-ab");
	if (any(3) == 0)
		buf_fmt(out, "Content-Language: %s\r\n", languages[any(COUNT(languages))]);
	buf_put(out, STR("MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=xx\r\n\r\n"
	                 "--xx\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"));
	text_put(out, any(20));
	if (any(2)) {
		buf_put(out, STR("\r\n--xx\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>"));
		text_put(out, any(20));
	}
	if (any(4) == 0) {
		buf_put(out, STR("\r\n--xx\r\nContent-Type: message/rfc822\r\n\r\n"));
		field_put(out, "Subject");
		buf_put(out, STR("\r\n"));
		text_put(out, any(5));
	}
	buf_put(out, STR("\r\n--xx--\r\n"));
}

/* --- the truth -------------------------------------------------------------------------- */

struct truth {
	unsigned fields;
	struct str pattern;
	struct buf text; /* folded, of the text that goes on */
	bool found;
};

static bool truth_take(void *arg, const struct search_piece *p)
{
	struct truth *t = arg;

	if (p->first)
		buf_reset(&t->text);
	if (p->header && (t->fields == SEARCH_EVERYWHERE || p->field == FIELD_BODY)) {
		fold_put(&t->text, p->name);
		buf_put(&t->text, STR(": "));
	}
	fold_put(&t->text, p->text);
	if (t->fields & BIT(p->field) && str_find(buf_str(&t->text), t->pattern) >= 0)
		t->found = true;
	return true;
}

static bool contains(struct str raw, unsigned fields, struct str pattern)
{
	static const struct message_limits limits = MESSAGE_LIMITS_DEFAULT;
	struct truth t = { .fields = fields, .pattern = pattern };
	struct arena a = { 0 };
	struct message m;

	buf_init(&t.text, MIB(4));
	message_parse(&a, raw, &limits, &m);
	(void)search_header_walk(message_str(&m, m.parts[0].header), STR_EMPTY, truth_take, &t);
	(void)search_body_walk(&m, truth_take, &t);
	buf_deinit(&t.text);
	arena_deinit(&a);
	return t.found;
}

/* --- the town --------------------------------------------------------------------------- */

struct town {
	struct mail_store mail;
	struct indexer_config config;
	struct str raw[MESSAGES + 1]; /* by email id, which begin at 1 */
	uint32_t count;
	bool gone[MESSAGES + 1];
};

static void town_open(struct town *t)
{
	*t = (struct town){ 0 };
	mail_store_open(&t->mail, STORE_MEMORY);
	assert_int_equal(mail_do_provision(&t->mail, ACCOUNT), OK);
	t->config = (struct indexer_config){ .store = t->mail.temp.store,
		                             .limits = MESSAGE_LIMITS_DEFAULT,
		                             .batch = 10,
		                             .message_bytes = 1 << 20,
		                             .message_words = 60 };
}

static void town_close(struct town *t)
{
	for (uint32_t i = 1; i <= t->count; i++)
		str_free(&t->raw[i]);
	mail_store_close(&t->mail);
}

static void town_add(struct town *t, uint32_t n)
{
	struct mailbox inbox = mail_box(&t->mail, ACCOUNT, "INBOX");

	for (; n > 0; n--) {
		struct email_appended done = { 0 };
		struct buf raw;

		buf_init(&raw, MIB(1));
		message_put(&raw);
		assert_int_equal(mail_do_append(&t->mail, ACCOUNT, inbox.id, buf_str(&raw),
		                                (struct flags){ 0 }, &done),
		                 OK);
		assert_int_equal(done.email, ++t->count);
		t->raw[t->count] = str_new(buf_str(&raw));
		buf_deinit(&raw);
	}
}

struct asking {
	bool fuzzy;
	unsigned fields;
	struct str pattern;
	struct search_found found;
};

static enum err ask(const struct mail_txn *m, void *arg)
{
	struct asking *a = arg;

	if (a->fuzzy)
		return search_find_fuzzy(m, a->fields, a->pattern, &a->found);
	return search_find(m, a->fields, a->pattern, &a->found);
}

/* A piece of some message, or of none. */
static struct str pattern_make(const struct town *t, struct buf *text, struct buf *folded)
{
	struct str raw = t->raw[1 + any(t->count)];
	size_t from = any((uint32_t)raw.n);

	buf_reset(text);
	buf_reset(folded);
	if (any(4))
		buf_put(text, str_sub(raw, from, from + 1 + any(any(4) ? 8 : 90)));
	else
		text_put(text, 1 + any(2));
	fold_put(folded, buf_str(text));
	return buf_str(folded);
}

/* Returns how many the index was sure to contain it. */
static unsigned compare(struct town *t, unsigned fields, struct str pattern)
{
	struct asking a = { .fields = fields, .pattern = pattern };
	unsigned sure = 0;

	assert_int_equal(mail_read(&t->mail, ACCOUNT, ask, &a), OK);
	for (uint32_t id = 1; id <= t->count; id++) {
		enum search_says says = search_found_says(&a.found, id);
		bool truth = contains(t->raw[id], fields, pattern);

		if (!t->gone[id] && says != SAYS_MAYBE && (says == SAYS_YES) != truth)
			fail_msg("email %u, fields %x, pattern \"%.*s\": says %d", id, fields,
			         STR_ARG(pattern), says);
		sure += says == SAYS_YES;
	}
	search_found_deinit(&a.found);
	return sure;
}

/* FUZZY: the index gives each email the score that reading it gives, and whatever contains the
 * pattern has one. Returns how many nearly matched. */
static unsigned compare_fuzzy(struct town *t, unsigned fields, struct str pattern)
{
	struct asking a = { .fuzzy = true, .fields = fields, .pattern = pattern };
	static const struct message_limits limits = MESSAGE_LIMITS_DEFAULT;
	unsigned near = 0;
	struct fuzzy f;

	assert_int_equal(mail_read(&t->mail, ACCOUNT, ask, &a), OK);
	fuzzy_init(&f, pattern, fields);
	for (uint32_t id = 1; id <= t->count && f.n; id++) {
		enum search_says says = search_found_says(&a.found, id);
		struct str raw = t->raw[id];
		size_t header = (size_t)str_find(raw, STR("\r\n\r\n")) + 4;
		unsigned truth = fuzzy_text_score(&f, fields, STR_EMPTY, raw, header, &limits);
		unsigned score = search_found_score(&a.found, id);

		if (!t->gone[id] && says != SAYS_MAYBE &&
		    ((says == SAYS_YES) != (truth > 0) || score != truth))
			fail_msg("email %u, fields %x, pattern \"%.*s\": says %d %u, not %u", id,
			         fields, STR_ARG(pattern), says, score, truth);
		if (truth == 0 && contains(raw, fields, pattern))
			fail_msg("email %u, fields %x, pattern \"%.*s\" is not near", id, fields,
			         STR_ARG(pattern));
		near += says == SAYS_YES && !contains(raw, fields, pattern);
	}
	fuzzy_deinit(&f);
	search_found_deinit(&a.found);
	return near;
}

static void finding_print(void *arg, const char *check, struct str sentence)
{
	(void)arg;
	print_error("%s: %.*s\n", check, STR_ARG(sentence));
}

static void town_fsck(struct town *t)
{
	struct fsck_report r = { .say = finding_print };

	assert_int_equal(fsck_run(t->mail.temp.store, &search_fsck, 1, &r, NULL), OK);
	assert_int_equal(r.findings, 0);
}

static void expunge_some(struct town *t)
{
	struct mailbox inbox = mail_box(&t->mail, ACCOUNT, "INBOX");

	for (unsigned i = 0; i < 3; i++) {
		uint32_t uid = 1 + any(t->count); /* the UIDs of this test are its ids */
		struct uids uids = { 0 }, gone = { 0 };
		struct email_expunge what = { .mailbox = inbox.id, .uids = &uids };

		uids_add(&uids, uid, uid);
		assert_int_equal(mail_do_expunge(&t->mail, ACCOUNT, &what, &gone), OK);
		t->gone[uid] = true;
		uids_deinit(&uids);
		uids_deinit(&gone);
	}
}

static void test_says_the_truth(void **state)
{
	static const unsigned fields[] = { SEARCH_EVERYWHERE, BIT(FIELD_BODY), BIT(FIELD_SUBJECT),
		                           BIT(FIELD_CC), BIT(FIELD_FROM) };
	struct town t;
	struct buf text, folded;
	unsigned sure = 0, near = 0;

	(void)state;
	town_open(&t);
	buf_init(&text, 10000);
	buf_init(&folded, 100000);
	while (t.count + 25 <= MESSAGES) {
		town_add(&t, 1 + any(25));
		if (any(3))
			assert_int_equal(index_account(&t.config, ACCOUNT), OK);
		if (any(3) == 0)
			expunge_some(&t);
		for (unsigned i = 0; i < PATTERNS / 20; i++) {
			unsigned where = fields[any(COUNT(fields))];
			struct str pattern = pattern_make(&t, &text, &folded);

			sure += compare(&t, where, pattern);
			if (i % 5 == 0)
				near += compare_fuzzy(&t, where, pattern);
		}
		town_fsck(&t);
	}
	assert_true(sure > 100);
	assert_true(near > 100);
	buf_deinit(&text);
	buf_deinit(&folded);
	town_close(&t);
}

/* --- damage ----------------------------------------------------------------------------- */

static enum err state_of(const struct mail_txn *m, void *arg)
{
	return search_state_get(m, arg);
}

static enum err damage(const struct mail_txn *m, void *arg)
{
	struct kv_iter it;
	struct buf copy;
	enum err e = OK;
	uint32_t left = *(uint32_t *)arg;

	buf_init(&copy, MIB(4));
	kv_iter_prefix(&it, m->t, SPACE_SEARCH, STR_EMPTY);
	while (!e && kv_iter_next(&it))
		if (left-- == 0) {
			buf_put(&copy, str_sub(it.val, 0, it.val.n / 2));
			e = kv_put(m->t, SPACE_SEARCH, it.key, buf_str(&copy));
			break;
		}
	buf_deinit(&copy);
	return kv_iter_end(&it) ? ERR_IO : e;
}

/* Whatever row is cut in half: nobody is told anything wrong, and a merge or the next start
 * makes it whole. */
static void test_damage(void **state)
{
	struct town t;

	(void)state;
	town_open(&t);
	town_add(&t, 35);
	for (uint32_t row = 0; row < 40; row++) {
		uint32_t which = row;

		assert_int_equal(index_account(&t.config, ACCOUNT), OK);
		assert_int_equal(mail_write(&t.mail, ACCOUNT, damage, &which), OK);
		(void)compare(&t, BIT(FIELD_BODY), STR("@"));
		town_add(&t, 1);
	}
	town_close(&t);
}

/* The state of an index that an older Roost made: nothing is said by it, fsck is silent, and it is
 * made anew. */
static enum err state_of_old(const struct mail_txn *m, void *arg)
{
	struct search_key k;
	static const char version_1[] = { 1, 30, 2, 1, 1, 30, 1, 30 };

	(void)arg;
	search_key_segment(&k, m->account, 0);
	return kv_put(m->t, SPACE_SEARCH, search_key_str(&k),
	              str_from(version_1, sizeof(version_1)));
}

static void test_older(void **state)
{
	struct town t;
	struct asking a = { .fields = BIT(FIELD_FROM), .pattern = STR("ab") };
	struct search_state *s = calloc(1, sizeof(*s));

	(void)state;
	town_open(&t);
	town_add(&t, 30);
	assert_int_equal(index_account(&t.config, ACCOUNT), OK);
	assert_int_equal(mail_write(&t.mail, ACCOUNT, state_of_old, NULL), OK);
	town_fsck(&t);
	assert_int_equal(mail_read(&t.mail, ACCOUNT, ask, &a), OK);
	assert_int_equal(a.found.known_to, 0);
	search_found_deinit(&a.found);
	assert_int_equal(index_account(&t.config, ACCOUNT), OK);
	assert_int_equal(mail_read(&t.mail, ACCOUNT, state_of, s), OK);
	assert_int_equal(s->known_to, 30);
	assert_true(compare(&t, BIT(FIELD_FROM), STR("ab")) > 10); /* the rest has too many words */
	free(s);
	town_close(&t);
}

static void test_state_kept(void **state)
{
	struct town t;
	struct search_state *s = calloc(1, sizeof(*s));

	(void)state;
	town_open(&t);
	town_add(&t, 45);
	assert_int_equal(index_account(&t.config, ACCOUNT), OK);
	assert_int_equal(mail_read(&t.mail, ACCOUNT, state_of, s), OK);
	assert_int_equal(s->known_to, 45);
	assert_int_equal(s->count, 5);
	town_add(&t, 60);
	assert_int_equal(index_account(&t.config, ACCOUNT), OK);
	assert_int_equal(mail_read(&t.mail, ACCOUNT, state_of, s), OK);
	assert_int_equal(s->known_to, 105);
	assert_true(s->count < 8);                          /* some became one */
	assert_int_equal(index_account(&t.config, 77), OK); /* an account that is not there */
	free(s);
	town_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_says_the_truth),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_older),
		cmocka_unit_test(test_state_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
