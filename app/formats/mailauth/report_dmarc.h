/* formats/mailauth/report_dmarc.h: what a DMARC aggregate report says (RFC 7489 7.2, appendix C).
 * Pure: rows in, XML out; who counts them, packs them and sends them is elsewhere.
 *
 * report_dmarc_begin, report_dmarc_row for each row, report_dmarc_end. All text is escaped,
 * whatever bytes it has, and cut at REPORT_DMARC_TEXT_MAX. The root has no name space: so reports
 * are written everywhere, and so parsers know them. */
#ifndef MAILAUTH_REPORT_DMARC_H
#define MAILAUTH_REPORT_DMARC_H
#include "formats/mailauth/dmarc_record.h"
#include "formats/mailauth/spf_record.h"
#include "foundation/base/buf.h"

enum {
	REPORT_DMARC_TEXT_MAX = 256,      /* bytes of one text                   */
	REPORT_DMARC_SIGNATURES_MAX = 20, /* of a row: the others are left out   */
	REPORT_DMARC_ROW_MAX = 163840,    /* bytes of a row in XML, at the worst */
};

struct report_dmarc {
	struct str organization; /* who reports                                  */
	struct str email;        /* whom to ask about it                         */
	struct str contact;      /* more of that, or empty                       */
	struct str id;           /* of this report: letters, digits, "-" and "." */
	int64_t begin_s, end_s;  /* of what time                                 */
	struct str domain;       /* where the record was found                   */
	const struct dmarc_record *record;
};

/* Why a message was treated otherwise than its domain asked. */
enum report_dmarc_override {
	REPORT_DMARC_AS_ASKED,
	REPORT_DMARC_FORWARDED,
	REPORT_DMARC_SAMPLED_OUT,
	REPORT_DMARC_TRUSTED_FORWARDER,
	REPORT_DMARC_MAILING_LIST,
	REPORT_DMARC_LOCAL_POLICY,
	REPORT_DMARC_OTHER,
	REPORT_DMARC_OVERRIDES
};

struct report_dmarc_signature {
	struct str domain, selector;
	struct str result; /* "pass", as in Authentication-Results; another word becomes "none" */
	struct str words;  /* for people, or empty                                              */
};

/* Messages that agree in all of it. */
struct report_dmarc_row {
	struct addr ip; /* of the client */
	uint64_t count;
	enum dmarc_policy disposition; /* what was done                     */
	bool by_dkim, by_spf;          /* as of dmarc_verdict               */
	enum report_dmarc_override override;
	struct str comment;            /* to the override, or empty         */
	struct str envelope_to;        /* domain, or empty                  */
	struct str envelope_from;      /* domain; empty: null reverse-path  */
	struct str header_from;
	const struct report_dmarc_signature *signatures;
	size_t count_signatures;
	enum spf_result spf;
	struct str spf_domain;
	bool spf_helo; /* spf_domain is of EHLO, for want of another */
};

/* Append all that is before the rows. False, and nothing is appended: it would not fit into out
 * with the end. */
bool report_dmarc_begin(struct buf *out, const struct report_dmarc *r) MUST_USE;
/* Append a row, whole. False, and nothing is appended: it would not fit into out with the end. */
bool report_dmarc_row(struct buf *out, const struct report_dmarc_row *row) MUST_USE;
/* Append the end, for which room was kept. */
void report_dmarc_end(struct buf *out);

/* Append the name of the file, gzipped or not (RFC 7489 7.2.1.1), by the reporting host. */
void report_dmarc_file_put(struct buf *out, const struct report_dmarc *r, struct str host,
                           bool gzipped);
/* Append the value of Subject, in one line. */
void report_dmarc_subject_put(struct buf *out, const struct report_dmarc *r, struct str host);

#endif
