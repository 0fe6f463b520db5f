/* formats/imap_wire/fetch.h: the items and modifiers of FETCH (RFC 9051 6.4.5). */
#ifndef IMAP_WIRE_FETCH_H
#define IMAP_WIRE_FETCH_H
#include "formats/imap_wire/seq.h"
#include "formats/imap_wire/sync.h"
#include "formats/imap_wire/token.h"

struct arena;

enum imap_fetch_item {
	FETCH_UID = BIT(0),
	FETCH_FLAGS = BIT(1),
	FETCH_INTERNALDATE = BIT(2),
	FETCH_SIZE = BIT(3), /* RFC822.SIZE                          */
	FETCH_ENVELOPE = BIT(4),
	FETCH_BODY = BIT(5), /* the structure without extension data */
	FETCH_BODYSTRUCTURE = BIT(6),
	FETCH_MODSEQ = BIT(7),   /* RFC 7162 3.1.4.2 */
	FETCH_SAVEDATE = BIT(8), /* RFC 8514 */
	FETCH_EMAILID = BIT(9),  /* RFC 8474 */
	FETCH_THREADID = BIT(10),
	FETCH_PREVIEW = BIT(11), /* RFC 8970 */
};

enum imap_section_kind {
	IMAP_SECTION_ALL, /* BODY[] or BODY[1.2] */
	IMAP_SECTION_HEADER,
	IMAP_SECTION_FIELDS,     /* HEADER.FIELDS */
	IMAP_SECTION_FIELDS_NOT, /* HEADER.FIELDS.NOT */
	IMAP_SECTION_TEXT,
	IMAP_SECTION_MIME,
};

enum imap_section_form {
	IMAP_FORM_BODY,
	IMAP_FORM_BINARY, /* BINARY[1.2]: without its transfer encoding */
	IMAP_FORM_SIZE,   /* BINARY.SIZE[1.2] */
};

enum { IMAP_FIELDS_MAX = 500 }; /* names of a section: each costs a scan of all fields */

/* BODY[section]<offset.size>; RFC822 and the like are other names of such sections. */
struct imap_section {
	enum imap_section_form form;
	enum imap_section_kind kind;
	uint32_t *path; /* part numbers; NULL: the message */
	size_t path_n;
	struct imap_strs fields;
	struct str alias; /* "RFC822", "RFC822.HEADER", "RFC822.TEXT": its name; else empty */
	bool peek;        /* does not set \Seen */
	bool partial;
	uint64_t offset, size;
};

struct imap_fetch {
	struct imap_seq set;
	unsigned items; /* enum imap_fetch_item */
	struct imap_section *sections;
	size_t section_n;
	/* Modifiers (RFC 4466 2.4). */
	/* Only changes since this modseq (RFC 7162 3.1.4.1); MODSEQ is then in items. */
	bool changed;
	uint64_t changed_since;
	bool vanished;               /* and UIDs expunged since then: RFC 7162 3.2.6 */
	struct imap_partial partial; /* a range of these messages: RFC 9394 3.3 */
};

/* sequence-set SP ("ALL" / "FULL" / "FAST" / fetch-att / "(" fetch-att *(SP fetch-att) ")")
 * [SP "(" fetch-modifier *(SP fetch-modifier) ")"] */
bool imap_fetch_parse(struct cur *c, struct arena *a, struct imap_fetch *out);
/* The items part of that grammar; adds to *out. */
bool imap_fetch_atts_parse(struct cur *c, struct arena *a, struct imap_fetch *out);
/* Add the items of more that out does not have, copied into a. */
void imap_fetch_atts_add(struct arena *a, struct imap_fetch *out, const struct imap_fetch *more);
/* section-spec, up to a "]" or the end; s is empty before. */
bool imap_section_spec_parse(struct cur *c, struct arena *a, struct imap_section *s);
/* Is a section not a peek, so that the messages become \Seen? */
bool imap_fetch_marks_seen(const struct imap_fetch *f);

/* The section's name as a FETCH response writes it (without the size of the partial). */
void imap_section_put(struct buf *out, const struct imap_section *s);

#endif
