/* formats/message/structure.h: the stored form of the MIME tree: the data of BODYSTRUCTURE (RFC
 * 9051 7.5.2), and the position of each part, so that BODY[1.2] and BODY[1.MIME] need only a slice
 * of the message. */
#ifndef MESSAGE_STRUCTURE_H
#define MESSAGE_STRUCTURE_H
#include "formats/message/envelope.h"
#include "formats/message/mime.h"
#include "formats/message/param.h"

struct structure_part {
	uint32_t parent, first_child, next; /* as in struct part */
	enum part_kind kind;
	struct span header, body; /* in the whole message                              */
	uint32_t body_lines;
	struct str type, subtype; /* as from message_type */
	struct param_list params; /* raw: RFC 2231 pieces are not joined */
	struct str encoding;      /* as written, "7BIT" when absent                    */
	struct str id, description, md5, language, location; /* empty: NIL             */
	struct str disposition; /* empty: NIL                                        */
	struct param_list disposition_params;
	struct envelope *envelope; /* of a PART_MESSAGE: that of its child; else NULL  */
};

struct structure {
	struct structure_part *parts; /* parts[0] is the message */
	uint32_t n;
};

/* Strings borrow from the message or live in a. False: a has reached its maximum, now or before
 * (see message_parse), and *out is incomplete. */
bool structure_of(struct arena *a, const struct message *m, const struct message_limits *limits,
                  struct structure *out) MUST_USE;

void structure_pack(struct buf *out, const struct structure *s);
/* Strings borrow from record, arrays live in a. False when record is malformed, or its tree
 * inconsistent; so a result can be walked without checks. */
bool structure_unpack(struct arena *a, struct str record, struct structure *out);

enum { STRUCTURE_PATH_MAX = 64 }; /* numbers in a path; depth is limited well below */

/* The part of an IMAP section ("1.2.3"; RFC 9051 6.4.5.1): empty is the message itself; the only
 * part of a message that is not a multipart is its part 1; numbers below a message/rfc822 part
 * count the parts of the message in it. PART_NONE when there is no such part. */
uint32_t structure_find(const struct structure *s, const uint32_t *path, size_t n);
/* The same with the path as text. False also when it is malformed. */
bool structure_find_text(const struct structure *s, struct str path, uint32_t *part);

enum structure_section {
	SECTION_ALL,    /* BODY[] / BODY[1]: the content; for the message itself all of it */
	SECTION_HEADER, /* BODY[HEADER] / BODY[1.HEADER]: of the message, or of the one in   */
	SECTION_TEXT,   /* BODY[TEXT] / BODY[1.TEXT]:     a message/rfc822 part              */
	SECTION_MIME,   /* BODY[1.MIME]: the part's own header                               */
};

/* The position of a section. False when the section does not exist: HEADER and TEXT of a part that
 * is not a message, MIME with an empty path, no such part. */
bool structure_slice(const struct structure *s, const uint32_t *path, size_t n,
                     enum structure_section section, struct span *out);

#endif
