/* tests/unit/delivery/town.h: a small server without sockets: a store, a few accounts and
 * aliases, queue and delivery.
 *
 *	ada@example.org      the owner, so postmaster        password "secret"
 *	bob@example.org
 *	small@example.org    may keep SMALL_QUOTA bytes
 *	tiny@example.org     may keep 10 bytes: full at once
 *	off@example.org      disabled
 *	notes@example.org    takes messages of 1000 bytes at most
 *	both@example.org     ada and bob
 *	mixed@example.org    ada and far@remote.example
 *	away@example.org     far@remote.example
 *	squeeze@example.org  ada, small and tiny
 *	half@example.org     bob and off
 *	gap@example.org      off and far@remote.example
 *	club@example.org     a list: ada and member@remote.example
 *	*@catch.example      bob */
#ifndef UNIT_DELIVERY_TOWN_H
#define UNIT_DELIVERY_TOWN_H
#include "harness/check.h"
#include "harness/mail_store.h"

#include "flow/delivery/delivery.h"
#include "foundation/base/cur.h"
#include "foundation/base/err.h"
#include "foundation/base/str.h"
#include "foundation/config/limits.h"
#include "foundation/config/live.h"
#include "foundation/crypto/password.h"
#include "foundation/observe/event.h"
#include "model/directory/directory.h"
#include "model/directory/fsck.h"
#include "model/directory/srs.h"
#include "model/envelope/envelope.h"
#include "model/mailbox/fsck/fsck.h"
#include "model/queue/admin.h"
#include "model/queue/entry.h"
#include "model/queue/fsck.h"
#include "model/queue/queue.h"
#include "model/store/blob.h"

#include <regex.h>
#include <stdlib.h>

enum { SMALL_QUOTA = 3000 };

struct town {
	struct live *live;
	struct mail_store mail;
	struct queue *queue;
	struct delivery delivery;
	struct str hash;
	struct arena arena;
	uint32_t submitter; /* of what town_deliver brings; 0: a stranger's */
};

static const struct {
	const char *address;
	uint64_t quota_bytes;
	bool owner, disabled;
	uint64_t message_bytes;
} town_people[] = {
	{ "ada@example.org", 0, true, false, 0 },
	{ "bob@example.org", 0, false, false, 0 },
	{ "small@example.org", SMALL_QUOTA, false, false, 0 },
	{ "tiny@example.org", 10, false, false, 0 },
	{ "off@example.org", 0, false, true, 0 },
	{ "notes@example.org", 0, false, false, 1000 },
};

static const struct {
	const char *address, *targets[3];
} town_aliases[] = {
	{ "both@example.org", { "ada@example.org", "bob@example.org" } },
	{ "mixed@example.org", { "ada@example.org", "far@remote.example" } },
	{ "away@example.org", { "far@remote.example" } },
	{ "squeeze@example.org", { "ada@example.org", "small@example.org", "tiny@example.org" } },
	{ "half@example.org", { "bob@example.org", "off@example.org" } },
	{ "gap@example.org", { "off@example.org", "far@remote.example" } },
};

static enum err town_person_add(struct town *town, struct txn *t, size_t i)
{
	struct mail_txn m = { .mailboxes = &town->mail.mailboxes, .t = t };
	struct account_new new = { .address = str_of(town_people[i].address),
		                   .password_hash = town->hash,
		                   .quota_bytes = town_people[i].quota_bytes,
		                   .role = town_people[i].owner ? ROLE_OWNER : ROLE_USER };
	struct account account;
	enum err e;

	if ((e = account_add(t, &new, &m.account, NULL)) || (e = mail_provision(&m)))
		return e;
	if ((e = account_get(t, m.account, txn_arena(t), &account)))
		return e;
	account.logins = account.mail = !town_people[i].disabled;
	account.message_bytes = town_people[i].message_bytes;
	return account_change(t, &account, NULL);
}

static enum err town_alias_add(struct txn *t, size_t i)
{
	struct str targets[3];
	size_t n = 0;

	while (n < COUNT(targets) && town_aliases[i].targets[n] != NULL) {
		targets[n] = str_of(town_aliases[i].targets[n]);
		n++;
	}
	return alias_add(t, str_of(town_aliases[i].address), targets, n, NULL);
}

