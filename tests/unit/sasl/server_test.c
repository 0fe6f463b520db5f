/* What clients send to log in, by mechanism, raw and in base64. */
#include "harness/check.h"

#include "formats/sasl/sasl.h"
#include "foundation/text/base64.h"

#include <stdio.h>
#include <string.h>

#define NUL "\0"
#define BYTES(literal)                       \
	{                                    \
		literal, sizeof(literal) - 1 \
	}

static enum sasl_status step(struct sasl *s, const struct str *in, struct buf *out)
{
	buf_reset(out);
	return sasl_step(s, in, out);
}

static void plain_messages(void **state)
{
	static const struct {
		struct str in;
		bool ok;
		const char *authzid, *authcid, *password;
	} rows[] = {
		{ BYTES(NUL "tim" NUL "tanstaaf"), true, "", "tim", "tanstaaf" }, /* 4616 4 */
		{ BYTES("Ursel" NUL "Kurt" NUL "xip"), true, "Ursel", "Kurt", "xip" },
		{ BYTES(NUL "u" NUL "p\xc3\xa4ss w"), true, "", "u", "p\xc3\xa4ss w" },
		{ BYTES(NUL "u" NUL "p" NUL), false, "", "", "" }, /* NUL in the password */
		{ BYTES(NUL "u" NUL), false, "", "", "" },         /* no password         */
		{ BYTES(NUL NUL "p"), false, "", "", "" },         /* no name             */
		{ BYTES(NUL "u"), false, "", "", "" },
		{ BYTES("u"), false, "", "", "" },
		{ BYTES(""), false, "", "", "" },
		{ BYTES(NUL "u" NUL "\xff"), false, "", "", "" }, /* not UTF-8 */
		{ BYTES("\xc3" NUL "u" NUL "p"), false, "", "", "" },
		{ BYTES(NUL "\xc0\x80" NUL "p"), false, "", "", "" }, /* overlong NUL */
	};
	struct buf out;

	(void)state;
	buf_init(&out, 100);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sasl s;

		assert_true(sasl_begin(&s, STR("plain"), (unsigned)SASL_ALL));
		check_at(i, (step(&s, &rows[i].in, &out) == SASL_DONE) == rows[i].ok);
		check_str_at(i, s.authzid, str_of(rows[i].authzid));
		check_str_at(i, s.authcid, str_of(rows[i].authcid));
		check_str_at(i, s.password, str_of(rows[i].password));
		sasl_end(&s);
		sasl_end(&s);
	}
	buf_deinit(&out);
}

/* Cut anywhere before the password, the message has no right form. */
static void plain_truncated(void **state)
{
	struct str whole = BYTES("z" NUL "user" NUL "p");
	struct buf out;

	(void)state;
	buf_init(&out, 100);
	for (size_t n = 0; n <= whole.n; n++) {
		struct str cut = str_sub(whole, 0, n);
		struct sasl s;

		assert_true(sasl_begin(&s, STR("PLAIN"), (unsigned)SASL_ALL));
		check_at(n, (step(&s, &cut, &out) == SASL_DONE) == (n == whole.n));
		sasl_end(&s);
	}
	buf_deinit(&out);
}

static void plain_asks_once(void **state)
{
	struct str response = BYTES(NUL "u" NUL "p");
	struct buf out;
	struct sasl s;

	(void)state;
	buf_init(&out, 100);
	assert_true(sasl_begin(&s, STR("PLAIN"), (unsigned)SASL_ALL));
	assert_int_equal(step(&s, NULL, &out), SASL_CONTINUE);
	assert_int_equal(out.n, 0);
	assert_int_equal(step(&s, &response, &out), SASL_DONE);
	sasl_end(&s);

	assert_true(sasl_begin(&s, STR("PLAIN"), (unsigned)SASL_ALL));
	assert_int_equal(step(&s, NULL, &out), SASL_CONTINUE);
	assert_int_equal(step(&s, NULL, &out), SASL_BAD);
	sasl_end(&s);
	buf_deinit(&out);
}

