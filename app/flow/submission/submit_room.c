/* flow/submission/submit_room.c: see submit_room.h. */
#include "flow/submission/submit_room.h"

#include "foundation/config/limits.h"

#include <pthread.h>
#include <stddef.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint32_t places[LIMIT_submit_waiting]; /* lock; whose they are, the first taken_count */
static size_t taken_count;                    /* lock */

/* Under the lock. */
static size_t places_of(uint32_t account)
{
	size_t n = 0;

	for (size_t i = 0; i < taken_count; i++)
		n += places[i] == account;
	return n;
}

bool submit_room_take(struct submit_room *room, uint32_t account, bool waits)
{
	bool good = true;

	*room = (struct submit_room){ .account = account };
	if (!waits)
		return true;
	pthread_mutex_lock(&lock);
	good = taken_count < LIMIT_submit_waiting && places_of(account) < LIMIT_submit_account;
	if (good)
		places[taken_count++] = account;
	pthread_mutex_unlock(&lock);
	room->taken = good;
	return good;
}

void submit_room_give(struct submit_room *room)
{
	if (!room->taken)
		return;
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < taken_count; i++)
		if (places[i] == room->account) {
			places[i] = places[--taken_count];
			break;
		}
	pthread_mutex_unlock(&lock);
	room->taken = false;
}
