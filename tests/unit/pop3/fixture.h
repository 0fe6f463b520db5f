/* tests/unit/pop3/fixture.h: a POP3 server over the store and the accounts of unit/imap/fixture.h.
 * Include in one file of a program. */
#ifndef UNIT_POP3_FIXTURE_H
#define UNIT_POP3_FIXTURE_H
#include "unit/imap/fixture.h"

#include "protocols/pop3/pop3.h"

struct pop3_fixture {
	struct imap_fixture imap;
	struct pop3_server server;
	struct conn_service service;
};

static inline void pop3_fixture_open(struct pop3_fixture *f)
{
	imap_fixture_open(&f->imap);
	f->server = (struct pop3_server){ .store = f->imap.server.store,
		                          .mailboxes = f->imap.server.mailboxes,
		                          .logins = f->imap.server.logins,
		                          .live = f->imap.server.live,
		                          .maildrops = maildrops_new() };
	f->service = (struct conn_service){
		.name = "pop3", .proto = &pop3_proto, .context = &f->server, .plain_auth = true
	};
}

static inline void pop3_fixture_close(struct pop3_fixture *f)
{
	for (size_t i = 0; i < FAKE_CONNS; i++)
		fake_close(&fake_conns[i]);
	maildrops_free(&f->server.maildrops);
	imap_fixture_close(&f->imap);
}

/* A session that has logged in, its output so far forgotten. */
static inline struct conn *pop3_fixture_login(struct pop3_fixture *f, size_t i)
{
	struct conn *c = fake_open(i, &f->service, false);

	fake_send(c, STR("USER user@example.org\r\nPASS secret\r\n"), SIZE_MAX);
	buf_reset(&c->sent);
	return c;
}

/* Another client expunges a message of INBOX. */
static inline void pop3_fixture_expunge(struct pop3_fixture *f, uint32_t uid)
{
	struct mailbox box = mail_box(&f->imap.mail, f->imap.account, "INBOX");
	struct uids uids = { 0 }, gone = { 0 };
	const struct email_expunge what = { .mailbox = box.id, .uids = &uids };

	uids_add(&uids, uid, uid);
	if (mail_do_expunge(&f->imap.mail, f->imap.account, &what, &gone) != OK)
		abort();
	uids_deinit(&uids);
	uids_deinit(&gone);
}

#endif
