/* Lists of actions: what each kind stores, sends and remembers, and that a full mailbox leaves
 * nothing of them. */
#include "unit/delivery/town.h"

#include "flow/policy/memory/recall.h"
#include "model/filters/memory.h"

#define MESSAGE "From: x@far.example\r\nSubject: small\r\n\r\nhello\r\n"

/* ada@example.org with this list. */
static enum err deliver_to(struct town *town, const char *rcpt, const struct action *list,
                           struct str body, struct delivery_fate *fate)
{
	struct envelope_rcpt to = { .actions = list, .filtered = true };
	struct delivery_message m = { .envelope = { .rcpts = &to, .rcpt_count = 1 },
		                      .body = body,
		                      .fates = fate,
		                      .arena = &town->arena };

	assert_true(mailaddr_of(str_of(rcpt), &town->arena, 0, &to.address));
	assert_true(mailaddr_of(STR("x@far.example"), &town->arena, 0, &m.envelope.sender));
	return delivery_accept(&town->delivery, &m, NULL);
}

static struct action *action_to(struct town *town, struct action **list, enum action_kind kind,
                                const char *address)
{
	struct action *a = actions_add(&town->arena, list, kind);

	a->why = STR("script main, line 1: test");
	assert_true(mailaddr_of(str_of(address), &town->arena, 0, &a->address));
	return a;
}

static void test_stored(void **state)
{
	struct delivery_fate fate;
	struct action *list = NULL;
	struct town town;
	struct buf mail;

	(void)state;
	town_open(&town, STORE_MEMORY);
	buf_init(&mail, 1 << 20);
	/* no such mailbox: INBOX; a second KEEP there is the same copy */
	actions_add(&town.arena, &list, ACTION_KEEP)->place.mailbox = STR("nowhere");
	actions_add(&town.arena, &list, ACTION_KEEP);
	actions_add(&town.arena, &list, ACTION_KEEP)->place.special_use = STR("\\Junk");
	list->header = STR("Subject: other\r\n\r\n");
	assert_int_equal(deliver_to(&town, "ada@example.org", list, STR(MESSAGE), &fate), OK);
	assert_int_equal(town_mail(&town, "ada", &mail), 1);
	assert_true(str_ends(buf_str(&mail), STR(">\r\nSubject: other\r\n\r\nhello\r\n")));
	assert_int_equal(town_queue(&town, NULL), 0);
	list = NULL;
	actions_add(&town.arena, &list, ACTION_KEEP)->place =
		(struct action_place){ .mailbox = STR("New/Weekly"), .create = true };
	actions_add(&town.arena, &list, ACTION_KEEP)->place.mailbox = STR("New/Weekly");
	assert_int_equal(deliver_to(&town, "ada@example.org", list, STR(MESSAGE), &fate), OK);
	assert_int_equal(town_mail(&town, "ada", NULL), 1);
	list = NULL;
	actions_add(&town.arena, &list, ACTION_DISCARD);
	assert_int_equal(deliver_to(&town, "bob@example.org", list, STR(MESSAGE), &fate), OK);
	assert_int_equal(town_mail(&town, "bob", NULL), 0);
	assert_int_equal(town_queue(&town, NULL), 0);
	town_fsck(&town);
	buf_deinit(&mail);
	town_close(&town);
}

static void test_sent(void **state)
{
	struct delivery_fate fate;
	struct action *list = NULL, *reply;
	struct town town;
	struct buf queue, masked;

	(void)state;
	town_open(&town, STORE_MEMORY);
	buf_init(&queue, 1 << 20);
	buf_init(&masked, 1 << 20);
	action_to(&town, &list, ACTION_REDIRECT, "bob@example.org");
	action_to(&town, &list, ACTION_REDIRECT, "y@remote.example")->notify = DSN_NEVER;
	reply = action_to(&town, &list, ACTION_REPLY, "x@far.example");
	reply->message = STR("From: ada@example.org\r\nSubject: away\r\n\r\naway\r\n");
	reply->once = STR("vacation x");
	reply->once_seconds = 3600;
	assert_int_equal(deliver_to(&town, "ada@example.org", list, STR(MESSAGE), &fate), OK);
	assert_int_equal(town_mail(&town, "ada", NULL), 0);
	assert_int_equal(town_queue(&town, &queue), 3);
	/* the reply is sent once only */
	assert_int_equal(deliver_to(&town, "ada@example.org", reply, STR(MESSAGE), &fate), OK);
	assert_int_equal(town_queue(&town, NULL), 3);
	town_masked_put(&masked, buf_str(&queue));
	check_str(buf_str(&masked),
	          STR("example.org: from <SRS0=(hash)=(day)=far.example=x@example.org> to "
	              "<bob@example.org>\n"
	              "remote.example: from <SRS0=(hash)=(day)=far.example=x@example.org> to "
	              "<y@remote.example> notify=NEVER\n"
	              "far.example: from <> to <x@far.example> notify=NEVER\n"));
	town_fsck(&town);
	buf_deinit(&queue);
	buf_deinit(&masked);
	town_close(&town);
}

