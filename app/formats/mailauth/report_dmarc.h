/* formats/mailauth/report_dmarc.h: writing a DMARC aggregate report (RFC 7489 7.2, appendix C).
 * Pure: rows in, XML out; flow/reports_out/ counts, packs and sends.
 *
 * Call report_dmarc_begin, report_dmarc_row for each row, report_dmarc_end. All text is escaped and
 * cut at REPORT_DMARC_TEXT_MAX. The root has no name space, as in the reports of other servers, for
 * their parsers. */
#ifndef MAILAUTH_REPORT_DMARC_H
#define MAILAUTH_REPORT_DMARC_H
#include "formats/mailauth/dmarc_record.h"
#include "formats/mailauth/spf_record.h"
#include "foundation/base/buf.h"

enum {
	REPORT_DMARC_TEXT_MAX = 256,      /* bytes of one text                   */
	REPORT_DMARC_SIGNATURES_MAX = 20, /* of a row: the others are omitted */
	REPORT_DMARC_ROW_MAX = 163840,    /* maximum bytes of a row in XML */
};

struct report_dmarc {
	struct str organization; /* the reporter */
	struct str email;        /* contact address */
	struct str contact;      /* more contact information, or empty */
	struct str id;           /* of this report: letters, digits, "-" and "." */
	int64_t begin_s, end_s;  /* the reported period */
	struct str domain;       /* the domain of the record */
	const struct dmarc_record *record;
};

/* Why the disposition differs from the domain's policy. */
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
	struct str result; /* "pass", as in Authentication-Results; unknown results become "none" */
	struct str words;  /* for people, or empty                                              */
};

/* Messages with equal values. */
struct report_dmarc_row {
	struct addr ip; /* of the client */
	uint64_t count;
	enum dmarc_policy disposition; /* applied policy */
	bool by_dkim, by_spf;          /* as in dmarc_verdict */
	enum report_dmarc_override override;
	struct str comment;            /* about the override, or empty */
	struct str envelope_to;        /* domain, or empty                  */
	struct str envelope_from;      /* domain; empty: null reverse-path  */
	struct str header_from;
	const struct report_dmarc_signature *signatures;
	size_t count_signatures;
	enum spf_result spf;
	struct str spf_domain;
	bool spf_helo; /* spf_domain is of EHLO, because MAIL FROM is empty */
};

/* Append the part before the rows. False, with nothing appended: out has no room for it and the
 * end. */
bool report_dmarc_begin(struct buf *out, const struct report_dmarc *r) MUST_USE;
/* Append one row. False, with nothing appended: out has no room for it and the end. */
bool report_dmarc_row(struct buf *out, const struct report_dmarc_row *row) MUST_USE;
/* Append the end, for which room was reserved. */
void report_dmarc_end(struct buf *out);

/* Append the name of the file, gzipped or not (RFC 7489 7.2.1.1), by the reporting host. */
void report_dmarc_file_put(struct buf *out, const struct report_dmarc *r, struct str host,
                           bool gzipped);
/* Append the value of Subject, in one line. */
void report_dmarc_subject_put(struct buf *out, const struct report_dmarc *r, struct str host);

#endif
