/* Signatures of a message, checked: the messages of RFC 8463, and signatures made here that are
 * wrong in one way each. */
#include "harness/check.h"

#include "formats/mailauth/dkim_verify.h"
#include "foundation/base/arena.h"
#include "foundation/crypto/crypto.h"
#include "foundation/text/base64.h"
#include "network/dns/dns.h"

#include <pthread.h>

/* RFC 8463 appendix A; the key of "weak" has 512 bits. */
static const struct dns_fake_row zone[] = {
	{ "brisbane._domainkey.football.example.com", "TXT",
	  "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=" },
	{ "test._domainkey.football.example.com", "TXT",
	  "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWR"
	  "iGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutAC"
	  "DfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3"
	  "Ip3G+2kryOTIKT+l/K4w3QIDAQAB" },
	{ "weak._domainkey.a.example", "TXT",
	  "p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALgSoqXVSEmfcIsOzw7oRuCCOwsmtX/SJnTWxYyj2leFxfS"
	  "/AVJ+dYfY+hXqMsT7l+MZvvh/R1WzN4MO/kI/7XsCAwEAAQ==" },
	{ "sel._domainkey.a.example", "TXT",
	  "k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=" },
	{ "exact._domainkey.a.example", "TXT",
	  "k=ed25519; t=y:s; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=" },
	{ "reports._domainkey.a.example", "TXT",
	  "k=ed25519; s=tlsrpt; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=" },
	{ "slow._domainkey.a.example", "*", "SERVFAIL" },
	{ NULL, NULL, NULL },
};

static const char seed_text[] = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";

#define RFC_SIGNATURES                                                    \
	"DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"   \
	" d=football.example.com; i=@football.example.com;\r\n"           \
	" q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n"         \
	" subject : date : message-id : from : subject : date;\r\n"       \
	" bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"           \
	" b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\r\n" \
	" Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\r\n"                           \
	"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n"       \
	" d=football.example.com; i=@football.example.com;\r\n"           \
	" q=dns/txt; s=test; t=1528637909; h=from : to : subject :\r\n"   \
	" date : message-id : from : subject : date;\r\n"                 \
	" bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"           \
	" b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3\r\n" \
	" DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz\r\n" \
	" dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=\r\n"
#define RFC_HEADER                                         \
	"From: Joe SixPack <joe@football.example.com>\r\n" \
	"To: Suzie Q <suzie@shopping.example.net>\r\n"     \
	"Subject: Is dinner ready?\r\n"                    \
	"Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"  \
	"Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n\r\n"
#define RFC_BODY "Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n"

enum { NOW = 1600000000 };

struct run {
	struct arena a;
	struct dns *dns;
	struct body_hashes bodies;
	struct dkim_fields fields;
	struct dkim_verifier v;
};

static void run_begin(struct run *r, struct str header)
{
	r->dns = dns_fake_new(zone, false);
	dkim_fields_read(&r->fields, &header, 1, &r->a);
	body_hashes_init(&r->bodies);
	dkim_verify_begin(&r->v, &r->fields, &r->bodies, NOW, &r->a);
}

static void body_put(struct run *r, struct str body, size_t piece)
{
	for (size_t at = 0; at < body.n; at += piece)
		body_hashes_put(&r->bodies, str_sub(body, at, at + piece));
	body_hashes_end(&r->bodies);
}

static void run_deinit(struct run *r)
{
	dns_free(&r->dns);
	arena_deinit(&r->a);
	*r = (struct run){ 0 };
}

static void run_all(struct run *r, const char *header, const char *body, size_t piece)
{
	run_begin(r, str_of(header));
	body_put(r, str_of(body), piece);
	for (size_t i = 0; i < r->v.question_count; i++)
		dkim_question_ask(&r->v.questions[i], r->dns, 0);
	dkim_verify_end(&r->v);
}

