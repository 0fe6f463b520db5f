/* formats/reports/dmarc.h: a streaming parser of incoming DMARC aggregate reports (RFC 7489
 * appendix C, with the additions of RFC 9990).
 *
 * Elements are identified by name and parent; unknown ones are ignored, their order is free, and
 * any may be missing. Each record is passed to the caller at its end, so the memory does not depend
 * on the length of a report. */
#ifndef REPORTS_DMARC_H
#define REPORTS_DMARC_H
#include "formats/reports/xml.h"
#include "foundation/base/arena.h"

enum {
	WIRE_DMARC_REASONS = 4, /* of a row; the others are omitted */
	WIRE_DMARC_DKIM = 8,
	WIRE_DMARC_SPF = 3,
	WIRE_DMARC_ERRORS = 5, /* of a report */
};

enum wire_dmarc_done { WIRE_DMARC_NONE, WIRE_DMARC_QUARANTINE, WIRE_DMARC_REJECT };

struct wire_dmarc_auth {
	struct str domain, selector, result; /* result in lower case */
};
struct wire_dmarc_reason {
	struct str type, comment;
};

/* Messages with equal values. Texts are unchanged. */
struct wire_dmarc_row {
	struct str ip;
	bool counted; /* count is a number */
	uint64_t count;
	enum wire_dmarc_done done;
	bool dkim, spf; /* passed, and aligned */
	struct str header_from, envelope_from, envelope_to;
	struct wire_dmarc_reason reasons[WIRE_DMARC_REASONS];
	struct wire_dmarc_auth dkims[WIRE_DMARC_DKIM], spfs[WIRE_DMARC_SPF];
	size_t reason_count, dkim_count, spf_count;
};

struct wire_dmarc_report {
	struct str organization, email, contact, id;
	int64_t begin_s, end_s; /* -1: absent, or not a number */
	struct str domain;      /* the domain of the record */
	struct str p, sp, np, adkim, aspf, pct, fo, testing;
	struct str errors[WIRE_DMARC_ERRORS]; /* errors of the reporter */
	size_t error_count;
};

enum wire_dmarc_state {
	WIRE_DMARC_MORE, /* incomplete */
	WIRE_DMARC_DONE, /* complete: report is set */
	WIRE_DMARC_BAD,  /* not such a report: why has the reason */
};

/* The row and its texts are valid during the call only. */
typedef void wire_dmarc_row_fn(void *arg, const struct wire_dmarc_row *row);

struct wire_dmarc {
	struct wire_dmarc_report report; /* in the arena that was given */
	const char *why;
	bool other; /* BAD, because the root element is another one */
	/* private */
	struct wire_xml xml;
	unsigned char path[XML_DEPTH_MAX]; /* the open elements */
	unsigned depth;
	struct wire_dmarc_row row;
	struct arena row_arena, *arena;
	wire_dmarc_row_fn *fn;
	void *arg;
};

/* Texts of report live in a: at most XML_TEXT_MAX bytes of each member. */
void wire_dmarc_init(struct wire_dmarc *w, struct arena *a, wire_dmarc_row_fn *fn, void *arg);
void wire_dmarc_deinit(struct wire_dmarc *w);
/* Process the next piece of the document; any split is valid. */
enum wire_dmarc_state wire_dmarc_feed(struct wire_dmarc *w, struct str piece);

#endif
