/* network/http_server/websocket.h: a WebSocket (RFC 6455) for messages of text, over stream.h.
 *
 * Messages are received one after the other; the next one is taken when the answer has been sent.
 * While nothing arrives the connection is parked, and the peer is sent a ping from time to time: a
 * peer without an answer is disconnected. */
#ifndef HTTP_SERVER_WEBSOCKET_H
#define HTTP_SERVER_WEBSOCKET_H
#include "network/http_server/stream.h"

struct websocket;

/* All functions are called in steps of the connection (network/runtime/conn.h): one at a time. */
struct websocket_ops {
	size_t message_max; /* bytes; a longer message closes with 1009 */
	/* The connection is open. */
	void (*begin)(struct websocket *w, void *arg);
	/* A message, valid UTF-8, borrowed. */
	void (*message)(struct websocket *w, void *arg, struct str text);
	/* conn_wake was called, or the time of websocket_timer has come. Nothing is being sent. */
	void (*wake)(struct websocket *w, void *arg);
	/* The connection has ended, or never began: free arg. */
	void (*end)(void *arg);
};

/* Answer q with 101 and continue as a WebSocket of that subprotocol, which the client must offer.
 * False: it is no such handshake (RFC 6455 4.2.1), and r has the error; arg is the caller's. */
bool websocket_begin(const struct http_request *q, struct http_response *r, struct str subprotocol,
                     const struct websocket_ops *ops, void *arg) MUST_USE;

/* Send the text as one message after those before; its memory is taken, and text is empty then. */
void websocket_send(struct websocket *w, struct buf *text);
/* Close with this code, after what was sent. No function but end is called after it. */
void websocket_close(struct websocket *w, unsigned code);
/* Call wake in ms milliseconds; 0: not. It replaces the earlier time. */
void websocket_timer(struct websocket *w, int64_t ms);
/* To wake it from other threads; valid from begin on. */
struct waker websocket_waker(const struct websocket *w);

#endif
