/* formats/reports/dmarc.h: a DMARC aggregate report as others write it (RFC 7489 appendix C, and
 * what RFC 9990 adds), read as it comes in.
 *
 * Elements are known by name and place; whatever else stands in the document is passed over, their
 * order is free, and any of them may be missing. Each record goes to the caller when it ends, so a
 * report takes the same memory however long it is. */
#ifndef REPORTS_DMARC_H
#define REPORTS_DMARC_H
#include "formats/reports/xml.h"
#include "foundation/base/arena.h"

enum {
	WIRE_DMARC_REASONS = 4, /* of a row; the others are left out */
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

/* Messages that agree in all of it. Texts are as they stand there. */
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
	int64_t begin_s, end_s; /* -1: none, or no number */
	struct str domain;      /* where the record was found */
	struct str p, sp, np, adkim, aspf, pct, fo, testing;
	struct str errors[WIRE_DMARC_ERRORS]; /* that the reporter met */
	size_t error_count;
};

enum wire_dmarc_state {
	WIRE_DMARC_MORE, /* it goes on                                    */
	WIRE_DMARC_DONE, /* it has ended: report is whole                 */
	WIRE_DMARC_BAD,  /* it is no such report: why says so             */
};

/* The row and its texts are gone when it returns. */
typedef void wire_dmarc_row_fn(void *arg, const struct wire_dmarc_row *row);

struct wire_dmarc {
	struct wire_dmarc_report report; /* in the arena that was given */
	const char *why;
	bool other; /* BAD, since it is of another kind altogether */
	/* private */
	struct wire_xml xml;
	unsigned char path[XML_DEPTH_MAX]; /* which elements are open */
	unsigned depth;
	struct wire_dmarc_row row;
	struct arena row_arena, *arena;
	wire_dmarc_row_fn *fn;
	void *arg;
};

/* What report is to keep lives in a: XML_TEXT_MAX bytes of each member at most. */
void wire_dmarc_init(struct wire_dmarc *w, struct arena *a, wire_dmarc_row_fn *fn, void *arg);
void wire_dmarc_deinit(struct wire_dmarc *w);
/* The next piece of the document; may be any part of it. */
enum wire_dmarc_state wire_dmarc_feed(struct wire_dmarc *w, struct str piece);

#endif
