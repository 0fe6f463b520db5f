/* tests/unit/managesieve/fixture.h: a ManageSieve server over the store and the accounts of
 * unit/imap/fixture.h. Include in one file of a program. */
#ifndef UNIT_MANAGESIEVE_FIXTURE_H
#define UNIT_MANAGESIEVE_FIXTURE_H
#include "unit/imap/fixture.h"

#include "protocols/managesieve/managesieve.h"

#define MANAGESIEVE_LOGIN                                                                        \
	"AUTHENTICATE \"PLAIN\" \"AHVzZXJAZXhhbXBsZS5vcmcAc2VjcmV0\"\r\n"

struct managesieve_fixture {
	struct imap_fixture imap;
	struct managesieve_server server;
	struct conn_service service;
};

static inline void managesieve_fixture_open(struct managesieve_fixture *f)
{
	imap_fixture_open(&f->imap);
	f->server = (struct managesieve_server){ .store = f->imap.server.store,
		                                 .logins = f->imap.server.logins,
		                                 .live = f->imap.server.live };
	f->service = (struct conn_service){ .name = "managesieve",
		                            .proto = &managesieve_proto,
		                            .context = &f->server,
		                            .plain_auth = true };
}

static inline void managesieve_fixture_close(struct managesieve_fixture *f)
{
	for (size_t i = 0; i < FAKE_CONNS; i++)
		fake_close(&fake_conns[i]);
	imap_fixture_close(&f->imap);
}

/* A session that has logged in, its output so far forgotten. */
static inline struct conn *managesieve_fixture_login(struct managesieve_fixture *f, size_t i)
{
	struct conn *c = fake_open(i, &f->service, false);

	fake_send(c, STR(MANAGESIEVE_LOGIN), SIZE_MAX);
	buf_reset(&c->sent);
	return c;
}

#endif
