/* protocols/imap/args.h: the parsed arguments of a command, from its grammar to its
 * action. */
#ifndef IMAP_ARGS_H
#define IMAP_ARGS_H
#include "formats/imap_wire/append.h"
#include "formats/imap_wire/command.h"
#include "formats/imap_wire/fetch.h"
#include "formats/imap_wire/list.h"
#include "formats/imap_wire/metadata.h"
#include "formats/imap_wire/notify.h"
#include "formats/imap_wire/quota.h"
#include "formats/imap_wire/search.h"
#include "formats/imap_wire/sort.h"
#include "formats/imap_wire/sync.h"
#include "model/mailbox/mailbox.h"

struct imap_args_login {
	struct str name, password;
};
struct imap_args_auth {
	struct str mech;
	struct str initial;
	bool has_initial;
};
struct imap_args_create {
	struct str name;
	enum mailbox_role role;
	bool role_unknown; /* a special use that this server does not support: NO
	                    * [USEATTR] */
};
struct imap_args_two { /* RENAME: from, to; COPY, MOVE: only name */
	struct imap_seq set;
	struct str name, to;
};
struct imap_args_acl {
	struct str name; /* of the mailbox */
	struct str identifier;
	struct str rights; /* SETACL */
};
struct imap_args_status {
	struct str name;
	unsigned items;
};
struct imap_args_notify {
	struct str text; /* borrowed from the command; parsed again into longer-lived
	                  * memory */
	struct imap_notify what;
};

/* The row of the command table implies which member is set: parse writes it, act reads
 * it. */
/* Items of URLFETCH (RFC 5524 3.1). */
enum imap_url_item {
	IMAP_URL_BODY = BIT(0),
	IMAP_URL_BINARY = BIT(1), /* never with BODY */
	IMAP_URL_STRUCTURE = BIT(2),
};
struct imap_url_request {
	struct str url;
	unsigned items; /* enum imap_url_item; 0: the form of RFC 4467 */
};
struct imap_args_urlfetch {
	struct imap_url_request *items;
	size_t n;
};

union imap_args {
	struct str name;   /* a mailbox      */
	struct str client; /* argument of ID */
	struct imap_strs enable;
	struct imap_strs urls; /* GENURLAUTH */
	struct imap_args_urlfetch urlfetch;
	struct imap_strs tags; /* CANCELUPDATE */
	struct imap_seq set;
	struct imap_args_login login;
	struct imap_args_auth auth;
	struct imap_args_create create;
	struct imap_args_two two;
	struct imap_args_acl acl;
	struct imap_metadata metadata;
	struct imap_args_notify notify;
	struct imap_setquota setquota;
	struct imap_args_status status;
	struct imap_append append;
	struct imap_fetch fetch;
	struct imap_list list;
	struct imap_search search;
	struct imap_esearch esearch;
	struct imap_sort sort;
	struct imap_thread thread;
	struct imap_select select;
	struct imap_store store;
};

/* Input of a grammar besides the text. */
struct imap_parse {
	struct arena *arena; /* for results: the command's */
	bool utf8;           /* names are UTF-8, not modified UTF-7 */
	bool literal;        /* a literal with the bytes of a message follows the text */
	union imap_args *args;
};

/* Parse the arguments from the space behind the command's name to the end. */
typedef bool imap_parse_fn(struct cur *c, struct imap_parse *p);

imap_parse_fn imap_parse_getmetadata, imap_parse_quotaroot, imap_parse_setmetadata,
	imap_parse_setquota, imap_parse_notify, imap_parse_esearch;
imap_parse_fn imap_parse_identifier, imap_parse_setacl, imap_parse_none, imap_parse_login,
	imap_parse_authenticate, imap_parse_id, imap_parse_enable, imap_parse_mailbox,
	imap_parse_create, imap_parse_rename, imap_parse_list, imap_parse_lsub, imap_parse_status,
	imap_parse_append, imap_parse_search, imap_parse_sort, imap_parse_thread, imap_parse_fetch,
	imap_parse_store, imap_parse_copy, imap_parse_uids, imap_parse_select;
imap_parse_fn imap_parse_compress, imap_parse_genurlauth, imap_parse_replace, imap_parse_resetkey,
	imap_parse_tags, imap_parse_urlfetch;

#endif
