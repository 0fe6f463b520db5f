/* formats/reports/dmarc.c: see dmarc.h. */
#include "formats/reports/dmarc.h"

enum element {
	UNKNOWN, /* including everything below */
	TOP,
	FEEDBACK,
	METADATA,
	RANGE,
	POLICY,
	RECORD,
	ROW,
	EVALUATED,
	REASON,
	IDENTIFIERS,
	RESULTS,
	DKIM,
	SPF,
	LEAF, /* has text */
};

/* --- elements with child elements ----------------------------------------------------------- */

static const struct {
	enum element in;
	struct str name;
	enum element is;
} places[] = {
	{ TOP, STR("feedback"), FEEDBACK },
	{ FEEDBACK, STR("report_metadata"), METADATA },
	{ METADATA, STR("date_range"), RANGE },
	{ FEEDBACK, STR("policy_published"), POLICY },
	{ FEEDBACK, STR("record"), RECORD },
	{ RECORD, STR("row"), ROW },
	{ ROW, STR("policy_evaluated"), EVALUATED },
	{ EVALUATED, STR("reason"), REASON },
	{ RECORD, STR("identifiers"), IDENTIFIERS },
	{ RECORD, STR("identities"), IDENTIFIERS }, /* of the drafts */
	{ RECORD, STR("auth_results"), RESULTS },
	{ RESULTS, STR("dkim"), DKIM },
	{ RESULTS, STR("spf"), SPF },
};

static enum element inside(const struct wire_dmarc *w)
{
	return w->depth == 0 ? TOP : (enum element)w->path[w->depth - 1];
}

static enum element element_of(enum element in, struct str name)
{
	for (size_t i = 0; i < COUNT(places); i++)
		if (places[i].in == in && str_eq(places[i].name, name))
			return places[i].is;
	return in == UNKNOWN || in == LEAF ? UNKNOWN : LEAF;
}

/* --- texts ------------------------------------------------------------------------------------ */

static bool is(struct str s, const char *word)
{
	return str_eqi(s, str_of(word));
}

static void text_take(struct arena *a, struct str text, struct str *to)
{
	if (to->n == 0 && text.n != 0) /* the first counts, so a document cannot fill a */
		*to = str_dup(a, text);
}

/* xs:integer; some reporters write "1700000000.0". -1: malformed. */
static int64_t seconds_of(struct str text)
{
	struct cur c = cur_of(text);
	uint64_t n;

	if (!cur_u64(&c, &n) || n > INT64_MAX || !(cur_done(&c) || cur_peek(&c) == '.'))
		return -1;
	return (int64_t)n;
}

static void metadata_take(struct wire_dmarc *w, struct str name, struct str text)
{
	struct wire_dmarc_report *r = &w->report;

	if (is(name, "org_name"))
		text_take(w->arena, text, &r->organization);
	else if (is(name, "email"))
		text_take(w->arena, text, &r->email);
	else if (is(name, "extra_contact_info"))
		text_take(w->arena, text, &r->contact);
	else if (is(name, "report_id"))
		text_take(w->arena, text, &r->id);
	else if (is(name, "error") && r->error_count < WIRE_DMARC_ERRORS)
		r->errors[r->error_count++] = str_dup(w->arena, text);
}

static void range_take(struct wire_dmarc *w, struct str name, struct str text)
{
	if (is(name, "begin"))
		w->report.begin_s = seconds_of(text);
	else if (is(name, "end"))
		w->report.end_s = seconds_of(text);
}

static void policy_take(struct wire_dmarc *w, struct str name, struct str text)
{
	struct wire_dmarc_report *r = &w->report;
	const struct {
		const char *name;
		struct str *to;
	} members[] = {
		{ "domain", &r->domain }, { "p", &r->p },         { "sp", &r->sp },
		{ "np", &r->np },         { "adkim", &r->adkim }, { "aspf", &r->aspf },
		{ "pct", &r->pct },       { "fo", &r->fo },       { "testing", &r->testing },
	};

	for (size_t i = 0; i < COUNT(members); i++)
		if (is(name, members[i].name))
			text_take(w->arena, text, members[i].to);
}

static void dmarc_row_take(struct wire_dmarc *w, struct str name, struct str text)
{
	struct cur c = cur_of(text);

	if (is(name, "source_ip"))
		text_take(&w->row_arena, text, &w->row.ip);
	else if (is(name, "count"))
		w->row.counted = cur_u64(&c, &w->row.count) && cur_done(&c);
}

static void evaluated_take(struct wire_dmarc *w, struct str name, struct str text)
{
	if (is(name, "disposition"))
		w->row.done = is(text, "reject")       ? WIRE_DMARC_REJECT
		              : is(text, "quarantine") ? WIRE_DMARC_QUARANTINE
		                                       : WIRE_DMARC_NONE;
	else if (is(name, "dkim"))
		w->row.dkim = is(text, "pass");
	else if (is(name, "spf"))
		w->row.spf = is(text, "pass");
}

