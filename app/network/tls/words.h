/* network/tls/words.h: BearSSL's error numbers in words. */
#ifndef TLS_WORDS_H
#define TLS_WORDS_H
#include "foundation/base/err.h"

/* Our own error numbers; BearSSL's end below 1024. */
enum tls_error {
	TLS_ERROR_CUT = 1024,     /* the socket ended without close_notify      */
	TLS_ERROR_NO_CERTIFICATE, /* server: it has none */
	TLS_ERROR_NO_CIPHER,      /* server: none in common, or not for our key */
	TLS_ERROR_NO_TRUST,       /* client: no roots to verify with            */
	TLS_ERROR_NOT_FOR_CLIENTS, /* server: of a client's certificate          */
	TLS_ERROR_NO_ADDRESS,      /* the same                                   */
	TLS_ERROR_TLSA,            /* client: no TLSA record matches             */
};

/* Static storage, or *scratch for the numbers that have no words. */
const char *tls_words(unsigned error, struct why *scratch);

#endif
