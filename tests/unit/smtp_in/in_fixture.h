/* tests/unit/smtp_in/in_fixture.h: the SMTP server of a town (unit/delivery/town.h) over fake
 * connections. Include in one file of a program. */
#ifndef UNIT_SMTP_IN_FIXTURE_H
#define UNIT_SMTP_IN_FIXTURE_H
#include "harness/fake_conn.h"
#include "unit/delivery/town.h"

#include "model/directory/login/login.h"
#include "protocols/smtp_in/smtp_in.h"

struct policy;

struct in_fixture {
	struct town town;
	struct policy *policy;
	struct smtp_in_config config;
	struct smtp_in_service mx, submission, lmtp;
};

static inline void in_fixture_open(struct in_fixture *f, enum store_backend backend)
{
	town_open(&f->town, backend);
	f->config = (struct smtp_in_config){ .store = f->town.mail.temp.store,
		                             .delivery = &f->town.delivery,
		                             .logins = logins_new(f->town.mail.temp.store),
		                             .live = f->town.live };
	f->mx = (struct smtp_in_service){ &f->config, SMTP_MX };
	f->submission = (struct smtp_in_service){ &f->config, SMTP_SUBMISSION };
	f->lmtp = (struct smtp_in_service){ &f->config, SMTP_LMTP };
}

static inline void in_fixture_close(struct in_fixture *f)
{
	for (size_t i = 0; i < FAKE_CONNS; i++)
		fake_close(&fake_conns[i]);
	logins_free(&f->config.logins);
	town_close(&f->town);
}

/* how: "mx", "submission", both with "tls" behind it when TLS is on, "mx plain" when there
 * is none to be had, "submission open" when logins without it are allowed. */
static inline struct conn *in_fixture_connect(struct in_fixture *f, size_t i, struct str how)
{
	bool user = str_starts(how, STR("submission"));
	struct conn_service service = { .name = user ? "submission" : "smtp",
		                        .proto = &smtp_in_proto,
		                        .context = user ? &f->submission : &f->mx,
		                        .plain_auth = str_ends(how, STR("open")) };
	if (str_starts(how, STR("lmtp"))) {
		service.name = "lmtp";
		service.context = &f->lmtp;
	}
	struct conn *c = fake_open(i, &service, str_ends(how, STR("tls")));

	if (str_ends(how, STR("plain")))
		c->can_starttls = false;
	return c;
}

#endif
