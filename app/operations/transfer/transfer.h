/* operations/transfer/transfer.h: mail that moves in and out: Maildirs, mbox files, other servers.
 *
 *	source                               pure part           brings it
 *	  Maildir++, Maildir in folders      wire_maildir.h      maildir.c
 *	  mbox of all kinds                  wire_mbox.h         mbox.c
 *	  an IMAP server                     wire_imap.h         pull.c, by remote.h, folders.h
 *	                      all put their messages into        sink.h
 *	and out again                                            export.c
 *	pulls that run in the server                             imports.h
 *
 * Whatever brings mail may be stopped at any point and run again: a message is not brought a
 * second time when its mailbox holds one of the same bytes and the same internal date. */
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
	uint64_t brought;
	uint64_t known;   /* were there already                       */
	uint64_t skipped; /* could not be read or kept; each was told */
	uint64_t bytes;   /* of those that were brought               */
};

/* A mailbox of another server, and where it goes. */
struct transfer_folder {
	struct str from;        /* its name there: UTF-8, "/" between levels              */
	struct str to;          /* the mailbox here; empty: it is left out                */
	enum mailbox_role role; /* unless none: the mailbox of this role, whatever its name */
	bool view;              /* shows messages of others: only what no other has comes */
	const char *problem;    /* why it is left out without a rule that says so, or ""  */
	uint64_t messages;      /* in it, those known too; 0 also when the server did not say */
	struct str name;        /* as the server says it */
};

/* Who is told, on the thread that works. arg is the first argument of each. */
struct transfer_watch {
	void *arg;
	/* What there is, of an IMAP server: folders live until the end. NULL: nobody asks. */
	void (*folders)(void *arg, const struct transfer_folder *folders, size_t count);
	/* The one with this index begins: what earlier runs have dealt with, and what is to do. */
	void (*begin)(void *arg, size_t folder, uint64_t earlier, uint64_t total);
	/* done of total messages of a mailbox, counts of it so far, NULL going out;
	 * total 0: not known. */
	void (*step)(void *arg, struct str mailbox, uint64_t done, uint64_t total,
	             const struct transfer_counts *counts);
	/* A mailbox is finished, and what there is of it is on the disk. */
	void (*mailbox)(void *arg, struct str mailbox, const struct transfer_counts *counts);
	/* Something was left out, and why; both may hold anything: escape them. */
	void (*skipped)(void *arg, struct str what, struct str why);
	/* Shall it go on? Asked often, while the other server is waited for, too. NULL: yes. */
	bool (*go_on)(void *arg);
	/* So many bytes were asked for, and came within ms; it may rest. NULL: it does not. */
	void (*rest)(void *arg, uint64_t bytes, int64_t ms);
};

struct transfer {
	struct store *store;
	const struct mailboxes *mailboxes;
	const struct message_limits *limits;
	const struct transfer_watch *watch;
	uint32_t account;
};

/* Bring every folder below path: a Maildir with Maildir++ folders (".Sent.2024") or plain ones
 * ("Sent/2024"), or a folder of Maildirs. Symbolic links below path are not followed: they could
 * lead to mail of others. ERR_MISSING: nothing there is a Maildir; ERR_LIMIT: the quota is used
 * up. What came before an error stays. */
enum err transfer_maildir(const struct transfer *t, const char *path, struct why *why) MUST_USE;

/* Bring one mbox file (RFC 4155; mboxo, mboxrd, mboxcl, mboxcl2) into a mailbox, which is made
 * when it is not there. ERR_SYNTAX: it is no mbox. */
enum err transfer_mbox(const struct transfer *t, const char *path, struct str mailbox,
                       struct why *why) MUST_USE;

/* Write everything into path, which must be empty or not be there: as Maildir++, or with mbox
 * one file for each mailbox (mboxrd, LF). A Maildir holds each message byte for byte. */
enum err transfer_export(const struct transfer *t, const char *path, bool mbox,
                         struct why *why) MUST_USE;

struct dns;
struct trust;
/* A mailbox there, with all below it, goes to one here; to nowhere when that is empty. The
 * longest rule counts. Names as in struct transfer_folder. */
struct transfer_rule {
	struct str from, to;
};
struct transfer_pull {
	struct str host;
	uint16_t port;
	bool tls_first; /* imaps; else STARTTLS, which the server must offer */
	bool public_only; /* addr_is_public; else it may be any */
	struct str user, password;
	const struct trust *trust; /* the certificate must lead to it, and carry host's name */
	struct dns *dns;
	const struct transfer_rule *rules;
	size_t rule_count;
	uint32_t message_max; /* bytes; larger ones are left out. At most LIMIT_transfer_message */
};
/* Bring what an IMAP server keeps for a user. A mailbox there with a role (RFC 6154), or the name
 * that such a one has when the server tells no roles at all, fills the one here with that role.
 * What was brought is remembered by UIDVALIDITY and UID, in the transaction that stores it, and
 * what was left out as well: the next run asks for newer messages, and once more for those.
 * ERR_DENIED: the login was refused, or the address is not allowed; ERR_RETRY, ERR_IO: the server
 * could not be reached, or the connection broke: run it again. ERR_LIMIT: the quota is used up. */
enum err transfer_pull(const struct transfer *t, const struct transfer_pull *from,
                       struct why *why) MUST_USE;
/* Only log in and look: what there is and where it would go, in a. go_on as in the watch. */
enum err transfer_look(const struct transfer_pull *from, bool (*go_on)(void *arg), void *arg,
                       struct arena *a, struct transfer_folder **folders, size_t *count,
                       struct why *why) MUST_USE;

#endif
