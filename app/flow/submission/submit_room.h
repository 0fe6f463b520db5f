/* flow/submission/submit_room.h: how many submissions without SMTP may wait for milters and hooks
 * at a time.
 *
 * Each has a thread of the HTTP server while it waits: without a bound, one program and one milter
 * that hangs would keep everybody else from the console and the API. */
#ifndef SUBMISSION_SUBMIT_ROOM_H
#define SUBMISSION_SUBMIT_ROOM_H
#include <stdbool.h>
#include <stdint.h>

/* One submission's place. */
struct submit_room {
	uint32_t account;
	bool taken;
};

/* Take a place, if it waits for others at all; false: LIMIT_submit_waiting have one, or
 * LIMIT_submit_account of this account. Any thread; does not block. */
bool submit_room_take(struct submit_room *room, uint32_t account, bool waits);
void submit_room_give(struct submit_room *room);

#endif
