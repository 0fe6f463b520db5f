/* flow/reports_in/draft.c: see draft.h. */
#include "flow/reports_in/draft.h"

#include "formats/message/mailaddr.h"
#include "foundation/base/mem.h"
#include "foundation/text/utf8.h"
#include "network/runtime/addr.h"

enum { TEXT_MAX = 200, DAY_MS = 86400000, PERIOD_DAYS = 40 };

/* --- life ---------------------------------------------------------------------------------- */

static void dmarc_row(void *arg, const struct wire_dmarc_row *row);

struct report_draft *report_draft_new(void)
{
	struct report_draft *d = NEW(struct report_draft);

	report_in_rows_init(&d->rows);
	buf_init(&d->remarks, REPORT_REMARKS_MAX);
	buf_init(&d->json, WIRE_TLS_BYTES_MAX);
	wire_dmarc_init(&d->dmarc, &d->a, dmarc_row, d);
	return d;
}

void report_draft_free(struct report_draft **dp)
{
	struct report_draft *d = *dp;

	if (d == NULL)
		return;
	wire_dmarc_deinit(&d->dmarc);
	report_in_rows_deinit(&d->rows);
	buf_deinit(&d->remarks);
	buf_deinit(&d->json);
	arena_deinit(&d->a);
	mem_clear(dp);
}

/* --- common parts -------------------------------------------------------------------------- */

static void remark(struct report_draft *d, uint64_t n, const char *words)
{
	if (n != 0)
		buf_fmt(&d->remarks, "%" PRIu64 " %s\n", n, words);
}

static void claim(struct report_draft *d, struct str domain)
{
	if (domain.n != 0 && d->claim_count < REPORT_CLAIMS)
		d->claims[d->claim_count++] = mailaddr_domain_normal(&d->a, domain);
}

static struct str draft_text(struct report_draft *d, struct str s)
{
	return str_dup(&d->a, utf8_cut(s, TEXT_MAX));
}

static uint64_t clamp(struct report_draft *d, uint64_t n)
{
	d->clamped += n > REPORT_COUNT_MAX;
	return MIN(n, REPORT_COUNT_MAX);
}

static enum err draft_finish(struct report_draft *d, struct why *why)
{
	remark(d, d->odd_rows, "rows make no sense and are left out");
	remark(d, d->lost_rows, "rows are more than is kept, and are not in the sums");
	remark(d, d->clamped, "counts were too large to be true, and are cut");
	d->head.remarks = buf_str(&d->remarks);
	d->head.rows = d->rows.count;
	if (d->claim_count == 0)
		return fail(why, ERR_SYNTAX, "it does not say which domain it is about");
	if (d->head.report_id.n == 0)
		return fail(why, ERR_SYNTAX, "it has no identifier");
	return OK;
}

/* --- DMARC --------------------------------------------------------------------------------- */

static void dmarc_row(void *arg, const struct wire_dmarc_row *given)
{
	struct report_draft *d = arg;
	struct wire_dmarc_row row = *given;
	char room[ADDR_TEXT_MAX];
	struct addr ip;

	if (!row.counted || row.count == 0 || !addr_parse_ip(row.ip, &ip)) {
		d->odd_rows++;
		return;
	}
	row.ip = addr_ip_text(&ip, room); /* in canonical form */
	row.count = clamp(d, row.count);
	d->head.messages += row.count;
	*(row.dkim || row.spf ? &d->head.passed : &d->head.failed) += row.count;
	d->lost_rows += !report_in_dmarc_add(&d->rows, &row);
}

static struct str policy_line(struct report_draft *d, const struct wire_dmarc_report *r)
{
	const struct {
		const char *name;
		struct str value;
	} tags[] = {
		{ "p", r->p },         { "sp", r->sp },   { "np", r->np }, { "adkim", r->adkim },
		{ "aspf", r->aspf },   { "pct", r->pct }, { "fo", r->fo }, { "t", r->testing },
	};
	struct buf b;
	struct str line;

