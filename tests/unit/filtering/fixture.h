/* tests/unit/filtering/fixture.h: an account with filters, and a message for it.
 *
 *	ada@example.org     account 1, with INBOX, Junk, Archive and so on
 *	bob@example.org     account 2
 *	alias@example.org   ada
 *	both@example.org    ada and bob */
#ifndef UNIT_FILTERING_FIXTURE_H
#define UNIT_FILTERING_FIXTURE_H
#include "harness/check.h"
#include "harness/mail_store.h"

#include "flow/filtering/filtering.h"
#include "formats/sieve/sieve.h"
#include "foundation/base/clock.h"
#include "foundation/config/settings.h"
#include "foundation/observe/event.h"
#include "model/directory/directory.h"
#include "model/filters/filter.h"
#include "model/filters/memory.h"
#include "model/filters/scripts.h"
#include "model/store/store.h"

#include <regex.h>
#include <stdlib.h>

#define UNUSED __attribute__((unused)) /* not every file has use for all of it */

#define MESSAGE                               \
	"Received: from x by y; (date)\r\n"   \
	"From: Eve <eve@remote.example>\r\n"  \
	"To: ada@example.org\r\n"             \
	"Subject: hello\r\n"                  \
	"Message-ID: <m1@remote.example>\r\n" \
	"\r\n"                                \
	"body\r\n"

static struct mail_store s;
static struct arena arena; /* until the test ends */
static struct settings settings;
static struct envelope_rcpt rcpt;
static struct envelope envelope;
static struct filtering_mail mail;
static struct str mail_raw; /* its one part */

static enum err account_make(struct txn *t, const char *address)
{
	struct mail_txn m = { .mailboxes = &s.mailboxes, .t = t };
	struct account_new new = { .address = str_of(address),
		                   .name = STR("Ada L\xc3\xb6w") };
	enum err e = account_add(t, &new, &m.account, NULL);

	return e ? e : mail_provision(&m);
}

static enum err world_make(struct txn *t, void *arg)
{
	const struct str ada[] = { STR("ada@example.org"), STR("bob@example.org") };
	enum err e;

	(void)arg;
	if ((e = domain_add(t, STR("example.org"), NULL)) ||
	    (e = account_make(t, "ada@example.org")) || (e = account_make(t, "bob@example.org")) ||
	    (e = alias_add(t, STR("alias@example.org"), ada, 1, NULL)))
		return e;
	return alias_add(t, STR("both@example.org"), ada, 2, NULL);
}

UNUSED static int setup(void **state)
{
	(void)state;
	event_fd_set(-1);
	mail_store_open(&s, STORE_MEMORY);
	assert_int_equal(store_write(s.temp.store, world_make, NULL, NULL), OK);
	settings = (struct settings){ .hostname = STR("mail.example.org"),
		                      .subaddress = STR("+"),
		                      .sieve_redirects_max = 100,
		                      .sieve_time_max_s = 10 };
	rcpt = (struct envelope_rcpt){ .address = { STR("ada"), STR("example.org") } };
	envelope = (struct envelope){ .sender = { STR("eve"), STR("remote.example") },
		                      .rcpts = &rcpt,
		                      .rcpt_count = 1,
		                      .session = { .peer = STR("192.0.2.1") } };
	mail_raw = STR(MESSAGE);
	mail = (struct filtering_mail){ .store = s.temp.store,
		                        .mailboxes = &s.mailboxes,
		                        .settings = &settings,
		                        .envelope = &envelope,
		                        .rcpt = &rcpt,
		                        .parts = &mail_raw,
		                        .part_count = 1,
		                        .account = 1,
		                        .address = { STR("ada"), STR("example.org") } };
	return 0;
}

UNUSED static int teardown(void **state)
{
	(void)state;
	arena_deinit(&arena);
	mail_store_close(&s);
	return 0;
}

/* --- programs ----------------------------------------------------------------------------- */

struct program_new {
	struct script_owner owner;
	enum filter_kind kind; /* 0: a script */
	const char *name, *text;
	bool active;
};

static enum err program_write(struct txn *t, void *arg)
{
	const struct program_new *p = arg;
	struct sieve_errors errors;
	struct str program;
	enum err e;

	if (!script_compile(txn_arena(t), str_of(p->text), &program, &errors))
		fail_msg("%s: %.*s", p->text, STR_ARG(errors.items[0].text));
	if (p->kind != 0)
		return filter_put(
			t, p->owner.account, p->kind,
			&(struct filter){ .script = str_of(p->text), .program = program });
	e = script_put(t, &p->owner, str_of(p->name), str_of(p->text), program, 1);
	return e || !p->active ? e : script_activate(t, p->owner.account, str_of(p->name));
}

static void program_put(struct program_new p)
{
	if (store_write(s.temp.store, program_write, &p, NULL) != OK)
		fail_msg("%s was not stored", p.text);
}

/* The active script of the account. */
UNUSED static void active(const char *text)
{
	program_put((struct program_new){
		.owner = { .account = 1 }, .name = "main", .text = text, .active = true });
}

