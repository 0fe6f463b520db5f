/* protocols/imap/fetch/section.h: the bytes of BODY[section] (RFC 9051 6.4.5.1). */
#ifndef IMAP_SECTION_H
#define IMAP_SECTION_H
#include "formats/imap_wire/fetch.h"
#include "formats/message/structure.h"
#include "model/mailbox/email.h"

struct arena;

/* Where a section's bytes come from. */
struct section_source {
	bool present;    /* else it is NIL                                      */
	bool made;       /* it is not a piece of the message but in text        */
	struct str text; /* chosen header fields; lives in the arena            */
	uint64_t offset; /* in the message, the partial already cut out         */
	uint64_t size;
};

/* Find the section of a message. Reads the header when fields have to be chosen. st is
 * the message's structure, NULL when the section does not need it (see below). */
enum err section_find(const struct mail_txn *m, const struct email *email,
                      const struct structure *st, const struct imap_section *s, struct arena *a,
                      struct section_source *out) MUST_USE;

/* The part whose content the section is, all of it or its text; PART_NONE: it is a header, or a
 * message with its header, or there is no such part. */
uint32_t section_part(const struct structure *st, const struct imap_section *s);

/* It is a part of the message, and not the message, its header or its text as it is. */
bool section_needs_structure(const struct imap_section *s);

#endif
