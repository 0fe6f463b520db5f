/* console/api/clients/client_setup.h: how mail programs are set up for this server: by themselves,
 * by a profile, or by a person who copies it.
 *
 *	client_setup.c   which servers there are, for which addresses
 *	autoconfig.c     Thunderbird and others: /mail/config-v1.1.xml
 *	autodiscover.c   Outlook: /autodiscover/autodiscover.xml and .json
 *	mobileconfig.c   Apple: /apple.mobileconfig
 *	api_clients.c    the console: /api/client-settings
 *
 * None of them tells whether an account exists: what they say depends on the domain only. */
#ifndef API_CLIENT_SETUP_H
#define API_CLIENT_SETUP_H
#include "foundation/base/err.h"
#include "network/http_server/http.h"

struct admin;

struct client_server {
	const char *protocol; /* "imap", "pop3", "smtp" */
	uint16_t port;
	bool tls; /* from the start; else STARTTLS */
};

enum { CLIENT_SERVERS_MAX = 6 };

struct client_setup {
	struct str hostname;                              /* of all of them */
	uint16_t https;                                   /* 0: there is none */
	struct client_server servers[CLIENT_SERVERS_MAX]; /* the best of each protocol first */
	size_t count;
};

/* From the settings; strings live in arena. */
void client_setup_make(struct client_setup *out, const struct admin *admin, struct arena *arena);
/* The best server of a protocol; NULL when it is off. */
const struct client_server *client_setup_best(const struct client_setup *s, const char *protocol);

/* "https://mx.example.org:8443/path", without a port that is the usual one. */
struct str client_url(const struct client_setup *s, const char *path, struct arena *a);

/* The domain that a program asks for: that of the address, or when it sends none, that of the
 * Host field (without "autoconfig." and "autodiscover."). False: it is no domain of ours. */
bool client_domain(const struct http_request *q, struct str address, struct str *domain);

http_handler client_autoconfig;
http_handler client_autodiscover_xml, client_autodiscover_json;
http_handler client_mobileconfig;

/* mta_sts.c: the policies of our own domains (operations/doctor/own/own_sts.h), served at
 * /.well-known/mta-sts.txt. 404 unless it is asked for over TLS, of mta-sts. and a domain of
 * ours. */
http_handler mta_sts_serve;

#endif