static void reason_take(struct wire_dmarc *w, struct str name, struct str text)
{
	struct wire_dmarc_reason *r = &w->row.reasons[w->row.reason_count - 1];

	if (is(name, "type"))
		text_take(&w->row_arena, text, &r->type);
	else if (is(name, "comment"))
		text_take(&w->row_arena, text, &r->comment);
}

static void identifiers_take(struct wire_dmarc *w, struct str name, struct str text)
{
	if (is(name, "header_from"))
		text_take(&w->row_arena, text, &w->row.header_from);
	else if (is(name, "envelope_from"))
		text_take(&w->row_arena, text, &w->row.envelope_from);
	else if (is(name, "envelope_to"))
		text_take(&w->row_arena, text, &w->row.envelope_to);
}

static void auth_take(struct wire_dmarc *w, struct wire_dmarc_auth *to, struct str name,
                      struct str text)
{
	if (is(name, "domain"))
		text_take(&w->row_arena, text, &to->domain);
	else if (is(name, "selector"))
		text_take(&w->row_arena, text, &to->selector);
	else if (is(name, "result") && to->result.n == 0)
		to->result = str_lower(&w->row_arena, text);
}

static void dkim_take(struct wire_dmarc *w, struct str name, struct str text)
{
	auth_take(w, &w->row.dkims[w->row.dkim_count - 1], name, text);
}

static void spf_take(struct wire_dmarc *w, struct str name, struct str text)
{
	auth_take(w, &w->row.spfs[w->row.spf_count - 1], name, text);
}

typedef void take_fn(struct wire_dmarc *w, struct str name, struct str text);

static void leaf_take(struct wire_dmarc *w, struct str name, struct str text)
{
	static take_fn *const takes[LEAF] = {
		[METADATA] = metadata_take,
		[RANGE] = range_take,
		[POLICY] = policy_take,
		[ROW] = dmarc_row_take,
		[EVALUATED] = evaluated_take,
		[REASON] = reason_take,
		[IDENTIFIERS] = identifiers_take,
		[DKIM] = dkim_take,
		[SPF] = spf_take,
	};
	enum element in = inside(w);

	if (in < LEAF && takes[in] != NULL)
		takes[in](w, name, text);
}

/* --- the document ----------------------------------------------------------------------------- */

static void record_begin(struct wire_dmarc *w)
{
	arena_reset(&w->row_arena);
	w->row = (struct wire_dmarc_row){ .count = 0 };
}

/* Adds an item; items beyond the maximum are ignored. */
static enum element item_begin(size_t *count, size_t max, enum element is)
{
	if (*count == max)
		return UNKNOWN;
	++*count;
	return is;
}

static enum element open_element(struct wire_dmarc *w, struct str name)
{
	enum element e = element_of(inside(w), name);

	if (e == RECORD)
		record_begin(w);
	else if (e == REASON)
		e = item_begin(&w->row.reason_count, WIRE_DMARC_REASONS, e);
	else if (e == DKIM)
		e = item_begin(&w->row.dkim_count, WIRE_DMARC_DKIM, e);
	else if (e == SPF)
		e = item_begin(&w->row.spf_count, WIRE_DMARC_SPF, e);
	return e;
}

static void close_element(struct wire_dmarc *w)
{
	enum element e = (enum element)w->path[--w->depth];

	if (e == LEAF)
		leaf_take(w, w->xml.name, w->xml.text);
	else if (e == RECORD)
		w->fn(w->arg, &w->row);
}

void wire_dmarc_init(struct wire_dmarc *w, struct arena *a, wire_dmarc_row_fn *fn, void *arg)
{
	*w = (struct wire_dmarc){ .arena = a, .fn = fn, .arg = arg };
	w->report.begin_s = w->report.end_s = -1;
	wire_xml_init(&w->xml);
}

void wire_dmarc_deinit(struct wire_dmarc *w)
{
	arena_deinit(&w->row_arena);
}

enum wire_dmarc_state wire_dmarc_feed(struct wire_dmarc *w, struct str piece)
{
	enum xml_event e;

	wire_xml_feed(&w->xml, piece);
	while ((e = wire_xml_next(&w->xml)) == XML_OPEN || e == XML_CLOSE) {
		if (e == XML_CLOSE) {
			close_element(w);
			continue;
		}
		w->path[w->depth] = (unsigned char)open_element(w, w->xml.name);
		if (w->depth++ == 0 && w->path[0] != FEEDBACK) {
			w->why = "it is XML of another kind";
			w->other = true;
			return WIRE_DMARC_BAD;
		}
	}
	if (e == XML_BAD)
		w->why = w->xml.why;
	return e == XML_MORE ? WIRE_DMARC_MORE : e == XML_DONE ? WIRE_DMARC_DONE : WIRE_DMARC_BAD;
}