static void test_loop(void **state)
{
	struct delivery_fate fate;
	struct action *list = NULL;
	struct town town;

	(void)state;
	town_open(&town, STORE_MEMORY);
	action_to(&town, &list, ACTION_REDIRECT, "bob@example.org");
	assert_int_equal(deliver_to(&town, "ada@example.org", list,
	                            STR("Delivered-To: Ada@example.org\r\n" MESSAGE), &fate),
	                 OK);
	assert_int_equal(town_mail(&town, "ada", NULL), 1);
	assert_int_equal(town_queue(&town, NULL), 0);
	town_close(&town);
}

/* The same address gets a message once: the second stays in the mailbox, in one copy. */
static void test_redirected_once(void **state)
{
	struct delivery_fate fate;
	struct action *list = NULL, *again;
	struct town town;

	(void)state;
	town_open(&town, STORE_MEMORY);
	action_to(&town, &list, ACTION_REDIRECT, "bob@example.org")->once = STR("redirect bob");
	again = action_to(&town, &list, ACTION_REDIRECT, "bob@example.org");
	again->once = STR("redirect bob");
	list->once_seconds = again->once_seconds = 3600;
	assert_int_equal(deliver_to(&town, "ada@example.org", list, STR(MESSAGE), &fate), OK);
	assert_int_equal(town_queue(&town, NULL), 1);
	assert_int_equal(town_mail(&town, "ada", NULL), 0);
	assert_int_equal(deliver_to(&town, "ada@example.org", list, STR(MESSAGE), &fate), OK);
	assert_int_equal(town_queue(&town, NULL), 1);
	assert_int_equal(town_mail(&town, "ada", NULL), 1);
	/* a KEEP of the list is enough */
	actions_add(&town.arena, &list, ACTION_KEEP);
	assert_int_equal(deliver_to(&town, "ada@example.org", list, STR(MESSAGE), &fate), OK);
	assert_int_equal(town_queue(&town, NULL), 1);
	assert_int_equal(town_mail(&town, "ada", NULL), 2);
	/* another account has sent nothing */
	assert_int_equal(deliver_to(&town, "small@example.org", list, STR(MESSAGE), &fate), OK);
	assert_int_equal(town_queue(&town, NULL), 2);
	town_fsck(&town);
	town_close(&town);
}

