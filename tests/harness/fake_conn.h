/* tests/harness/fake_conn.h: network/runtime/conn.h without sockets, threads and time, so that a
 * session can be fed one byte at a time and two sessions take turns exactly as a test says.
 *
 * fake_conn.c defines the functions of network/runtime/conn.h; the linker then takes none from
 * net/. A program that needs both cannot be linked: the Makefile's FAKE_CONN lists those with
 * this one. */
#ifndef HARNESS_FAKE_CONN_H
#define HARNESS_FAKE_CONN_H
#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "network/runtime/conn.h"

enum { FAKE_CONNS = 8, FAKE_SENT_MAX = 64 << 20 };

struct conn {
	bool used;
	struct conn_service service;
	struct addr peer;
	struct arena arena;
	void *session;
	struct buf in, out;
	struct buf sent; /* what the peer has got */
	size_t taken;    /* of in; consumed, but still there for who borrowed it */
	bool held, skipping, tls, can_starttls, compressed, broken, closed;
	int64_t deadline_ms;
	unsigned events; /* for the next step */
	enum step last;
	enum conn_trust trust;
	size_t most;         /* bytes that a step has written; a test sets it to 0 */
	unsigned steps_left; /* if not 0: fake_run stops after so many steps       */
};

extern struct conn fake_conns[FAKE_CONNS];

/* Run steps until it parks or closes. */
void fake_run(struct conn *c, unsigned events);

/* With service->plain_auth false STARTTLS is offered, unless TLS is on. */
struct conn *fake_open(size_t i, const struct conn_service *service, bool tls);
void fake_close(struct conn *c);

/* The peer sends; all of it, or in pieces of that many bytes with a step after each. */
void fake_send(struct conn *c, struct str bytes, size_t piece);

/* Run who was woken, until nobody is. */
void fake_settle(void);

#endif