static enum err town_found(struct txn *t, void *arg)
{
	struct str members[] = { STR("ada@example.org"), STR("member@remote.example") };
	const struct alias club = { .address = STR("club@example.org"),
		                    .targets = members,
		                    .count = COUNT(members),
		                    .kind = ALIAS_LIST };
	enum err e = domain_add(t, STR("example.org"), NULL);
	uint8_t key[SRS_KEY];

	if (e == OK)
		e = domain_add(t, STR("catch.example"), NULL);
	for (size_t i = 0; e == OK && i < COUNT(town_people); i++)
		e = town_person_add(arg, t, i);
	for (size_t i = 0; e == OK && i < COUNT(town_aliases); i++)
		e = town_alias_add(t, i);
	if (e == OK)
		e = catchall_set(t, STR("catch.example"), STR("bob@example.org"), NULL);
	if (e == OK)
		e = alias_set(t, &club, NULL);
	return e == OK ? srs_key_ensure(t, key) : e;
}

static const struct settings town_settings = {
	.hostname = { "mail.example.org", 16 },
	.subaddress = { "+", 1 },
	.message_size = 20000,
	.smtp_vrfy = true,
	.queue_retry_s = 300,
	.queue_retry_max_s = 14400,
	.queue_expire_s = 432000,
	.queue_notice_s = 14400,
	.trace_days = 7,
	.srs = true,
	.sieve_redirects_max = 100,
	.sieve_time_max_s = 10,
};

static inline void town_open_with(struct town *town, enum store_backend backend,
                                  const struct settings *settings)
{
	static const struct password_cost cheap = { .memory_kib = 64, .passes = 1 };
	struct queue_config config = { 0 };

	*town = (struct town){ .live = live_of(settings) };
	config.live = town->live;
	event_fd_set(-1);
	password_setup(cheap, 2);
	mail_store_open(&town->mail, backend);
	if (password_hash(STR("secret"), cheap, &town->arena, &town->hash, NULL) != OK ||
	    store_write(town->mail.temp.store, town_found, town, NULL) != OK)
		abort();
	config.store = town->mail.temp.store;
	delivery_host_init(&config.host, &town->delivery);
	if (queue_open(&town->queue, &config, NULL) != OK)
		abort();
	town->delivery = (struct delivery){ .store = town->mail.temp.store,
		                            .mailboxes = &town->mail.mailboxes,
		                            .queue = town->queue,
		                            .live = town->live,
		                            .limits = MESSAGE_LIMITS_DEFAULT };
}

static inline void town_open(struct town *town, enum store_backend backend)
{
	town_open_with(town, backend, &town_settings);
}

static void town_say(void *arg, const char *check, struct str sentence)
{
	(void)arg;
	print_error("fsck: %s: %.*s\n", check, STR_ARG(sentence));
}

static inline void town_fsck(struct town *town)
{
	const struct fsck_check checks[] = { directory_fsck, mailbox_fsck, queue_fsck };
	struct fsck_report r = { .say = town_say };

	if (fsck_run(town->mail.temp.store, checks, COUNT(checks), &r, NULL) != OK || r.findings)
		fail_msg("fsck is not silent");
}

static inline void town_close(struct town *town)
{
	queue_close(&town->queue);
	live_free(&town->live);
	mail_store_close(&town->mail);
	arena_deinit(&town->arena);
}

/* A txn_fn: crowd@example.org, a list of ada, bob and as many elsewhere as it may have beside. */
static inline enum err town_crowd_add(struct txn *t, void *arg)
{
	struct str *members = arena_array(txn_arena(t), struct str, LIMIT_list_members);
	const struct alias crowd = { .address = STR("crowd@example.org"),
		                     .targets = members,
		                     .count = LIMIT_list_members,
		                     .kind = ALIAS_LIST };

	(void)arg;
	members[0] = STR("ada@example.org");
	members[1] = STR("bob@example.org");
	for (unsigned i = 2; i < LIMIT_list_members; i++)
		members[i] = str_fmt(txn_arena(t), "member%u@remote.example", i);
	return alias_set(t, &crowd, NULL);
}

