/* formats/message/envelope.h: the ENVELOPE of IMAP (RFC 9051 7.5.2), and its stored record, so that
 * a FETCH of it does not open the message. */
#ifndef MESSAGE_ENVELOPE_H
#define MESSAGE_ENVELOPE_H
#include "formats/message/address.h"
#include "formats/message/mime.h"

struct unpack;

/* The strings that the header has: to IMAP, an absent one is NIL, an empty one "". */
enum envelope_has {
	ENVELOPE_DATE = BIT(0),
	ENVELOPE_SUBJECT = BIT(1),
	ENVELOPE_IN_REPLY_TO = BIT(2),
	ENVELOPE_MESSAGE_ID = BIT(3),
};

/* Strings are unfolded and otherwise raw, with encoded-words. sender and reply_to have their
 * default, from. An empty list is NIL. */
struct envelope {
	unsigned has; /* enum envelope_has */
	struct str date, subject, in_reply_to, message_id;
	struct address_list from, sender, reply_to, to, cc, bcc;
};

/* Read the envelope from a header. The first field of a name counts; address fields of one name are
 * joined. Strings borrow from header or live in a, whose maximum is set to limits->memory_bytes as
 * by message_parse. Past it, values are missing and a->full is set. */
void envelope_of(struct arena *a, struct str header, const struct message_limits *limits,
                 struct envelope *out);

/* The addresses in all lists, also those that sender and reply_to share with from. */
size_t envelope_addresses(const struct envelope *e);

/* Record form (foundation/base/pack.h). */
void envelope_pack(struct buf *out, const struct envelope *e);
/* Strings borrow from record, arrays live in a. False when record is malformed. */
bool envelope_unpack(struct arena *a, struct str record, struct envelope *out);
/* The same inside a longer record; check unpack_ok afterwards. */
void envelope_take(struct arena *a, struct unpack *u, struct envelope *out);

#endif
