/* Sessions and tokens: who has one is who it says, until it ends. */
#include "harness/check.h"
#include "harness/temp_store.h"

#include "console/api/access/session.h"
#include "console/api/access/token.h"
#include "foundation/config/limits.h"

enum { NOW = 1000000000, IDLE = LIMIT_session_idle_s * 1000, AGE = LIMIT_session_s * 1000 };

static struct temp_store ts;

struct step {
	struct ticket ticket;
	int64_t now_ms;
	uint32_t account;
	struct str but, name;
	struct session session;
	struct token token;
	struct token_list list;
	struct arena *arena;
};

static int set_up(void **state)
{
	(void)state;
	temp_store_open(&ts, STORE_MEMORY);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	temp_store_remove(&ts);
	return 0;
}

/* --- tickets ----------------------------------------------------------------------------- */

static void tickets(void **state)
{
	struct arena a = { 0 };
	struct ticket t = ticket_new(0x01020304), other = ticket_new(0x01020304), back;
	struct ticket_key key = ticket_key(&t), again;
	struct str text = ticket_text(&t, &a);

	(void)state;
	assert_int_equal(text.n, 48);
	assert_true(ticket_parse(text, &back));
	assert_int_equal(back.account, 0x01020304);
	again = ticket_key(&back);
	assert_true(str_eq(ticket_key_str(&key), ticket_key_str(&again)));
	again = ticket_key(&other);
	assert_false(str_eq(ticket_key_str(&key), ticket_key_str(&again)));
	/* what the store has is not what proves */
	assert_true(str_find(ticket_key_str(&key), str_from((char *)t.random, 32)) < 0);
	assert_false(str_eq(ticket_companion(&t, &a), ticket_companion(&other, &a)));
	for (size_t n = 0; n < text.n; n++)
		check_at(n, !ticket_parse(str_sub(text, 0, n), &back));
	assert_false(ticket_parse(str_fmt(&a, "%.*sAAAA", STR_ARG(text)), &back));
	assert_false(ticket_parse(str_fmt(&a, "%.*s=", STR_ARG(text)), &back));
	arena_deinit(&a);
}

/* --- sessions ---------------------------------------------------------------------------- */

static enum err add(struct txn *t, void *arg)
{
	struct step *s = arg;

	return session_add(t, &s->ticket, s->now_ms);
}

static enum err get(struct txn *t, void *arg)
{
	struct step *s = arg;

	return session_get(t, &s->ticket, s->now_ms, &s->session);
}

static enum err touch(struct txn *t, void *arg)
{
	struct step *s = arg;

	return session_touch(t, &s->ticket, s->now_ms);
}

static enum err rm(struct txn *t, void *arg)
{
	return session_rm(t, &((struct step *)arg)->ticket);
}

static enum err end_all(struct txn *t, void *arg)
{
	struct step *s = arg;

	return sessions_end(t, s->account, s->but);
}

static enum err at(txn_fn *fn, struct step *s, int64_t now_ms)
{
	s->now_ms = now_ms;
	return store_write(ts.store, fn, s, NULL);
}

static void session_ends(void **state)
{
	struct step s = { .ticket = ticket_new(7) };
	int64_t now = NOW;

	(void)state;
	assert_int_equal(at(get, &s, NOW), ERR_MISSING);
	assert_int_equal(at(add, &s, NOW), OK);
	assert_int_equal(at(get, &s, NOW + IDLE), OK);
	assert_int_equal(at(get, &s, NOW + IDLE + 1), ERR_MISSING);
	assert_int_equal(at(touch, &s, NOW + IDLE + 1), ERR_MISSING);
	assert_false(session_stale(&s.session, NOW + 1000));
	assert_true(session_stale(&s.session, NOW + 61000));
	/* used all the time it ends even so */
	for (; now - NOW <= (int64_t)AGE; now += IDLE)
		assert_int_equal(at(touch, &s, now), OK);
	assert_int_equal(at(get, &s, NOW + (int64_t)AGE + 1), ERR_MISSING);
	assert_int_equal(at(add, &s, NOW), OK);
	assert_int_equal(at(rm, &s, NOW), OK);
	assert_int_equal(at(rm, &s, NOW), OK);
	assert_int_equal(at(get, &s, NOW), ERR_MISSING);
}

static void sessions_end_together(void **state)
{
	struct step mine = { .ticket = ticket_new(7) }, same = { .ticket = ticket_new(7) },
		    other = { .ticket = ticket_new(8) };
	struct ticket_key key = ticket_key(&mine.ticket);

	(void)state;
	assert_int_equal(at(add, &mine, NOW) | at(add, &same, NOW) | at(add, &other, NOW), OK);
	mine.account = 7;
	mine.but = ticket_key_str(&key);
	assert_int_equal(at(end_all, &mine, NOW), OK);
	assert_int_equal(at(get, &mine, NOW), OK);
	assert_int_equal(at(get, &same, NOW), ERR_MISSING);
	assert_int_equal(at(get, &other, NOW), OK);
	mine.but = STR_EMPTY;
	assert_int_equal(at(end_all, &mine, NOW), OK);
	assert_int_equal(at(get, &mine, NOW), ERR_MISSING);
}

