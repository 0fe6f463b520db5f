/* tests/unit/imap/fixture.h: an IMAP server over a store in memory, with one account
 * user@example.org / secret, and fake connections to it. Include in one file of a program. */
#ifndef UNIT_IMAP_FIXTURE_H
#define UNIT_IMAP_FIXTURE_H
#include "harness/check.h"
#include "harness/fake_conn.h"
#include "harness/mail_store.h"

#include "foundation/base/clock.h"
#include "foundation/config/live.h"
#include "foundation/crypto/password.h"
#include "foundation/observe/event.h"
#include "model/directory/directory.h"
#include "model/directory/group.h"
#include "model/directory/login/credential.h"
#include "model/directory/login/login.h"
#include "model/directory/login/salt.h"
#include "protocols/imap/imap.h"

#include <stdlib.h>
#include <string.h>

struct imap_fixture {
	struct mail_store mail;
	struct imap_server server;
	struct conn_service service;
	uint32_t account;
};

/* What is kept of "secret" as NAME@example.org's password. Made once in a program: SCRAM's keys
 * take long, and the first login would bring them if they were not there. */
static inline struct str fixture_secret(const char *name)
{
	static const struct salts salts; /* fixture_account_add stores this key */
	static struct {
		const char *name;
		struct str text;
		struct arena arena;
	} made[4];
	size_t i = 0;

	while (i < COUNT(made) && made[i].name && strcmp(made[i].name, name) != 0)
		i++;
	assert(i < COUNT(made));
	if (!made[i].name &&
	    credential_make(&salts, STR("secret"), str_fmt(&made[i].arena, "%s@example.org", name),
	                    &made[i].arena, &made[i].text, NULL) != OK)
		abort();
	made[i].name = name;
	return made[i].text;
}

struct fixture_account {
	struct str hash;
	uint32_t id;
};

static enum err fixture_account_add(struct txn *t, void *arg)
{
	struct fixture_account *a = arg;
	struct account_new new = { .address = STR("user@example.org"), .password_hash = a->hash };
	static const char salt_key[SCRAM_SALT_KEY];
	enum err e = kv_put(t, SPACE_SALT, STR("key"), str_from(salt_key, sizeof salt_key));

	if (e == OK)
		e = domain_add(t, STR("example.org"), NULL);
	return e ? e : account_add(t, &new, &a->id, NULL);
}

static const struct settings fixture_settings = { .hostname = { "mail.example.org", 16 },
	                                          .message_size = 1 << 20 };

static inline void imap_fixture_open(struct imap_fixture *f)
{
	static const struct password_cost cheap = { .memory_kib = 64, .passes = 1 };
	struct fixture_account account = { 0 };

	*f = (struct imap_fixture){ 0 };
	event_fd_set(-1);
	password_setup(cheap, 2);
	account.hash = fixture_secret("user");
	mail_store_open(&f->mail, STORE_MEMORY);
	if (store_write(f->mail.temp.store, fixture_account_add, &account, NULL) != OK)
		abort();
	f->account = account.id;
	if (mail_do_provision(&f->mail, f->account) != OK)
		abort();
	f->server = (struct imap_server){
		.store = f->mail.temp.store,
		.mailboxes = &f->mail.mailboxes,
		.logins = logins_new(f->mail.temp.store),
		.live = live_of(&fixture_settings),
		.version = STR("test"),
		.message_limits = MESSAGE_LIMITS_DEFAULT,
	};
	f->service = (struct conn_service){
		.name = "imap", .proto = &imap_proto, .context = &f->server, .plain_auth = true
	};
}

/* For the sessions that begin from now on. */
static inline void imap_fixture_settings(struct imap_fixture *f, const struct settings *s)
{
	live_free(&f->server.live);
	f->server.live = live_of(s);
}

static inline void imap_fixture_message_size(struct imap_fixture *f, uint64_t bytes)
{
	struct settings s = fixture_settings;

	s.message_size = bytes;
	imap_fixture_settings(f, &s);
}

static inline void imap_fixture_close(struct imap_fixture *f)
{
	for (size_t i = 0; i < FAKE_CONNS; i++)
		fake_close(&fake_conns[i]);
	live_free(&f->server.live);
	logins_free(&f->server.logins);
	mail_store_close(&f->mail);
}

