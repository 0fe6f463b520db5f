/* formats/mailauth/dmarc_record.c: see dmarc_record.h. */
#include "formats/mailauth/dmarc_record.h"

#include "formats/mailauth/dmarc_text.h"
#include "foundation/base/cur.h"

enum { INTERVAL_S = 86400, PCT_ALL = 100 };

static const char *const policies[] = { "none", "quarantine", "reject" };

const char *dmarc_policy_name(enum dmarc_policy policy)
{
	return policies[policy];
}

/* --- values --------------------------------------------------------------------------------- */

/* dmarc-request: "none" / "quarantine" / "reject" */
static bool policy_parse(struct str value, enum dmarc_policy *out)
{
	for (size_t i = 0; i < COUNT(policies); i++)
		if (str_eqi(value, str_of(policies[i]))) {
			*out = (enum dmarc_policy)i;
			return true;
		}
	return false;
}

static bool number_parse(struct str value, uint32_t max, uint32_t *out)
{
	struct cur c = cur_of(value);
	uint32_t n;

	if (!cur_u32(&c, &n) || !cur_done(&c) || n > max)
		return false;
	*out = n;
	return true;
}

/* One of two letters; another value leaves *yes unchanged. */
static void letter_parse(struct str value, char for_no, char for_yes, bool *yes)
{
	char c = value.n == 1 ? ascii_lower(value.p[0]) : '\0';

	*yes = c == for_yes || (*yes && c != for_no);
}

/* dmarc-fo: letters separated by colons. */
static void fo_parse(struct str value, unsigned *out)
{
	static const char letters[] = "01ds"; /* in the order of DMARC_FO_... */
	unsigned found = 0;

	while (value.n != 0) {
		struct str one = dmarc_cut(&value, ':');

		for (unsigned i = 0; letters[i] != '\0'; i++)
			if (one.n == 1 && ascii_lower(one.p[0]) == letters[i])
				found |= BIT(i);
	}
	if (found != 0)
		*out = found;
}

/* --- tags ----------------------------------------------------------------------------------- */

/* The record so far, and the invalid policy's tag, for people. */
struct parse {
	struct dmarc_record *r;
	enum dmarc_method method;
	bool has_p;
	const char *wrong;
};

static void take_p(struct parse *p, struct str value)
{
	p->has_p = true;
	if (!policy_parse(value, &p->r->p))
		p->wrong = "p";
}

static void take_sp(struct parse *p, struct str value)
{
	p->r->has_sp = policy_parse(value, &p->r->sp);
	if (!p->r->has_sp)
		p->wrong = "sp";
}

static void take_np(struct parse *p, struct str value)
{
	p->r->has_np = policy_parse(value, &p->r->np);
	if (!p->r->has_np)
		p->wrong = "np";
}

static void take_adkim(struct parse *p, struct str value)
{
	letter_parse(value, 'r', 's', &p->r->strict_dkim);
}

static void take_aspf(struct parse *p, struct str value)
{
	letter_parse(value, 'r', 's', &p->r->strict_spf);
}

static void take_t(struct parse *p, struct str value)
{
	letter_parse(value, 'n', 'y', &p->r->testing);
}

static void take_psd(struct parse *p, struct str value)
{
	if (str_eqi(value, STR("y")))
		p->r->psd = DMARC_PSD_YES;
	else if (str_eqi(value, STR("n")))
		p->r->psd = DMARC_PSD_NO;
}

static void take_pct(struct parse *p, struct str value)
{
	if (p->method == DMARC_SUFFIXES) /* RFC 9989 A.6 */
		(void)number_parse(value, PCT_ALL, &p->r->pct);
}

static void take_ri(struct parse *p, struct str value)
{
	if (p->method == DMARC_SUFFIXES)
		(void)number_parse(value, UINT32_MAX, &p->r->interval_s);
}

static void take_fo(struct parse *p, struct str value)
{
	fo_parse(value, &p->r->fo);
}

static void take_rua(struct parse *p, struct str value)
{
	dmarc_uris_parse(value, &p->r->rua);
}

static void take_ruf(struct parse *p, struct str value)
{
	dmarc_uris_parse(value, &p->r->ruf);
}

static const struct {
	struct str name;
	void (*take)(struct parse *p, struct str value);
} tags[] = {
	{ STR("p"), take_p },         { STR("sp"), take_sp },     { STR("np"), take_np },
	{ STR("adkim"), take_adkim }, { STR("aspf"), take_aspf }, { STR("t"), take_t },
	{ STR("psd"), take_psd },     { STR("pct"), take_pct },   { STR("ri"), take_ri },
	{ STR("fo"), take_fo },       { STR("rua"), take_rua },   { STR("ruf"), take_ruf },
};

/* dmarc-tag = 1*ALPHA equals 1*dmarc-value. The first of repeated tags counts. */
static void tag_take(struct parse *p, struct str tag, unsigned *taken)
{
	bool valued = str_find_byte(tag, '=') >= 0;
	struct str value = tag, name = dmarc_cut(&value, '=');

	for (size_t i = 0; valued && i < COUNT(tags); i++)
		if (str_eqi(name, tags[i].name) && (*taken & BIT(i)) == 0) {
			*taken |= BIT(i);
			tags[i].take(p, dmarc_trim(value));
		}
}

/* dmarc-version = "v" *WSP "=" *WSP %x44 %x4d %x41 %x52 %x43 %x31 */
bool dmarc_record_is(struct str text)
{
	struct str rest = text, value = dmarc_cut(&rest, ';');

	return dmarc_trim(text).p == text.p && str_eqi(dmarc_cut(&value, '='), STR("v")) &&
	       str_eq(dmarc_trim(value), STR("DMARC1"));
}

/* Defaults of the policies for subdomains and for missing domains. */
static void inherit(struct dmarc_record *r)
{
	if (!r->has_sp)
		r->sp = r->p;
	if (!r->has_np)
		r->np = r->sp;
}

/* RFC 7489 6.6.3 step 6; RFC 9989 4.7 for a missing p */
static enum err policies_judge(struct parse *p, struct why *why)
{
	struct dmarc_record *r = p->r;
	bool missing = !p->has_p && p->method == DMARC_SUFFIXES;

	if (p->wrong == NULL && !missing) {
		inherit(r);
		return OK;
	}
	r->p = r->sp = r->np = DMARC_POLICY_NONE;
	r->has_sp = r->has_np = false;
	r->repaired = true;
	if (r->rua.count != 0)
		return OK;
	if (missing && p->wrong == NULL)
		return fail(why, ERR_SYNTAX, "there is no p=");
	return fail(why, ERR_SYNTAX, "%s= is none of none, quarantine and reject", p->wrong);
}

enum err dmarc_record_parse(struct str text, enum dmarc_method method, struct dmarc_record *out,
                            struct why *why)
{
	struct parse p = { .r = out, .method = method };
	unsigned taken = 0;

	*out = (struct dmarc_record){ .pct = PCT_ALL,
		                      .fo = DMARC_FO_ALL,
		                      .interval_s = INTERVAL_S };
	while (text.n != 0)
		tag_take(&p, dmarc_cut(&text, ';'), &taken);
	return policies_judge(&p, why);
}
