/* How much TLS a hop must have: the matrix of who demands what, what meets a demand, and what
 * becomes of a message where it is not met (RFC 7672, RFC 8461, RFC 8689). */
#include "harness/check.h"

#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "model/envelope/envelope.h"
#include "protocols/smtp_out/tls.h"

#include <string.h>

/* --- who demands what ------------------------------------------------------------------ */

#define R(...)     { __VA_ARGS__ }
#define H(...)     { __VA_ARGS__ }
#define MAY        OUT_TLS_MAY
#define MUST       OUT_TLS_MUST
#define VERIFY     OUT_TLS_VERIFY
#define DANE       OUT_TLS_DANE
#define OFF        OUT_TLS_OFF
#define ROUTE      OUT_TLS_BY_ROUTE
#define BY_DANE    OUT_TLS_BY_DANE
#define STS        OUT_TLS_BY_STS
#define REQUIRETLS OUT_TLS_BY_REQUIRETLS
#define SIGNED     .name_signed = true

static const struct {
	struct out_tls_route route;
	struct out_tls_hop hop;
	enum out_tls_need need;
	struct out_tls_demand want;
} demands[] = {
	/* nobody: opportunistic (RFC 7435) */
	{ R(0), H(0), OUT_TLS_NEED_NONE,
	  { .level = MAY } },
	{ R(0), H(SIGNED), OUT_TLS_NEED_NONE,
	  { .level = MAY } },
	{ R(0), H(0), OUT_TLS_NEED_OPTIONAL,
	  { .level = MAY } },

	/* DANE: the four results of RFC 7672 2.2 */
	{ R(0), H(.dane = OUT_DANE_USABLE), OUT_TLS_NEED_NONE,
	  { .level = DANE, .by = BY_DANE } },
	{ R(0), H(.dane = OUT_DANE_UNUSABLE), OUT_TLS_NEED_NONE,
	  { .level = MUST, .by = BY_DANE } },
	{ R(0), H(.dane = OUT_DANE_UNKNOWN), OUT_TLS_NEED_NONE,
	  { .level = MAY, .by = BY_DANE, .problem = OUT_TLS_DNSSEC } },

	/* MTA-STS: RFC 8461 5 */
	{ R(0), H(.sts = OUT_STS_ENFORCE, .sts_match = true), OUT_TLS_NEED_NONE,
	  { .level = VERIFY, .by = STS } },
	{ R(0), H(.sts = OUT_STS_ENFORCE), OUT_TLS_NEED_NONE,
	  { .level = VERIFY, .by = STS, .problem = OUT_TLS_NOT_LISTED } },
	{ R(0), H(.sts = OUT_STS_TESTING, .sts_match = true), OUT_TLS_NEED_NONE,
	  { .level = MAY } },
	{ R(0), H(.sts = OUT_STS_TESTING), OUT_TLS_NEED_NONE,
	  { .level = MAY } },

	/* both: MTA-STS neither replaces DANE nor lifts its refusal (RFC 8461 2) */
	{ R(0), H(.dane = OUT_DANE_USABLE, .sts = OUT_STS_ENFORCE, .sts_match = true),
	  OUT_TLS_NEED_NONE,
	  { .level = DANE, .by = BY_DANE } },
	{ R(0), H(.dane = OUT_DANE_USABLE, .sts = OUT_STS_ENFORCE), OUT_TLS_NEED_NONE,
	  { .level = DANE, .by = BY_DANE } },
	{ R(0), H(.dane = OUT_DANE_UNUSABLE, .sts = OUT_STS_ENFORCE, .sts_match = true),
	  OUT_TLS_NEED_NONE,
	  { .level = VERIFY, .by = STS } },
	{ R(0), H(.dane = OUT_DANE_UNUSABLE, .sts = OUT_STS_TESTING, .sts_match = true),
	  OUT_TLS_NEED_NONE,
	  { .level = MUST, .by = BY_DANE } },
	{ R(0), H(.dane = OUT_DANE_UNKNOWN, .sts = OUT_STS_ENFORCE, .sts_match = true),
	  OUT_TLS_NEED_NONE,
	  { .level = VERIFY, .by = STS, .problem = OUT_TLS_DNSSEC } },

	/* the route: fixed ones ask nobody */
	{ R(.level = OFF), H(.dane = OUT_DANE_USABLE, .sts = OUT_STS_ENFORCE),
	  OUT_TLS_NEED_NONE,
	  { .level = OFF, .by = ROUTE } },
	{ R(.level = MAY, .fixed = true), H(.dane = OUT_DANE_UNKNOWN), OUT_TLS_NEED_NONE,
	  { .level = MAY } },
	/* others are raised by what the domain says */
	{ R(.level = MUST), H(0), OUT_TLS_NEED_NONE,
	  { .level = MUST, .by = ROUTE } },
	{ R(.level = MUST), H(.dane = OUT_DANE_UNUSABLE), OUT_TLS_NEED_NONE,
	  { .level = MUST, .by = ROUTE } },
	{ R(.level = MUST), H(.dane = OUT_DANE_USABLE), OUT_TLS_NEED_NONE,
	  { .level = DANE, .by = BY_DANE } },
	{ R(.level = MUST), H(.sts = OUT_STS_ENFORCE, .sts_match = true), OUT_TLS_NEED_NONE,
	  { .level = VERIFY, .by = STS } },
	/* RFC 7672 6 */
	{ R(.level = DANE), H(.dane = OUT_DANE_USABLE), OUT_TLS_NEED_NONE,
	  { .level = DANE, .by = ROUTE } },
	{ R(.level = DANE), H(0), OUT_TLS_NEED_NONE,
	  { .level = DANE, .by = ROUTE, .problem = OUT_TLS_NO_RECORDS } },
	{ R(.level = DANE), H(.dane = OUT_DANE_UNUSABLE), OUT_TLS_NEED_NONE,
	  { .level = DANE, .by = ROUTE, .problem = OUT_TLS_NO_RECORDS } },

	/* What is published counts beside tls=verify (RFC 8461 5, RFC 7672 2.2) */
	{ R(.level = VERIFY), H(.dane = OUT_DANE_USABLE), OUT_TLS_NEED_NONE,
	  { .level = VERIFY, .by = ROUTE, .dane = true } },
	{ R(.level = VERIFY), H(.dane = OUT_DANE_UNKNOWN), OUT_TLS_NEED_NONE,
	  { .level = VERIFY, .by = BY_DANE, .problem = OUT_TLS_DNSSEC } },
	{ R(.level = VERIFY), H(.sts = OUT_STS_ENFORCE), OUT_TLS_NEED_NONE,
	  { .level = VERIFY, .by = STS, .problem = OUT_TLS_NOT_LISTED } },
	{ R(.level = VERIFY), H(.sts = OUT_STS_ENFORCE, .sts_match = true), OUT_TLS_NEED_NONE,
	  { .level = VERIFY, .by = ROUTE } },

	/* REQUIRETLS: RFC 8689 4.2.1, step 2, the name */
	{ R(0), H(0), OUT_TLS_NEED_REQUIRE,
	  { .level = VERIFY, .by = REQUIRETLS, .requiretls = true,
	    .problem = OUT_TLS_NAME_DOUBT } },
	{ R(0), H(SIGNED), OUT_TLS_NEED_REQUIRE,
	  { .level = VERIFY, .by = REQUIRETLS, .requiretls = true } },
	{ R(0), H(.sts = OUT_STS_ENFORCE, .sts_match = true), OUT_TLS_NEED_REQUIRE,
	  { .level = VERIFY, .by = REQUIRETLS, .requiretls = true } },
	{ R(0), H(.sts = OUT_STS_TESTING, .sts_match = true), OUT_TLS_NEED_REQUIRE,
	  { .level = VERIFY, .by = REQUIRETLS, .requiretls = true } },
	{ R(0), H(.sts = OUT_STS_TESTING), OUT_TLS_NEED_REQUIRE,
	  { .level = VERIFY, .by = REQUIRETLS, .requiretls = true,
	    .problem = OUT_TLS_NAME_DOUBT } },
	/* ... and the certificate, by RFC 7672 where there are records */
	{ R(0), H(.dane = OUT_DANE_USABLE, SIGNED), OUT_TLS_NEED_REQUIRE,
	  { .level = DANE, .by = REQUIRETLS, .requiretls = true } },
	{ R(0), H(.dane = OUT_DANE_UNUSABLE, SIGNED), OUT_TLS_NEED_REQUIRE,
	  { .level = VERIFY, .by = REQUIRETLS, .requiretls = true } },
	/* a look-up that failed may go better later */
	{ R(0), H(.dane = OUT_DANE_UNKNOWN, SIGNED), OUT_TLS_NEED_REQUIRE,
	  { .level = VERIFY, .by = REQUIRETLS, .requiretls = true,
	    .problem = OUT_TLS_DNSSEC } },
	{ R(.level = OFF), H(SIGNED), OUT_TLS_NEED_REQUIRE,
	  { .level = OFF, .by = REQUIRETLS, .requiretls = true,
	    .problem = OUT_TLS_NOT_OFFERED } },
	{ R(.level = VERIFY), H(SIGNED), OUT_TLS_NEED_REQUIRE,
	  { .level = VERIFY, .by = ROUTE, .requiretls = true } },

	/* TLS-Required: No follows what is published, as a wish (RFC 8689 4.2.2) */
	{ R(0), H(.dane = OUT_DANE_USABLE), OUT_TLS_NEED_OPTIONAL,
	  { .level = DANE, .by = BY_DANE, .soft = true } },
	{ R(0), H(.dane = OUT_DANE_UNKNOWN), OUT_TLS_NEED_OPTIONAL,
	  { .level = MAY, .by = BY_DANE, .soft = true } },
	{ R(0), H(.sts = OUT_STS_ENFORCE), OUT_TLS_NEED_OPTIONAL,
	  { .level = VERIFY, .by = STS, .soft = true } },
	/* ... but it is not the sender's to undo what the administrator says */
	{ R(.level = VERIFY), H(0), OUT_TLS_NEED_OPTIONAL,
	  { .level = VERIFY, .by = ROUTE } },
	{ R(.level = MUST), H(0), OUT_TLS_NEED_OPTIONAL,
	  { .level = MUST, .by = ROUTE } },
	{ R(.level = MUST), H(.sts = OUT_STS_ENFORCE), OUT_TLS_NEED_OPTIONAL,
	  { .level = MUST, .by = ROUTE } },
	{ R(.level = DANE), H(.dane = OUT_DANE_UNKNOWN), OUT_TLS_NEED_OPTIONAL,
	  { .level = DANE, .by = ROUTE, .problem = OUT_TLS_NO_RECORDS } },
};

