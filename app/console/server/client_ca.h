/* console/server/client_ca.h: the authorities that ROOST_CLIENT_CA names, given to the TLS
 * server: whose certificates log mail programs in. */
#ifndef SERVER_CLIENT_CA_H
#define SERVER_CLIENT_CA_H
#include "foundation/config/settings.h"
#include "network/tls/cert_file.h"

#include <pthread.h>

struct tls_server;

/* What is in force. All zero, then client_ca_open. */
struct client_ca {
	pthread_mutex_t lock;
	struct arena arena;      /* lock; of value                       */
	struct str value;        /* lock; of the setting                 */
	struct cert_stamp stamp; /* lock; of the file that it names      */
};

/* Could a server take them? why names the variable. */
enum err client_ca_check(const struct settings *s, struct why *why) MUST_USE;

/* At the start. What is stored and will not do (any more) keeps no server from starting: then
 * nobody is asked, and it is told. */
enum err client_ca_open(struct client_ca *c, struct tls_server *tls, const struct settings *s,
                        struct why *why) MUST_USE;
void client_ca_deinit(struct client_ca *c);

/* Take up a new value, in place of another. */
void client_ca_apply(struct client_ca *c, struct tls_server *tls, const struct settings *now);
/* Read the file again if it has changed. What cannot be read changes nothing. */
void client_ca_reload(struct client_ca *c, struct tls_server *tls);
/* Is there a file that may change? */
bool client_ca_is_file(struct client_ca *c);

#endif
