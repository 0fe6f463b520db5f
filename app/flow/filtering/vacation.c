/* flow/filtering/vacation.c: see vacation.h. */
#include "flow/filtering/vacation.h"

#include "flow/filtering/sieve_text.h"
#include "foundation/text/date.h"
#include "foundation/text/html.h"

static enum err times_check(const struct vacation *v, struct why *why)
{
	if (v->from_ms != 0 && v->until_ms != 0 && v->until_ms <= v->from_ms)
		return fail(why, ERR_SYNTAX, "until must be later than from");
	return OK;
}

static bool time_read(struct json of, const char *name, int64_t *ms, struct why *why)
{
	struct json v = json_get(of, name);

	*ms = 0;
	return json_kind(v) == JSON_MISSING || json_kind(v) == JSON_NULL ||
	       (json_time(v, ms) && *ms > 0) ||
	       fail(why, ERR_SYNTAX, "%s must be a time like 2027-01-31T12:00:00Z, or null",
	            name) == OK;
}

static bool days_read(struct json of, unsigned *days, struct why *why)
{
	struct json v = json_get(of, "days");
	uint64_t n = VACATION_DAYS;

	if (json_kind(v) != JSON_MISSING && json_kind(v) != JSON_NULL &&
	    (!json_u64(v, &n) || n == 0 || n > VACATION_DAYS_MAX))
		return fail(why, ERR_SYNTAX, "days must be a number from 1 to %d",
		            VACATION_DAYS_MAX) == OK;
	*days = (unsigned)n;
	return true;
}

/* "Europe/Berlin" */
static bool zone_ok(struct str zone)
{
	for (size_t i = 0; i < zone.n; i++)
		if (!ascii_alnum(zone.p[i]) && str_find_byte(STR("/_+-"), zone.p[i]) < 0)
			return false;
	return true;
}

static bool is_blank(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (!ascii_space((unsigned char)text.p[i]))
			return false;
	return true;
}

enum err vacation_read(struct arena *a, struct json settings, struct vacation *out, struct why *why)
{
	*out = (struct vacation){ 0 };
	if (json_kind(settings) != JSON_OBJECT)
		return fail(why, ERR_SYNTAX, "the vacation must be an object");
	if (!sieve_text_flag(settings, "", "on", &out->on, why) ||
	    !time_read(settings, "from", &out->from_ms, why) ||
	    !time_read(settings, "until", &out->until_ms, why) ||
	    !days_read(settings, &out->days, why) ||
	    !sieve_text_member(settings, "", "zone", 64, false, &out->zone, why) ||
	    !sieve_text_member(settings, "", "subject", VACATION_SUBJECT_MAX, false, &out->subject,
	                       why) ||
	    !sieve_text_member(settings, "", "text", VACATION_TEXT_MAX, true, &out->text, why) ||
	    !sieve_text_member(settings, "", "html", VACATION_TEXT_MAX, true, &out->html, why) ||
	    !sieve_text_senders(a, json_get(settings, "only"), "only", &out->only, &out->only_n,
	                        why))
		return ERR_SYNTAX;
	if (!zone_ok(out->zone))
		return fail(why, ERR_SYNTAX, "zone must be a name like Europe/Berlin");
	out->has_html = json_kind(json_get(settings, "html")) == JSON_STRING;
	if (out->on && is_blank(out->text) && !out->has_html)
		return fail(why, ERR_SYNTAX, "text is empty");
	return times_check(out, why);
}

void vacation_put(struct json_writer *w, const char *name, const struct vacation *v)
{
	json_open(w, name, '{');
	json_put_bool(w, "on", v->on);
	json_put_time(w, "from", v->from_ms);
	json_put_time(w, "until", v->until_ms);
	json_put_str(w, "zone", v->zone);
	json_put_str(w, "subject", v->subject);
	json_put_str(w, "text", v->text);
	if (v->has_html)
		json_put_str(w, "html", v->html);
	json_put_u64(w, "days", v->days != 0 ? v->days : VACATION_DAYS);
	json_open(w, "only", '[');
	for (size_t i = 0; i < v->only_n; i++)
		json_put_str(w, NULL, v->only[i]);
	json_close(w);
	json_close(w);
}

/* Both times are UTC, so that their texts compare as the times do. */
static void put_time(struct sieve_text *x, const char *relation, int64_t ms)
{
	sieve_text_need(x, "date");
	sieve_text_need(x, "relational");
	buf_fmt(&x->body, "currentdate :zone \"+0000\" :value \"%s\" \"iso8601\" \"", relation);
	date_put_iso(&x->body, ms);
	sieve_text_raw(x, "\"");
}

/* False: there are none. */
static bool put_tests(struct sieve_text *x, const struct vacation *v)
{
	if (v->from_ms == 0 && v->until_ms == 0 && v->only_n == 0)
		return false;
	sieve_text_raw(x, "if allof (");
	if (v->from_ms != 0)
		put_time(x, "ge", v->from_ms);
	if (v->until_ms != 0) {
		sieve_text_raw(x, v->from_ms != 0 ? ",\r\n\t" : "");
		put_time(x, "lt", v->until_ms);
	}
	if (v->only_n != 0) {
		sieve_text_raw(x, v->from_ms != 0 || v->until_ms != 0 ? ",\r\n\t" : "");
		sieve_text_from(x, v->only, v->only_n);
	}
	sieve_text_raw(x, ") {\r\n");
	return true;
}

/* The text of the reply (RFC 8621 8, textBody). */
static void put_text(struct sieve_text *x, const struct vacation *v)
{
	struct buf b;

	buf_init(&b, 2 * VACATION_TEXT_MAX);
	if (is_blank(v->text))
		html_text_put(&b, v->html);
	if (!is_blank(v->text))
		sieve_text_lines(x, v->text);
	else if (!is_blank(buf_str(&b)))
		sieve_text_lines(x, buf_str(&b));
	else
		sieve_text_lines(x, STR("I am away and will read your message when I am back."));
	buf_deinit(&b);
}

void vacation_sieve(const struct vacation *v, struct buf *out)
{
	struct sieve_text x;
	bool tests;

	if (!v->on)
		return;
	sieve_text_init(&x, false);
	sieve_text_need(&x, "vacation");
	tests = put_tests(&x, v);
	buf_fmt(&x.body, "vacation :days %u", v->days);
	if (v->subject.n != 0) {
		sieve_text_raw(&x, " :subject ");
		sieve_text_string(&x, v->subject);
	}
	sieve_text_raw(&x, " ");
	put_text(&x, v);
	sieve_text_raw(&x, tests ? ";\r\n}\r\n" : ";\r\n");
	sieve_text_end(&x, out);
}