/* rcpts end with NULL; an empty from is the null sender. */
static inline enum err town_deliver(struct town *town, const char *from, const char *const *rcpts,
                        struct str body)
{
	struct arena a = { 0 };
	static struct envelope_rcpt to[1024];
	struct delivery_message m = { .envelope = { .rcpts = to,
		                                    .submitter = town->submitter },
		                      .body = body,
		                      .trace = STR("Received: from x by y; (date)\r\n") };
	enum err e;

	if (from[0] != '\0')
		assert_true(mailaddr_of(str_of(from), &a, 0, &m.envelope.sender));
	for (; rcpts[m.envelope.rcpt_count] != NULL; m.envelope.rcpt_count++)
		assert_true(mailaddr_of(str_of(rcpts[m.envelope.rcpt_count]), &a, 0,
		                        &to[m.envelope.rcpt_count].address));
	e = delivery_accept(&town->delivery, &m, NULL);
	arena_deinit(&a);
	return e;
}

/* --- what lies where --------------------------------------------------------------------- */

struct town_look {
	struct town *town;
	struct str who; /* name of an account at example.org */
	struct buf *out;
	size_t count;
};

/* Whose inbox is it? */
static enum err town_inbox(struct town_look *look, struct txn *t, struct mail_txn *m,
                           struct mailbox *inbox)
{
	struct str address = str_fmt(txn_arena(t), "%.*s@example.org", STR_ARG(look->who));
	struct account account;
	enum err e = account_find(t, address, txn_arena(t), &account);

	*m = (struct mail_txn){ .mailboxes = &look->town->mail.mailboxes,
		                         .t = t,
		                         .account = account.id };
	return e ? e : mailbox_find(m, STR("INBOX"), inbox);
}

static enum err town_mail_put(struct txn *t, void *arg)
{
	struct town_look *look = arg;
	struct mailbox inbox;
	struct mail_txn m;
	struct email_rows rows;
	struct email_row row;
	enum err e = town_inbox(look, t, &m, &inbox);

	if (e)
		return e;
	look->count = 0;
	email_rows_init(&rows, &m, inbox.id, 1, UINT32_MAX);
	while (email_rows_next(&rows, &row)) {
		struct email email;

		look->count++;
		if (email_get(&m, row.email, &email) != OK ||
		    blob_get(t, &email.blob, 0, email.size_bytes, look->out) != OK)
			fail_msg("an email that cannot be read");
	}
	return email_rows_end(&rows);
}

/* Append the messages in somebody's inbox, one behind the other, to out (may be NULL);
 * returns how many there are. */
static inline size_t town_mail(struct town *town, const char *who, struct buf *out)
{
	struct buf unused;
	struct town_look look = { town, str_of(who), out != NULL ? out : &unused, 0 };

	buf_init(&unused, 64 << 20);
	if (store_read(town->mail.temp.store, town_mail_put, &look) != OK)
		fail_msg("no inbox of %s", who);
	buf_deinit(&unused);
	return look.count;
}

/* What was asked for a recipient, if anything was. */
static void town_rcpt_put(struct buf *out, const struct envelope_rcpt *r)
{
	if (r->notify != 0) {
		buf_put(out, STR(" notify="));
		dsn_notify_put(out, r->notify);
	}
	if (r->orcpt.n != 0)
		buf_fmt(out, " orcpt=%.*s", STR_ARG(r->orcpt));
}

static void town_flags_put(struct buf *out, const struct queue_item *item)
{
	static const struct {
		unsigned flag;
		const char *name;
	} names[] = {
		{ ENVELOPE_8BIT, "8bit" },
		{ ENVELOPE_UTF8, "utf8" },
		{ ENVELOPE_RET_FULL, "full" },
		{ ENVELOPE_RET_HDRS, "hdrs" },
		{ ENVELOPE_REQUIRETLS, "requiretls" },
		{ ENVELOPE_TLS_OPTIONAL, "tls-optional" },
		{ ENVELOPE_LONG_HEADER, "long-header" },
		{ ENVELOPE_LONG_BODY, "long-body" },
	};

	if (item->envelope.envid.n != 0)
		buf_fmt(out, " envid=%.*s", STR_ARG(item->envelope.envid));
	if (item->envelope.priority != 0)
		buf_fmt(out, " priority=%d", item->envelope.priority);
	if (item->envelope.by_mode != ENVELOPE_BY_NONE)
		buf_fmt(out, " by=%s%s", item->envelope.by_mode == ENVELOPE_BY_RETURN ? "R" : "N",
		        item->envelope.by_trace ? "T" : "");
	if (item->envelope.not_before_ms != 0)
		buf_put(out, STR(" later"));
	for (size_t i = 0; i < COUNT(names); i++)
		if (item->envelope.flags & names[i].flag)
			buf_fmt(out, " %s", names[i].name);
	buf_byte(out, '\n');
}

