/* console/api/doctor_json.h: what a look of the DNS doctor has found, as the API has it, and
 * `roost doctor --json`: the shape doctor_part. */
#ifndef API_DOCTOR_JSON_H
#define API_DOCTOR_JSON_H
#include "foundation/text/json.h"
#include "operations/doctor/finding.h"

/* Into the object that is open: its state, how many findings are in each, and with rows each. */
void doctor_json_put(struct json_writer *w, const struct findings *all, bool rows);

#endif
