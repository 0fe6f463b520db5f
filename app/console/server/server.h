/* console/server/server.h: every object of a running server, built once and taken down again.
 *
 *	serve.c      from the command to the signal that ends it
 *	server.c     the order in which all is opened and closed
 *	settings.c   the settings: those of the store, and what a change means
 *	services.c   which protocol listens where
 *	protocols.c  what the protocols are given of the settings and the limits
 *	outgoing.c   the queue, and what empties it
 *	checking.c   the checks of what comes in
 *	reporting.c  reports to other domains
 *	lmtp_socket.c  LMTP on a socket in the file system
 *	confinement.c  what the process may still reach once its ports are bound
 *	authority.c  certificates from a certification authority, and what DNS says of our names
 *
 * Only these include this header. */
#ifndef SERVER_H
#define SERVER_H
#include "console/api/admin.h"
#include "console/api/settings/settings_store.h"
#include "console/server/client_ca.h"
#include "flow/delivery/delivery.h"
#include "foundation/config/settings.h"
#include "model/mailbox/mail.h"
#include "protocols/imap/imap.h"
#include "protocols/smtp_in/smtp_in.h"

#include <stdatomic.h>

struct server {
	const struct settings *settings; /* of the environment, then the first of live */
	struct arena arena;
	struct store *store;
	struct live *live;
	struct settings_store changes; /* of the settings while the server runs */
	struct str hostname;           /* at start: for the self-signed certificate */
	struct certs *certs;
	struct tls_server *tls;
	struct client_ca client_ca;
	struct logins *logins;
	struct mailboxes mailboxes;
	struct indexer *indexer; /* what searches use */
	struct dns *dns;
	struct imports *imports;     /* mail that comes from other servers */
	struct acme *acme;           /* certificates from an authority */
	struct doctor *doctor;       /* looks at DNS now and then */
	struct publisher *publisher; /* puts what is ours into DNS, and rotates keys */
	struct queue *queue;
	struct remotes *remote; /* what is known of other domains */
	struct traces *traces;
	struct webhooks *webhooks;  /* programs that hear what became of mail */
	struct policy *policy;      /* checks of what comes in */
	struct report_out *reports; /* to other domains */
	struct delivery delivery;
	struct report_desk *reports_in; /* reads what others report */
	struct smtp_in_config smtp_in;
	struct smtp_in_service mx, submission, lmtp;
	struct imap_server imap;
	struct admin admin;
	struct http_server *http;
	struct http_local *local; /* for commands beside us */
	struct smtp_out *smtp_out;
	struct runtime *runtime;
	struct control *control;
	atomic_bool serving; /* between start and stop: what /healthz/ready says */
	atomic_bool lost;    /* the store refuses everything until it is opened anew */
};

/* Open everything and begin to accept. settings is set, all else is zero.
 * Whatever is returned, server_close follows. */
enum err server_open(struct server *v, struct why *why) MUST_USE;

/* Let work finish until deadline_ms (monotonic), then take down what was opened. A delivery
 * that is stuck with a slow remote uses everything below it: then nothing is freed, and the
 * process ends here with this status, which is what the store is made for. */
void server_close(struct server *v, int64_t deadline_ms, int status);

/* --- parts of server_open --------------------------------------------------------------- */

/* Bind every listener of the settings; v->runtime is there. A stored value that cannot be had is
 * replaced by the default; one of the environment is an error. */
enum err services_listen(struct server *v, struct why *why) MUST_USE;
/* Could the listeners that differ be opened? ERR_CONFLICT. */
enum err services_try(struct server *v, const struct settings *present, const struct settings *new,
                      struct why *why) MUST_USE;
/* Open and close what differs. What cannot be opened stays as it was, and is told. */
void services_change(struct server *v, const struct settings *before, const struct settings *now);

/* ROOST_LMTP_SOCKET: is it of the form; listen there, and no longer where it was before. */
enum err lmtp_socket_check(struct str text, struct why *why) MUST_USE;
/* Could the running server create it? Opens nothing for long. */
enum err lmtp_socket_try(struct str text, struct why *why) MUST_USE;
enum err lmtp_socket_listen(struct server *v, struct str text, struct why *why) MUST_USE;

/* Its path in the file system, in a; empty: off, or not of the form. */
struct str lmtp_socket_path(struct str text, struct arena *a);

/* Give up, in every thread, what a server with bound ports does not need. See
 * docs/how-to/hardening.md. */
enum err confinement_begin(const struct settings *s, struct why *why) MUST_USE;
/* Is it a file that this process could open if it were not confined? */
bool confinement_hides(struct str path);
/* ERR_SYNTAX: a live setting names such a file. The sentence tells what to do. */
enum err confinement_check(const struct settings *s, struct why *why) MUST_USE;

/* Fill in what connections work with, once the store and the queue are open. */
void protocols_fill(struct server *v);

/* Open the queue; begin to send what is in it, once the rest is there. */
enum err outgoing_open(struct server *v, struct why *why) MUST_USE;
enum err outgoing_start(struct server *v, struct why *why) MUST_USE;

/* Make what counts for reports, before those checks; begin to send them, once the rest is there. */
void reporting_open(struct server *v);
enum err reporting_start(struct server *v, struct why *why) MUST_USE;

/* Make the checks of what comes in, once the store and DNS are there. */
enum err checking_open(struct server *v, struct why *why) MUST_USE;

/* Begin to read what others report of our mail. */
enum err reports_reading_start(struct server *v, struct why *why) MUST_USE;

/* Begin to put mail into the search index. */
enum err searching_start(struct server *v, struct why *why) MUST_USE;

/* Begin to take imports. */
enum err importing_start(struct server *v, struct why *why) MUST_USE;

/* Begin to look at what DNS says of our domains. */
enum err doctoring_start(struct server *v, struct why *why) MUST_USE;

/* Begin to publish what is ours in DNS, and to rotate keys. */
enum err publishing_start(struct server *v, struct why *why) MUST_USE;

/* Begin to look after certificates from an authority, once the store and DNS are there. */
enum err authority_start(struct server *v, struct why *why) MUST_USE;

#endif