static void test_demands(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(demands); i++) {
		struct out_tls_demand d =
			out_tls_demand(&demands[i].route, &demands[i].hop, demands[i].need);

		check_at(i, d.level == demands[i].want.level && d.by == demands[i].want.by);
		check_at(i, d.soft == demands[i].want.soft && d.dane == demands[i].want.dane);
		check_at(i, d.requiretls == demands[i].want.requiretls);
		check_at(i, d.problem == demands[i].want.problem);
	}
}

/* Over everything that can be known: no policy is ever lowered by another, and nothing but
 * REQUIRETLS fails for good. */
static void laws(const struct out_tls_route *route, const struct out_tls_hop *hop)
{
	struct out_tls_demand none = out_tls_demand(route, hop, OUT_TLS_NEED_NONE);
	struct out_tls_demand require = out_tls_demand(route, hop, OUT_TLS_NEED_REQUIRE);
	struct out_tls_hop more = *hop;
	struct out_tls_demand without;

	assert_false(none.soft);
	assert_false(require.soft);
	for (int p = OUT_TLS_FINE; p < OUT_TLS_NO_REQUIRETLS; p++)
		assert_true(p == OUT_TLS_NAME_DOUBT || !out_tls_final(&none, p));
	assert_true(require.level >= none.level);
	assert_true(none.problem == OUT_TLS_FINE || require.problem != OUT_TLS_FINE);
	/* taking MTA-STS away never makes DANE stricter, and adding it never laxer */
	more.sts = OUT_STS_NONE;
	more.sts_match = false;
	without = out_tls_demand(route, &more, OUT_TLS_NEED_NONE);
	assert_true(without.level <= none.level);
	assert_true(without.problem == OUT_TLS_FINE || none.problem == without.problem);
}

