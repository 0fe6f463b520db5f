/* formats/imap_wire/command.h: the beginning of every command, and commands with a short grammar.
 * The longer ones have a file each. */
#ifndef IMAP_WIRE_COMMAND_H
#define IMAP_WIRE_COMMAND_H
#include "formats/imap_wire/seq.h"
#include "formats/imap_wire/token.h"

struct arena;

/* command = tag SP ["UID" SP] name; args is the rest, with its space. Borrows from c. */
struct imap_command {
	struct str tag; /* also set when the parse fails after it, otherwise empty */
	struct str name;
	bool uid;
	struct cur args;
};
bool imap_command_parse(struct cur *c, struct imap_command *out);

/* STATUS = mailbox SP "(" status-att *(SP status-att) ")" (RFC 9051 6.3.11). */
enum imap_status {
	STATUS_MESSAGES = BIT(0),
	STATUS_RECENT = BIT(1),
	STATUS_UIDNEXT = BIT(2),
	STATUS_UIDVALIDITY = BIT(3),
	STATUS_UNSEEN = BIT(4),
	STATUS_DELETED = BIT(5),       /* RFC 9051 */
	STATUS_SIZE = BIT(6),          /* RFC 8438 */
	STATUS_HIGHESTMODSEQ = BIT(7), /* RFC 7162 */
	STATUS_APPENDLIMIT = BIT(8),   /* RFC 7889 */
	STATUS_MAILBOXID = BIT(9),     /* RFC 8474 */
	STATUS_DELETED_STORAGE = BIT(10), /* RFC 9208 */
};
bool imap_status_list_parse(struct cur *c, unsigned *out);
/* The attribute's name on the wire; one bit. */
struct str imap_status_name(unsigned bit);

/* ID params (RFC 2971 3.3). *client is the name and the version, in a; empty when there is none.
 * Other fields are checked and ignored. */
bool imap_id_parse(struct cur *c, struct arena *a, struct str *client);

/* store = seq SP ["(" store-modifier ")" SP] ["+" / "-"] "FLAGS" [".SILENT"] SP
 *         (flag-list / flag *(SP flag)) */
enum imap_store_mode { STORE_REPLACE, STORE_ADD, STORE_REMOVE };
struct imap_store {
	struct imap_seq set;
	enum imap_store_mode mode;
	bool silent;
	bool conditional; /* UNCHANGEDSINCE (RFC 7162 3.1.3) */
	uint64_t unchanged_since;
	struct imap_strs flags;
};
bool imap_store_parse(struct cur *c, struct arena *a, struct imap_store *out);

#endif
