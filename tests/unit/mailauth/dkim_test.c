/* DKIM: the signed messages of RFC 6376 and RFC 8463, hash for hash and signature for signature;
 * what a signature of ours covers; key records. */
#include "harness/check.h"

#include "formats/mailauth/body_hashes.h"
#include "formats/mailauth/dkim.h"
#include "formats/mailauth/tags.h"
#include "foundation/base/arena.h"
#include "foundation/crypto/key.h"
#include "foundation/crypto/x509.h"
#include "foundation/text/base64.h"

/* --- RFC 8463 appendix A ----------------------------------------------------------------- */

static const char rsa_pem[] = "-----BEGIN RSA PRIVATE KEY-----\n"
			      "MIICXQIBAAKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQi\n"
			      "Y/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqM\n"
			      "KrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB\n"
			      "AoGAH0cxOhFZDgzXWhDhnAJDw5s4roOXN4OhjiXa8W7Y3rhX3FJqmJSPuC8N9vQm\n"
			      "6SVbaLAE4SG5mLMueHlh4KXffEpuLEiNp9Ss3O4YfLiQpbRqE7Tm5SxKjvvQoZZe\n"
			      "zHorimOaChRL2it47iuWxzxSiRMv4c+j70GiWdxXnxe4UoECQQDzJB/0U58W7RZy\n"
			      "6enGVj2kWF732CoWFZWzi1FicudrBFoy63QwcowpoCazKtvZGMNlPWnC7x/6o8Gc\n"
			      "uSe0ga2xAkEA8C7PipPm1/1fTRQvj1o/dDmZp243044ZNyxjg+/OPN0oWCbXIGxy\n"
			      "WvmZbXriOWoSALJTjExEgraHEgnXssuk7QJBALl5ICsYMu6hMxO73gnfNayNgPxd\n"
			      "WFV6Z7ULnKyV7HSVYF0hgYOHjeYe9gaMtiJYoo0zGN+L3AAtNP9huqkWlzECQE1a\n"
			      "licIeVlo1e+qJ6Mgqr0Q7Aa7falZ448ccbSFYEPD6oFxiOl9Y9se9iYHZKKfIcst\n"
			      "o7DUw1/hz2Ck4N5JrgUCQQCyKveNvjzkkd8HjYs0SwM0fPjK16//5qDZ2UiDGnOe\n"
			      "uEzxBDAr518Z8VFbR41in3W4Y3yCDgQlLlcETrS+zYcL\n"
			      "-----END RSA PRIVATE KEY-----\n";

static const char rsa_record[] =
	"v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWR"
	"iGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutAC"
	"DfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3"
	"Ip3G+2kryOTIKT+l/K4w3QIDAQAB";

static const char seed_text[] = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";

static const char ed_record[] =
	"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

static const char ed_field[] = "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"
			       " d=football.example.com; i=@football.example.com;\r\n"
			       " q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n"
			       " subject : date : message-id : from : subject : date;\r\n"
			       " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
			       " b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\r\n"
			       " Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==";

static const char rsa_field[] = "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n"
				" d=football.example.com; i=@football.example.com;\r\n"
				" q=dns/txt; s=test; t=1528637909; h=from : to : subject :\r\n"
				" date : message-id : from : subject : date;\r\n"
				" bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
				" b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3\r\n"
				" DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz\r\n"
				" dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=";

static const char header[] = "From: Joe SixPack <joe@football.example.com>\r\n"
			     "To: Suzie Q <suzie@shopping.example.net>\r\n"
			     "Subject: Is dinner ready?\r\n"
			     "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"
			     "Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n";

static const char body[] = "Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n";

static struct str base64(struct arena *a, struct str raw)
{
	struct str text;
	struct buf b;

	buf_init(&b, 4096);
	base64_put(&b, raw);
	text = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return text;
}

