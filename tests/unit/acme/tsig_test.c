/* Updates of DNS and their signatures; a name server's own view is in tests/e2e. */
#include "harness/check.h"

#include "acme/tsig.h"
#include "crypto/crypto.h"

static const struct tsig_key key = { STR("roost.example"),
	                             STR("0123456789abcdef0123456789abcdef") };

static void an_update_byte_by_byte(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, DNS_MESSAGE_MAX);
	assert_true(update_make(&b, 0x1234, STR("a.org"), STR("T.a.org"), STR("xy"), true));
	check_str(buf_str(&b), STR("\x12\x34\x28\0\0\1\0\0\0\1\0\0"
	                           "\1a\3org\0\0\6\0\1" /* RFC 2136 2.3: the zone is an SOA */
	                           "\1t\1a\3org\0\0\x10\0\1\0\0\0\x3c\0\3\2xy"));
	buf_reset(&b);
	assert_true(update_make(&b, 0x1234, STR("a.org"), STR("t.a.org"), STR("xy"), false));
	check_str(str_sub(buf_str(&b), 23, b.n), /* RFC 2136 2.5.4: class NONE, TTL 0 */
	          STR("\1t\1a\3org\0\0\x10\0\xfe\0\0\0\0\0\3\2xy"));
	buf_deinit(&b);
}

static void odd_names(void **state)
{
	static const char *const rows[] = { "", ".", "a..b", ".a", "a b.", "" };
	static const bool ok[] = { false, false, false, false, true, false };
	struct buf b;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		buf_init(&b, DNS_MESSAGE_MAX);
		check_at(i, update_make(&b, 1, STR("a.org"), str_of(rows[i]), STR("x"), true) ==
		                    ok[i]);
		buf_deinit(&b);
	}
}

/* An answer as a server makes it: the header of the query with QR set, signed. A server's MAC
 * begins with the request's (RFC 8945 5.3.1), so one is made by hand from tsig_sign's parts. */
static struct str signed_answer(struct buf *b, unsigned rcode, int64_t now_s,
                                const uint8_t request_mac[HASH_BYTES])
{
	static const char variables[] = "\5roost\7example\0\0\xff\0\0\0\0\13hmac-sha256\0";
	uint8_t mac[HASH_BYTES];
	struct buf text;
	char time[] = { 0,          0, (char)(now_s >> 24), (char)(now_s >> 16), (char)(now_s >> 8),
		        (char)now_s };

	buf_put(b, STR("\x12\x34\xa8"));
	buf_byte(b, (char)rcode);
	buf_put(b, STR("\0\0\0\0\0\0\0\0"));
	buf_init(&text, DNS_MESSAGE_MAX);
	buf_put(&text, STR("\0\x20"));
	buf_bytes(&text, request_mac, HASH_BYTES);
	buf_put(&text, buf_str(b));
	buf_bytes(&text, variables, sizeof variables - 1);
	buf_bytes(&text, time, sizeof time);
	buf_put(&text, STR("\1\x2c\0\0\0\0"));
	hash_hmac_sha256(key.secret, buf_str(&text), mac);
	buf_deinit(&text);
	b->p[11] = 1;
	buf_put(b, STR("\5roost\7example\0\0\xfa\0\xff\0\0\0\0\0\x3d\13hmac-sha256\0"));
	buf_bytes(b, time, sizeof time);
	buf_put(b, STR("\1\x2c\0\x20"));
	buf_bytes(b, mac, HASH_BYTES);
	buf_put(b, STR("\x12\x34\0\0\0\0"));
	return buf_str(b);
}

static void answers(void **state)
{
	const uint8_t mac[HASH_BYTES] = { 1, 2, 3 };
	const int64_t now = INT64_C(1800000000);
	struct update_answer got;
	struct str answer;
	struct buf b;

	(void)state;
	buf_init(&b, DNS_MESSAGE_MAX);
	answer = signed_answer(&b, 0, now, mac);
	assert_true(update_answer_read(answer, 0x1234, &key, mac, now, &got));
	assert_true(got.rcode == 0 && got.authentic);
	assert_true(update_answer_read(answer, 0x1234, &key, mac, now + 301, &got));
	assert_false(got.authentic); /* too late: RFC 8945 5.2.3 */
	assert_true(update_answer_read(answer, 0x1234, &key, (const uint8_t[HASH_BYTES]){ 9 }, now,
	                               &got));
	assert_false(got.authentic); /* the answer to another question */
	assert_false(update_answer_read(answer, 0x4321, &key, mac, now, &got));
	for (size_t n = 0; n < answer.n; n++) /* cut anywhere: never authentic */
		assert_true(
			!update_answer_read(str_sub(answer, 0, n), 0x1234, &key, mac, now, &got) ||
			!got.authentic);
	for (size_t i = 4; i < answer.n; i++) { /* one bit anywhere behind the flags */
		b.p[i] ^= 0x40;
		assert_true(!update_answer_read(buf_str(&b), 0x1234, &key, mac, now, &got) ||
		            !got.authentic);
		b.p[i] ^= 0x40;
	}
	assert_true(update_answer_read(STR("\x12\x34\xa8\5\0\0\0\0\0\0\0\0"), 0x1234, &key, mac,
	                               now, &got));
	assert_true(got.rcode == DNS_RCODE_REFUSED && !got.authentic);
	buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_update_byte_by_byte),
		cmocka_unit_test(odd_names),
		cmocka_unit_test(answers),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
