/* console/server/history.h: the counts of the last day (foundation/observe/history.h) over a
 * restart: one row of the space LOOKUP, written at the end. What a kill loses is a chart. */
#ifndef SERVER_HISTORY_H
#define SERVER_HISTORY_H

struct store;

void history_load(struct store *s);
void history_save(struct store *s);

#endif
