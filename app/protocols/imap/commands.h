/* protocols/imap/commands.h: the table of commands. */
#ifndef IMAP_COMMANDS_H
#define IMAP_COMMANDS_H
#include "protocols/imap/session.h"

/* When untagged responses may be sent (RFC 9051 5.2, 5.5 and 7.5.1), and which forms a
 * command has. */
enum {
	SYNC_NONE = 0,         /* none before the tagged response           */
	SYNC_SAFE = BIT(0),    /* changes by other sessions, but no EXPUNGE */
	SYNC_ALL = BIT(1),     /* all changes                               */
	SYNC_UID_ALL = BIT(2), /* SYNC_ALL in the form "UID name", which has no message
	                        * numbers */
	UID_ALSO = BIT(3),     /* there is a UID form                                    */
	UID_ONLY = BIT(4),     /* there is only the UID form, or it has a row of its own */
	SECRET = BIT(5),       /* its text may hold a password                           */
	MESSAGES = BIT(6),     /* its literals are streamed, not gathered: append.h      */
	NEWS = BIT(7),         /* changes are sent even if the client has silenced the
	                        * selected mailbox by NOTIFY */
	NUMBERS = SYNC_SAFE | SYNC_UID_ALL | UID_ALSO, /* FETCH, SEARCH, STORE */
};

struct imap_command_row {
	struct str name;
	unsigned states; /* enum imap_state */
	unsigned flags;
	imap_parse_fn *parse;
	enum done (*act)(struct imap *s, union imap_args *args);
};

/* Sorted by name, a plain row before its UID_ONLY twin. */
extern const struct imap_command_row imap_commands[];
extern const size_t imap_command_count;

/* NULL if there is no such command. name in any case. */
const struct imap_command_row *imap_command_find(struct str name, bool uid);

typedef enum done imap_act_fn(struct imap *s, union imap_args *args);

imap_act_fn imap_cmd_getmetadata, imap_cmd_getquota, imap_cmd_getquotaroot, imap_cmd_setmetadata,
	imap_cmd_setquota;
imap_act_fn imap_cmd_deleteacl, imap_cmd_getacl, imap_cmd_listrights, imap_cmd_myrights,
	imap_cmd_setacl;
imap_act_fn imap_cmd_append, imap_cmd_authenticate, imap_cmd_capability, imap_cmd_close,
	imap_cmd_copy, imap_cmd_create, imap_cmd_delete, imap_cmd_enable, imap_cmd_examine,
	imap_cmd_expunge, imap_cmd_fetch, imap_cmd_getjmapaccess, imap_cmd_id, imap_cmd_idle,
	imap_cmd_list, imap_cmd_login, imap_cmd_logout, imap_cmd_lsub, imap_cmd_move,
	imap_cmd_namespace, imap_cmd_noop, imap_cmd_rename, imap_cmd_search,
	imap_cmd_select, imap_cmd_sort, imap_cmd_thread,
	imap_cmd_starttls, imap_cmd_status, imap_cmd_store, imap_cmd_subscribe,
	imap_cmd_uid_expunge, imap_cmd_unauthenticate, imap_cmd_unselect, imap_cmd_unsubscribe;
imap_act_fn imap_cmd_cancelupdate, imap_cmd_compress, imap_cmd_esearch, imap_cmd_genurlauth,
	imap_cmd_notify,
	imap_cmd_replace, imap_cmd_resetkey, imap_cmd_urlfetch;

/* Input handlers of modes: each consumes the bytes that have arrived. */
enum go imap_append_input(struct imap *s);
enum go imap_auth_input(struct imap *s);
enum go imap_idle_input(struct imap *s);

/* Append "CAPABILITY IMAP4rev1 ..." without CRLF. */
void imap_capability_put(struct imap *s, struct buf *out);
/* The reply to an APPEND is set before its message has arrived. DONE: the client will not
 * send the message; DONE_LATER: the message is drained first. */
enum done imap_message_drop(struct imap *s);
/* Leave the selected mailbox without expunging it. No-op if none is selected. */
void imap_deselect(struct imap *s);

#endif