static void fields_have_a_maximum(void **state)
{
	struct buf in, out;

	(void)state;
	buf_init(&in, SASL_FIELD_MAX + 10);
	buf_init(&out, 100);
	for (size_t n = SASL_FIELD_MAX; n <= SASL_FIELD_MAX + 1; n++) {
		struct sasl s;
		struct str message;

		buf_reset(&in);
		buf_bytes(&in, NUL "u" NUL, 3);
		memset(buf_room(&in, n), 'p', n);
		buf_commit(&in, n);
		message = buf_str(&in);
		assert_true(sasl_begin(&s, STR("PLAIN"), (unsigned)SASL_ALL));
		check_at(n, (step(&s, &message, &out) == SASL_DONE) == (n == SASL_FIELD_MAX));
		sasl_end(&s);
	}
	buf_deinit(&in);
	buf_deinit(&out);
}

/* Whole exchanges over base64 lines. NULL in lines[0]: the command had no response. */
static void exchanges(void **state)
{
	static const struct {
		const char *mech;
		const char *lines[4];
		const char *challenges[3]; /* decoded */
		enum sasl_status end;
	} rows[] = {
		{ "PLAIN", { "AHUAcA==" }, { 0 }, SASL_DONE },
		{ "PLAIN", { NULL, "AHUAcA==" }, { "" }, SASL_DONE },
		{ "PLAIN", { NULL, "*" }, { "" }, SASL_CANCELLED }, /* RFC 4954 4 */
		{ "PLAIN", { "*" }, { 0 }, SASL_CANCELLED },
		{ "PLAIN", { "=" }, { 0 }, SASL_BAD },        /* empty is not PLAIN's form */
		{ "PLAIN", { NULL, "=" }, { "" }, SASL_BAD }, /* only an initial one is "=" */
		{ "PLAIN", { NULL, "" }, { "" }, SASL_BAD },
		{ "PLAIN", { "AHUAcA=" }, { 0 }, SASL_BAD }, /* padding */
		{ "PLAIN", { "AHUAcA== " }, { 0 }, SASL_BAD },
		{ "PLAIN", { "AHUAcB==" }, { 0 }, SASL_BAD }, /* unused bits not zero */
		{ "LOGIN", { NULL, "dQ==", "cA==" }, { "Username:", "Password:" }, SASL_DONE },
		{ "LOGIN", { "dQ==", "cA==" }, { "Password:" }, SASL_DONE },
		{ "LOGIN", { "=", "dQ==", "cA==" }, { "Username:", "Password:" }, SASL_DONE },
		{ "LOGIN", { NULL, "" }, { "Username:" }, SASL_BAD },
		{ "LOGIN", { NULL, "dQ==", "" }, { "Username:", "Password:" }, SASL_BAD },
		{ "LOGIN", { NULL, "dQ==", "*" }, { "Username:", "Password:" }, SASL_CANCELLED },
		{ "LOGIN", { NULL, "AHU=" }, { "Username:" }, SASL_BAD }, /* NUL */
	};
	struct buf out, plain;

	(void)state;
	buf_init(&out, 100);
	buf_init(&plain, 100);
	for (size_t i = 0; i < COUNT(rows); i++) {
		enum sasl_status status = SASL_CONTINUE;
		struct sasl s;

		assert_true(sasl_begin(&s, str_of(rows[i].mech), (unsigned)SASL_ALL));
		for (size_t j = 0; status == SASL_CONTINUE; j++) {
			struct str line = str_of(rows[i].lines[j]);

			check_at(i, j < COUNT(rows[i].lines));
			buf_reset(&out);
			status = sasl_line(&s, rows[i].lines[j] != NULL ? &line : NULL, &out);
			if (status != SASL_CONTINUE)
				break;
			buf_reset(&plain);
			check_at(i, base64_parse(buf_str(&out), &plain));
			check_str_at(i, buf_str(&plain), str_of(rows[i].challenges[j]));
		}
		check_at(i, status == rows[i].end);
		if (status == SASL_DONE) {
			check_str_at(i, s.authcid, STR("u"));
			check_str_at(i, s.password, STR("p"));
			check_str_at(i, s.authzid, STR(""));
		}
		sasl_end(&s);
	}
	buf_deinit(&out);
	buf_deinit(&plain);
}

