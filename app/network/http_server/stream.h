/* network/http_server/stream.h: a response without an end, to which other threads append later:
 * Server-Sent Events (HTML Standard 9.2) here, WebSocket in websocket.h.
 *
 * The connection leaves the HTTP library. The server writes the response's head, and the connection
 * continues as another protocol of the runtime (network/runtime/conn.h): parked between its events,
 * woken by conn_wake, without descriptors and memory of the library. No request follows on it. It
 * counts as a login, so it is not evicted; the protocol sets its own deadlines. */
#ifndef HTTP_SERVER_STREAM_H
#define HTTP_SERVER_STREAM_H
#include "network/http_server/http.h"
#include "network/runtime/conn.h"

/* Send status and fields of r as they are when the handler returns, without a body, and continue as
 * proto with that session. proto->run is called with CONN_AGAIN first, and must check conn_stopping
 * then. drop frees the session when the connection ends before. False, and nothing has happened:
 * this request cannot have a stream. It is a HEAD, or came by the socket in the data folder. */
bool http_stream_begin(const struct http_request *q, struct http_response *r,
                       const struct proto *proto, void *session,
                       void (*drop)(void *session)) MUST_USE;

/* Append an event. event and data have no line ends; data is one line of JSON. id may be empty:
 * Last-Event-ID of the client stays. */
void http_event_put(struct buf *out, const char *event, struct str id, struct str data);
/* Append a comment, which a client ignores: it shows that the connection works. */
void http_event_comment(struct buf *out);

#endif