static void test_the_rfc_s_message(void **state)
{
	struct run r = { 0 };

	(void)state;
	for (size_t piece = 1; piece < 70; piece += 7) {
		run_all(&r, RFC_SIGNATURES RFC_HEADER, RFC_BODY, piece);
		assert_int_equal(r.v.count, 2);
		assert_int_equal(r.v.question_count, 2);
		assert_false(r.bodies.forms[CANON_SIMPLE].wanted); /* both ask for the same */
		for (size_t i = 0; i < r.v.count; i++) {
			check_str_at(i, str_of(r.v.checks[i].why.text), STR(""));
			check_at(i, r.v.checks[i].result == DKIM_PASS && !r.v.checks[i].testing);
		}
		assert_int_equal(r.v.checks[0].key_bits, 256);
		assert_int_equal(r.v.checks[1].key_bits, 1024);
		check_str(r.v.checks[1].signature.identity, STR("@football.example.com"));
		assert_int_equal(dkim_verify_overall(&r.v), DKIM_PASS);
		run_deinit(&r);
	}
}

/* What was changed, and what a second field of a name does that is named once more. */
static void test_changes(void **state)
{
	static const struct {
		const char *header, *body;
		enum dkim_result result;
		const char *why;
	} rows[] = {
		{ RFC_SIGNATURES "Received: x\r\n" RFC_HEADER, RFC_BODY "\r\n \r\n", DKIM_PASS,
		  "" },
		{ RFC_SIGNATURES RFC_HEADER, "Hi.\r\n", DKIM_FAIL,
		  "the body was changed, its hash is another" },
		{ RFC_SIGNATURES RFC_HEADER, "", DKIM_FAIL,
		  "the body was changed, its hash is another" },
		{ RFC_SIGNATURES "From: eve@example.com\r\n" RFC_HEADER, RFC_BODY, DKIM_FAIL,
		  "the signature does not fit key and header" },
		{ RFC_SIGNATURES "\r\n", RFC_BODY, DKIM_FAIL,
		  "the signature does not fit key and header" },
	};
	struct run r = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		run_all(&r, rows[i].header, rows[i].body, 1000);
		for (size_t n = 0; n < 2; n++) {
			check_at(i, r.v.checks[n].result == rows[i].result);
			check_str_at(i, str_of(r.v.checks[n].why.text), str_of(rows[i].why));
		}
		run_deinit(&r);
	}
}

#define BH "bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8="
#define NAMING \
	"DKIM-Signature: v=1; a=ed25519-sha256; d=a.example; s=sel; h=%s; " BH "; b=AAEC\r\n"

/* RFC 6376 8.15: what there may be one of, a second of which anybody may add where h= names the
 * first alone, is shown by many programs in its place. Others come and go. */
static void test_riders(void **state)
{
	static const struct {
		const char *names, *above, *why; /* no why: it goes on to be checked */
	} rows[] = {
		{ "from:to:subject", "", "" },
		{ "from", "From: eve@example.com\r\n", "there is more of From than was signed" },
		{ "from", "fROM : eve@example.com\r\n", "there is more of From than was signed" },
		{ "from:subject", "SUBJECT: x\r\n", "there is more of Subject than was signed" },
		{ "from: Subject :to", "Subject: x\r\n",
		  "there is more of Subject than was signed" },
		{ "from:date", "Date: x\r\n", "there is more of Date than was signed" },
		{ "from:message-id", "Message-ID: x\r\n",
		  "there is more of Message-ID than was signed" },
		{ "from:content-type", "Content-Type: a/b\r\nContent-Type: c/d\r\n",
		  "there is more of Content-Type than was signed" },
		/* as many as h= names are signed, and one too many breaks the hash */
		{ "from:from", "From: eve@example.com\r\n", "" },
		{ "from:subject:subject:subject", "Subject: x\r\nSubject: y\r\n", "" },
		{ "from:reply-to", "Reply-To: x\r\n", "" },
		/* what nobody has signed, and what there may be many of */
		{ "from:mime-version", "MIME-Version: 1.0\r\nMIME-Version: 1.0\r\n", "" },
		{ "from", "Subject: x\r\nTo: x\r\nSender: x\r\nSender: y\r\n", "" },
		{ "from:received:list-id:comments",
		  "Received: x\r\nReceived: y\r\nList-Id: x\r\nList-Id: y\r\nComments: x\r\n"
		  "Comments: y\r\n",
		  "" },
	};
	struct run r = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		run_begin(&r, str_fmt(&r.a, NAMING "%s" RFC_HEADER, rows[i].names,
		                      rows[i].above));
		check_str_at(i, str_of(r.v.checks[0].why.text), str_of(rows[i].why));
		check_at(i, r.v.checks[0].result == DKIM_POLICY || rows[i].why[0] == '\0');
		check_at(i, r.v.question_count == (rows[i].why[0] == '\0'));
		run_deinit(&r);
	}
}

