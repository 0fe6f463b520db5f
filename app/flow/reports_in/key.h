/* flow/reports_in/key.h: keys of the space REPORT. */
#ifndef REPORTS_IN_KEY_H
#define REPORTS_IN_KEY_H
#include "foundation/base/pack.h"

enum { REPORT_KEY_MAX = 480 };

static inline struct str report_key(char room[static REPORT_KEY_MAX], char what, uint64_t id)
{
	struct buf b;

	buf_init_in(&b, room, REPORT_KEY_MAX);
	buf_byte(&b, what);
	pack_be64(&b, id);
	return buf_str(&b);
}

static inline struct str report_key_chunk(char room[static REPORT_KEY_MAX], uint64_t id, uint32_t n)
{
	struct buf b;

	buf_init_in(&b, room, REPORT_KEY_MAX);
	buf_byte(&b, 'c');
	pack_be64(&b, id);
	pack_be32(&b, n);
	return buf_str(&b);
}

static inline struct str report_key_hash(char room[static REPORT_KEY_MAX], struct str hash)
{
	struct buf b;

	buf_init_in(&b, room, REPORT_KEY_MAX);
	buf_byte(&b, 'd');
	buf_put(&b, hash);
	return buf_str(&b);
}

/* organization: empty, or the author of the counted reports. */
static inline struct str report_key_day(char room[static REPORT_KEY_MAX], uint32_t day,
                                        struct str domain, struct str organization)
{
	struct buf b;

	buf_init_in(&b, room, REPORT_KEY_MAX);
	buf_byte(&b, 'q');
	pack_be32(&b, day);
	buf_put(&b, str_sub(domain, 0, 255));
	if (organization.n != 0)
		buf_byte(&b, '\0');
	buf_put(&b, str_sub(organization, 0, 200));
	return buf_str(&b);
}

#endif
