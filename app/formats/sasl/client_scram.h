/* formats/sasl/client_scram.h: SCRAM-SHA-256 and its -PLUS as a client; for client.c only. */
#ifndef SASL_CLIENT_SCRAM_H
#define SASL_CLIENT_SCRAM_H
#include "formats/sasl/client.h"
#include "formats/sasl/mechs.h"

/* saslname (RFC 5801 4), appended. */
void sasl_client_name_put(struct buf *out, struct str name);

/* Make the nonce. Needs c->arena. */
void client_scram_begin(struct sasl_client *c);
/* client-first-message in base64. */
void client_scram_first(struct sasl_client *c, struct buf *out);
/* As sasl_client_line; stage 0 is before the first message. */
bool client_scram_line(struct sasl_client *c, unsigned stage, struct str line, struct buf *out);

#endif
