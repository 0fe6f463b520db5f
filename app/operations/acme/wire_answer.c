/* operations/acme/wire_answer.c: see wire_answer.h. */
#include "operations/acme/wire_answer.h"

#include "foundation/base/cur.h"

enum { PROBLEM_BYTES = 600, SUBPROBLEMS_MAX = 10 };

bool answer_url(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] >= 0x7f)
			return false;
	return s.n <= ANSWER_URL_MAX && str_startsi(s, STR("https://")) && s.n > 8;
}

static bool url_get(struct json v, const char *name, struct arena *a, struct str *out)
{
	struct str s;

	if (!json_str(json_get(v, name), &s) || !answer_url(s))
		return false;
	*out = str_dup(a, s);
	return true;
}

/* A missing member is empty; a malformed one is false. */
static bool url_get_optional(struct json v, const char *name, struct arena *a, struct str *out)
{
	*out = STR_EMPTY;
	return json_kind(json_get(v, name)) == JSON_MISSING || url_get(v, name, a, out);
}

static enum answer_status status_get(struct json v)
{
	static const struct {
		struct str word;
		enum answer_status status;
	} rows[] = {
		{ STR("pending"), ANSWER_PENDING },       { STR("ready"), ANSWER_READY },
		{ STR("processing"), ANSWER_PROCESSING }, { STR("valid"), ANSWER_VALID },
		{ STR("invalid"), ANSWER_INVALID },       { STR("deactivated"), ANSWER_INVALID },
		{ STR("expired"), ANSWER_INVALID },       { STR("revoked"), ANSWER_INVALID },
	};
	struct str word;

	if (json_str(json_get(v, "status"), &word))
		for (size_t i = 0; i < COUNT(rows); i++)
			if (str_eq(rows[i].word, word))
				return rows[i].status;
	return ANSWER_OTHER;
}

bool answer_directory(struct json v, struct arena *a, struct answer_directory *out)
{
	struct json meta = json_get(v, "meta");

	*out = (struct answer_directory){ 0 };
	json_bool(json_get(meta, "externalAccountRequired"), &out->eab_required);
	if (!url_get_optional(meta, "termsOfService", a, &out->terms))
		out->terms = STR_EMPTY;
	if (!url_get_optional(v, "revokeCert", a, &out->revoke) ||
	    !url_get_optional(v, "keyChange", a, &out->key_change) ||
	    !url_get_optional(v, "renewalInfo", a, &out->renewal_info))
		return false;
	return url_get(v, "newNonce", a, &out->new_nonce) &&
	       url_get(v, "newAccount", a, &out->new_account) &&
	       url_get(v, "newOrder", a, &out->new_order);
}

/* --- problems ---------------------------------------------------------------------------- */

/* Untrusted text goes into logs and pages: unprintable bytes become blanks. */
static void words_put(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n && out->n < PROBLEM_BYTES; i++)
		buf_byte(out, (unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f ? ' ' : s.p[i]);
}

static void detail_put(struct buf *out, struct json v, struct str otherwise)
{
	struct str name, detail;

	if (json_str(json_get(json_get(v, "identifier"), "value"), &name)) {
		words_put(out, name);
		words_put(out, STR(": "));
	}
	words_put(out, json_str(json_get(v, "detail"), &detail) ? detail : otherwise);
}

void answer_problem(struct json v, struct arena *a, struct answer_problem *out)
{
	static const struct str prefix = STR("urn:ietf:params:acme:error:");
	struct json_iter it = json_iter(json_get(v, "subproblems"));
	struct buf b;

	*out = (struct answer_problem){ STR_EMPTY, STR_EMPTY };
	if (json_str(json_get(v, "type"), &out->type)) {
		if (str_starts(out->type, prefix))
			out->type = str_sub(out->type, prefix.n, out->type.n);
		out->type = str_dup(a, out->type);
	}
	buf_init(&b, KIB(4));
	detail_put(&b, v, out->type);
	for (unsigned i = 0; i < SUBPROBLEMS_MAX && json_next(&it); i++) {
		words_put(&b, STR("; "));
		detail_put(&b, it.value, STR_EMPTY);
	}
	out->sentence = str_dup(a, buf_str(&b));
	buf_deinit(&b);
}

static struct str problem_get(struct json v, struct arena *a)
{
	struct answer_problem problem;

	if (json_kind(json_get(v, "error")) != JSON_OBJECT)
		return STR_EMPTY;
	answer_problem(json_get(v, "error"), a, &problem);
	return problem.sentence;
}

/* --- orders and authorizations ------------------------------------------------------------ */

bool answer_order(struct json v, struct arena *a, struct answer_order *out)
{
	struct json list = json_get(v, "authorizations");
	struct json_iter it = json_iter(list);
	size_t n = json_count(list);

	*out = (struct answer_order){ .status = status_get(v), .problem = problem_get(v, a) };
	if (out->status == ANSWER_OTHER || n == 0 || n > ANSWER_NAMES_MAX)
		return false;
	out->authorizations = arena_array(a, struct str, n);
	while (json_next(&it)) {
		struct str url;

		if (!json_str(it.value, &url) || !answer_url(url))
			return false;
		out->authorizations[out->count++] = str_dup(a, url);
	}
	return url_get(v, "finalize", a, &out->finalize) &&
	       url_get_optional(v, "certificate", a, &out->certificate) &&
	       (out->status != ANSWER_VALID || out->certificate.n != 0);
}

/* A token becomes part of a path and of a DNS record: only base64url is allowed. */
static bool token_is_safe(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_alnum(s.p[i]) && s.p[i] != '-' && s.p[i] != '_')
			return false;
	return s.n > 0 && s.n <= ANSWER_TOKEN_MAX;
}

static bool challenge_get(struct json v, struct arena *a, struct answer_challenge *out)
{
	struct str type, token;

	if (!json_str(json_get(v, "type"), &type) || !json_str(json_get(v, "token"), &token) ||
	    !token_is_safe(token) || !url_get(v, "url", a, &out->url))
		return false;
	out->type = str_dup(a, type);
	out->token = str_dup(a, token);
	out->status = status_get(v);
	out->problem = problem_get(v, a);
	return true;
}

bool answer_authorization(struct json v, struct arena *a, struct answer_authorization *out)
{
	struct json_iter it = json_iter(json_get(v, "challenges"));
	struct str name;

	*out = (struct answer_authorization){ .status = status_get(v) };
	if (out->status == ANSWER_OTHER ||
	    !json_str(json_get(json_get(v, "identifier"), "value"), &name) || name.n == 0 ||
	    name.n > 253)
		return false;
	out->name = str_lower(a, name);
	json_bool(json_get(v, "wildcard"), &out->wildcard);
	out->challenges = arena_array(a, struct answer_challenge, ANSWER_CHALLENGES_MAX);
	while (out->count < ANSWER_CHALLENGES_MAX && json_next(&it))
		out->count += challenge_get(it.value, a, &out->challenges[out->count]);
	return true;
}

bool answer_window(struct json v, struct answer_window *out)
{
	struct json window = json_get(v, "suggestedWindow");

	return json_time(json_get(window, "start"), &out->from_ms) &&
	       json_time(json_get(window, "end"), &out->to_ms) && out->from_ms < out->to_ms;
}

int64_t answer_retry_after_ms(struct str field, int64_t max_ms)
{
	struct cur c = cur_of(field);
	uint32_t seconds;

	if (!cur_u32(&c, &seconds) || !cur_done(&c))
		return 0;
	return MIN((int64_t)seconds * 1000, max_ms);
}
