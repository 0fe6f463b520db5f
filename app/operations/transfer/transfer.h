/* operations/transfer/transfer.h: import and export of mail: Maildirs, mbox files, IMAP
 * servers.
 *
 *	source                               pure part           imports it
 *	  Maildir++, Maildir in folders      wire_maildir.h      maildir.c
 *	  mbox of all kinds                  wire_mbox.h         mbox.c
 *	  an IMAP server                     wire_imap.h         pull.c, by remote.h, folders.c
 *	                      all put their messages into        sink.h
 *	export                                                   export.c
 *	imports in the background                                imports.h
 *
 * An import may be stopped at any point and run again: a message is not imported if its
 * mailbox has one with the same bytes and the same internal date. */
#ifndef TRANSFER_H
#define TRANSFER_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"
#include "model/mailbox/mailbox.h"

struct arena;
struct mailboxes;
struct message_limits;
struct store;

struct transfer_counts {
	uint64_t imported;
	uint64_t known;   /* existed already                            */
	uint64_t skipped; /* unreadable or too large; each was reported */
	uint64_t bytes;   /* of the imported ones                       */
};

/* A mailbox of the remote server, and its target. */
struct transfer_folder {
	struct str from;        /* its name there: UTF-8, "/" between levels */
	struct str to;          /* the local mailbox; empty: excluded */
	enum mailbox_role role; /* unless none: the mailbox of this role, whatever its name */
	bool view;              /* shows messages of other mailboxes: only those not found
	                         * there are imported */
	const char *problem;    /* why it is excluded without a rule, or "" */
	uint64_t messages;      /* number of messages; 0 also if the server did not report it */
	struct str name;        /* as the server sends it */
};

/* Callbacks, on the working thread. arg is the first argument of each. */
struct transfer_watch {
	void *arg;
	/* The mailboxes of an IMAP server: folders live until the end. May be NULL. */
	void (*folders)(void *arg, const struct transfer_folder *folders, size_t count);
	/* The mailbox of this index begins: messages handled by earlier runs, and total
	 * to do. */
	void (*begin)(void *arg, size_t folder, uint64_t earlier, uint64_t total);
	/* done of total messages of a mailbox, counts so far, NULL for an export; total
	 * 0: unknown. */
	void (*step)(void *arg, struct str mailbox, uint64_t done, uint64_t total,
	             const struct transfer_counts *counts);
	/* A mailbox is finished, and its messages are on disk. */
	void (*mailbox)(void *arg, struct str mailbox, const struct transfer_counts *counts);
	/* An item was skipped, and why; both may contain any bytes: escape them. */
	void (*skipped)(void *arg, struct str what, struct str why);
	/* Continue? Called often, also while waiting for the server. NULL: yes. */
	bool (*go_on)(void *arg);
	/* bytes were requested and received within ms; it may pause. May be NULL. */
	void (*rest)(void *arg, uint64_t bytes, int64_t ms);
};

struct transfer {
	struct store *store;
	const struct mailboxes *mailboxes;
	const struct message_limits *limits;
	const struct transfer_watch *watch;
	uint32_t account;
};

/* Import every folder below path: a Maildir with Maildir++ folders (".Sent.2024") or
 * plain ones ("Sent/2024"), or a folder of Maildirs. Symbolic links below path are not
 * followed: they could lead to mail of others. ERR_MISSING: there is no Maildir;
 * ERR_LIMIT: the quota is used up. Mail imported before an error stays. */
enum err transfer_maildir(const struct transfer *t, const char *path, struct why *why) MUST_USE;

/* Import one mbox file (RFC 4155; mboxo, mboxrd, mboxcl, mboxcl2) into a mailbox, which
 * is created if missing. ERR_SYNTAX: it is not an mbox. */
enum err transfer_mbox(const struct transfer *t, const char *path, struct str mailbox,
                       struct why *why) MUST_USE;

/* Write everything into path, which must be empty or missing: as Maildir++, or with mbox
 * one file for each mailbox (mboxrd, LF). A Maildir has each message byte for byte. */
enum err transfer_export(const struct transfer *t, const char *path, bool mbox,
                         struct why *why) MUST_USE;

struct dns;
struct trust;
/* Maps a remote mailbox, with all below it, to a local one; to empty: exclude it. The
 * longest rule counts. Names as in struct transfer_folder. */
struct transfer_rule {
	struct str from, to;
};
struct transfer_pull {
	struct str host;
	uint16_t port;
	bool tls_first; /* imaps; else STARTTLS, which the server must offer */
	bool public_only; /* only to addresses of addr_is_public; else to any */
	struct str user, password;
	const struct trust *trust; /* roots for its certificate, which must have host's name */
	struct dns *dns;
	const struct transfer_rule *rules;
	size_t rule_count;
	uint32_t message_max; /* bytes; larger ones are skipped. At most LIMIT_transfer_message */
};
/* Import a user's mail from an IMAP server. A remote mailbox with a role (RFC 6154), or
 * the usual name of one if the server sends no roles, goes to the local one with that
 * role. Imported and skipped messages are recorded by UIDVALIDITY and UID, in the
 * transaction that stores the mail: the next run requests newer messages, and skipped
 * ones once more. ERR_DENIED: the login was refused, or the address is not allowed;
 * ERR_RETRY, ERR_IO: the server was unreachable, or the connection broke: run it again.
 * ERR_LIMIT: the quota is used up. */
enum err transfer_pull(const struct transfer *t, const struct transfer_pull *from,
                       struct why *why) MUST_USE;
/* Log in and list the mailboxes and their targets, in a. go_on as in transfer_watch. */
enum err transfer_look(const struct transfer_pull *from, bool (*go_on)(void *arg), void *arg,
                       struct arena *a, struct transfer_folder **folders, size_t *count,
                       struct why *why) MUST_USE;

#endif