/* --- signatures of our own ------------------------------------------------------------------- */

static struct str base64(struct arena *a, const uint8_t *bytes, size_t n)
{
	struct str text;
	struct buf b;

	buf_init(&b, 1000);
	base64_put(&b, str_from((const char *)bytes, n));
	text = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return text;
}

#define BODY_WHOLE UINT64_MAX

/* A header with one signature by the key of the zone, of the given tags; of the body, which is
 * canonical, at most so many bytes were hashed. */
static const char *signed_header(struct arena *a, const char *tags, const char *body,
                                 uint64_t limit)
{
	struct str header = STR("From: a@a.example\r\nSubject: x\r\n\r\n"), field;
	uint8_t digest[HASH_BYTES], seed[ED25519_SEED], made[ED25519_SIGNATURE];
	uint8_t of_body[HASH_BYTES];
	struct dkim_fields fields;
	struct buf b;

	buf_init_in(&b, (char *)seed, sizeof seed);
	assert_true(base64_parse(str_of(seed_text), &b));
	hash_sha256(str_sub(str_of(body), 0, limit), of_body);
	field = str_fmt(a,
	                "DKIM-Signature: v=1; %s; h=from:subject:dkim-signature; bh=%.*s; b=", tags,
	                STR_ARG(base64(a, of_body, HASH_BYTES)));
	dkim_fields_read(&fields, &header, 1, a);
	assert_true(dkim_header_hash(&fields, CANON_SIMPLE, field, digest));
	ed25519_sign(seed, str_from((const char *)digest, HASH_BYTES), made);
	return str_z(a, str_fmt(a, "%.*s%.*s\r\n%.*s", STR_ARG(field),
	                        STR_ARG(base64(a, made, sizeof made)), STR_ARG(header)));
}

#define ED "a=ed25519-sha256; d=a.example; s="

static void test_own(void **state)
{
	static const struct {
		const char *tags;
		uint64_t limit;
		enum dkim_result result;
		const char *why;
		bool testing;
	} rows[] = {
		{ ED "sel", BODY_WHOLE, DKIM_PASS, "", false },
		{ ED "sel; l=7", 7, DKIM_PASS, "", false },
		{ ED "sel; l=5", 5, DKIM_POLICY, "only the beginning of the body was signed",
		  false },
		{ ED "sel; l=0", 0, DKIM_POLICY, "only the beginning of the body was signed",
		  false },
		{ ED "sel; l=8", BODY_WHOLE, DKIM_FAIL, "the body is shorter than what was signed",
		  false },
		{ ED "sel; l=7", 5, DKIM_FAIL, "the body was changed, its hash is another", false },
		/* no pass in any case: the beginning is not hashed */
		{ ED "sel; l=6", 5, DKIM_POLICY, "only the beginning of the body was signed",
		  false },
		{ ED "sel; t=1600000299; x=1600000300", BODY_WHOLE, DKIM_PASS, "", false },
		{ ED "sel; t=1600000301", BODY_WHOLE, DKIM_FAIL,
		  "the signature is of a time to come", false },
		{ ED "sel; x=1599999701", BODY_WHOLE, DKIM_PASS, "", false },
		{ ED "sel; t=1; x=1599999699", BODY_WHOLE, DKIM_FAIL, "the signature has expired",
		  false },
		{ ED "exact", BODY_WHOLE, DKIM_PASS, "", true },
		{ ED "exact; i=x@a.example", BODY_WHOLE, DKIM_PASS, "", true },
		{ ED "exact; i=@b.a.example", BODY_WHOLE, DKIM_PERMERROR,
		  "i= is below d=, which its key does not allow", true },
		{ ED "none", BODY_WHOLE, DKIM_PERMERROR,
		  "there is no key at none._domainkey.a.example", false },
		{ ED "weak", BODY_WHOLE, DKIM_PERMERROR,
		  "in the record weak._domainkey.a.example: its k= is of another type than the "
		  "signature",
		  false },
		{ "a=rsa-sha256; d=a.example; s=weak", BODY_WHOLE, DKIM_POLICY,
		  "its RSA key has less than 1024 bits", false },
		{ ED "slow", BODY_WHOLE, DKIM_TEMPERROR,
		  "slow._domainkey.a.example: DNS did not answer", false },
		{ ED "sel; i=@b.example", BODY_WHOLE, DKIM_PERMERROR,
		  "i= is not at or below d=", false },
	};
	struct run r = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		const struct dkim_check *c;

		run_all(&r, signed_header(&a, rows[i].tags, "Hello\r\n", rows[i].limit),
		        "Hello\r\n", 3);
		c = &r.v.checks[0];
		check_str_at(i, str_of(c->why.text), str_of(rows[i].why));
		check_at(i, r.v.count == 1 && c->result == rows[i].result);
		check_at(i, c->testing == rows[i].testing);
		run_deinit(&r);
		arena_deinit(&a);
	}
}