/* A session of NAME@example.org that has logged in, its output so far forgotten. */
static inline struct conn *imap_fixture_login_as(struct imap_fixture *f, size_t i, const char *name)
{
	struct conn *c = fake_open(i, &f->service, false);
	struct arena a = { 0 };

	fake_send(c, str_fmt(&a, "a LOGIN %s@example.org secret\r\n", name), SIZE_MAX);
	buf_reset(&c->sent);
	arena_deinit(&a);
	return c;
}

static inline struct conn *imap_fixture_login(struct imap_fixture *f, size_t i)
{
	return imap_fixture_login_as(f, i, "user");
}

static inline enum err fixture_people_add(struct txn *t, void *arg)
{
	struct str members[] = { STR("bob@example.org") };
	struct group team = { .address = STR("team@example.org"), .members = members, .count = 1 };
	struct fixture_account *a = arg;
	struct account_new new = { .address = STR("ada@example.org"), .password_hash = a[0].hash };
	enum err e = account_add(t, &new, &a[0].id, NULL);

	if (e)
		return e;
	new.address = STR("bob@example.org");
	new.password_hash = a[1].hash;
	if ((e = account_add(t, &new, &a[1].id, NULL)))
		return e;
	new.address = STR("root@example.org");
	new.password_hash = a[2].hash;
	new.role = ROLE_OWNER;
	e = account_add(t, &new, &a[2].id, NULL);
	return e ? e : group_set(t, &team, NULL);
}

/* ada@example.org and bob@example.org, whose password is secret as well; bob alone is in
 * team@example.org. root@example.org is an owner of the server. */
static inline void imap_fixture_people(struct imap_fixture *f)
{
	struct fixture_account all[] = { { .hash = fixture_secret("ada") },
		                         { .hash = fixture_secret("bob") },
		                         { .hash = fixture_secret("root") } };

	if (store_write(f->mail.temp.store, fixture_people_add, all, NULL) != OK)
		abort();
	/* UIDVALIDITY is made of the time. Nobody has another's by being as old to the second. */
	for (size_t i = 0; i < COUNT(all); i++) {
		clock_shift_real(1000 * 1000);
		if (mail_do_provision(&f->mail, all[i].id) != OK)
			abort();
	}
}

static inline enum err fixture_team_set(struct txn *t, void *arg)
{
	struct str *name = arg, members[1];
	struct group team = { .address = STR("team@example.org"), .members = members };

	members[0] = str_fmt(txn_arena(t), "%.*s@example.org", STR_ARG(*name));
	team.count = name->n != 0;
	return group_set(t, &team, NULL);
}

/* Now NAME@example.org alone is in team@example.org, or nobody. */
static inline void imap_fixture_team(struct imap_fixture *f, struct str name)
{
	if (store_write(f->mail.temp.store, fixture_team_set, &name, NULL) != OK)
		abort();
	watches_notify_rights(f->mail.mailboxes.watches);
}

struct fixture_quota {
	struct str name;
	uint64_t bytes;
};

static inline enum err fixture_quota_set(struct txn *t, void *arg)
{
	const struct fixture_quota *q = arg;
	struct arena *a = txn_arena(t);
	struct account account;
	enum err e = account_find(t, str_fmt(a, "%.*s@example.org", STR_ARG(q->name)), a, &account);

	account.quota_bytes = q->bytes;
	return e ? e : account_change(t, &account, NULL);
}

/* Bytes that NAME@example.org may have. */
static inline void imap_fixture_quota(struct imap_fixture *f, struct str name, uint64_t bytes)
{
	struct fixture_quota q = { name, bytes };

	if (store_write(f->mail.temp.store, fixture_quota_set, &q, NULL) != OK)
		abort();
}

/* A small message, as delivery would bring it. */
static inline uint32_t imap_fixture_deliver(struct imap_fixture *f, const char *mailbox,
                                            struct str subject)
{
	struct arena a = { 0 };
	struct str raw = str_fmt(&a,
	                         "From: Ada <ada@example.org>\r\nTo: user@example.org\r\n"
	                         "Date: Wed, 17 Jul 1996 02:23:25 -0700\r\nSubject: %.*s\r\n"
	                         "Message-ID: <%.*s@example.org>\r\n\r\nHello %.*s\r\n",
	                         STR_ARG(subject), STR_ARG(subject), STR_ARG(subject));
	struct mailbox box = mail_box(&f->mail, f->account, mailbox);
	struct email_appended done = { 0 };

	if (mail_do_append(&f->mail, f->account, box.id, raw, (struct flags){ 0 }, &done) != OK)
		fail_msg("delivery to %s failed", mailbox);
	arena_deinit(&a);
	return done.uid;
}

#endif
