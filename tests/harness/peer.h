/* tests/harness/peer.h: the other end of a connection: a client over loopback that sends,
 * and insists on what it gets. Every function fails the test after ten seconds. */
#ifndef HARNESS_PEER_H
#define HARNESS_PEER_H
#include "foundation/base/str.h"

struct addr;

int peer_connect(const struct addr *to);
void peer_send(int fd, const char *z);
void peer_send_bytes(int fd, const void *p, size_t n);
/* The next bytes must be exactly these. */
void peer_expect(int fd, const char *z);
/* Nothing more comes: the other side has closed (or reset, when reset_too). */
void peer_expect_end(int fd, bool reset_too);
/* Nothing comes for ms milliseconds. */
void peer_expect_quiet(int fd, int ms);
/* Read one line, up to LF, into to; NUL-terminated, without CRLF. */
void peer_line(int fd, char *to, size_t size);
void peer_close(int fd);

#endif