static void test_rejected(void **state)
{
	static const struct {
		const char *text, *reply;
		bool report;
		enum err e;
	} rows[] = {
		{ "not\r\n to me", "not to me", true, ERR_DENIED },
		{ "gr\xc3\xbc\xc3\x9f", "gr??", false, ERR_DENIED },
		{ "gr\xc3\xbc\xc3\x9f", "gr??", true, OK }, /* by a report */
		{ "", "the recipient rejects the message", false, ERR_DENIED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct delivery_fate fate;
		struct action *list = NULL, *reject;
		struct town town;

		town_open(&town, STORE_MEMORY);
		reject = action_to(&town, &list, ACTION_REJECT, "x@far.example");
		reject->text = str_of(rows[i].text);
		reject->report = rows[i].report;
		check_at(i, deliver_to(&town, "ada@example.org", list, STR(MESSAGE), &fate) ==
		                    rows[i].e);
		check_at(i, fate.rejected && fate.refused->code == 550);
		check_str_at(i, fate.refused->text, str_of(rows[i].reply));
		check_at(i, town_mail(&town, "ada", NULL) == 0);
		check_at(i, town_queue(&town, NULL) == (rows[i].e == OK));
		town_close(&town);
	}
}

/* Without room for the KEEP there is no redirect either. */
static void test_full(void **state)
{
	struct delivery_fate fate;
	struct action *list = NULL;
	struct town town;
	struct buf body;

	(void)state;
	town_open(&town, STORE_MEMORY);
	buf_init(&body, SMALL_QUOTA);
	buf_put(&body, STR("Subject: large\r\n\r\n"));
	while (body.n < SMALL_QUOTA - 1000)
		buf_put(&body, STR("0123456789\r\n"));
	actions_add(&town.arena, &list, ACTION_KEEP);
	action_to(&town, &list, ACTION_REDIRECT, "y@remote.example");
	assert_int_equal(deliver_to(&town, "small@example.org", list, buf_str(&body), &fate), OK);
	assert_int_equal(town_queue(&town, NULL), 1);
	assert_int_equal(deliver_to(&town, "small@example.org", list, buf_str(&body), &fate),
	                 ERR_LIMIT);
	assert_int_equal(town_queue(&town, NULL), 1);
	assert_int_equal(town_mail(&town, "small", NULL), 1);
	buf_deinit(&body);
	town_close(&town);
}

/* One place in the queue: the second redirect keeps the message, in one copy. Mail of other
 * recipients is not touched. */
static void test_queue_full(void **state)
{
	struct settings settings = town_settings;
	struct delivery_fate fate;
	struct action *list = NULL;
	struct town town;

	(void)state;
	settings.queues = STR("each=account most=1");
	town_open_with(&town, STORE_MEMORY, &settings);
	action_to(&town, &list, ACTION_REDIRECT, "y@remote.example");
	action_to(&town, &list, ACTION_REDIRECT, "z@remote.example");
	action_to(&town, &list, ACTION_REDIRECT, "u@remote.example");
	assert_int_equal(deliver_to(&town, "ada@example.org", list, STR(MESSAGE), &fate), OK);
	assert_int_equal(fate.led, DELIVERY_HERE);
	assert_int_equal(town_queue(&town, NULL), 1);
	assert_int_equal(town_mail(&town, "ada", NULL), 1);
	/* no room in the mailbox either */
	assert_int_equal(deliver_to(&town, "tiny@example.org", list, STR(MESSAGE), &fate),
	                 ERR_LIMIT);
	/* a KEEP of the list is enough */
	actions_add(&town.arena, &list, ACTION_KEEP);
	assert_int_equal(deliver_to(&town, "ada@example.org", list, STR(MESSAGE), &fate), OK);
	assert_int_equal(town_queue(&town, NULL), 1);
	assert_int_equal(town_mail(&town, "ada", NULL), 2);
	town_fsck(&town);
	town_close(&town);
}

/* Redirects and letters count like submissions. Beyond the limit a redirect keeps the message, and
 * a letter is not sent; a letter that is known already does not count. */
static void test_limits(void **state)
{
	struct settings settings = town_settings;
	struct delivery_fate fate;
	struct action *redirect = NULL, *reply = NULL;
	struct town town;

	(void)state;
	settings.limits = STR("account messages=3/1d then=hold");
	town_open_with(&town, STORE_MEMORY, &settings);
	assert_int_equal(recall_open(town.mail.temp.store, 100, &town.delivery.recall, NULL), OK);
	action_to(&town, &reply, ACTION_REPLY, "x@far.example")->message = STR(MESSAGE);
	reply->once = STR("vacation x");
	reply->once_seconds = 3600;
	actions_add(&town.arena, &reply, ACTION_KEEP);
	for (int i = 0; i < 5; i++)
		assert_int_equal(deliver_to(&town, "ada@example.org", reply, STR(MESSAGE), &fate),
		                 OK);
	action_to(&town, &redirect, ACTION_REDIRECT, "y@remote.example");
	for (int i = 0; i < 3; i++)
		assert_int_equal(deliver_to(&town, "ada@example.org", redirect, STR(MESSAGE),
		                            &fate), OK);
	assert_int_equal(town_queue(&town, NULL), 3);
	assert_int_equal(town_mail(&town, "ada", NULL), 6);
	reply->once = STR_EMPTY;
	assert_int_equal(deliver_to(&town, "ada@example.org", reply, STR(MESSAGE), &fate), OK);
	assert_int_equal(town_queue(&town, NULL), 3);
	assert_int_equal(deliver_to(&town, "bob@example.org", reply, STR(MESSAGE), &fate), OK);
	assert_int_equal(town_queue(&town, NULL), 4);
	recall_close(&town.delivery.recall);
	town_close(&town);
}

static void test_packed(void **state)
{
	struct arena a = { 0 };
	struct action *list = NULL, *x;
	const struct action *got;
	struct buf packed, again;

	(void)state;
	buf_init(&packed, 1 << 20);
	buf_init(&again, 1 << 20);
	x = actions_add(&a, &list, ACTION_KEEP);
	x->why = STR("line 1");
	x->place = (struct action_place){ .mailbox = STR("a"),
		                          .special_use = STR("\\Junk"),
		                          .mailbox_id = STR("F1-2"),
		                          .create = true,
		                          .has_flags = true,
		                          .flags = STR("\\Seen") };
	x->header = STR("A: b\r\n\r\n");
	x = actions_add(&a, &list, ACTION_REPLY);
	x->address = (struct mailaddr){ STR("x"), STR("y.example") };
	x->message = STR("C: d\r\n\r\n");
	x->once = STR("key");
	x->once_seconds = 7;
	x->has_fcc = true;
	actions_pack(&packed, list);
	for (size_t n = 0; n < packed.n; n++)
		if (actions_parse(str_sub(buf_str(&packed), 0, n), &a, &got) && got != NULL)
			assert_null(got->next); /* cut between the two */
	assert_true(actions_parse(buf_str(&packed), &a, &got));
	assert_true(got->place.create && got->place.has_flags);
	check_str(got->next->once, STR("key"));
	actions_pack(&again, got);
	check_str(buf_str(&again), buf_str(&packed));
	buf_deinit(&packed);
	buf_deinit(&again);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stored),   cmocka_unit_test(test_sent),
		cmocka_unit_test(test_loop),     cmocka_unit_test(test_rejected),
		cmocka_unit_test(test_full),     cmocka_unit_test(test_queue_full),
		cmocka_unit_test(test_limits),    cmocka_unit_test(test_redirected_once),
		cmocka_unit_test(test_packed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
