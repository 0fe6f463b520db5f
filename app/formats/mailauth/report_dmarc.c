/* formats/mailauth/report_dmarc.c: see report_dmarc.h. */
#include "formats/mailauth/report_dmarc.h"

#include "formats/mailauth/spf.h"
#include "foundation/text/markup.h"
#include "foundation/text/utf8.h"

static const struct str footer = STR("</feedback>\n");

/* --- elements ------------------------------------------------------------------------------- */

/* <name>text</name>, with that indentation. */
static void element(struct buf *out, unsigned depth, const char *name, struct str text)
{
	buf_fmt(out, "%*s<%s>", (int)depth * 2, "", name);
	markup_text(out, utf8_cut(text, REPORT_DMARC_TEXT_MAX));
	buf_fmt(out, "</%s>\n", name);
}

static void element_if(struct buf *out, unsigned depth, const char *name, struct str text)
{
	if (text.n != 0)
		element(out, depth, name, text);
}

static void report_dmarc_number(struct buf *out, unsigned depth, const char *name, uint64_t n)
{
	buf_fmt(out, "%*s<%s>%" PRIu64 "</%s>\n", (int)depth * 2, "", name, n, name);
}

static void report_dmarc_word(struct buf *out, unsigned depth, const char *name, const char *text)
{
	element(out, depth, name, str_of(text));
}

/* Move from's contents if they fit together with the end. */
static bool report_dmarc_move(struct buf *out, struct buf *from)
{
	bool fits = buf_ok(out) && from->n + footer.n <= out->max - out->n;

	assert(buf_ok(from)); /* no text is longer than REPORT_DMARC_TEXT_MAX */
	if (fits)
		buf_put(out, buf_str(from));
	buf_deinit(from);
	return fits;
}

/* --- the head: ReportMetadataType, PolicyPublishedType -------------------------------------- */

static void put_metadata(struct buf *out, const struct report_dmarc *r)
{
	buf_put(out, STR("  <report_metadata>\n"));
	element(out, 2, "org_name", r->organization);
	element(out, 2, "email", r->email);
	element_if(out, 2, "extra_contact_info", r->contact);
	element(out, 2, "report_id", r->id);
	buf_fmt(out,
	        "    <date_range>\n      <begin>%" PRId64 "</begin>\n      <end>%" PRId64
	        "</end>\n    </date_range>\n  </report_metadata>\n",
	        r->begin_s, r->end_s);
}

/* "0:d", as in a record. */
static void put_fo(struct buf *out, unsigned fo)
{
	static const char letters[] = "01ds";
	char text[2 * sizeof(letters)];
	size_t n = 0;

	for (unsigned i = 0; letters[i] != '\0'; i++)
		if (fo & BIT(i)) {
			text[n++] = ':';
			text[n++] = letters[i];
		}
	element(out, 2, "fo", str_sub(str_from(text, n), 1, n));
}

static void put_published(struct buf *out, struct str domain, const struct dmarc_record *record)
{
	buf_put(out, STR("  <policy_published>\n"));
	element(out, 2, "domain", domain);
	report_dmarc_word(out, 2, "adkim", record->strict_dkim ? "s" : "r");
	report_dmarc_word(out, 2, "aspf", record->strict_spf ? "s" : "r");
	report_dmarc_word(out, 2, "p", dmarc_policy_name(record->p));
	report_dmarc_word(out, 2, "sp", dmarc_policy_name(record->sp));
	report_dmarc_number(out, 2, "pct", record->pct);
	put_fo(out, record->fo);
	buf_put(out, STR("  </policy_published>\n"));
}

bool report_dmarc_begin(struct buf *out, const struct report_dmarc *r)
{
	struct buf head;

	buf_init(&head, REPORT_DMARC_ROW_MAX);
	buf_put(&head, STR("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<feedback>\n"
	                   "  <version>1.0</version>\n"));
	put_metadata(&head, r);
	put_published(&head, r->domain, r->record);
	return report_dmarc_move(out, &head);
}

/* --- rows: RecordType ----------------------------------------------------------------------- */

static const char *pass_or_fail(bool passed)
{
	return passed ? "pass" : "fail";
}

static void put_evaluated(struct buf *out, const struct report_dmarc_row *row)
{
	static const char *const types[REPORT_DMARC_OVERRIDES] = {
		[REPORT_DMARC_FORWARDED] = "forwarded",
		[REPORT_DMARC_SAMPLED_OUT] = "sampled_out",
		[REPORT_DMARC_TRUSTED_FORWARDER] = "trusted_forwarder",
		[REPORT_DMARC_MAILING_LIST] = "mailing_list",
		[REPORT_DMARC_LOCAL_POLICY] = "local_policy",
		[REPORT_DMARC_OTHER] = "other",
	};

	buf_put(out, STR("      <policy_evaluated>\n"));
	report_dmarc_word(out, 4, "disposition", dmarc_policy_name(row->disposition));
	report_dmarc_word(out, 4, "dkim", pass_or_fail(row->by_dkim));
	report_dmarc_word(out, 4, "spf", pass_or_fail(row->by_spf));
	if (row->override != REPORT_DMARC_AS_ASKED) {
		buf_put(out, STR("        <reason>\n"));
		report_dmarc_word(out, 5, "type", types[row->override]);
		element_if(out, 5, "comment", row->comment);
		buf_put(out, STR("        </reason>\n"));
	}
	buf_put(out, STR("      </policy_evaluated>\n"));
}

