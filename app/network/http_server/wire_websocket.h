/* network/http_server/wire_websocket.h: the frames of WebSocket (RFC 6455 5), as a server receives
 * and sends them. Bytes in, events out; extensions are not negotiated. */
#ifndef HTTP_SERVER_WIRE_WEBSOCKET_H
#define HTTP_SERVER_WIRE_WEBSOCKET_H
#include "foundation/base/buf.h"

enum websocket_opcode {
	WEBSOCKET_CONTINUATION = 0,
	WEBSOCKET_TEXT = 1,
	WEBSOCKET_BINARY = 2,
	WEBSOCKET_CLOSE = 8,
	WEBSOCKET_PING = 9,
	WEBSOCKET_PONG = 10,
};

/* RFC 6455 7.4.1 */
enum websocket_code {
	WEBSOCKET_NORMAL = 1000,
	WEBSOCKET_GOING_AWAY = 1001,
	WEBSOCKET_PROTOCOL_ERROR = 1002,
	WEBSOCKET_UNSUPPORTED = 1003,
	WEBSOCKET_NO_CODE = 1005, /* is never sent */
	WEBSOCKET_BAD_DATA = 1007,
	WEBSOCKET_POLICY = 1008,
	WEBSOCKET_TOO_BIG = 1009,
};

enum { WEBSOCKET_CONTROL_MAX = 125 }; /* RFC 6455 5.5 */

enum websocket_got {
	WEBSOCKET_MORE,
	WEBSOCKET_GOT_TEXT, /* a whole one in message, valid UTF-8; call websocket_message_done */
	WEBSOCKET_GOT_PING, /* its data is in control */
	WEBSOCKET_GOT_PONG,
	WEBSOCKET_GOT_CLOSE, /* the peer's code is in code */
	WEBSOCKET_FAILED,    /* the connection must be closed with code; no further call */
};

struct websocket_frames {
	struct buf message; /* of the present message, all frames so far */
	struct buf control;
	unsigned code;

	/* Private. */
	uint8_t head[14]; /* of the present frame */
	unsigned head_n;
	bool in_payload;
	uint64_t left; /* of the payload */
	uint64_t at;   /* bytes of the payload before: for the mask */
	bool in_message;
};

/* max: bytes of a message. */
void websocket_frames_init(struct websocket_frames *f, size_t max);
void websocket_frames_deinit(struct websocket_frames *f);
/* Take bytes from in until an event or the end. *used is the number taken. */
enum websocket_got websocket_frames_take(struct websocket_frames *f, struct str in, size_t *used);
/* Free the message's memory. */
void websocket_message_done(struct websocket_frames *f);

/* Append the head of a frame that is a whole message, for payload bytes that follow. */
void websocket_head_put(struct buf *out, enum websocket_opcode opcode, uint64_t payload);
/* Append a whole control frame. */
void websocket_control_put(struct buf *out, enum websocket_opcode opcode, struct str payload);
/* Append a close frame with code; WEBSOCKET_NO_CODE: without one. */
void websocket_close_put(struct buf *out, unsigned code);

#endif
