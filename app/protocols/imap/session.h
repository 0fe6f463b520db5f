/* protocols/imap/session.h: one client's session, private to this folder.
 *
 *	      login            SELECT, EXAMINE
 *	GREET -----> AUTHENTICATED <-------> SELECTED        LOGOUT, BYE: from everywhere
 *
 * Besides the protocol's state there is a mode: how the next bytes from the client are
 * read. A session that waits for a command holds no memory but this struct and its
 * view. */
#ifndef IMAP_SESSION_H
#define IMAP_SESSION_H
#include <stdatomic.h>
#include "foundation/base/arena.h"
#include "foundation/base/err.h"
#include "foundation/config/live.h"
#include "model/mailbox/flags.h"
#include "model/mailbox/watch.h"
#include "network/runtime/conn.h"
#include "protocols/imap/args.h"
#include "protocols/imap/imap.h"
#include "protocols/imap/input.h"
#include "protocols/imap/reply.h"
#include "protocols/imap/view.h"
#include "protocols/line/login.h"

struct imap;
struct imap_command_row;
struct imap_contexts;
struct imap_own;
struct notify;

enum imap_state {                         /* RFC 9051 section 3 */
	          STATE_GREETED = BIT(0), /* not authenticated */
	          STATE_AUTHENTICATED = BIT(1),
	          STATE_SELECTED = BIT(2),
	          STATE_LOGOUT = BIT(3),
};

enum imap_mode {
	MODE_COMMAND, /* a command, or a part of one                               */
	MODE_ANSWER,  /* nothing: a generator writes a long answer                 */
	MODE_FINISH,  /* nothing: changes are sent before the tagged response      */
	MODE_APPEND,  /* the bytes of a message                                    */
	MODE_AUTH,    /* a line of an AUTHENTICATE exchange                        */
	MODE_IDLE,    /* the line DONE                                             */
	MODE_DRAIN,   /* a literal that is not wanted, and the rest of its command */
};

/* Extensions enabled by the client (RFC 5161), for the rest of the session. The table of
 * cmd_any.c maps words of ENABLE to bits. */
enum imap_enabled {
	ENABLED_REV2 = BIT(0), /* RFC 9051 */
	ENABLED_UTF8 = BIT(1), /* RFC 6855 */
	ENABLED_CONDSTORE = BIT(2),
	ENABLED_QRESYNC = BIT(3),
	ENABLED_UIDONLY = BIT(4),
	ENABLED_METADATA = BIT(5), /* RFC 5464 4.1: unsolicited responses */
};

/* The next step of the session. */
enum go {
	GO_ON,    /* run the next piece at once               */
	GO_PARK,  /* wait for the client or a wake-up         */
	GO_AGAIN, /* let other connections run, then continue */
	GO_CLOSE, /* send the pending output and end          */
};

/* Result of a command's action. */
enum done {
	DONE,       /* s->reply is set: sync and send it                     */
	DONE_QUIET, /* the reply was already sent: wait for the next command */
	DONE_LATER, /* a mode was entered that will call imap_finish         */
	DONE_CLOSE, /* BYE was sent or the connection is broken              */
};

/* Mod-sequences that the client of a selected mailbox has; see modseq.h. */
struct imap_modseqs {
	uint64_t highest;     /* the mailbox's at the last sync: HIGHESTMODSEQ           */
	uint64_t before_gone; /* the same before the first of selected.gone was expunged */
	uint64_t fetched;     /* the greatest that the running command sent by FETCH     */
	bool vanished;        /* the running command sent VANISHED                       */
	bool came;            /* the running command reported new messages               */
};

/* Messages that are \Recent to this session; see recent.h. */
struct imap_recent {
	struct uids uids; /* after SELECT it also has UIDs without a message */
	uint32_t n;       /* number of messages                              */
	uint32_t reported;/* n as last reported                              */
};