	buf_init(&b, 1000);
	for (size_t i = 0; i < COUNT(tags); i++)
		if (tags[i].value.n != 0)
			buf_fmt(&b, "%s%s=%.*s", b.n != 0 ? "; " : "", tags[i].name,
			        STR_ARG(utf8_cut(tags[i].value, 40)));
	line = str_dup(&d->a, buf_str(&b));
	buf_deinit(&b);
	return line;
}

static enum err dmarc_end(struct report_draft *d, struct why *why)
{
	const struct wire_dmarc_report *r = &d->dmarc.report;

	if (!d->dmarc_done)
		return fail(why, ERR_SYNTAX, "it is cut off");
	d->head.kind = REPORT_DMARC;
	d->head.organization = draft_text(d, r->organization.n != 0 ? r->organization : r->email);
	d->head.contact = draft_text(d, r->email.n != 0 ? r->email : r->contact);
	d->head.report_id = draft_text(d, r->id);
	d->head.begin_ms = r->begin_s > 0 ? MIN(r->begin_s, INT64_MAX / 2000) * 1000 : -1;
	d->head.end_ms = r->end_s > 0 ? MIN(r->end_s, INT64_MAX / 2000) * 1000 : -1;
	d->head.policy = policy_line(d, r);
	for (size_t i = 0; i < r->error_count; i++)
		buf_fmt(&d->remarks, "its maker says: %.*s\n",
		        STR_ARG(utf8_cut(r->errors[i], TEXT_MAX)));
	claim(d, r->domain);
	return draft_finish(d, why);
}

/* --- TLS ----------------------------------------------------------------------------------- */

static void tls_policy(struct report_draft *d, struct wire_tls_policy *p)
{
	p->good = clamp(d, p->good);
	p->failed = clamp(d, p->failed);
	for (size_t i = 0; i < p->failure_count; i++)
		p->failures[i].count = clamp(d, p->failures[i].count);
	claim(d, p->domain);
	d->head.passed += p->good;
	d->head.failed += p->failed;
	d->head.messages += p->good + p->failed;
	d->lost_rows += !report_in_tls_add(&d->rows, p);
}

static enum err json_end(struct report_draft *d, struct why *why)
{
	struct wire_tls_report r;

	if (!buf_ok(&d->json))
		return fail(why, ERR_LIMIT, "it has more than %d bytes", WIRE_TLS_BYTES_MAX);
	if (!wire_tls_parse(buf_str(&d->json), &d->a, &r))
		return fail(why, ERR_SYNTAX, "it is no JSON, or no report on TLS");
	d->head.kind = REPORT_TLS;
	d->head.organization = draft_text(d, r.organization);
	d->head.contact = draft_text(d, r.contact);
	d->head.report_id = draft_text(d, r.id);
	d->head.begin_ms = r.begin_ms;
	d->head.end_ms = r.end_ms;
	for (size_t i = 0; i < r.policy_count; i++)
		tls_policy(d, &r.policies[i]);
	d->lost_rows += r.more;
	return draft_finish(d, why);
}

/* --- documents ----------------------------------------------------------------------------- */

/* Detect the kind by the first byte. */
static void draft_lookup(struct report_draft *d, struct str bytes)
{
	struct cur c = cur_of(bytes);
	int first;

	(void)cur_str(&c, STR("\xef\xbb\xbf"));
	while ((first = cur_peek(&c)) == ' ' || first == '\n' || first == '\r' || first == '\t')
		cur_skip(&c, 1);
	d->state = first == '<' ? DRAFT_DMARC : first == '{' ? DRAFT_JSON : DRAFT_NONE;
}

static bool dmarc_piece(struct report_draft *d, struct str bytes)
{
	enum wire_dmarc_state state;

	if (d->dmarc_done)
		return true; /* ignore anything after the end */
	state = wire_dmarc_feed(&d->dmarc, bytes);
	d->dmarc_done = state == WIRE_DMARC_DONE;
	return state != WIRE_DMARC_BAD;
}

