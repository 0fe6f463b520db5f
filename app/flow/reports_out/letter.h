/* flow/reports_out/letter.h: the message that carries a report: text for people, and
 * machine-readable parts or a file. Pure. */
#ifndef REPORTS_OUT_LETTER_H
#define REPORTS_OUT_LETTER_H
#include "formats/message/mailaddr.h"
#include "foundation/base/buf.h"

struct arena;

struct out_letter_part {
	struct str type;    /* "text/plain" */
	struct str content; /* lines of ASCII that end in CRLF */
};

struct out_letter {
	struct str organization;  /* the reporter: display name of from       */
	struct mailaddr from, to;
	struct str id;            /* Message-ID, with its brackets            */
	struct str subject;       /* one line of ASCII                        */
	struct str fields;        /* further header fields, each with CRLF    */
	struct str multipart;     /* "mixed", or "report; report-type=tlsrpt" */
	struct str text;          /* lines of ASCII that end in CRLF          */
	const struct out_letter_part *parts; /* after the text                */
	size_t part_count;
	struct str type, file;    /* of the file, and its name; empty: none   */
	struct str content;
	int64_t date_ms;
};

/* Append the message, ASCII in lines. buf_ok is false if it did not fit. */
void out_letter_put(struct buf *out, const struct out_letter *l, struct arena *a);

/* Its maximum size in bytes. */
size_t out_letter_max(const struct out_letter *l);

#endif
