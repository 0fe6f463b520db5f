/* protocols/imap/fetch/section.h: the bytes of BODY[section] (RFC 9051 6.4.5.1). */
#ifndef IMAP_SECTION_H
#define IMAP_SECTION_H
#include "formats/imap_wire/fetch.h"
#include "formats/message/structure.h"
#include "model/mailbox/email.h"

struct arena;

/* Where a section's bytes come from. */
struct section_source {
	bool present;    /* else the section is NIL                   */
	bool made;       /* the bytes are in text, not in the message */
	struct str text; /* chosen header fields; lives in the arena  */
	uint64_t offset; /* in the message, with the partial applied  */
	uint64_t size;
};

/* Find a section of a message. Reads the header if fields are selected. st is the
 * message's structure; it may be NULL if section_needs_structure is false. */
enum err section_find(const struct mail_txn *m, const struct email *email,
                      const struct structure *st, const struct imap_section *s, struct arena *a,
                      struct section_source *out) MUST_USE;

/* The part whose content or text the section is. PART_NONE: a header, a message with its
 * header, or a part that does not exist. */
uint32_t section_part(const struct structure *st, const struct imap_section *s);

/* The section is within a part: not the whole message, its header or its text. */
bool section_needs_structure(const struct imap_section *s);

#endif
