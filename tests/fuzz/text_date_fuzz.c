/* A date that was read is written in a form that reads as the same moment. */
#include "foundation/text/date.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str in = str_from((const char *)data, n);
	struct date d, again;
	struct cur c;
	struct buf out;

	buf_init(&out, 128);
	if (date_parse_mail(in, &d)) {
		assert(d.zone_min > -24 * 60 && d.zone_min < 24 * 60);
		date_put_mail(&out, d.time_ms, d.zone_min);
		assert(date_parse_mail(buf_str(&out), &again));
		assert(again.time_ms == d.time_ms && again.zone_min == d.zone_min);
	}
	c = cur_of(in);
	buf_reset(&out);
	if (date_parse_imap(&c, &d)) {
		date_put_imap(&out, d.time_ms, d.zone_min);
		c = cur_of(buf_str(&out));
		assert(date_parse_imap(&c, &again) && cur_done(&c));
		assert(again.time_ms == d.time_ms);
	}
	c = cur_of(in);
	buf_reset(&out);
	if (date_parse_iso(&c, &d.time_ms) && d.time_ms >= 0) {
		date_put_iso(&out, d.time_ms);
		c = cur_of(buf_str(&out));
		assert(date_parse_iso(&c, &again.time_ms) && cur_done(&c));
		assert(again.time_ms == d.time_ms);
	}
	buf_deinit(&out);
	return 0;
}
