/* network/tls/suites.h: cipher suites, their order and names. */
#ifndef TLS_SUITES_H
#define TLS_SUITES_H
#include "foundation/base/str.h"

#include <bearssl.h>

enum tls_suites {
	TLS_SUITES_MODERN, /* ECDHE with AEAD                                    */
	TLS_SUITES_OLD,    /* also CBC and static RSA: for opportunistic mail */
};

/* Configure the engine's suites and their code, and TLS 1.2 as the only version. */
void tls_suites_set(br_ssl_engine_context *engine, enum tls_suites suites);
/* "ECDHE-ECDSA-AES128-GCM-SHA256", as OpenSSL calls it; "unknown". Static. */
struct str tls_suite_name(uint16_t suite);
/* One of TLS_SUITES_MODERN? */
bool tls_suite_is_modern(uint16_t suite);

#endif