/* One more than there may be: the one that was used least lately goes. */
static void sessions_maximum(void **state)
{
	static struct step s[LIMIT_sessions + 1];

	(void)state;
	for (size_t i = 0; i <= LIMIT_sessions; i++) {
		s[i].ticket = ticket_new(9);
		assert_int_equal(at(add, &s[i], NOW + (int64_t)i), OK);
		if (i == 1)
			assert_int_equal(at(touch, &s[0], NOW + 1000), OK);
	}
	for (size_t i = 0; i <= LIMIT_sessions; i++)
		check_at(i, at(get, &s[i], NOW + 2000) == (i == 1 ? ERR_MISSING : OK));
}

/* --- tokens ------------------------------------------------------------------------------ */

static enum err token_make(struct txn *t, void *arg)
{
	struct step *s = arg;

	return token_add(t, &s->ticket, &s->token, NULL);
}

static enum err token_look(struct txn *t, void *arg)
{
	struct step *s = arg;

	return token_get(t, &s->ticket, s->now_ms, s->arena, &s->token);
}

static enum err token_used(struct txn *t, void *arg)
{
	struct step *s = arg;

	return token_touch(t, &s->ticket, s->now_ms);
}

static enum err token_all(struct txn *t, void *arg)
{
	struct step *s = arg;

	return token_list(t, s->ticket.account, s->arena, &s->list);
}

static enum err token_end(struct txn *t, void *arg)
{
	struct step *s = arg;

	struct str note;

	return token_rm(t, s->ticket.account, s->name, &note, NULL);
}

static void token_lives(void **state)
{
	struct arena a = { 0 };
	struct step s = { .ticket = ticket_new(7),
		          .token = { .label = STR("x"),
		                     .scopes = BIT(API_SCOPE_SELF_READ),
		                     .created_ms = NOW,
		                     .expires_ms = NOW + 1000 },
		          .arena = &a };

	(void)state;
	assert_int_equal(at(token_make, &s, NOW), OK);
	s.token = (struct token){ 0 };
	assert_int_equal(at(token_used, &s, NOW + 5), OK);
	assert_int_equal(at(token_look, &s, NOW + 999), OK);
	check_str(s.token.label, STR("x"));
	assert_true(s.token.used_ms == NOW + 5 && s.token.expires_ms == NOW + 1000);
	assert_int_equal(at(token_look, &s, NOW + 1000), ERR_MISSING);
	assert_int_equal(at(token_all, &s, NOW), OK);
	assert_int_equal(s.list.count, 1);
	s.name = STR("nobody");
	assert_int_equal(at(token_end, &s, NOW), ERR_MISSING);
	s.name = token_name(&s.list.items[0].key, &a);
	assert_int_equal(at(token_end, &s, NOW), OK);
	assert_int_equal(at(token_look, &s, NOW), ERR_MISSING);
	arena_deinit(&a);
}

static void tokens_maximum(void **state)
{
	(void)state;
	for (size_t i = 0; i <= LIMIT_tokens; i++) {
		struct step s = { .ticket = ticket_new(11),
			          .token = { .label = STR("x"), .scopes = 1, .created_ms = NOW } };

		check_at(i, at(token_make, &s, NOW) == (i < LIMIT_tokens ? OK : ERR_LIMIT));
	}
}

static void scopes(void **state)
{
	static const struct {
		enum api_scope has, needs;
		bool ok;
	} rows[] = {
		{ API_SCOPE_SELF_READ, API_SCOPE_NONE, true },
		{ API_SCOPE_SELF_READ, API_SCOPE_SELF_READ, true },
		{ API_SCOPE_SELF_READ, API_SCOPE_SELF_WRITE, false },
		{ API_SCOPE_SELF_WRITE, API_SCOPE_SELF_READ, true },
		{ API_SCOPE_SELF_WRITE, API_SCOPE_ADMIN_READ, false },
		{ API_SCOPE_ADMIN_READ, API_SCOPE_ADMIN_WRITE, false },
		{ API_SCOPE_ADMIN_WRITE, API_SCOPE_ADMIN_READ, true },
		{ API_SCOPE_ADMIN_WRITE, API_SCOPE_SELF_READ, false },
	};
	enum api_scope scope;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct token token = { .scopes = BIT(rows[i].has) };

		check_at(i, token_allows(&token, rows[i].needs) == rows[i].ok);
	}
	assert_true(api_scope_parse(STR("admin:read"), &scope) && scope == API_SCOPE_ADMIN_READ);
	assert_false(api_scope_parse(STR("admin"), &scope) || api_scope_parse(STR(""), &scope));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tickets),
		cmocka_unit_test_setup_teardown(session_ends, set_up, tear_down),
		cmocka_unit_test_setup_teardown(sessions_end_together, set_up, tear_down),
		cmocka_unit_test_setup_teardown(sessions_maximum, set_up, tear_down),
		cmocka_unit_test_setup_teardown(token_lives, set_up, tear_down),
		cmocka_unit_test_setup_teardown(tokens_maximum, set_up, tear_down),
		cmocka_unit_test(scopes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
