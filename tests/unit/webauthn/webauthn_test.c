/* The two ceremonies: what is right is taken, and each thing that can be wrong is refused. */
#include "harness/check.h"
#include "unit/webauthn/authenticator.h"

#include "foundation/crypto/crypto.h"

#include <string.h>

static struct authenticator t;
static const struct webauthn_expected expected = {
	.site = { "mail.example.org", 16 },
	.origin = { "https://mail.example.org", 24 },
	.challenge = { "0123456789abcdef0123456789abcdef", 32 },
};

static int begin(void **state)
{
	(void)state;
	authenticator_init(&t);
	return 0;
}

static int end(void **state)
{
	(void)state;
	authenticator_deinit(&t);
	return 0;
}

static enum err register_it(struct webauthn_credential *out)
{
	struct why why = { "" };
	enum err e = webauthn_register(&expected, authenticator_client_data(&t, "webauthn.create"),
	                               authenticator_attestation(&t), &t.a, out, &why);

	assert_true((e == OK) == (why.text[0] == '\0'));
	return e;
}

static enum err assert_it(struct webauthn_credential *known)
{
	struct webauthn_assertion s = authenticator_assert(&t);
	struct why why = { "" };
	enum err e = webauthn_assert(&expected, &s, &t.a, known, &why);

	assert_true((e == OK) == (why.text[0] == '\0'));
	return e;
}

static void both_ceremonies(void **state)
{
	struct webauthn_credential made;

	(void)state;
	assert_int_equal(register_it(&made), OK);
	check_str(made.id, t.id);
	assert_int_equal(made.count, 1);
	t.count = 5;
	assert_int_equal(assert_it(&made), OK);
	assert_int_equal(made.count, 5);
}

/* Each row is one thing that is not as it must be. */
static const struct {
	const char *type, *site, *origin, *challenge;
	unsigned flags;
} wrong[] = {
	{ .type = "webauthn.other" },
	{ .type = "payment.get" },
	{ .site = "example.org" },
	{ .site = "mail.example.org." },
	{ .site = "" },
	{ .origin = "https://mail.example.org.evil.example" },
	{ .origin = "https://mail.example.org:8443" },
	{ .origin = "http://mail.example.org" },
	{ .origin = "https://Mail.example.org" },
	{ .origin = "" },
	{ .challenge = "0123456789abcdef0123456789abcdeF" },
	{ .challenge = "0123456789abcdef0123456789abcde" },
	{ .challenge = "0123456789abcdef0123456789abcdef0" },
	{ .challenge = "" },
	{ .flags = UP },
	{ .flags = UV },
	{ .flags = 0x18 }, /* backed up: neither of both */
};

static void what_is_wrong_is_refused(void **state)
{
	struct webauthn_credential made, again;

	(void)state;
	assert_int_equal(register_it(&made), OK);
	for (size_t i = 0; i < COUNT(wrong); i++) {
		const struct authenticator right = t;

		t.count++;
		if (wrong[i].type != NULL)
			t.type = wrong[i].type;
		if (wrong[i].site != NULL)
			t.site = str_of(wrong[i].site);
		if (wrong[i].origin != NULL)
			t.origin = str_of(wrong[i].origin);
		if (wrong[i].challenge != NULL)
			t.challenge = str_of(wrong[i].challenge);
		if (wrong[i].flags != 0)
			t.flags = wrong[i].flags;
		check_at(i, register_it(&again) == ERR_DENIED);
		check_at(i, assert_it(&made) == ERR_DENIED);
		check_at(i, made.count == 1);
		t.type = right.type;
		t.site = right.site;
		t.origin = right.origin;
		t.challenge = right.challenge;
		t.flags = right.flags;
	}
	/* what is left is right again */
	assert_int_equal(assert_it(&made), OK);
	/* and the ceremonies are not each other */
	t.type = "webauthn.create";
	t.count++;
	assert_int_equal(assert_it(&made), ERR_DENIED);
}

static void counts(void **state)
{
	static const struct {
		uint32_t known, now;
		enum err want;
	} rows[] = {
		{ 0, 0, OK }, /* it does not count */
		{ 0, 1, OK },         { 1, 2, OK },         { 1, 1, ERR_DENIED },
		{ 9, 8, ERR_DENIED }, { 9, 0, ERR_DENIED }, { UINT32_MAX - 1, UINT32_MAX, OK },
	};
	struct webauthn_credential made;

	(void)state;
	assert_int_equal(register_it(&made), OK);
	for (size_t i = 0; i < COUNT(rows); i++) {
		made.count = rows[i].known;
		t.count = rows[i].now;
		check_at(i, assert_it(&made) == rows[i].want);
		check_at(i, made.count == (rows[i].want == OK ? rows[i].now : rows[i].known));
	}
}

/* A bit of the answer flipped, at each byte of each part. */
static void flipped(void **state)
{
	struct webauthn_credential made;
	struct webauthn_assertion s;
	struct str *part[] = { &s.client_data, &s.authenticator_data, &s.signature };

	(void)state;
	assert_int_equal(register_it(&made), OK);
	t.count++;
	s = authenticator_assert(&t);
	for (size_t i = 0; i < COUNT(part); i++) {
		for (size_t at = 0; at < part[i]->n; at++) {
			char *p = (char *)(uintptr_t)part[i]->p;

			p[at] ^= 1;
			check_at(at, webauthn_assert(&expected, &s, &t.a, &made, NULL) != OK);
			p[at] ^= 1;
		}
	}
	assert_int_equal(webauthn_assert(&expected, &s, &t.a, &made, NULL), OK);
}

