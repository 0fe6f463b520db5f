/* console/api/api_reports.h: what calls about reports of others share. */
#ifndef API_API_REPORTS_H
#define API_API_REPORTS_H
#include "console/api/api.h"
#include "flow/reports_in/reports_in.h"

#define REPORT_DAY_MS ((int64_t)86400000)

/* The members of a report, into an object that is open. */
void reports_head_put(struct json_writer *w, struct arena *a, const struct report_in *r);
/* A row of a report (flow/reports_in/rows.h): into a list, or of REPORT_FAILURE the member
 * "feedback". False: it cannot be read. */
bool reports_row_put(struct api_call *c, enum report_kind kind, struct str record);

/* The day that ?days= days end with, and how many they are with it. */
uint32_t reports_today(void);
uint32_t reports_days(struct api_call *c);
void reports_day_put(struct json_writer *w, const char *name, uint32_t day);

#endif