static enum err town_queue_put(struct txn *t, void *arg)
{
	struct town_look *look = arg;
	struct queue_list list;
	enum err e = queue_list(t, 0, 1000, txn_arena(t), &list);

	look->count = e ? 0 : list.count;
	for (size_t i = 0; i < look->count; i++) {
		buf_fmt(look->out, "%.*s: from <", STR_ARG(list.items[i].destination));
		mailaddr_put(look->out, &list.items[i].envelope.sender);
		buf_put(look->out, STR("> to"));
		for (size_t n = 0; n < list.items[i].envelope.rcpt_count; n++) {
			buf_put(look->out, STR(" <"));
			mailaddr_put(look->out, &list.items[i].envelope.rcpts[n].address);
			buf_byte(look->out, '>');
			town_rcpt_put(look->out, &list.items[i].envelope.rcpts[n]);
		}
		town_flags_put(look->out, &list.items[i]);
	}
	return e;
}

/* "destination: from <a> to <b> <c>" for each entry; out may be NULL. */
static inline size_t town_queue(struct town *town, struct buf *out)
{
	struct buf unused;
	struct town_look look = { town, STR_EMPTY, out != NULL ? out : &unused, 0 };

	buf_init(&unused, 64 << 20);
	if (store_read(town->mail.temp.store, town_queue_put, &look) != OK)
		fail_msg("the queue cannot be read");
	buf_deinit(&unused);
	return look.count;
}

/* --- text that is the same in every run --------------------------------------------------- */

static const struct {
	const char *pattern, *instead;
} town_changing[] = {
	{ "[A-Z][a-z]{2},[ \r\n]+[0-9]{1,2}[ \r\n]+[A-Z][a-z]{2}[ \r\n]+[0-9]{4}[ \r\n]+[0-9:]{8}"
	  "[ \r\n]+[-+][0-9]{4}",
	  "(date)" },
	{ "[a-z2-7]{16,}", "(random)" },
	{ "SRS0=[a-z2-7]{6}=[a-z2-7]{2}=", "SRS0=(hash)=(day)=" },
};

/* Dates and random names become "(date)" and "(random)"; CRLF becomes LF; other control bytes
 * and "\" are written as \xNN. */
static inline void town_masked_put(struct buf *out, struct str text)
{
	struct arena a = { 0 };
	const char *at;
	regex_t res[COUNT(town_changing)];

	for (size_t i = 0; i < COUNT(res); i++)
		assert_int_equal(regcomp(&res[i], town_changing[i].pattern, REG_EXTENDED), 0);
	at = str_z(&a, text);
	while (*at != '\0') {
		size_t best = COUNT(res);
		regmatch_t m, first = { .rm_so = 1 };

		for (size_t i = 0; i < COUNT(res); i++)
			if (regexec(&res[i], at, 1, &m, 0) == 0 &&
			    (best == COUNT(res) || m.rm_so < first.rm_so))
				first = m, best = i;
		for (regoff_t i = 0; at[i] != '\0' && (best == COUNT(res) || i < first.rm_so); i++)
			if (at[i] == '\r' && at[i + 1] == '\n')
				continue;
			else if (((unsigned char)at[i] < ' ' && at[i] != '\n') || at[i] == '\\')
				buf_fmt(out, "\\x%02x", (unsigned char)at[i]);
			else
				buf_byte(out, at[i]);
		if (best == COUNT(res))
			break;
		buf_put(out, str_of(town_changing[best].instead));
		at += first.rm_eo;
	}
	for (size_t i = 0; i < COUNT(res); i++)
		regfree(&res[i]);
	arena_deinit(&a);
}

#endif