UNUSED static void library(const char *name, const char *text)
{
	program_put((struct program_new){ .owner = { .account = 1 }, .name = name, .text = text });
}

UNUSED static void server(const char *name, const char *text)
{
	program_put((struct program_new){ .name = name, .text = text });
}

UNUSED static void domain(const char *name, const char *text)
{
	program_put((struct program_new){
		.owner = { .domain = STR("example.org") }, .name = name, .text = text });
}

UNUSED static void filter(enum filter_kind kind, const char *text)
{
	program_put((struct program_new){ .owner = { .account = 1 }, .kind = kind, .text = text });
}

static enum err remember_write(struct txn *t, void *arg)
{
	const struct action *action = arg;

	return filter_memory_put(t, 1, action->once, clock_real_ms(),
	                         clock_real_ms() + 1000 * (int64_t)action->once_seconds);
}

/* As delivery does. */
UNUSED static void remember(const struct action *list)
{
	for (; list != NULL; list = list->next)
		if (list->kind == ACTION_REMEMBER &&
		    store_write(s.temp.store, remember_write, (void *)(uintptr_t)list, NULL) != OK)
			fail_msg("a key was not stored");
}

/* --- results ------------------------------------------------------------------------------ */

UNUSED static const struct action *run(void)
{
	const struct action *list;

	assert_int_equal(filtering_run(&mail, &arena, &list), OK);
	return list;
}

static void place_put(struct buf *out, const struct action_place *p)
{
	const struct {
		const char *name;
		struct str value;
	} fields[] = {
		{ "", p->mailbox },
		{ "use=", p->special_use },
		{ "id=", p->mailbox_id },
		{ "flags=", p->flags },
	};

	for (size_t i = 0; i < COUNT(fields); i++)
		if (fields[i].value.n != 0)
			buf_fmt(out, " %s%.*s", fields[i].name, STR_ARG(fields[i].value));
	buf_put(out, p->create ? STR(" create") : STR_EMPTY);
}

static void action_put(struct buf *out, const struct action *a)
{
	static const char *const names[] = { "",      "keep",   "redirect", "discard", "reject",
		                             "reply", "notify", "remember", "note" };

	buf_fmt(out, "%s", names[a->kind]);
	place_put(out, &a->place);
	buf_put(out, a->has_fcc ? STR(" fcc") : STR_EMPTY);
	if (a->address.local.n != 0) {
		buf_byte(out, ' ');
		mailaddr_put(out, &a->address);
	}
	if (a->notify != 0) {
		buf_put(out, STR(" notify="));
		dsn_notify_put(out, a->notify);
	}
	if (a->ret.n != 0)
		buf_fmt(out, " ret=%.*s", STR_ARG(a->ret));
	if (a->text.n != 0)
		buf_fmt(out, " \"%.*s\"%s", STR_ARG(a->text), a->report ? " report" : "");
	if (a->once_seconds != 0 && a->kind != ACTION_REDIRECT) /* each has it */
		buf_fmt(out, " once=%" PRIu32, a->once_seconds);
	if (a->header.n != 0)
		buf_fmt(out, " header=%zu", a->header.n);
	if (a->why.n != 0)
		buf_fmt(out, " (%.*s)", STR_ARG(a->why));
}

/* "keep Archive (script main, line 1: fileinto)", one action a line; "none" without a list. */
UNUSED static struct str actions_text(const struct action *list)
{
	struct buf out;
	struct str text;

	buf_init(&out, KIB(64));
	for (const struct action *a = list; a != NULL; a = a->next) {
		action_put(&out, a);
		buf_put(&out, a->next != NULL ? STR("\n") : STR_EMPTY);
	}
	text = list == NULL ? STR("none") : str_dup(&arena, buf_str(&out));
	buf_deinit(&out);
	return text;
}

/* A message with its date and random names masked, LF for CRLF. */
UNUSED static struct str masked(struct str message)
{
	static const char *const patterns[] = {
		"[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} [+]0000",
		"[a-z2-7]{26}",
	};
	struct buf out;
	struct str text = message;

	for (size_t i = 0; i < COUNT(patterns); i++) {
		const char *at = str_z(&arena, text);
		regmatch_t m;
		regex_t re;

		buf_init(&out, KIB(64));
		assert_int_equal(regcomp(&re, patterns[i], REG_EXTENDED), 0);
		for (; regexec(&re, at, 1, &m, 0) == 0; at += m.rm_eo) {
			buf_bytes(&out, at, (size_t)m.rm_so);
			buf_put(&out, STR("*"));
		}
		buf_put(&out, str_of(at));
		regfree(&re);
		text = str_dup(&arena, buf_str(&out));
		buf_deinit(&out);
	}
	buf_init(&out, KIB(64));
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] != '\r')
			buf_byte(&out, text.p[i]);
	text = str_dup(&arena, buf_str(&out));
	buf_deinit(&out);
	return text;
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

#endif
