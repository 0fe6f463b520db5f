/* console/api/api_send.h: what the files of /api/send share. */
#ifndef API_API_SEND_H
#define API_API_SEND_H
#include "console/api/api.h"
#include "flow/submission/letter_json.h"
#include "model/history/sent.h"

struct settings;

/* What is asked for, in the form in which it is sent. */
struct send_message {
	struct send_wishes wishes;
	struct mailaddr from; /* return path                       */
	struct str from_text; /* what the message's header is made for: domain of new ids */
	struct str message_id;
	struct buf text; /* the message                            */
	bool utf8;
};

/* Read the body, JSON or message/rfc822, and the query; out->text is to be deinited in any case.
 * Errors are the caller's. */
enum err send_message_read(struct api_call *c, const struct settings *s,
                           struct send_message *out) MUST_USE;

/* api_send.c: the member "to", of shapes sent_rcpt. */
void send_rcpts_put(struct json_writer *w, const struct sent_rcpt *rcpts, size_t count);

#endif
