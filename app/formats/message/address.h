/* formats/message/address.h: address lists of From, To, Cc and so on (RFC 5322 3.4 and 4.4).
 *
 * Lenient: malformed addresses must stay visible to the recipient. For the strict grammar of SMTP
 * see formats/message/mailaddr.h. */
#ifndef MESSAGE_ADDRESS_H
#define MESSAGE_ADDRESS_H
#include "foundation/base/buf.h"

struct arena;

enum address_kind {
	ADDRESS_MAILBOX,
	ADDRESS_GROUP_BEGIN, /* name is the group's name, the rest is empty */
	ADDRESS_GROUP_END,   /* all empty                                   */
};

/* Quotes, escapes and comments are removed; encoded-words are unchanged (IMAP needs them raw;
 * formats/message/encword.h decodes). 8-bit bytes are kept. One line, no NUL. */
struct address {
	enum address_kind kind;
	struct str name;   /* display name; else the comment after the address ("obsolete")  */
	struct str route;  /* source route "@a,@b" (RFC 5322 4.4), usually empty */
	struct str local;  /* without quotes                                                 */
	struct str domain; /* empty when the text had none                                   */
};

struct address_list {
	struct address *items;
	size_t n;
	bool limited; /* there were more */
};

/* Parse a field value, folded or not. Never fails: text without an address becomes a mailbox
 * without domain, empty text is skipped. Every GROUP_BEGIN has its GROUP_END; groups do not nest.
 * At most max items, and fewer when a is full (arena_cap). Strings borrow from value where they are
 * contiguous there, otherwise live in a. */
void address_list_parse(struct arena *a, struct str value, size_t max, struct address_list *out);
/* The same, appended to a list that one of these functions has made; max is for all items. Linear
 * in value for any number of calls. */
void address_list_more(struct arena *a, struct str value, size_t max, struct address_list *list);

/* Append local@domain, the local part quoted when it must be (RFC 5322 3.4.1). */
void address_put_spec(struct buf *out, const struct address *addr);
/* Append name <local@domain>, or only the spec when there is no name. The name is quoted when
 * needed, not encoded. */
void address_put(struct buf *out, const struct address *addr);

/* Append a local part or a display name, as a quoted-string when it must be one. */
void address_put_local(struct buf *out, struct str local);
void address_put_name(struct buf *out, struct str name);
/* A byte of an atom (RFC 5322 3.2.3; 8-bit ones by RFC 6532 3.2). */
bool address_is_atext(unsigned char c);

#endif
