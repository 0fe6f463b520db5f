/* formats/sieve/header_tests.c: header, exists, size, true, false (RFC 5228 5). */
#include "formats/sieve/match.h"

bool sieve_test_true(struct sieve_run *r, const struct sieve_op *op)
{
	(void)r, (void)op;
	return true;
}

bool sieve_test_false(struct sieve_run *r, const struct sieve_op *op)
{
	(void)r, (void)op;
	return false;
}

bool sieve_test_size(struct sieve_run *r, const struct sieve_op *op)
{
	uint64_t limit = sieve_number(op, ARG_1, 0), size = r->m->raw.n;

	sieve_explain(r, "the size is %" PRIu64 " and the limit %" PRIu64, size, limit);
	return sieve_number(op, ARG_OVER, 0) != 0 ? size > limit : size < limit;
}

static bool field_exists(struct sieve_run *r, const struct sieve_op *op, struct str name)
{
	uint32_t part = sieve_has(op, ARG_MIME_TEST) ? sieve_part_now(r) : 0, end = part + 1;
	struct sieve_fields f;
	struct str value;

	if (sieve_has(op, ARG_ANYCHILD))
		end = sieve_part_end(sieve_parts(r), part);
	for (; part < end && !r->stopped; part++) {
		sieve_fields_init_part(r, &f, name, part);
		if (sieve_fields_next(r, &f, &value))
			return true;
	}
	return false;
}

bool sieve_test_exists(struct sieve_run *r, const struct sieve_op *op)
{
	struct sieve_list names = sieve_list(op, ARG_1);
	struct str name;

	while (sieve_list_next(r, &names, &name)) {
		if (!field_exists(r, op, name)) {
			sieve_explain(r, "there is no field \"%.*s\"", STR_ARG(name));
			return false;
		}
	}
	return true;
}

bool sieve_test_header(struct sieve_run *r, const struct sieve_op *op)
{
	struct sieve_picked fields;
	struct sieve_matcher m;
	struct str value;

	sieve_matcher_init(&m, r, op, ARG_2);
	sieve_picked_init(r, &fields, op, sieve_list(op, ARG_1));
	while (sieve_picked_next(r, &fields, &value))
		if (sieve_has(op, ARG_MIME_PART)
		        ? sieve_mime_matches(r, &m, op, fields.fields.name, value)
		        : sieve_matcher_value(&m, sieve_field_text(r, value)))
			return true;
	return sieve_matcher_end(&m);
}