/* RFC 2195 2 */
static void cram(void **state)
{
	static const struct {
		const char *response;
		enum sasl_status end;
		const char *name;
	} rows[] = {
		{ "tim b913a602c7eda7a495b4e6e7334d3890", SASL_DONE, "tim" },
		{ "tim B913A602C7EDA7A495B4E6E7334D3890", SASL_DONE, "tim" },
		{ "tim and tom b913a602c7eda7a495b4e6e7334d3890", SASL_DONE, "tim and tom" },
		{ "tim b913a602c7eda7a495b4e6e7334d389", SASL_BAD, NULL },
		{ "tim b913a602c7eda7a495b4e6e7334d38900", SASL_BAD, NULL },
		{ "tim b913a602c7eda7a495b4e6e7334d389g", SASL_BAD, NULL },
		{ " b913a602c7eda7a495b4e6e7334d3890", SASL_BAD, NULL },
		{ "b913a602c7eda7a495b4e6e7334d3890", SASL_BAD, NULL },
		{ "tim\xff b913a602c7eda7a495b4e6e7334d3890", SASL_BAD, NULL },
		{ "", SASL_BAD, NULL },
	};
	const struct str digest =
		STR("\xb9\x13\xa6\x02\xc7\xed\xa7\xa4\x95\xb4\xe6\xe7\x33\x4d\x38\x90");
	char before[200] = "";
	struct buf out;

	(void)state;
	buf_init(&out, 300);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str in = str_of(rows[i].response);
		struct sasl s;

		assert_true(sasl_begin(&s, STR("cram-md5"), SASL_CRAM));
		s.server = STR("mail.example.org");
		buf_reset(&out);
		check_at(i, sasl_step(&s, NULL, &out) == SASL_CONTINUE);
		check_str_at(i, buf_str(&out), s.cram_challenge);
		check_at(i, str_starts(buf_str(&out), STR("<")) &&
		                    str_ends(buf_str(&out), STR("@mail.example.org>")));
		check_at(i, !str_eq(buf_str(&out), str_of(before))); /* never the same */
		snprintf(before, sizeof before, "%.*s", STR_ARG(buf_str(&out)));
		check_at(i, sasl_step(&s, &in, &out) == rows[i].end);
		if (rows[i].end == SASL_DONE) {
			check_str_at(i, s.authcid, str_of(rows[i].name));
			check_str_at(i, s.cram_digest, digest);
			sasl_verified(&s, true, NULL);
			check_at(i, sasl_step(&s, NULL, &out) == SASL_OVER);
		}
		sasl_end(&s);
		/* there is no initial response: the server speaks first */
		assert_true(sasl_begin(&s, STR("CRAM-MD5"), SASL_CRAM));
		check_at(i, sasl_step(&s, &in, &out) == SASL_BAD);
		sasl_end(&s);
	}
	buf_deinit(&out);
}

static void table_of_mechanisms(void **state)
{
	struct sasl s;
	struct buf out;

	(void)state;
	buf_init(&out, 200);
	for (size_t i = 0; i < sasl_mech_count; i++) {
		check_at(i, sasl_mechs[i].name.n <= SASL_NAME_MAX);
		check_at(i,
		         sasl_mech_find(sasl_mechs[i].name, (unsigned)SASL_ALL) == &sasl_mechs[i]);
	}
	sasl_mechs_put(&out, (unsigned)SASL_ALL, STR(""), ' ');
	check_str(buf_str(&out),
	          STR("SCRAM-SHA-256-PLUS SCRAM-SHA-256 SCRAM-SHA-1-PLUS SCRAM-SHA-1 EXTERNAL "
	              "OAUTHBEARER XOAUTH2 PLAIN LOGIN CRAM-MD5"));
	buf_reset(&out);
	sasl_mechs_put(&out, SASL_PLAINTEXT | SASL_CLIENT_FIRST, STR(" AUTH="), '\0');
	check_str(buf_str(&out), STR(" AUTH=PLAIN AUTH=LOGIN"));
	buf_reset(&out);
	sasl_mechs_put(&out, SASL_CLIENT_FIRST, STR(""), ' '); /* no TLS: no passwords */
	check_str(buf_str(&out), STR(""));
	assert_false(sasl_begin(&s, STR("PLAIN"), SASL_CLIENT_FIRST));
	sasl_end(&s);
	assert_false(sasl_begin(&s, STR("CRAM-MD5"), (unsigned)SASL_ALL & ~(unsigned)SASL_CRAM));
	assert_false(sasl_begin(&s, STR(""), (unsigned)SASL_ALL));
	assert_false(sasl_begin(&s, STR("PLAI"), (unsigned)SASL_ALL));
	buf_deinit(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_messages),  cmocka_unit_test(plain_truncated),
		cmocka_unit_test(plain_asks_once), cmocka_unit_test(fields_have_a_maximum),
		cmocka_unit_test(exchanges),       cmocka_unit_test(table_of_mechanisms),
		cmocka_unit_test(cram),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