static void seed_read(uint8_t seed[ED25519_SEED])
{
	struct buf b;

	buf_init(&b, 64);
	assert_true(base64_parse(str_of(seed_text), &b) && b.n == ED25519_SEED);
	for (size_t i = 0; i < ED25519_SEED; i++)
		seed[i] = (uint8_t)b.p[i];
	buf_deinit(&b);
}

static struct str body_hash(struct arena *a, enum canon how, struct str text, uint8_t *digest)
{
	body_hash_whole(how, text, digest);
	return base64(a, str_from((const char *)digest, HASH_BYTES));
}

/* The tag of a signature's field. */
static struct str tag(struct str field, const char *name)
{
	static struct tags t;

	assert_true(tags_parse(str_sub(field, (size_t)str_find_byte(field, ':') + 1, field.n), &t));
	return tags_value(&t, str_of(name), STR("absent"));
}

static void the_rfc_s_message(void **state)
{
	const struct str block = str_of(header);
	struct arena a = { 0 };
	uint8_t digest[HASH_BYTES], seed[ED25519_SEED], made[ED25519_SIGNATURE];
	struct dkim_fields fields;
	struct key *rsa;
	struct why why;

	(void)state;
	check_str(body_hash(&a, CANON_RELAXED, str_of(body), digest), tag(str_of(ed_field), "bh"));
	dkim_fields_read(&fields, &block, 1, &a);
	assert_int_equal(fields.count, 5);

	assert_true(dkim_header_hash(&fields, CANON_RELAXED, str_of(ed_field), digest));
	seed_read(seed);
	ed25519_sign(seed, str_from((const char *)digest, HASH_BYTES), made);
	assert_true(tags_same_packed(base64(&a, str_from((const char *)made, sizeof made)),
	                             tag(str_of(ed_field), "b")));

	assert_true(dkim_header_hash(&fields, CANON_RELAXED, str_of(rsa_field), digest));
	assert_int_equal(key_read_pem(str_of(rsa_pem), &rsa, &why), OK);
	assert_true(tags_same_packed(base64(&a, key_rsa_sign_digest(rsa, digest, &a)),
	                             tag(str_of(rsa_field), "b")));

	/* A.2 */
	check_str(dkim_record(DKIM_RSA_SHA256, x509_public_key(rsa, &a), &a), str_of(rsa_record));
	ed25519_public(seed, digest);
	check_str(dkim_record(DKIM_ED25519_SHA256, str_from((const char *)digest, ED25519_PUBLIC),
	                      &a),
	          str_of(ed_record));
	key_free(rsa);
	arena_deinit(&a);
}

/* RFC 6376 A.2: simple/simple, whose body hash is in its example; 3.4.3, 3.4.4: those of an empty
 * body. */
