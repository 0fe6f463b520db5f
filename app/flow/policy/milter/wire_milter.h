/* flow/policy/milter/wire_milter.h: the packets of the milter protocol, as the mail
 * server sends and reads them. It has no RFC: this follows Sendmail's libmilter, versions
 * 2 to 6, and Postfix where libmilter is ambiguous.
 *
 * A packet is a length of four bytes, big-endian, that counts what follows it; one byte
 * that names the command or the reply; and its data. Texts in the data end with a NUL.
 * The server begins with OPTNEG, the negotiation of options. Then it sends the macros and
 * the command of each step of the SMTP session, and gets one reply, unless OPTNEG has
 * excluded it. Only the command after the body may have several replies: changes of the
 * message, then the verdict.
 *
 * Pure: bytes in, structure out. No length is trusted. */
#ifndef POLICY_WIRE_MILTER_H
#define POLICY_WIRE_MILTER_H
#include "foundation/base/buf.h"
#include "foundation/base/cur.h"
#include "foundation/base/err.h"

struct arena;

enum {
	MILTER_VERSION_MIN = 2,
	MILTER_VERSION_MAX = 6,
	MILTER_CHUNK = 65535, /* of a body, unless more was negotiated */
};

/* --- commands ------------------------------------------------------------------ */

enum milter_command {
	MILTER_ABORT = 'A',   /* forget the message; no reply                  */
	MILTER_BODY = 'B',    /* bytes of it                                   */
	MILTER_CONNECT = 'C', /* name, family, port, address                   */
	MILTER_MACRO = 'D',   /* for which command; names and values; no reply */
	MILTER_END = 'E',     /* of the message: the verdict is due            */
	MILTER_HELO = 'H',
	MILTER_QUIT_NEW = 'K', /* the SMTP session has ended, keep the connection for the
	                        * next; no reply */
	MILTER_HEADER = 'L', /* name and value of a field */
	MILTER_MAIL = 'M',   /* <sender>, parameters      */
	MILTER_HEADER_END = 'N',
	MILTER_OPTIONS = 'O',
	MILTER_QUIT = 'Q', /* no reply                */
	MILTER_RCPT = 'R', /* <recipient>, parameters */
	MILTER_DATA = 'T',
	MILTER_UNKNOWN = 'U', /* a line that is no SMTP command           */
};

/* Begin a packet: bytes appended to out until milter_packet_end are its data.
 * milter_packet_end fills in the length and needs the returned mark. */
size_t milter_packet_begin(struct buf *out, char command);
void milter_packet_end(struct buf *out, size_t mark);
/* A packet of a command and these bytes. */
void milter_packet_put(struct buf *out, char command, struct str data);
/* A text with its NUL; NULs in it become "?". */
void milter_text_put(struct buf *out, struct str text);

struct milter_peer {
	struct str name;    /* of the client; "[192.0.2.1]" if it has none        */
	char family;        /* '4', '6', 'L' for a local socket, 'U' when unknown */
	uint16_t port;      /* 0 when unknown                                     */
	struct str address; /* without brackets and port                          */
};
void milter_connect_put(struct buf *out, const struct milter_peer *peer);

/* The value of a field in the form of milters: without the line end, folds with LF alone,
 * and without the space after the colon unless negotiated (spaces). raw_value is
 * everything between the colon and the next field. */
void milter_header_put(struct buf *out, struct str name, struct str raw_value, bool spaces);

/* --- options ------------------------------------------------------------------ */

/* Actions of a filter on a message. */
enum {
	MILTER_CAN_ADD_HEADERS = 0x001,
	MILTER_CAN_CHANGE_BODY = 0x002,
	MILTER_CAN_ADD_RCPTS = 0x004,
	MILTER_CAN_DELETE_RCPTS = 0x008,
	MILTER_CAN_CHANGE_HEADERS = 0x010,
	MILTER_CAN_QUARANTINE = 0x020,
	MILTER_CAN_CHANGE_FROM = 0x040,
	MILTER_CAN_ADD_RCPTS_WITH = 0x080, /* ... with parameters */
	MILTER_CAN_ASK_MACROS = 0x100,
	MILTER_CAN_ALL = 0x1ff,
};

/* Steps that it does not receive, or does not answer. */
enum {
	MILTER_NO_CONNECT = 0x000001,
	MILTER_NO_HELO = 0x000002,
	MILTER_NO_MAIL = 0x000004,
	MILTER_NO_RCPT = 0x000008,
	MILTER_NO_BODY = 0x000010,
	MILTER_NO_HEADERS = 0x000020,
	MILTER_NO_HEADER_END = 0x000040,
	MILTER_MUTE_HEADER = 0x000080,
	MILTER_NO_UNKNOWN = 0x000100,
	MILTER_NO_DATA = 0x000200,
	MILTER_MAY_SKIP = 0x000400,
	MILTER_RCPTS_REFUSED = 0x000800, /* also receives recipients that were refused */
	MILTER_MUTE_CONNECT = 0x001000,
	MILTER_MUTE_HELO = 0x002000,
	MILTER_MUTE_MAIL = 0x004000,
	MILTER_MUTE_RCPT = 0x008000,
	MILTER_MUTE_DATA = 0x010000,
	MILTER_MUTE_UNKNOWN = 0x020000,
	MILTER_MUTE_HEADER_END = 0x040000,
	MILTER_MUTE_BODY = 0x080000,
	MILTER_HEADER_SPACES = 0x100000, /* the space after a colon is part of the value */
	MILTER_DATA_256K = 0x10000000,
	MILTER_DATA_1M = 0x20000000,
	MILTER_STEPS_ALL = 0x301ff7ff, /* all that we offer */
};

