/* tests/unit/policy/fixture.h: the table of checks, asked by sessions of fake connections, with a
 * zone file for DNS. Include in one file of a program. */
#ifndef UNIT_POLICY_FIXTURE_H
#define UNIT_POLICY_FIXTURE_H
#include "harness/check.h"
#include "harness/fake_conn.h"

#include "flow/policy/check.h"
#include "flow/policy/memory/recall.h"
#include "foundation/config/limits.h"
#include "foundation/config/live.h"
#include "foundation/config/parsed.h"
#include "foundation/observe/event.h"
#include "network/dns/dns.h"

struct fixture {
	struct settings settings;
	struct dns *dns;
	struct recall *recall; /* NULL without a store */
	struct policy *policy;
	struct conn *conn;
	struct policy_session *session;
	struct policy_run *run;
	struct policy_verdict verdict; /* of the last stage that was asked */
};

static enum step fixture_conn_open(struct conn *c)
{
	(void)c;
	return STEP_PARK;
}

static void fixture_conn_close(struct conn *c)
{
	(void)c;
}

static const struct proto fixture_proto = { .open = fixture_conn_open,
	                                    .close = fixture_conn_close };

/* f->settings is filled in before; config may be NULL. */
static inline void fixture_open(struct fixture *f, const struct dns_fake_row *zone,
                                const struct policy_config *more)
{
	struct policy_config config = more != NULL ? *more : (struct policy_config){ 0 };

	event_fd_set(-1);
	if (f->settings.hostname.n == 0)
		f->settings.hostname = STR("mail.example.org");
	f->dns = zone != NULL ? dns_fake_new(zone, false) : NULL;
	if (config.dns == NULL)
		config.dns = f->dns;
	if (config.store != NULL)
		assert_int_equal(recall_open(config.store, LIMIT_policy_stored, &f->recall, NULL),
		                 OK);
	config.recall = f->recall;
	assert_int_equal(policy_open(&config, &f->policy, NULL), OK);
}

/* A peer at this address comes to port 25. */
static inline void fixture_connect(struct fixture *f, const char *peer)
{
	static const struct conn_service service = { .name = "smtp", .proto = &fixture_proto };

	f->conn = fake_open(0, &service, false);
	assert_true(addr_parse_ip(str_of(peer), &f->conn->peer));
	f->session = policy_session_new(f->policy, f->conn, POLICY_MX, &f->settings);
	f->session->peer_text = str_of(peer);
}

/* What the table says at this stage; PASS when nothing. */
static inline enum policy_kind fixture_ask(struct fixture *f, enum policy_stage stage)
{
	policy_end(&f->run);
	f->run = policy_begin(f->policy, f->session, stage, conn_waker(f->conn));
	assert_true(policy_ready(f->run, &f->verdict));
	return f->verdict.kind;
}

static inline void fixture_leave(struct fixture *f)
{
	policy_end(&f->run);
	policy_session_free(f->policy, &f->session);
	fake_close(f->conn);
}

static inline void fixture_close(struct fixture *f)
{
	assert_true(policy_close(&f->policy, INT64_MAX));
	recall_close(&f->recall);
	dns_free(&f->dns);
	settings_parsed_free(&f->settings);
}

/* Is there a note with this kind and this in its text? */
static inline bool fixture_noted(const struct fixture *f, enum policy_kind kind, const char *part)
{
	const struct list *heads[] = { &f->session->notes, &f->session->mail_notes };

	for (size_t i = 0; i < COUNT(heads); i++)
		list_each(it, heads[i])
		{
			const struct policy_note *n = container_of(it, struct policy_note, link);

			if (n->kind == kind && str_find(n->text, str_of(part)) >= 0)
				return true;
		}
	return false;
}

#endif