static void put_row(struct buf *out, const struct report_dmarc_row *row)
{
	struct addr ip = row->ip;
	char text[ADDR_TEXT_MAX];

	ip.scope = 0; /* the interface it came by is local information */
	buf_put(out, STR("    <row>\n"));
	element(out, 3, "source_ip", addr_ip_text(&ip, text));
	report_dmarc_number(out, 3, "count", row->count);
	put_evaluated(out, row);
	buf_put(out, STR("    </row>\n"));
}

static void put_identifiers(struct buf *out, const struct report_dmarc_row *row)
{
	buf_put(out, STR("    <identifiers>\n"));
	element_if(out, 3, "envelope_to", row->envelope_to);
	element(out, 3, "envelope_from", row->envelope_from);
	element(out, 3, "header_from", row->header_from);
	buf_put(out, STR("    </identifiers>\n"));
}

/* DKIMResultType */
static struct str dkim_result(struct str result)
{
	static const struct str results[] = { STR("none"),      STR("pass"),
		                              STR("fail"),      STR("policy"),
		                              STR("neutral"),   STR("temperror"),
		                              STR("permerror") };

	for (size_t i = 0; i < COUNT(results); i++)
		if (str_eq(result, results[i]))
			return results[i];
	return results[0];
}

static void put_signature(struct buf *out, const struct report_dmarc_signature *s)
{
	buf_put(out, STR("      <dkim>\n"));
	element(out, 4, "domain", s->domain);
	element_if(out, 4, "selector", s->selector);
	element(out, 4, "result", dkim_result(s->result));
	element_if(out, 4, "human_result", s->words);
	buf_put(out, STR("      </dkim>\n"));
}

static void put_results(struct buf *out, const struct report_dmarc_row *row)
{
	buf_put(out, STR("    <auth_results>\n"));
	for (size_t i = 0; i < MIN(row->count_signatures, (size_t)REPORT_DMARC_SIGNATURES_MAX); i++)
		put_signature(out, &row->signatures[i]);
	buf_put(out, STR("      <spf>\n"));
	element(out, 4, "domain", row->spf_domain);
	report_dmarc_word(out, 4, "scope", row->spf_helo ? "helo" : "mfrom");
	element(out, 4, "result", spf_result_text(row->spf));
	buf_put(out, STR("      </spf>\n    </auth_results>\n"));
}

bool report_dmarc_row(struct buf *out, const struct report_dmarc_row *row)
{
	struct buf b;

	buf_init(&b, REPORT_DMARC_ROW_MAX);
	buf_put(&b, STR("  <record>\n"));
	put_row(&b, row);
	put_identifiers(&b, row);
	put_results(&b, row);
	buf_put(&b, STR("  </record>\n"));
	return report_dmarc_move(out, &b);
}

void report_dmarc_end(struct buf *out)
{
	buf_put(out, footer);
}

/* --- the mail ------------------------------------------------------------------------------- */

/* Append characters that are valid in file names and identifiers; drop the others. */
static void put_safe(struct buf *out, struct str s, bool dots)
{
	for (size_t i = 0; i < s.n; i++)
		if (ascii_alnum(s.p[i]) ||
		    (dots && (s.p[i] == '.' || s.p[i] == '-' || s.p[i] == '_')))
			buf_byte(out, s.p[i]);
}

void report_dmarc_file_put(struct buf *out, const struct report_dmarc *r, struct str host,
                           bool gzipped)
{
	put_safe(out, host, true);
	buf_byte(out, '!');
	put_safe(out, r->domain, true);
	buf_fmt(out, "!%" PRId64 "!%" PRId64 "!", r->begin_s, r->end_s);
	put_safe(out, r->id, false);
	buf_put(out, gzipped ? STR(".xml.gz") : STR(".xml"));
}

void report_dmarc_subject_put(struct buf *out, const struct report_dmarc *r, struct str host)
{
	buf_put(out, STR("Report Domain: "));
	put_safe(out, r->domain, true);
	buf_put(out, STR(" Submitter: "));
	put_safe(out, host, true);
	buf_put(out, STR(" Report-ID: <"));
	put_safe(out, r->id, true);
	buf_put(out, STR("@"));
	put_safe(out, host, true);
	buf_put(out, STR(">"));
}
