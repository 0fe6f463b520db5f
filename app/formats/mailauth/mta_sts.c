/* formats/mailauth/mta_sts.c: see mta_sts.h. */
#include "formats/mailauth/mta_sts.h"

#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/base/cur.h"

enum { FIELD_NAME_MAX = 32, HOST_MAX = 253, LABEL_MAX = 63 };

static const char *const names[] = {
	[MTA_STS_TESTING] = "testing",
	[MTA_STS_NONE] = "none",
	[MTA_STS_ENFORCE] = "enforce",
};

const char *mta_sts_name(enum mta_sts_mode mode)
{
	return names[mode];
}

bool mta_sts_parse(struct str name, enum mta_sts_mode *out)
{
	for (size_t i = 0; i < COUNT(names); i++) {
		if (!str_eq(name, str_of(names[i])))
			continue;
		*out = (enum mta_sts_mode)i;
		return true;
	}
	return false;
}

/* --- the common syntax of both texts ------------------------------------------------------ */

static bool alnum(unsigned char c)
{
	return ascii_alnum((char)c);
}

static bool mta_sts_name_byte(unsigned char c)
{
	return alnum(c) || c == '_' || c == '-' || c == '.';
}

/* sts-ext-name = (ALPHA / DIGIT) *31(ALPHA / DIGIT / "_" / "-" / ".")	RFC 8461 3.1, 3.2 */
static bool field_name(struct cur *c, struct str *out)
{
	*out = cur_while(c, mta_sts_name_byte);
	return out->n != 0 && out->n <= FIELD_NAME_MAX && alnum((unsigned char)out->p[0]);
}

/* --- the record --------------------------------------------------------------------------- */

static bool value_byte(unsigned char c)
{
	return c > 0x20 && c < 0x7f && c != '=' && c != ';';
}

/* sts-field-delim = *WSP ";" *WSP */
static bool delimiter(struct cur *c)
{
	cur_blank(c);
	if (!cur_byte(c, ';'))
		return false;
	cur_blank(c);
	return true;
}

/* sts-id = %s"id=" 1*32(ALPHA / DIGIT) */
static bool id_check(struct str id)
{
	struct cur c = cur_of(id);

	(void)cur_while(&c, alnum);
	return cur_done(&c) && id.n != 0 && id.n <= MTA_STS_ID_MAX;
}

/* sts-field = sts-id / sts-extension; the first of two ids counts */
static bool record_field(struct cur *c, struct str *id)
{
	struct str name, value;

	if (!field_name(c, &name) || !cur_byte(c, '='))
		return false;
	value = cur_while(c, value_byte);
	if (value.n == 0)
		return false;
	if (id->n != 0 || !str_eq(name, STR("id")))
		return true;
	*id = value;
	return id_check(value);
}

/* sts-text-record = sts-version 1*(sts-field-delim sts-field) [sts-field-delim] */
static bool record_parse(struct cur c, struct str *id)
{
	*id = STR_EMPTY;
	while (delimiter(&c) && !cur_done(&c))
		if (!record_field(&c, id))
			return false;
	return cur_done(&c) && id->n != 0;
}

bool mta_sts_record(const struct str *texts, size_t count, struct str *id)
{
	struct cur one = cur_of(STR_EMPTY);
	size_t found = 0;

	for (size_t i = 0; i < count; i++) {
		struct cur c = cur_of(texts[i]), behind;

		if (!cur_str(&c, STR("v=STSv1")))
			continue;
		behind = c;
		if (!delimiter(&behind))
			continue;
		one = c;
		found++;
	}
	return found == 1 && record_parse(one, id);
}

/* --- the policy --------------------------------------------------------------------------- */

struct parsing {
	struct mta_sts_policy *out;
	size_t mx_max;
	bool version, mode, max_age; /* were there */
};

static bool label_byte(unsigned char c)
{
	return alnum(c) || c == '-' || c == '_';
}

bool mta_sts_host_check(struct str host)
{
	struct cur c = cur_of(host);

	if (host.n > HOST_MAX)
		return false;
	do {
		struct str label = cur_while(&c, label_byte);

		if (label.n == 0 || label.n > LABEL_MAX)
			return false;
	} while (cur_byte(&c, '.'));
	return cur_done(&c);
}

/* sts-policy-mx-value = ["*."] Domain */
static bool pattern_check(struct str s)
{
	return mta_sts_host_check(str_starts(s, STR("*.")) ? str_sub(s, 2, s.n) : s);
}