/* The selected mailbox. */
struct imap_selected {
	uint32_t account; /* account of its owner (place.h)                         */
	uint32_t id;      /* 0: none                                                */
	unsigned rights;  /* enum right of model/mailbox/rights.h, as last reported */
	uint32_t uidvalidity;
	bool examined; /* by EXAMINE                                                   */
	bool read_only; /* by EXAMINE, or because rights are missing                   */
	uint64_t modseq;       /* the view is the mailbox at this modseq                */
	struct imap_recent recent;
	struct imap_modseqs modseqs;
	struct view view;
	struct uids gone;       /* expunged, but not yet reported     */
	struct uids flagged;    /* changed flags, not yet reported    */
	struct uids *saved;     /* value of "$" (saved.h); NULL: none */
	struct imap_contexts *contexts; /* followed results (context.h); NULL: none */
	struct flags named;     /* keywords that a FLAGS response has named             */
	uint64_t own_modseq[4]; /* own changes already reported: not sent again; a ring */
	unsigned own_n;
};

/* Shared with committing threads; see sync.c. mailbox, who and waker are constant while
 * watch exists. */
struct imap_watched {
	struct watch *watch;
	struct waker waker;
	uint32_t mailbox, who;
	atomic_bool changed; /* since the last sync                                */
	atomic_bool idling;  /* wake the session when it changes                   */
	atomic_bool keys;    /* URLs of it were revoked, which is not yet reported */
};

/* The command that is being run. Empty between commands. */
struct imap_running {
	struct arena arena; /* all memory of the command; freed at its end           */
	struct str tag;
	struct str name;
	bool uid;
	uint32_t lowest; /* lowest UID processed; lower ones were cut off
	                  * (message_limit.h). 0: no cut */
	bool numbers; /* it has message numbers besides UIDs: numbers must not shift */
	bool unpacks; /* compression of input ends after its reply                   */
	const struct imap_command_row *row;
	union imap_args *args;
	/* MODE_ANSWER: answer writes until the output is full and returns DONE_LATER to
	 * be called again. release frees the memory of task outside the arena, always. */
	enum done (*answer)(struct imap *s);
	void (*release)(void *task);
	void *task;
	int64_t progress_ms; /* clock when progress was last reported; 0: not yet started */
};

struct imap {
	struct conn *conn;
	const struct imap_server *server;
	const struct settings *settings; /* a reference */
	enum imap_state state;
	enum imap_mode mode;
	unsigned enabled;         /* enum imap_enabled              */
	unsigned errors;          /* bad commands in a row          */
	unsigned unauthenticated; /* times UNAUTHENTICATE was used  */
	bool eof;                 /* the client has closed its side */
	struct login_session login;
	struct imap_input input;
	struct imap_running run;
	struct imap_reply reply; /* of the running command */
	struct imap_selected selected;
	struct imap_watched watched;
	struct notify *notify; /* notify.h; NULL: NOTIFY was not used */
	struct imap_own *own;  /* own_changes.h; NULL: nothing is recorded    */
};

/* Run the command whose whole text is in s->input (and, for an APPEND, all but the
 * message). */
enum go imap_command(struct imap *s);
/* Continue with the result of action or answer. */
enum go imap_went(struct imap *s, enum done done);
/* Sync as the command's row allows, send the tagged response, and wait for the next
 * command. If the output fills up, continue in MODE_FINISH. */
enum go imap_finish(struct imap *s);
/* Send the reply that is set for a command that did not run; its tag may be unknown. */
enum go imap_answer(struct imap *s);
/* Set a reply and send it. */
enum go imap_refuse(struct imap *s, enum imap_cond cond, const char *code, const char *text);
/* Send BYE. */
enum go imap_bye(struct imap *s, const char *text);

/* Restart the idle timeout. */
void imap_deadline(struct imap *s);

/* Has the client enabled any of these? */
static inline bool imap_enabled(const struct imap *s, unsigned any)
{
	return (s->enabled & any) != 0;
}

/* Does the client speak IMAP4rev2? */
static inline bool imap_rev2(const struct imap *s)
{
	return imap_enabled(s, ENABLED_REV2);
}

/* Are names UTF-8 on the wire (RFC 9051 5.1, RFC 6855 3), not modified UTF-7? */
static inline bool imap_utf8(const struct imap *s)
{
	return imap_enabled(s, ENABLED_REV2 | ENABLED_UTF8);
}

/* Output buffer of the connection. */
static inline struct buf *imap_out(struct imap *s)
{
	return conn_out(s->conn);
}

#endif