/* The steps for which a filter can request macros; the numbers are the protocol's. */
enum milter_stage {
	MILTER_AT_CONNECT,
	MILTER_AT_HELO,
	MILTER_AT_MAIL,
	MILTER_AT_RCPT,
	MILTER_AT_DATA,
	MILTER_AT_END,
	MILTER_AT_HEADER_END,
	MILTER_STAGES
};

struct milter_options {
	uint32_t version, actions, steps;
	/* Requested names of macros instead of the defaults; p is NULL if none were
	 * requested. */
	struct str macros[MILTER_STAGES];
};

/* Our offer: all actions and steps of version. */
struct milter_options milter_offer(uint32_t version);
void milter_options_put(struct buf *out, const struct milter_options *offer);
/* Parse the filter's response, the data of an OPTIONS packet, against the offer. Steps
 * that its version lacks are switched off, so that out->steps alone decides what to send.
 * Borrows from data. ERR_SYNTAX: malformed; ERR_CONFLICT: it requires more than was
 * offered. */
enum err milter_options_parse(struct str data, const struct milter_options *offer,
                              struct milter_options *out, struct why *why) MUST_USE;
/* The negotiated maximum of a packet's data. */
size_t milter_data_max(uint32_t steps);
/* Is the command to be sent / is a reply expected? True for commands without a step
 * flag. */
bool milter_wants(uint32_t steps, char command);
bool milter_answers(uint32_t steps, char command);

/* --- macros ------------------------------------------------------------------- */

/* The step whose macros precede this command, or MILTER_STAGES for none. */
enum milter_stage milter_stage_of(char command);
/* The default macros, enough for rspamd, opendkim and clamav-milter. */
struct str milter_macros_usual(enum milter_stage stage);

/* The value of a macro; p NULL: undefined, and not sent. */
typedef struct str milter_macro_fn(struct str name, void *arg);

/* A MACRO packet for a command: the values of these names, separated by blanks and
 * commas. Long names are in braces on the wire; "{i}" and "i" are the same. */
void milter_macros_put(struct buf *out, char command, struct str names, milter_macro_fn *value,
                       void *arg);

/* --- replies ------------------------------------------------------------------- */

enum milter_packet {
	MILTER_PACKET,
	MILTER_MORE, /* incomplete; the cursor has not moved */
	MILTER_BROKEN, /* the length is 0 or above max                    */
};
/* The next packet from the front; max is for command and data together. */
enum milter_packet milter_packet_take(struct cur *c, size_t max, char *command, struct str *data);

enum milter_reply_kind {
	MILTER_SAYS_CONTINUE,
	MILTER_SAYS_ACCEPT,
	MILTER_SAYS_REJECT,
	MILTER_SAYS_TEMPFAIL,
	MILTER_SAYS_DISCARD,
	MILTER_SAYS_CODE,      /* text: "550 5.7.1 no", several lines */
	MILTER_SAYS_CONN_FAIL, /* as a temporary failure of the connection */
	MILTER_SAYS_SHUTDOWN,  /* 421, and the connection ends */
	MILTER_SAYS_PROGRESS,  /* still working, wait on */
	MILTER_SAYS_SKIP,      /* no more of this kind */
	/* Changes, after MILTER_END only: */
	MILTER_SAYS_QUARANTINE,  /* text: why */
	MILTER_SAYS_ADD_HEADER,  /* name, text */
	MILTER_SAYS_PUT_HEADER,  /* index, name, text: insert before the field index, from 0 */
	MILTER_SAYS_SET_HEADER,  /* index, name, text: of the fields of that name, from 1;
	                          * no text: delete it */
	MILTER_SAYS_SET_FROM,    /* name: <address>; text: parameters */
	MILTER_SAYS_ADD_RCPT,    /* name: <address>; text: parameters */
	MILTER_SAYS_DELETE_RCPT, /* name: <address> */
	MILTER_SAYS_BODY,        /* text: bytes of the new body */
	MILTER_SAYS_KINDS
};

struct milter_reply {
	enum milter_reply_kind kind;
	uint32_t index;
	struct str name, text; /* borrowed from the packet */
};

/* False: not a reply of the protocol, or its data is malformed. */
bool milter_reply_parse(char command, struct str data, struct milter_reply *out);
/* Is it allowed as a reply to that command, from a filter with these actions? */
bool milter_reply_fits(const struct milter_reply *r, char command, uint32_t actions);
/* For logs and traces; static. */
const char *milter_reply_name(enum milter_reply_kind kind);

/* The text of MILTER_SAYS_CODE. */
struct milter_code {
	unsigned code;       /* 400 to 599                                         */
	struct str enhanced; /* "5.7.1"; of the code's class, a default if missing */
	struct str text;     /* lines parted by LF, without codes; printable       */
};
enum { MILTER_CODE_LINES = 16 };
/* text may have several lines, each with the same code. "%%", which filters write for
 * Sendmail, becomes "%". *out lives in a. False: invalid. */
bool milter_code_parse(struct str text, struct arena *a, struct milter_code *out);

#endif
