/* console/server/server.h: all objects of a running server, created once and freed at the end.
 *
 *	serve.c      from the command to the signal that ends it
 *	server.c     the order of opening and closing
 *	settings.c   the settings of the store, and applying changes
 *	services.c   the listeners of each protocol
 *	protocols.c  the configuration of the protocols from settings and limits
 *	outgoing.c   the queue and its delivery
 *	checking.c   the policy checks of inbound mail
 *	reporting.c  reports to other domains
 *	lmtp_socket.c  LMTP on a socket in the file system
 *	confinement.c  the paths that the process may use once its ports are bound
 *	authority.c  certificates from a certification authority, and DNS checks of our names
 *
 * Only these files include this header. */
#ifndef SERVER_H
#define SERVER_H
#include "console/api/admin.h"
#include "console/api/settings/settings_store.h"
#include "console/server/client_ca.h"
#include "flow/delivery/delivery.h"
#include "foundation/config/settings.h"
#include "model/mailbox/mail.h"
#include "protocols/imap/imap.h"
#include "protocols/jmap/jmap.h"
#include "protocols/managesieve/managesieve.h"
#include "protocols/pop3/pop3.h"
#include "protocols/smtp_in/smtp_in.h"
#include "foundation/base/err.h"

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
	struct imports *imports;     /* import of mail from other servers */
	struct acme *acme;           /* certificates from an authority */
	struct doctor *doctor;       /* checks DNS regularly */
	struct publisher *publisher; /* publishes our DNS records, and rotates keys */
	struct queue *queue;
	struct remotes *remote; /* data about remote domains */
	struct traces *traces;
	struct webhooks *webhooks;  /* notify applications of events of mail */
	struct recall *recall;      /* of limits and greylisting */
	struct policy *policy;      /* policy checks of inbound mail */
	struct report_out *reports; /* to other domains */
	struct delivery delivery;
	struct report_desk *reports_in; /* reads incoming reports */
	struct smtp_in_config smtp_in;
	struct smtp_in_service mx, submission, lmtp;
	struct imap_server imap;
	struct pop3_server pop3;
	struct managesieve_server managesieve;
	struct jmap_server jmap;
	struct admin admin;
	struct http_server *http;
	struct http_local *local; /* for local commands */
	struct smtp_out *smtp_out;
	struct runtime *runtime;
	struct control *control;
	atomic_bool serving; /* between start and stop: the result of /healthz/ready */
	atomic_bool lost;    /* the store refuses all work until it is opened again */
};

/* Open everything and begin to accept. settings is set, all else is zero. In any case call
 * server_close afterwards. */
enum err server_open(struct server *v, struct why *why) MUST_USE;

/* Let work finish until deadline_ms (monotonic), then free everything. A delivery that is stuck
 * with a slow remote server still uses other objects: then nothing is freed, and the process exits
 * with this status. The store is safe against that. */
void server_close(struct server *v, int64_t deadline_ms, int status);

/* --- parts of server_open --------------------------------------------------------------- */

/* Bind every listener of the settings, on v->runtime. If a stored value cannot be bound, the
 * default is used; for one of the environment it is an error. */
enum err services_listen(struct server *v, struct why *why) MUST_USE;
/* Can the changed listeners be opened? ERR_CONFLICT. */
enum err services_try(struct server *v, const struct settings *present, const struct settings *new,
                      struct why *why) MUST_USE;
/* Open and close the changed listeners. One that cannot be opened stays unchanged, which is
 * logged. */
void services_change(struct server *v, const struct settings *before, const struct settings *now);

/* ROOST_LMTP_SOCKET: check its form; listen there, and no longer at the old path. */
enum err lmtp_socket_check(struct str text, struct why *why) MUST_USE;
/* Can the running server create it? Opens it only briefly. */
enum err lmtp_socket_try(struct str text, struct why *why) MUST_USE;
enum err lmtp_socket_listen(struct server *v, struct str text, struct why *why) MUST_USE;

/* Its path in the file system, in a; empty: off, or malformed. */
struct str lmtp_socket_path(struct str text, struct arena *a);

/* Give up, in every thread, the rights that a server with bound ports does not need. See
 * docs/how-to/hardening.md. */
enum err confinement_begin(const struct settings *s, struct why *why) MUST_USE;
/* Does only the confinement prevent this process from opening the file? */
bool confinement_hides(struct str path);
/* ERR_SYNTAX: a live setting names such a file. why has the remedy. */
enum err confinement_check(const struct settings *s, struct why *why) MUST_USE;

/* Fill in the configuration of connections, once the store and the queue are open. */
void protocols_fill(struct server *v);

/* Open the queue; start to deliver its entries, once all other objects exist. */
enum err outgoing_open(struct server *v, struct why *why) MUST_USE;
enum err outgoing_start(struct server *v, struct why *why) MUST_USE;

/* Create the counters for reports, before the policy; start to send reports, after all else. */
void reporting_open(struct server *v);
enum err reporting_start(struct server *v, struct why *why) MUST_USE;

/* Create the policy for inbound mail, once the store and DNS exist. */
enum err checking_open(struct server *v, struct why *why) MUST_USE;

/* Start to read incoming reports. */
enum err reports_reading_start(struct server *v, struct why *why) MUST_USE;

/* Start to index mail for search. */
enum err searching_start(struct server *v, struct why *why) MUST_USE;

/* Start to accept imports. */
enum err importing_start(struct server *v, struct why *why) MUST_USE;

/* Start the DNS checks of our domains. */
enum err doctoring_start(struct server *v, struct why *why) MUST_USE;

/* Start to publish our DNS records, and to rotate keys. */
enum err publishing_start(struct server *v, struct why *why) MUST_USE;

/* Start to manage certificates from an authority, once the store and DNS exist. */
enum err authority_start(struct server *v, struct why *why) MUST_USE;

/* The counts of the last day (foundation/observe/history.h) across a restart: one row of the space
 * LOOKUP, written at the end. After a kill the counts are lost. */
void history_load(struct store *s);
void history_save(struct store *s);

/* Create ROOST_DOMAIN and ROOST_ADMIN (and its domain) if absent, the account as owner. Existing
 * ones are unchanged, in particular the password. why names the wrong variable. */
enum err provision(struct store *store, const struct settings *s, struct why *why) MUST_USE;

/* When this server has no owner, print the link to its setup on standard output. */
enum err setup_link_print(struct server *v, struct why *why) MUST_USE;

#endif
