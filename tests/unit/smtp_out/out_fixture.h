/* tests/unit/smtp_out/out_fixture.h: a town whose mail the SMTP client carries to a remote of any
 * manner. The oracle: each recipient of a message is in exactly one of three places: taken by the
 * remote, returned to the sender, in the queue; and nothing is taken twice. */
#ifndef UNIT_SMTP_OUT_FIXTURE_H
#define UNIT_SMTP_OUT_FIXTURE_H
#include "unit/delivery/town.h"
#include "unit/smtp_out/remote.h"

#include "foundation/base/clock.h"
#include "model/queue/take.h"
#include "network/dns/dns.h"
#include "protocols/smtp_out/batch.h"
#include "protocols/smtp_out/smtp_out.h"

static const struct dns_fake_row zone[] = {
	{ "remote.example", "A", "127.0.0.1" },
	{ "other.example", "A", "127.0.0.1" },
	{ "two.example", "MX", "10 first.two.example" },
	{ "two.example", "MX", "20 second.two.example" },
	{ "first.two.example", "A", "127.0.0.1" },
	{ "second.two.example", "A", "127.0.0.1" },
	{ NULL, NULL, NULL },
};

struct fixture {
	struct town town;
	struct remote remote;
	struct dns *dns;
	struct settings settings;
	struct live *live;
	struct smtp_out_config config;
	struct smtp_out *out;
	int64_t ahead_ms; /* of the real clock: what the queue is told */
	unsigned troubles; /* that were told of the destination        */
};

static inline void open_with(struct fixture *f, const struct remote_manner *manners, size_t n)
{
	memset(f, 0, sizeof *f);
	town_open(&f->town, STORE_MEMORY);
	remote_open(&f->remote, manners, n);
	f->dns = dns_fake_new(zone, false);
	f->settings = town_settings;
	f->settings.smtp_out_port = f->remote.port;
	f->live = live_of(&f->settings);
	f->config = (struct smtp_out_config){ .store = f->town.mail.temp.store,
		                              .queue = f->town.queue,
		                              .dns = f->dns,
		                              .live = f->live };
}

static inline void close_all(struct fixture *f)
{
	assert_int_equal(txns_open(), 0);
	town_fsck(&f->town);
	remote_close(&f->remote);
	live_free(&f->live);
	dns_free(&f->dns);
	town_close(&f->town);
}

/* A message from bob, by delivery/ as a user would send it. */
static inline void post_as(struct fixture *f, const char *const *rcpts, size_t n,
                           struct str body, unsigned flags)
{
	struct arena a = { 0 };
	struct envelope_rcpt *to = arena_array(&a, struct envelope_rcpt, n);
	struct delivery_message m = { .envelope.sender = { STR("bob"), STR("example.org") },
		                      .envelope.rcpts = to,
		                      .envelope.rcpt_count = n,
		                      .body = body,
		                      .envelope.flags = flags };

	for (size_t i = 0; i < n; i++)
		assert_true(mailaddr_of(str_of(rcpts[i]), &a, MAILADDR_UTF8, &to[i].address));
	assert_int_equal(delivery_accept(&f->town.delivery, &m, NULL), OK);
	arena_deinit(&a);
}

static inline void post(struct fixture *f, const char *const *rcpts, size_t n,
                        struct str body)
{
	post_as(f, rcpts, n, body, str_find_byte(body, '\xc3') >= 0 ? ENVELOPE_8BIT : 0);
}

static inline bool trouble_count(void *arg, struct str text)
{
	struct fixture *f = arg;

	(void)text;
	f->troubles++;
	return false;
}

/* Try everything that is due once; the hours that queue/ lets pass between attempts pass. */
static inline void attempt_by(struct fixture *f, struct str destination)
{
	atomic_bool stopping = false;
	struct out_batch b = { .config = &f->config,
		               .settings = &f->settings,
		               .stopping = &stopping,
		               .trouble = trouble_count,
		               .arg = f };
	struct arena a = { 0 };
	struct queue_want want = { .now_ms = clock_real_ms() + f->ahead_ms, .max = 20 };
	struct queue_batch batch;
	struct out_way way;

	assert_int_equal(queue_take(f->town.queue, &want, &a, &batch, NULL), OK);
	assert_true(batch.count != 0);
	assert_int_equal(out_way_find(&f->settings,
	                              str_eq(destination, STR("."))
	                                      ? batch.items[0].destination
	                                      : destination,
	                              &a, &way, NULL),
	                 OK);
	b.way = &way;
	out_batch_run(&b, &batch);
	out_way_deinit(&way);
	f->ahead_ms += 8 * 3600 * 1000;
	arena_deinit(&a);
}

/* By MX, or the smarthost. */
static inline void attempt(struct fixture *f)
{
	attempt_by(f, f->settings.smarthost.n != 0 ? STR_EMPTY : STR("."));
}

static inline bool text_has(size_t (*put)(struct town *, struct buf *), struct town *town,
                            const char *address)
{
	struct buf text;
	bool yes;

	buf_init(&text, 64 << 20);
	put(town, &text);
	yes = str_find(buf_str(&text), str_of(address)) >= 0;
	buf_deinit(&text);
	return yes;
}

static inline size_t bobs_mail(struct town *town, struct buf *out)
{
	return town_mail(town, "bob", out);
}

struct place {
	size_t taken;
	bool returned, queued;
};

static inline struct place place_of(struct fixture *f, const char *address)
{
	struct arena a = { 0 };
	struct place p = { .taken = remote_times(&f->remote, address) };

	p.returned = text_has(bobs_mail, &f->town,
	                      str_z(&a, str_fmt(&a, "Final-Recipient: rfc822; %s", address)));
	p.queued = text_has(town_queue, &f->town, str_z(&a, str_fmt(&a, "<%s>", address)));
	arena_deinit(&a);
	return p;
}

static inline void one_place(struct fixture *f, const char *address, const char *when)
{
	struct place p = place_of(f, address);

	if (p.taken + p.returned + p.queued != 1)
		fail_msg("%s %s: taken %zu times, returned %d, queued %d", when, address, p.taken,
		         p.returned, p.queued);
}

static const char *const three[] = { "a@remote.example", "b550@remote.example",
	                             "c450@remote.example" };

#define BODY STR("Subject: x\r\n\r\n.dot\r\nhello\r\n")

enum place_name { TAKEN, RETURNED, QUEUED };

static inline void expect_place(struct fixture *f, size_t row, const char *address,
                                enum place_name want)
{
	struct place p = place_of(f, address);

	one_place(f, address, "expect_place");
	check_at(row, (want == TAKEN) == (p.taken == 1) && (want == RETURNED) == p.returned &&
	                      (want == QUEUED) == p.queued);
}

/* --- many of them --- */

static inline void many_post(struct fixture *f, size_t n)
{
	struct arena a = { 0 };

	for (size_t i = 0; i < n; i++) {
		const char *rcpt = str_z(&a, str_fmt(&a, "u%zux@remote.example", i));

		post(f, &rcpt, 1, BODY);
	}
	arena_deinit(&a);
}

static inline void many_expect(struct fixture *f, size_t n)
{
	struct arena a = { 0 };

	for (size_t i = 0; i < n; i++)
		check_at(i, remote_times(&f->remote,
		                         str_z(&a, str_fmt(&a, "u%zux@remote.example", i))) == 1);
	arena_deinit(&a);
	assert_int_equal(town_queue(&f->town, NULL), 0);
}

#endif