static void bodies(void **state)
{
	static const struct {
		enum canon how;
		struct str body;
		const char *hash;
	} rows[] = {
		{ CANON_SIMPLE,
		  STR("Hi.\r\n\r\nWe lost the game. Are you hungry yet?\r\n\r\nJoe.\r\n"),
		  "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=" },
		{ CANON_SIMPLE, STR(""), "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=" },
		{ CANON_RELAXED, STR(""), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" },
	};
	struct arena a = { 0 };
	uint8_t digest[HASH_BYTES];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_str_at(i, body_hash(&a, rows[i].how, rows[i].body, digest),
		             str_of(rows[i].hash));
	arena_deinit(&a);
}

/* --- our signatures ---------------------------------------------------------------------- */

struct sample {
	struct arena a;
	struct key *rsa;
	uint8_t seed[ED25519_SEED], body[HASH_BYTES];
};

static int sample_make(void **state)
{
	struct sample *s = test_calloc(1, sizeof *s);
	struct why why;

	seed_read(s->seed);
	assert_int_equal(key_read_pem(str_of(rsa_pem), &s->rsa, &why), OK);
	body_hash(&s->a, CANON_RELAXED, str_of(body), s->body);
	*state = s;
	return 0;
}

static int sample_free(void **state)
{
	struct sample *s = *state;

	key_free(s->rsa);
	arena_deinit(&s->a);
	test_free(s);
	return 0;
}

/* Sign a header; empty when that is refused. */
static struct str sign(struct sample *s, enum dkim_algorithm algorithm, const struct str *blocks,
                       size_t count)
{
	struct dkim_signer signer = { .algorithm = algorithm,
		                      .domain = STR("example.org"),
		                      .selector = STR("r202611"),
		                      .rsa = s->rsa,
		                      .seed = s->seed };
	struct dkim_fields fields;
	struct str made;
	struct buf b;

	buf_init(&b, DKIM_SIGNATURE_MAX);
	dkim_fields_read(&fields, blocks, count, &s->a);
	assert_int_equal(dkim_sign(&b, &signer, &fields, s->body, 1700000000), b.n != 0);
	made = str_dup(&s->a, buf_str(&b));
	buf_deinit(&b);
	return made;
}

static void what_is_covered(void **state)
{
	static const struct {
		struct str header;
		const char *names;
	} rows[] = {
		{ STR("From: a@example.org\r\n"),
		  "From:From:Reply-To:Subject:Date:To:Cc:Message-ID:In-Reply-To:References:"
		  "MIME-Version:"
		  "Content-Type:Content-Transfer-Encoding" },
		{ STR("Received: x\r\nfrom: a@example.org\r\nTo: b\r\nTO: c\r\nSender: d\r\n"
		      "List-Id: e\r\nX-Other: f\r\n"),
		  "From:From:Reply-To:Subject:Date:To:To:To:Cc:Message-ID:In-Reply-To:References:"
		  "MIME-Version:Content-Type:Content-Transfer-Encoding:Sender:List-Id" },
	};
	struct sample *s = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str field = sign(s, DKIM_RSA_SHA256, &rows[i].header, 1), h;
		struct tags t;

		check_at(i, field.n != 0 && str_ends(field, STR("\r\n")));
		check_at(i, tags_parse(str_sub(field, 15, field.n), &t));
		check_at(i, tags_find(&t, STR("l")) == NULL);
		h = tags_value(&t, STR("h"), STR_EMPTY);
		check_at(i, tags_same_packed(h, str_of(rows[i].names)));
		check_str_at(i, tags_value(&t, STR("d"), STR_EMPTY), STR("example.org"));
		check_str_at(i, tags_value(&t, STR("s"), STR_EMPTY), STR("r202611"));
		check_str_at(i, tags_value(&t, STR("t"), STR_EMPTY), STR("1700000000"));
	}
}

static void lines_are_short(void **state)
{
	const struct str block = str_of(header);
	struct sample *s = *state;
	struct cur c = cur_of(sign(s, DKIM_RSA_SHA256, &block, 1));
	struct str line;

	while (cur_line(&c, &line))
		assert_true(line.n <= 78 && line.n != 0); /* RFC 5322 2.1.1; a tab is eight */
}

/* A signature is broken by what it should not survive, and by nothing else. */
static void what_breaks_it(void **state)
{
	const struct {
		const char *header;
		bool same;
	} rows[] = {
		{ "From: a@example.org\r\nSubject: x\r\n", true },
		{ "from:  a@example.org\r\nSUBJECT: x \r\n", true },
		{ "Subject:\r\n x\r\nFrom: a@example.org\r\n", true },
		{ "Received: y\r\nFrom: a@example.org\r\nSubject: x\r\nX: z\r\n", true },
		{ "From: b@example.org\r\nSubject: x\r\n", false },
		{ "From: a@example.org\r\n", false },
		{ "From: b@example.org\r\nFrom: a@example.org\r\nSubject: x\r\n", false },
		{ "From: a@example.org\r\nSubject: x\r\nSubject: y\r\n", false },
		{ "From: a@example.org\r\nSubject: x\r\nCc: c@example.org\r\n", false },
		{ "From: a@example.org\r\nSubject: x\r\nReply-To: c@example.org\r\n", false },
		{ "From: a@example.org\r\nSubject: x\r\nContent-Type: text/html\r\n", false },
	};
	struct sample *s = *state;
	struct str block = str_of(rows[0].header);
	struct str field = sign(s, DKIM_ED25519_SHA256, &block, 1);
	uint8_t first[HASH_BYTES], other[HASH_BYTES];

	field = str_sub(field, 0, field.n - 2);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct dkim_fields fields;

		block = str_of(rows[i].header);
		dkim_fields_read(&fields, &block, 1, &s->a);
		check_at(i, dkim_header_hash(&fields, CANON_RELAXED, field, other));
		if (i == 0)
			for (size_t n = 0; n < HASH_BYTES; n++)
				first[n] = other[n];
		check_at(i, str_eq(str_from((char *)first, HASH_BYTES),
		                   str_from((char *)other, HASH_BYTES)) == rows[i].same);
	}
}

