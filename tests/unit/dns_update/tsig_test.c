/* Signatures of updates of DNS; a name server's own view is in tests/e2e. */
#include "harness/check.h"

#include "foundation/crypto/crypto.h"
#include "operations/dns_update/tsig.h"

static const struct tsig_key key = { STR("roost.example"),
	                             STR("0123456789abcdef0123456789abcdef") };

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

/* The id of the message is repeated in its signature, wherever in memory the message has to move
 * for that (RFC 8945 4.2). */
static void ids_of_messages_that_move(void **state)
{
	(void)state;
	for (size_t n = DNS_HEADER; n < 1200; n++) {
		uint8_t mac[HASH_BYTES];
		struct buf b;

		buf_init(&b, DNS_MESSAGE_MAX);
		buf_put(&b, STR("\x12\x34\x28\0\0\0\0\0\0\0\0\0"));
		while (b.n < n)
			buf_byte(&b, 0);
		assert_true(tsig_sign(&b, &key, INT64_C(1800000000), mac));
		assert_true(str_eq(str_sub(buf_str(&b), b.n - 6, b.n - 4), STR("\x12\x34")));
		buf_deinit(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_of_messages_that_move),
		cmocka_unit_test(answers),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
