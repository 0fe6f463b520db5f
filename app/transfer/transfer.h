/* transfer/transfer.h: mail that moves in and out: Maildirs, mbox files, other servers.
 *
 *	source                               pure part           brings it
 *	  Maildir++, Maildir in folders      wire_maildir.h      maildir.c
 *	  mbox of all kinds                  wire_mbox.h         mbox.c
 *	  an IMAP server                     wire_imap.h         pull.c, by remote.h
 *	                      all put their messages into        sink.h
 *	and out again                                            export.c
 *
 * Whatever brings mail may be stopped at any point and run again: a message is not brought a
 * second time when its mailbox holds one of the same bytes and the same internal date. */
#ifndef TRANSFER_TRANSFER_H
#define TRANSFER_TRANSFER_H
#include "base/err.h"
#include "base/str.h"

struct mailboxes;
struct message_limits;
struct store;

struct transfer_counts {
	uint64_t brought;
	uint64_t known;   /* were there already                       */
	uint64_t skipped; /* could not be read or kept; each was told */
};

/* Who is told, on the thread that works. arg is the first argument of each. */
struct transfer_watch {
	void *arg;
	/* done of total messages of a mailbox; total 0: not known. */
	void (*step)(void *arg, struct str mailbox, uint64_t done, uint64_t total);
	/* A mailbox is finished, and what there is of it is on the disk. */
	void (*mailbox)(void *arg, struct str mailbox, const struct transfer_counts *counts);
	/* Something was left out, and why; both may hold anything: escape them. */
	void (*skipped)(void *arg, struct str what, struct str why);
	/* Shall it go on? NULL: yes. */
	bool (*go_on)(void *arg);
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
struct transfer_pull {
	struct str host;
	uint16_t port;
	bool tls_first; /* imaps; else STARTTLS, which the server must offer */
	struct str user, password;
	const struct trust *trust; /* the certificate must lead to it, and carry host's name */
	struct dns *dns;
};
/* Bring what an IMAP server keeps for a user. A mailbox there with a role (RFC 6154) fills the
 * one here with that role. What was brought is remembered by UIDVALIDITY and UID, in the
 * transaction that stores it: the next run asks for newer messages only.
 * ERR_DENIED: the login was refused; ERR_RETRY, ERR_IO: the server could not be reached, or the
 * connection broke: run it again. */
enum err transfer_pull(const struct transfer *t, const struct transfer_pull *from,
                       struct why *why) MUST_USE;

#endif
