/* model/queue/split.c: see split.h. */
#include "model/queue/split.h"

#include "foundation/base/arena.h"

static struct split_part *part_of(struct split *s, struct str destination)
{
	for (size_t i = 0; i < s->count; i++)
		if (str_eq(s->parts[i].destination, destination))
			return &s->parts[i];
	s->parts[s->count].destination = destination;
	return &s->parts[s->count++];
}

/* Two passes: count, then fill. */
void split_rcpts(struct arena *a, const struct envelope_rcpt *rcpts, size_t count,
                 const struct routes *routes, const struct route_ask *ask, struct split *out)
{
	struct str *destinations = arena_array(a, struct str, count);

	*out = (struct split){ .parts = arena_array(a, struct split_part, count) };
	for (size_t i = 0; i < count; i++) {
		destinations[i] = route_destination(routes, ask, &rcpts[i].address, a);
		part_of(out, destinations[i])->count++;
	}
	for (size_t i = 0; i < out->count; i++) {
		struct split_part *part = &out->parts[i];

		part->rcpts = arena_array(a, struct envelope_rcpt, part->count);
		part->count = 0;
	}
	for (size_t i = 0; i < count; i++) {
		struct split_part *part = part_of(out, destinations[i]);

		part->rcpts[part->count++] = rcpts[i];
	}
}
