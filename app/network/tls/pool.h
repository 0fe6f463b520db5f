/* network/tls/pool.h: buffers for TLS records, lent while there is a record in them.
 *
 * BearSSL uses 16 KB of input and of output buffer for each connection for its lifetime, too much
 * for thousands of idle connections. Why lending is correct, from the source of BearSSL 0.6,
 * src/ssl/ssl_engine.c (the only file that accesses the buffers, except the record decryption that
 * it calls on ibuf + 5 and the handshake processor, which gets pointers for the time of one call):
 *
 * Input. Registers ixa, ixb, ixc. While a record header is expected, ixa == ixb < 5 and only bytes
 * 0 to 4 are written, by us (recvrec_buf); they are read once, when the fifth arrives
 * (recvrec_ack). From then on the body is written from offset 5, and the header is not read again:
 * type, version and length are in registers. When the last byte of the record has been consumed,
 * make_ready_in sets ixa = ixb = 0. So five bytes inside struct tls are enough for the header, and
 * a real buffer is needed from ixa == 5 until ixa == 0.
 *
 * Output. Registers oxa, oxb, oxc. make_ready_out sets oxa == oxc < oxb: an empty record may
 * be filled, and no byte of the buffer has a meaning. A byte is written by us after
 * sendapp_buf, or by the handshake processor, which runs only inside reset, close,
 * sendrec_ack (while a record is there anyway) and recvrec_ack of records that are no
 * application data. So the buffer is attached before these, and detached whenever the
 * registers are back at oxa == oxc < oxb.
 *
 * The engine gets the sizes once and they never change. While no buffer is attached, obuf points to
 * pages without any access, so an error in this reasoning ends the process at that instruction
 * instead of corrupting another connection's record. Under AddressSanitizer a returned buffer is
 * filled with garbage and poisoned. */
#ifndef TLS_POOL_H
#define TLS_POOL_H
#include "foundation/base/util.h"

enum { TLS_RECORD_BUFFER = 16709 }; /* BR_SSL_BUFSIZE_INPUT; output needs 16469 */

/* A buffer of TLS_RECORD_BUFFER bytes with any contents. Thread-safe. */
uint8_t *tls_pool_take(void) MUST_USE;
/* Return *p and clear it; NULL is a no-op. Plaintext in it must have been wiped. */
void tls_pool_give(uint8_t **p);
/* The number of lent buffers, for metrics and tests. */
size_t tls_pool_lent(void);

/* TLS_RECORD_BUFFER bytes that cannot be read or written. */
uint8_t *tls_pool_nowhere(void);

#endif