/* A header in two blocks is the header in one. */
static void blocks(void **state)
{
	const struct str one =
		STR("Date: d\r\nFrom: a@example.org\r\nSubject: x\r\n\r\nFrom: body\r\n");
	const struct str two[] = { STR("Date: d\r\n"),
		                   STR("From: a@example.org\r\nSubject: x\r\n\r\nFrom: body\r\n") };
	struct sample *s = *state;

	check_str(sign(s, DKIM_ED25519_SHA256, two, 2), sign(s, DKIM_ED25519_SHA256, &one, 1));
}

static void refusals(void **state)
{
	const struct str no_author = STR("Subject: x\r\n");
	struct sample *s = *state;
	struct str block;
	struct buf b;

	assert_int_equal(sign(s, DKIM_RSA_SHA256, &no_author, 1).n, 0);
	buf_init(&b, 1 << 20);
	buf_put(&b, STR("From: a@example.org\r\n"));
	for (int i = 0; i < DKIM_FIELDS_MAX; i++)
		buf_put(&b, STR("X: y\r\n"));
	block = buf_str(&b);
	assert_int_equal(sign(s, DKIM_RSA_SHA256, &block, 1).n, 0);
	block = str_sub(block, 0, block.n - 6);
	assert_true(sign(s, DKIM_RSA_SHA256, &block, 1).n != 0);
	/* So many recipients' fields that the signature would become too long. */
	buf_reset(&b);
	buf_put(&b, STR("From: a@example.org\r\n"));
	for (int i = 0; i < 1900; i++)
		buf_put(&b, STR("Resent-Message-ID: y\r\n"));
	block = buf_str(&b);
	assert_int_equal(sign(s, DKIM_RSA_SHA256, &block, 1).n, 0);
	buf_deinit(&b);
}

static void records(void **state)
{
	static const struct {
		const char *seen;
		bool same;
	} rows[] = {
		{ "v=DKIM1; k=ed25519; p=AAAA", true },
		{ "v=DKIM1;k=ed25519;p=AA AA;", true },
		{ "k=ed25519; t=s; p=A\tAAA", true },
		{ "v=DKIM1; k=ed25519; p=AAAB", false },
		{ "v=DKIM1; k=ed25519; p=AAAAA", false },
		{ "v=DKIM1; k=ed25519; p=", false },
		{ "v=DKIM1; p=AAAA", false },
		{ "v=DKIM2; k=ed25519; p=AAAA", false },
		{ "p", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_at(i, dkim_record_same(STR("v=DKIM1; k=ed25519; p=AAAA"),
		                             str_of(rows[i].seen)) == rows[i].same);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_rfc_s_message),
		cmocka_unit_test(bodies),
		cmocka_unit_test_setup_teardown(what_is_covered, sample_make, sample_free),
		cmocka_unit_test_setup_teardown(lines_are_short, sample_make, sample_free),
		cmocka_unit_test_setup_teardown(what_breaks_it, sample_make, sample_free),
		cmocka_unit_test_setup_teardown(blocks, sample_make, sample_free),
		cmocka_unit_test_setup_teardown(refusals, sample_make, sample_free),
		cmocka_unit_test(records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
