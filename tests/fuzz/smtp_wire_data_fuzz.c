/* Laws of the bytes of a message: any split of the input receives the same, and what is sent
 * is received as it was. */
#include "formats/smtp_wire/data.h"
#include "formats/smtp_wire/stuff.h"
#include "foundation/base/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct smtp_data receive(struct str input, size_t step, struct buf *out)
{
	struct smtp_data d = { 0 };

	for (size_t used = 0; used < input.n && d.state != DATA_END; used += step) {
		struct str in = str_sub(input, used, used + step), slice;

		while (in.n != 0 && d.state != DATA_END) {
			smtp_data_next(&d, &in, &slice);
			buf_put(out, slice);
		}
	}
	return d;
}

static void send(struct str message, size_t step, struct buf *out)
{
	struct smtp_stuff s = { 0 };

	for (size_t used = 0; used < message.n; used += step) {
		struct str in = str_sub(message, used, used + step), slice;
		bool dot;

		while (in.n != 0) {
			smtp_stuff_next(&s, &in, &slice, &dot);
			if (dot)
				buf_byte(out, '.');
			buf_put(out, slice);
		}
	}
	buf_put(out, smtp_stuff_end(&s));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str input = str_from((const char *)data, n);
	struct buf whole, dribbled, wire;
	struct smtp_data a, b, c;

	buf_init(&whole, 2 * n + 16);
	buf_init(&dribbled, 2 * n + 16);
	buf_init(&wire, 2 * n + 16);
	a = receive(input, n + 1, &whole);
	b = receive(input, 1, &dribbled);
	assert(a.state == b.state && a.lone == b.lone);
	assert(str_eq(buf_str(&whole), buf_str(&dribbled)));

	send(input, n % 7 + 1, &wire);
	buf_reset(&whole);
	c = receive(buf_str(&wire), n + 1, &whole);
	/* A message without lone line ends comes back, with its last line ended. */
	if (!c.lone)
		assert(c.state == DATA_END && str_starts(buf_str(&whole), input));
	buf_deinit(&whole);
	buf_deinit(&dribbled);
	buf_deinit(&wire);
	return 0;
}
