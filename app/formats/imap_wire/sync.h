/* formats/imap_wire/sync.h: the grammar of resynchronisation: mod-sequences and the parameters of
 * SELECT (RFC 7162 7), and parts of results (RFC 9394 4). */
#ifndef IMAP_WIRE_SYNC_H
#define IMAP_WIRE_SYNC_H
#include "formats/imap_wire/seq.h"
#include "formats/imap_wire/token.h"

struct arena;

/* mod-sequence-valzer: 63 bits. 0 is accepted also where the RFC requires a mod-sequence-value: iOS
 * sends CHANGEDSINCE 0. c may have moved on false. */
bool imap_modseq_parse(struct cur *c, uint64_t *out);

/* partial-range = nz-number ":" nz-number / "-" nz-number ":" "-" nz-number: results by position,
 * from the first or from the last one; in either order. */
struct imap_partial {
	uint32_t from, to; /* the lower one first; 0: no range */
	bool backwards;    /* counted from the last one             */
};
/* "PARTIAL" SP partial-range. c is unmoved on false when the word is another one. */
bool imap_partial_parse(struct cur *c, struct imap_partial *out);
/* partial-range */
void imap_partial_put(struct buf *out, const struct imap_partial *p);
/* The most results in the range. */
uint32_t imap_partial_width(const struct imap_partial *p);
/* The range in count results: *n of them, after *skip others. */
void imap_partial_place(const struct imap_partial *p, uint32_t count, uint32_t *skip, uint32_t *n);

/* The parameters of SELECT and EXAMINE. */
struct imap_select {
	struct str name;
	bool condstore;
	bool qresync;         /* the following fields are set only then */
	uint32_t uidvalidity; /* the client's value for the mailbox */
	uint64_t modseq;
	bool has_known;
	struct imap_seq known;             /* UIDs; resolved                                 */
	struct imap_seq match, match_uids; /* seq-match-data, ascending and of equal length; empty:
	                               * none */
};
/* mailbox [SP "(" select-param *(SP select-param) ")"] (RFC 4466 2.1) */
bool imap_select_parse(struct cur *c, struct arena *a, bool utf8, struct imap_select *out);

#endif