/* Another's key, though everything else is right. */
static void another_key(void **state)
{
	struct webauthn_credential mine, yours;

	(void)state;
	assert_int_equal(register_it(&mine), OK);
	key_free(t.key);
	t.key = key_new_p256();
	assert_int_equal(register_it(&yours), OK);
	t.count++;
	assert_int_equal(assert_it(&mine), ERR_DENIED);
	assert_int_equal(assert_it(&yours), OK);
	yours.public_key = str_sub(yours.public_key, 0, 20);
	t.count++;
	assert_int_equal(assert_it(&yours), ERR_CORRUPT);
}

/* Of an attestation no beginning is one, and nothing may follow it. */
static void attestations_are_whole(void **state)
{
	struct str client = authenticator_client_data(&t, "webauthn.create");
	struct str whole = authenticator_attestation(&t);
	struct webauthn_credential made;
	char *longer = arena_alloc(&t.a, whole.n + 1);

	(void)state;
	for (size_t n = 0; n < whole.n; n++)
		check_at(n, webauthn_register(&expected, client, str_sub(whole, 0, n), &t.a, &made,
		                              NULL) == ERR_SYNTAX);
	memcpy(longer, whole.p, whole.n);
	assert_int_equal(webauthn_register(&expected, client, str_from(longer, whole.n + 1), &t.a,
	                                   &made, NULL),
	                 ERR_SYNTAX);
	/* an assertion's data has no passkey in it */
	t.flags = UP | UV;
	assert_int_equal(webauthn_register(&expected, client,
	                                   str_fmt(&t.a,
	                                           "\xa1\x68"
	                                           "authData\x58%c%.*s",
	                                           37, STR_ARG(authenticator_data(&t, false))),
	                                   &t.a, &made, NULL),
	                 ERR_SYNTAX);
}

static void ids_and_extensions(void **state)
{
	static char longest[WEBAUTHN_ID_MAX + 1];
	struct webauthn_credential made;

	(void)state;
	t.id = str_from(longest, WEBAUTHN_ID_MAX);
	assert_int_equal(register_it(&made), OK);
	t.id = str_from(longest, WEBAUTHN_ID_MAX + 1);
	assert_int_equal(register_it(&made), ERR_SYNTAX);
	t.id = STR_EMPTY;
	assert_int_equal(register_it(&made), ERR_SYNTAX);
	t.id = STR("id");
	t.flags |= ED;
	t.extensions = STR("\xa1\x6b"
	                   "credProtect\x02");
	assert_int_equal(register_it(&made), OK);
	t.extensions = STR("\x02"); /* no map */
	assert_int_equal(register_it(&made), ERR_SYNTAX);
	t.extensions = STR("\xa1\x6b"
	                   "credProtect"); /* half of it */
	assert_int_equal(register_it(&made), ERR_SYNTAX);
	t.flags &= ~(unsigned)ED;
	t.extensions = STR("\xa0"); /* not announced */
	assert_int_equal(register_it(&made), ERR_SYNTAX);
}

static void odd_client_data(void **state)
{
	static const char *const rows[] = {
		"",
		"{}",
		"[]",
		"null",
		"{\"type\":\"webauthn.create\"}",
		"{\"type\":1,\"challenge\":\"\",\"origin\":\"\"}",
		"{\"type\":\"webauthn.create\",\"challenge\":[],\"origin\":\"\"}",
	};
	struct str attestation = authenticator_attestation(&t);
	struct webauthn_credential made;
	struct str framed;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_at(i, webauthn_register(&expected, str_of(rows[i]), attestation, &t.a, &made,
		                              NULL) == ERR_SYNTAX);
	framed = str_fmt(&t.a,
	                 "{\"type\":\"webauthn.create\",\"challenge\":\"%.*s\","
	                 "\"origin\":\"https://mail.example.org\",\"crossOrigin\":true}",
	                 STR_ARG(base64url_of(&t.a, expected.challenge)));
	assert_int_equal(webauthn_register(&expected, framed, attestation, &t.a, &made, NULL),
	                 ERR_DENIED);
	/* one byte more than is read */
	framed = str_fmt(&t.a, "%*.*s", 4097,
	                 STR_ARG(authenticator_client_data(&t, "webauthn.create")));
	assert_int_equal(webauthn_register(&expected, framed, attestation, &t.a, &made, NULL),
	                 ERR_SYNTAX);
	assert_int_equal(webauthn_register(&expected, str_sub(framed, 1, framed.n), attestation,
	                                   &t.a, &made, NULL),
	                 OK);
}

#define ceremony_test(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ceremony_test(both_ceremonies),
		ceremony_test(what_is_wrong_is_refused),
		ceremony_test(counts),
		ceremony_test(flipped),
		ceremony_test(another_key),
		ceremony_test(attestations_are_whole),
		ceremony_test(ids_and_extensions),
		ceremony_test(odd_client_data),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
