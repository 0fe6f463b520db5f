/* console/server/history.h: the counts of the last day (foundation/observe/history.h) across a
 * restart: one row of the space LOOKUP, written at the end. After a kill the counts are lost. */
#ifndef SERVER_HISTORY_H
#define SERVER_HISTORY_H

struct store;

void history_load(struct store *s);
void history_save(struct store *s);

#endif