static void test_laws(void **state)
{
	static const enum out_tls_level levels[] = { OUT_TLS_MAY, OUT_TLS_MUST, OUT_TLS_VERIFY,
		                                     OUT_TLS_DANE, OUT_TLS_OFF };

	(void)state;
	for (unsigned i = 0; i < COUNT(levels) * 2 * 4 * 3 * 2 * 2; i++) {
		struct out_tls_route route = { .level = levels[i % COUNT(levels)],
			                       .fixed = i / 5 % 2 };
		struct out_tls_hop hop = { .dane = i / 10 % 4,
			                   .sts = i / 40 % 3,
			                   .sts_match = i / 120 % 2,
			                   .name_signed = i / 240 % 2 };

		laws(&route, &hop);
	}
}

/* --- what meets a demand ----------------------------------------------------------------- */

#define OPEN .offered = true, .open = true

static void test_checks(void **state)
{
	static const struct {
		struct out_tls_demand d;
		struct out_tls_facts f;
		enum out_tls_problem want;
	} rows[] = {
		{ { .level = MAY }, { 0 }, OUT_TLS_FINE },
		{ { .level = MAY }, { OPEN, .chain = OUT_TLS_EXPIRED }, OUT_TLS_FINE },
		{ { .level = MAY }, { .offered = true, .failed = OUT_TLS_HANDSHAKE },
		  OUT_TLS_FINE },
		{ { .level = OFF }, { 0 }, OUT_TLS_FINE },
		{ { .level = MUST }, { 0 }, OUT_TLS_NOT_OFFERED },
		{ { .level = MUST }, { .offered = true, .failed = OUT_TLS_REFUSED },
		  OUT_TLS_REFUSED },
		{ { .level = MUST }, { OPEN, .chain = OUT_TLS_UNTRUSTED }, OUT_TLS_FINE },
		{ { .level = VERIFY }, { 0 }, OUT_TLS_NOT_OFFERED },
		{ { .level = VERIFY }, { .offered = true }, OUT_TLS_HANDSHAKE },
		{ { .level = VERIFY }, { OPEN }, OUT_TLS_FINE },
		{ { .level = VERIFY }, { OPEN, .chain = OUT_TLS_EXPIRED }, OUT_TLS_EXPIRED },
		{ { .level = VERIFY }, { OPEN, .chain = OUT_TLS_OTHER_NAME }, OUT_TLS_OTHER_NAME },
		{ { .level = VERIFY }, { OPEN, .matched = true, .chain = OUT_TLS_UNTRUSTED },
		  OUT_TLS_UNTRUSTED },
		/* DANE does not care who signed (RFC 7672 3.1.1), and good roots do not help */
		{ { .level = DANE }, { OPEN, .chain = OUT_TLS_UNTRUSTED, .matched = true },
		  OUT_TLS_FINE },
		{ { .level = DANE }, { OPEN }, OUT_TLS_NO_MATCH },
		{ { .level = VERIFY, .soft = true }, { 0 }, OUT_TLS_FINE },
		{ { .level = VERIFY, .requiretls = true }, { OPEN }, OUT_TLS_NO_REQUIRETLS },
		{ { .level = VERIFY, .requiretls = true }, { OPEN, .requiretls = true },
		  OUT_TLS_FINE },
		{ { .level = VERIFY, .requiretls = true },
		  { OPEN, .requiretls = true, .chain = OUT_TLS_EXPIRED },
		  OUT_TLS_EXPIRED },
		{ { .level = VERIFY, .dane = true }, { OPEN }, OUT_TLS_NO_MATCH },
		{ { .level = VERIFY, .dane = true }, { OPEN, .matched = true }, OUT_TLS_FINE },
		/* a cipher for strangers is not for who demands something */
		{ { .level = MAY }, { OPEN, .old = true }, OUT_TLS_FINE },
		{ { .level = MUST }, { OPEN, .old = true }, OUT_TLS_HANDSHAKE },
		{ { .level = VERIFY }, { OPEN, .old = true }, OUT_TLS_HANDSHAKE },
		{ { .level = DANE }, { OPEN, .old = true, .matched = true }, OUT_TLS_HANDSHAKE },
		{ { .level = VERIFY, .soft = true }, { OPEN, .old = true }, OUT_TLS_FINE },
		/* what was known before the dialling counts on an open connection too */
		{ { .level = VERIFY, .problem = OUT_TLS_NOT_LISTED }, { OPEN },
		  OUT_TLS_NOT_LISTED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_at(i, out_tls_check(&rows[i].d, &rows[i].f) == rows[i].want);
}

/* --- what becomes of the message ------------------------------------------------------------ */

static void test_replies(void **state)
{
	static const struct {
		struct out_tls_demand d;
		enum out_tls_problem p;
		const char *detail;
		uint16_t code;
		const char *status, *text;
	} rows[] = {
		{ { .level = VERIFY, .by = STS }, OUT_TLS_EXPIRED, "", 454, "4.7.5",
		  "MTA-STS demands TLS here: the certificate has expired or is not yet valid" },
		{ { .level = VERIFY, .by = STS }, OUT_TLS_NOT_LISTED, "", 454, "4.7.5",
		  "MTA-STS demands TLS here: the policy does not name this server" },
		{ { .level = DANE, .by = BY_DANE }, OUT_TLS_NOT_OFFERED, "", 454, "4.7.10",
		  "DANE demands TLS here: the server offers no TLS" },
		{ { .level = MAY }, OUT_TLS_HANDSHAKE, "no common cipher", 454, "4.7.5",
		  "TLS failed (no common cipher)" },
		/* RFC 8689 4.2.1 */
		{ { .level = VERIFY, .by = REQUIRETLS }, OUT_TLS_NO_REQUIRETLS, "", 550, "5.7.30",
		  "REQUIRETLS demands TLS here: the server does not know REQUIRETLS" },
		{ { .level = VERIFY, .by = ROUTE }, OUT_TLS_NO_REQUIRETLS, "", 550, "5.7.30",
		  "REQUIRETLS demands TLS here: the server does not know REQUIRETLS" },
		{ { .level = VERIFY, .by = REQUIRETLS }, OUT_TLS_EXPIRED, "", 550, "5.7.10",
		  "REQUIRETLS demands TLS here: the certificate has expired or is not yet valid" },
		{ { .level = VERIFY, .by = REQUIRETLS }, OUT_TLS_NOT_OFFERED, "", 550, "5.7.10",
		  "REQUIRETLS demands TLS here: the server offers no TLS" },
		{ { .level = VERIFY, .by = REQUIRETLS }, OUT_TLS_DNSSEC, "", 454, "4.7.5",
		  "REQUIRETLS demands TLS here: its TLSA records cannot be looked up" },
	};
	struct buf text;

	(void)state;
	buf_init(&text, 1000);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct envelope_reply r = { .remote = STR("mx") };

		out_tls_reply(&rows[i].d, rows[i].p, rows[i].detail, &text, &r);
		check_at(i, r.code == rows[i].code);
		check_str_at(i, r.status, str_of(rows[i].status));
		check_str_at(i, r.text, str_of(rows[i].text));
		check_str_at(i, r.remote, STR("mx"));
	}
	buf_deinit(&text);
}

static void test_wishes(void **state)
{
	static const struct {
		unsigned flags;
		bool null_sender;
		enum out_tls_need want;
	} rows[] = {
		{ 0, false, OUT_TLS_NEED_NONE },
		{ ENVELOPE_REQUIRETLS, false, OUT_TLS_NEED_REQUIRE },
		/* RFC 8689 5 */
		{ ENVELOPE_REQUIRETLS, true, OUT_TLS_NEED_NONE },
		{ ENVELOPE_TLS_OPTIONAL, false, OUT_TLS_NEED_OPTIONAL },
		{ ENVELOPE_TLS_OPTIONAL, true, OUT_TLS_NEED_OPTIONAL },
		/* RFC 8689 4.1 */
		{ ENVELOPE_REQUIRETLS | ENVELOPE_TLS_OPTIONAL, false, OUT_TLS_NEED_REQUIRE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_at(i, out_tls_need(rows[i].flags, rows[i].null_sender) == rows[i].want);
}

/* Every problem that a TLS report knows has one of the names of RFC 8460 4.3. */
static void test_result_types(void **state)
{
	static const char *const known[] = {
		"starttls-not-supported", "certificate-host-mismatch", "certificate-expired",
		"certificate-not-trusted", "validation-failure", "tlsa-invalid", "dnssec-invalid",
		"dane-required",
	};

	(void)state;
	for (int p = 0; p < OUT_TLS_PROBLEMS; p++) {
		const char *name = out_tls_result_type(p);
		bool found = name == NULL;

		for (size_t i = 0; i < COUNT(known); i++)
			found = found || strcmp(name != NULL ? name : "", known[i]) == 0;
		check_at((size_t)p, found);
	}
}

static void test_told(void **state)
{
	static const struct {
		struct out_tls_hop hop;
		struct out_tls_facts f;
		const char *want;
	} rows[] = {
		{ { 0 }, { 0 }, "" },
		{ { 0 }, { .offered = true, .failed = OUT_TLS_HANDSHAKE }, "" },
		{ { 0 }, { OPEN }, "suite, verified" },
		{ { 0 }, { OPEN, .chain = OUT_TLS_EXPIRED }, "suite, not verified" },
		{ { 0 }, { OPEN, .chain = OUT_TLS_UNTRUSTED, .matched = true }, "suite, DANE" },
		{ { .sts = OUT_STS_ENFORCE, .sts_match = true }, { OPEN }, "suite, MTA-STS" },
		{ { .sts = OUT_STS_TESTING }, { OPEN }, "suite, verified" },
	};
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_str_at(i, out_tls_describe(&rows[i].hop, &rows[i].f, STR("suite"), &a),
		             str_of(rows[i].want));
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_demands),      cmocka_unit_test(test_laws),
		cmocka_unit_test(test_checks),       cmocka_unit_test(test_replies),
		cmocka_unit_test(test_wishes),       cmocka_unit_test(test_result_types),
		cmocka_unit_test(test_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
