/* network/tls/cert_private.h: shared by the files behind cert.h. */
#ifndef TLS_CERT_PRIVATE_H
#define TLS_CERT_PRIVATE_H
#include "foundation/base/arena.h"
#include "foundation/base/list.h"
#include "network/tls/cert.h"
#include "network/tls/cert_file.h"

#include <pthread.h>
#include <stdatomic.h>

/* --- cert.c -------------------------------------------------------------------------------- */

/* One certificate, immutable. */
struct cert {
	atomic_uint refs;
	struct arena arena; /* owns chain and its data */
	struct x509 *chain;
	size_t count;
	struct key *key;
};

/* Errors as certs_set; *out has one reference. */
enum err cert_make(struct str cert_pem, struct str key_pem, struct cert **out,
                   struct why *why) MUST_USE;
bool cert_is_rsa(const struct cert *c);
bool cert_in_time(const struct cert *c, int64_t at_ms);

/* --- cert_table.c -------------------------------------------------------------------------- */

/* Certificates by name. The caller has the lock.
 *
 * Every name of every certificate has a row in an array sorted by name, so a handshake costs two
 * binary searches (the name, and the wildcard above it) for any number of certificates; a change
 * moves the later rows. */
struct cert_named;
struct cert_table {
	struct cert_entry **entries; /* in the order of insertion */
	size_t count;
	struct cert_named *rows;
	size_t row_count;
};
struct cert_entry {
	struct str id; /* owned */
	enum cert_source source;
	struct cert *cert;
};

bool cert_is_uploaded(const struct cert_entry *e);

/* The client's capabilities and the time. */
struct cert_asked {
	bool rsa_only; /* no certificate with another key can be used */
	int64_t now_ms;
};

void cert_table_deinit(struct cert_table *t);
/* Takes the reference to cert; releases the previous one with this id. */
void cert_table_put(struct cert_table *t, struct str id, enum cert_source source,
                    struct cert *cert);
bool cert_table_remove(struct cert_table *t, struct str id);
/* NULL when there is none with this id. */
const struct cert_entry *cert_table_get(const struct cert_table *t, struct str id);
/* The best entry for a name (lower case, no final dot) among those with that name; also (may be
 * NULL) counts as one of them. NULL when there is none. */
const struct cert_entry *cert_table_find(const struct cert_table *t, struct str name,
                                         const struct cert_asked *asked,
                                         const struct cert_entry *also);

/* --- all: certs.c, cert_challenges.c, cert_watch.c ------------------------------------------ */

struct certs {
	pthread_mutex_t lock;
	struct cert_table table; /* lock; the fallback has an empty id   */
	struct str default_name; /* lock; owned; see certs_default       */
	struct list challenges;  /* lock; see cert_challenges.c          */
	/* From certs_load_files; written under files_lock, which is taken before lock. */
	pthread_mutex_t files_lock;
	struct str cert_path, key_path; /* NUL-terminated */
	struct cert_stamp cert_stamp, key_stamp;
};
/* Free all challenges. */
void cert_challenges_deinit(struct certs *s);

#endif
