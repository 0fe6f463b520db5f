/* flow/policy/milter/wire_milter_options.c: negotiation of options; see wire_milter.h. */
#include "flow/policy/milter/wire_milter.h"

enum {
	STEPS_V2 = 0x7f,
	ACTIONS_V2 = 0x3f,
	MACROS_MAX = 8192, /* of names for one stage */
};

/* For each command: the flag that suppresses it, the flag that suppresses its reply, and
 * the version that introduced it. */
static const struct row {
	char command;
	uint32_t no, mute;
	uint32_t version;
} rows[] = {
	{ MILTER_CONNECT, MILTER_NO_CONNECT, MILTER_MUTE_CONNECT, 2 },
	{ MILTER_HELO, MILTER_NO_HELO, MILTER_MUTE_HELO, 2 },
	{ MILTER_MAIL, MILTER_NO_MAIL, MILTER_MUTE_MAIL, 2 },
	{ MILTER_RCPT, MILTER_NO_RCPT, MILTER_MUTE_RCPT, 2 },
	{ MILTER_UNKNOWN, MILTER_NO_UNKNOWN, MILTER_MUTE_UNKNOWN, 3 },
	{ MILTER_DATA, MILTER_NO_DATA, MILTER_MUTE_DATA, 4 },
	{ MILTER_HEADER, MILTER_NO_HEADERS, MILTER_MUTE_HEADER, 2 },
	{ MILTER_HEADER_END, MILTER_NO_HEADER_END, MILTER_MUTE_HEADER_END, 2 },
	{ MILTER_BODY, MILTER_NO_BODY, MILTER_MUTE_BODY, 2 },
};

static const struct row *row_of(char command)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		if (rows[i].command == command)
			return &rows[i];
	return NULL;
}

bool milter_wants(uint32_t steps, char command)
{
	const struct row *r = row_of(command);

	return r == NULL || !(steps & r->no);
}

bool milter_answers(uint32_t steps, char command)
{
	const struct row *r = row_of(command);

	return r == NULL || !(steps & r->mute);
}

size_t milter_data_max(uint32_t steps)
{
	if (steps & MILTER_DATA_1M)
		return MIB(1) - 1;
	return steps & MILTER_DATA_256K ? KIB(256) - 1 : MILTER_CHUNK;
}

struct milter_options milter_offer(uint32_t version)
{
	struct milter_options offer = { .version = version,
		                        .actions = MILTER_CAN_ALL,
		                        .steps = MILTER_STEPS_ALL };

	assert(version >= MILTER_VERSION_MIN && version <= MILTER_VERSION_MAX);
	if (version < 6) {
		offer.actions = ACTIONS_V2;
		offer.steps = STEPS_V2 | MILTER_MUTE_HEADER;
		if (version >= 3)
			offer.steps |= MILTER_NO_UNKNOWN;
		if (version >= 4)
			offer.steps |= MILTER_NO_DATA;
	}
	if (version == 2)
		offer.steps = STEPS_V2;
	return offer;
}

void milter_options_put(struct buf *out, const struct milter_options *offer)
{
	const uint32_t words[] = { offer->version, offer->actions, offer->steps };
	size_t mark = milter_packet_begin(out, MILTER_OPTIONS);

	for (size_t i = 0; i < COUNT(words); i++)
		for (int shift = 24; shift >= 0; shift -= 8)
			buf_byte(out, (char)(words[i] >> shift));
	milter_packet_end(out, mark);
}

static bool options_word(struct cur *c, uint32_t *out)
{
	uint64_t n;

	if (!cur_be(c, 4, &n))
		return false;
	*out = (uint32_t)n;
	return true;
}

/* After the three numbers: for each stage its number and the names of its macros. */
static bool macros(struct cur *c, struct milter_options *out)
{
	while (!cur_done(c)) {
		uint32_t stage;
		struct str names;

		if (!options_word(c, &stage) || !cur_until(c, '\0', &names) ||
		    stage >= MILTER_STAGES || names.n > MACROS_MAX)
			return false;
		cur_skip(c, 1);
		out->macros[stage] = names;
	}
	return true;
}

static enum err options_check(const struct milter_options *offer, const struct milter_options *got,
                              struct why *why)
{
	if (got->version < MILTER_VERSION_MIN || got->version > offer->version)
		return fail(why, ERR_CONFLICT, "it speaks version %u of the milter protocol",
		            got->version);
	if (got->actions & ~offer->actions)
		return fail(why, ERR_CONFLICT, "it wants actions 0x%x that were not offered",
		            got->actions & ~offer->actions);
	/* Unknown flags are errors: a filter that omits an expected reply would hang the
	 * session. Flags of the milter library itself are accepted. */
	if (got->steps & ~offer->steps & MILTER_STEPS_ALL)
		return fail(why, ERR_CONFLICT, "it wants steps 0x%x that were not offered",
		            got->steps & ~offer->steps);
	return OK;
}

enum err milter_options_parse(struct str data, const struct milter_options *offer,
                              struct milter_options *out, struct why *why)
{
	struct cur c = cur_of(data);
	struct milter_options got = { 0 };
	enum err e;

	if (!options_word(&c, &got.version) || !options_word(&c, &got.actions) ||
	    !options_word(&c, &got.steps) || !macros(&c, &got))
		return fail(why, ERR_SYNTAX, "its options are malformed");
	if ((e = options_check(offer, &got, why)))
		return e;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (rows[i].version > got.version)
			got.steps |= rows[i].no;
	*out = got;
	return OK;
}