static const char *version_take(struct parsing *p, struct str value)
{
	p->version = true;
	return str_eq(value, STR("STSv1")) ? NULL : "it is of another version";
}

static const char *mode_take(struct parsing *p, struct str value)
{
	p->mode = true;
	return mta_sts_parse(value, &p->out->mode) ? NULL : "it has an unknown mode";
}

/* sts-policy-max-age-value = 1*10(DIGIT) */
static const char *max_age_take(struct parsing *p, struct str value)
{
	struct cur c = cur_of(value);
	uint64_t age_s;

	p->max_age = true;
	if (value.n > 10 || !cur_u64(&c, &age_s) || !cur_done(&c))
		return "its max_age is no number";
	p->out->max_age_s = (uint32_t)MIN(age_s, (uint64_t)MTA_STS_AGE_MAX_S);
	return NULL;
}

static const char *mx_take(struct parsing *p, struct str value)
{
	if (!pattern_check(value))
		return "an mx of it is no host name";
	if (p->out->mx_count == p->mx_max)
		return "it names too many hosts";
	p->out->mx[p->out->mx_count++] = value;
	return NULL;
}

/* The first of repeated fields counts. */
static const char *mta_sts_field_take(struct parsing *p, struct str name, struct str value)
{
	if (str_eq(name, STR("mx")))
		return mx_take(p, value);
	if (str_eq(name, STR("version")) && !p->version)
		return version_take(p, value);
	if (str_eq(name, STR("mode")) && !p->mode)
		return mode_take(p, value);
	if (str_eq(name, STR("max_age")) && !p->max_age)
		return max_age_take(p, value);
	return NULL;
}

static bool has_control(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (((unsigned char)s.p[i] < 0x20 && s.p[i] != '\t') || s.p[i] == 0x7f)
			return true;
	return false;
}

/* sts-policy-field *WSP; sts-policy-field-delim = ":" *WSP */
static const char *line_take(struct parsing *p, struct str line)
{
	struct cur c = cur_of(line);
	struct str name;

	if (!field_name(&c, &name) || !cur_byte(&c, ':') || has_control(line))
		return "a line of it is no field";
	return mta_sts_field_take(p, name, str_trim(cur_rest(&c)));
}

static const char *mta_sts_missing(const struct parsing *p)
{
	if (!p->version)
		return "it has no version";
	if (!p->mode)
		return "it has no mode";
	if (!p->max_age)
		return "it has no max_age";
	if (p->out->mode != MTA_STS_NONE && p->out->mx_count == 0)
		return "it names no host";
	return NULL;
}

bool mta_sts_policy_parse(struct str text, size_t mx_max, struct arena *a,
                          struct mta_sts_policy *out, const char **why)
{
	struct parsing p = { .out = out, .mx_max = mx_max };
	struct cur c = cur_of(text);
	struct str line;

	*out = (struct mta_sts_policy){ .mx = arena_array(a, struct str, mx_max) };
	*why = NULL;
	/* Empty lines are not fields, but are harmless. */
	while (*why == NULL && cur_line(&c, &line))
		if (str_trim(line).n != 0)
			*why = line_take(&p, line);
	if (*why == NULL)
		*why = mta_sts_missing(&p);
	return *why == NULL;
}

void mta_sts_text_put(const struct mta_sts_policy *p, struct buf *out)
{
	buf_fmt(out, "version: STSv1\nmode: %s\n", mta_sts_name(p->mode));
	for (size_t i = 0; i < p->mx_count; i++)
		buf_fmt(out, "mx: %.*s\n", STR_ARG(p->mx[i]));
	buf_fmt(out, "max_age: %" PRIu32 "\n", p->max_age_s);
}

/* --- hosts -------------------------------------------------------------------------------- */

static bool pattern_matches(struct str pattern, struct str host)
{
	ptrdiff_t dot;

	if (!str_starts(pattern, STR("*.")))
		return str_eqi(pattern, host);
	dot = str_find_byte(host, '.');
	return dot > 0 && str_eqi(str_sub(pattern, 1, pattern.n),
	                          str_sub(host, (size_t)dot, host.n));
}

bool mta_sts_policy_names(const struct mta_sts_policy *p, struct str host)
{
	if (str_ends(host, STR(".")))
		host.n--;
	for (size_t i = 0; i < p->mx_count; i++)
		if (pattern_matches(p->mx[i], host))
			return true;
	return false;
}