/* RFC 6376 3.6.1, s=; RFC 8460 3: no pass, but what a report on TLS wants. */
static void test_reports_key(void **state)
{
	static const struct {
		const char *tags, *signed_body;
		uint64_t limit;
		enum dkim_result result;
		const char *why;
		bool tls_report;
	} rows[] = {
		{ ED "reports", "Hello\r\n", BODY_WHOLE, DKIM_POLICY,
		  "its key is for reports on TLS alone", true },
		{ ED "reports; l=5", "Hello\r\n", 5, DKIM_POLICY,
		  "its key is for reports on TLS alone", false },
		{ ED "reports", "Hullo\r\n", BODY_WHOLE, DKIM_FAIL,
		  "the body was changed, its hash is another", false },
		{ ED "sel", "Hello\r\n", BODY_WHOLE, DKIM_PASS, "", false },
	};
	struct run r = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };

		run_all(&r, signed_header(&a, rows[i].tags, rows[i].signed_body, rows[i].limit),
		        "Hello\r\n", 3);
		check_str_at(i, str_of(r.v.checks[0].why.text), str_of(rows[i].why));
		check_at(i, r.v.checks[0].result == rows[i].result);
		check_at(i, r.v.checks[0].tls_report == rows[i].tls_report);
		run_deinit(&r);
		arena_deinit(&a);
	}
}

/* The latest are looked at, each key is asked once; one that nobody asked is not there. */
static void test_many(void **state)
{
	struct arena a = { 0 };
	struct run r = { 0 };
	const char *one = signed_header(&a, ED "sel", "Hello\r\n", BODY_WHOLE);
	struct str text = str_of(one),
		   field = str_sub(text, 0, (size_t)str_find(text, STR("\r\n")) + 2);
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 16);
	for (int i = 0; i < DKIM_SIGNATURES_MAX + 2; i++)
		buf_put(&b, field);
	buf_put(&b, text);
	run_all(&r, str_z(&a, buf_str(&b)), "Hello\r\n", 100);
	assert_int_equal(r.v.count, DKIM_SIGNATURES_MAX);
	assert_int_equal(r.v.more, 3);
	assert_int_equal(r.v.question_count, 1);
	/* h= names dkim-signature, of which there was none: a further one breaks it. */
	assert_int_equal(dkim_verify_overall(&r.v), DKIM_FAIL);
	run_deinit(&r);
	run_begin(&r, text);
	body_put(&r, STR("Hello\r\n"), 1);
	dkim_verify_end(&r.v);
	assert_int_equal(r.v.checks[0].result, DKIM_TEMPERROR);
	run_deinit(&r);
	run_all(&r, "From: a@a.example\r\n\r\n", "Hello\r\n", 1);
	assert_int_equal(r.v.count, 0);
	assert_int_equal(dkim_verify_overall(&r.v), DKIM_NONE);
	run_deinit(&r);
	buf_deinit(&b);
	arena_deinit(&a);
}

#define OF(domain) "DKIM-Signature: v=1; a=rsa-sha256; d=" domain "\r\n"
#define TEN(x) x x x x x x x x x x

/* Whoever hands mail on puts his on top, however many they are: the author's are looked at
 * first. */