static bool text_piece(struct report_draft *d, struct str bytes)
{
	struct str text = bytes;

	if (d->state == DRAFT_EMPTY) {
		draft_lookup(d, bytes);
		if (d->state == DRAFT_JSON && str_starts(text, STR("\xef\xbb\xbf")))
			text = str_sub(text, 3, text.n);
	}
	if (d->state == DRAFT_JSON)
		buf_put(&d->json, text);
	return d->state == DRAFT_DMARC ? dmarc_piece(d, text)
	                               : d->state == DRAFT_JSON && buf_ok(&d->json);
}

bool report_draft_piece(struct report_draft *d, struct str bytes)
{
	char room[WIRE_WIDE_ROOM];
	struct cur c = cur_of(bytes);
	struct str text;
	bool wanted = true;

	while (wanted && wire_wide_next(&d->wide, &c, room, &text))
		wanted = text_piece(d, text);
	return wanted;
}

enum err report_draft_end(struct report_draft *d, struct why *why)
{
	if (d->state == DRAFT_JSON)
		return json_end(d, why);
	if (d->state != DRAFT_DMARC)
		return fail(why, ERR_MISSING, "it is no report");
	if (d->dmarc.why != NULL)
		return fail(why, d->dmarc.other ? ERR_MISSING : ERR_SYNTAX, "%s", d->dmarc.why);
	return dmarc_end(d, why);
}

/* --- one message --------------------------------------------------------------------------- */

static struct str draft_domain_of(struct str address)
{
	ptrdiff_t at = str_rfind_byte(address, '@'), end;
	struct str domain = str_sub(address, (size_t)(at + 1), address.n);

	end = str_find_byte(domain, '>');
	return at < 0 ? STR_EMPTY : str_sub(domain, 0, end < 0 ? domain.n : (size_t)end);
}

enum err report_draft_arf(struct report_draft *d, const struct wire_arf *arf, int64_t now_ms,
                          struct why *why)
{
	struct wire_arf row = *arf;

	/* ignore an impossible date */
	if (row.arrived_ms <= 0 || row.arrived_ms > now_ms ||
	    now_ms - row.arrived_ms > (int64_t)PERIOD_DAYS * DAY_MS)
		row.arrived_ms = now_ms;
	row.incidents = (uint32_t)MIN(row.incidents, 100000u);
	d->clamped += row.incidents != arf->incidents;
	d->head.kind = REPORT_FAILURE;
	d->head.organization = draft_text(d, arf->mta.n != 0 ? arf->mta : arf->agent);
	d->head.begin_ms = d->head.end_ms = row.arrived_ms;
	d->head.messages = d->head.failed = row.incidents;
	for (size_t i = 0; i < arf->domain_count; i++)
		claim(d, arf->domains[i]);
	claim(d, draft_domain_of(arf->mail_from));
	claim(d, arf->from_domain);
	claim(d, arf->dkim_domain);
	for (size_t i = 0; i < arf->signer_count; i++)
		claim(d, arf->signers[i]);
	d->lost_rows += !report_in_arf_add(&d->rows, &row);
	return draft_finish(d, why);
}

enum err report_draft_times(struct report_draft *d, int64_t now_ms, uint64_t days,
                            struct why *why)
{
	struct report_in *h = &d->head;

	if (h->begin_ms > 0 && h->end_ms < 0)
		h->end_ms = h->begin_ms + DAY_MS;
	if (h->begin_ms <= 0 || h->end_ms < h->begin_ms)
		return fail(why, ERR_SYNTAX, "it ends before it begins, or says no time");
	if (h->end_ms - h->begin_ms > (int64_t)PERIOD_DAYS * DAY_MS)
		return fail(why, ERR_SYNTAX, "it is about more than %d days", PERIOD_DAYS);
	if (h->end_ms > now_ms + 2 * (int64_t)DAY_MS)
		return fail(why, ERR_SYNTAX, "it is about the future");
	if (now_ms - h->end_ms > (int64_t)MIN(days, (uint64_t)100000) * DAY_MS)
		return fail(why, ERR_SYNTAX, "it is older than reports are kept");
	return OK;
}
