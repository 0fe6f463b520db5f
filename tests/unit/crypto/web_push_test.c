/* Encryption of push messages: the example of RFC 8291, and keys that differ each time. */
#include "harness/check.h"

#include "foundation/crypto/crypto.h"
#include "foundation/crypto/key.h"
#include "foundation/crypto/web_push.h"
#include "foundation/text/base64url.h"

#include <string.h>

static struct str decoded(struct buf *b, const char *text)
{
	buf_init(b, 256);
	assert_true(base64url_parse(str_of(text), b));
	return buf_str(b);
}

/* RFC 8291 5 and appendix A. */
static const char public_text[] = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bj"
                                  "yPjs7Vd8pZGH6SRpkNtoIAiw4";
static const char auth_text[] = "BTBZMqHH6r4Tts7J_aSIgg";
static const char salt_text[] = "DGv6ra1nlYgDCS1FRnbzlw";
static const char sender_pem[] = "-----BEGIN EC PRIVATE KEY-----\n"
                                 "MDECAQEEIMn1j4mBPp+Ohy5x9CqmThdXySVNzGK3LdwBC7QEPqEcoAoGCCqGSM"
                                 "49AwEH\n"
                                 "-----END EC PRIVATE KEY-----\n";
static const char message_text[] =
	"DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmY"
	"WAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexS"
	"gSxsj_Qulcy4a-fN";

static void example_of_the_rfc(void **state)
{
	struct buf public, auth, salt, want, out;
	struct key *sender = NULL;
	struct why why = { "" };

	(void)state;
	(void)decoded(&public, public_text);
	(void)decoded(&auth, auth_text);
	(void)decoded(&salt, salt_text);
	(void)decoded(&want, message_text);
	assert_true(key_read_pem(str_of(sender_pem), &sender, &why) == OK);
	buf_init(&out, WEB_PUSH_ROOM);
	web_push_seal_with(sender, (const uint8_t *)salt.p, buf_str(&public), buf_str(&auth),
	                   STR("When I grow up, I want to be a watermelon"), &out);
	check_str(buf_str(&out), buf_str(&want));
	key_free(sender);
	buf_deinit(&out);
	buf_deinit(&want);
	buf_deinit(&salt);
	buf_deinit(&auth);
	buf_deinit(&public);
}

static void longest_message_and_fresh_keys(void **state)
{
	static char plain[WEB_PUSH_PLAIN_MAX];
	struct buf public, auth, one, two;

	(void)state;
	(void)decoded(&public, public_text);
	(void)decoded(&auth, auth_text);
	buf_init(&one, WEB_PUSH_ROOM);
	buf_init(&two, WEB_PUSH_ROOM);
	web_push_seal(buf_str(&public), buf_str(&auth), str_from(plain, sizeof plain), &one);
	web_push_seal(buf_str(&public), buf_str(&auth), str_from(plain, sizeof plain), &two);
	assert_true(buf_ok(&one) && one.n == WEB_PUSH_ROOM);
	assert_true(memcmp(one.p, two.p, WEB_PUSH_SALT) != 0);
	assert_true(memcmp(one.p + 21, two.p + 21, WEB_PUSH_PUBLIC) != 0);
	buf_deinit(&two);
	buf_deinit(&one);
	buf_deinit(&auth);
	buf_deinit(&public);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(example_of_the_rfc),
		cmocka_unit_test(longest_message_and_fresh_keys),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