static void test_which_are_looked_at(void **state)
{
	static const struct {
		const char *header;
		size_t of_author, more;
		bool more_of_author;
	} rows[] = {
		{ TEN(OF("b.example")) OF("a.example") "From: x@a.example\r\n", 1, 1, false },
		{ TEN(OF("b.example")) TEN(OF("b.example")) OF("M.A.example") OF("a.example")
		  "From: x@news.a.example\r\n", 2, 12, false },
		{ TEN(OF("a.example")) OF("b.example") "From: x@a.example\r\n", 10, 1, false },
		{ OF("b.example") TEN(OF("a.example")) OF("a.example") "From: x@a.example\r\n",
		  10, 2, true },
		/* nobody can tell whose they are */
		{ TEN(OF("b.example")) OF("a.example") "From: x@a.example, y@b.example\r\n", 0, 1,
		  false },
		{ TEN(OF("b.example")) OF("a.example"), 0, 1, false },
		{ TEN("DKIM-Signature: d=a b.example\r\n") OF("notaexample") "DKIM-Signature: x\r\n"
		  OF("a.example") "From: x@a.example\r\n", 1, 3, false },
		{ OF("b.example") OF("a.example") "From: x@a.example\r\n", 1, 0, false },
	};
	struct run r = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t of_author = 0;

		run_begin(&r, str_fmt(&r.a, "%s\r\n", rows[i].header));
		for (size_t k = 0; k < r.v.count; k++)
			of_author += str_ends(r.v.checks[k].signature.domain, STR("a.example"));
		check_at(i, of_author == rows[i].of_author && r.v.more == rows[i].more);
		check_at(i, r.v.more_of_author == rows[i].more_of_author);
		run_deinit(&r);
	}
}

/* As a server does: each key by a thread of its own, while the body comes. */
struct asking {
	struct dkim_question *question;
	struct dns *dns;
};

static void *ask(void *arg)
{
	struct asking *t = arg;

	dkim_question_ask(t->question, t->dns, 0);
	return NULL;
}

static void test_in_threads(void **state)
{
	struct asking asking[2];
	pthread_t threads[2];
	struct run r = { 0 };

	(void)state;
	run_begin(&r, STR(RFC_SIGNATURES RFC_HEADER));
	for (size_t i = 0; i < 2; i++) {
		asking[i] = (struct asking){ &r.v.questions[i], r.dns };
		assert_int_equal(pthread_create(&threads[i], NULL, ask, &asking[i]), 0);
	}
	body_put(&r, STR(RFC_BODY), 5);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	dkim_verify_end(&r.v);
	assert_int_equal(r.v.checks[0].result, DKIM_PASS);
	assert_int_equal(r.v.checks[1].result, DKIM_PASS);
	run_deinit(&r);
}

/* Each form once, whoever asks for it; of the other nothing is made. */
static void test_hashes(void **state)
{
	uint8_t digest[HASH_BYTES];
	struct body_hashes b;

	(void)state;
	for (int simple = 0; simple < 2; simple++) {
		body_hashes_init(&b);
		if (simple)
			body_hashes_add(&b, CANON_SIMPLE);
		body_hashes_add(&b, CANON_RELAXED);
		body_hashes_add(&b, CANON_RELAXED);
		body_hashes_put(&b, STR("a  b"));
		body_hashes_put(&b, STR(" \r\n\r\n"));
		body_hashes_end(&b);
		hash_sha256(STR("a b\r\n"), digest);
		assert_memory_equal(body_hashes_digest(&b, CANON_RELAXED), digest, HASH_BYTES);
		assert_int_equal(body_hashes_size(&b, CANON_RELAXED), 5);
		assert_int_equal(b.forms[CANON_SIMPLE].size, simple ? 7 : 0);
	}
	hash_sha256(STR("a  b \r\n"), digest);
	assert_memory_equal(body_hashes_digest(&b, CANON_SIMPLE), digest, HASH_BYTES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_rfc_s_message),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_riders),
		cmocka_unit_test(test_own),
		cmocka_unit_test(test_reports_key),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_which_are_looked_at),
		cmocka_unit_test(test_in_threads),
		cmocka_unit_test(test_hashes),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
