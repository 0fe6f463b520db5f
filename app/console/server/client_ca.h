/* console/server/client_ca.h: the authorities of ROOST_CLIENT_CA, whose client certificates log
 * mail clients in, for the TLS server. */
#ifndef SERVER_CLIENT_CA_H
#define SERVER_CLIENT_CA_H
#include "foundation/config/settings.h"
#include "network/tls/cert_file.h"

#include <pthread.h>

struct tls_server;

/* The present state. All-zero, then client_ca_open. */
struct client_ca {
	pthread_mutex_t lock;
	struct arena arena;      /* lock; of value                       */
	struct str value;        /* lock; of the setting                 */
	struct cert_stamp stamp; /* lock; of the file that it names      */
};

/* Is the setting valid? why names the variable. */
enum err client_ca_check(const struct settings *s, struct why *why) MUST_USE;

/* At the start. An invalid stored value does not prevent the start: no client certificates are
 * requested then, and an event is logged. */
enum err client_ca_open(struct client_ca *c, struct tls_server *tls, const struct settings *s,
                        struct why *why) MUST_USE;
void client_ca_deinit(struct client_ca *c);

/* Apply a new value. */
void client_ca_apply(struct client_ca *c, struct tls_server *tls, const struct settings *now);
/* Read the file again if it has changed. On error nothing changes. */
void client_ca_reload(struct client_ca *c, struct tls_server *tls);
/* Is there a file that may change? */
bool client_ca_is_file(struct client_ca *c);

#endif
