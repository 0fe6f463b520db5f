/* formats/sieve/require.c: require (RFC 5228 3.2) and ihave (RFC 5463): what a script may use. */
#include "formats/sieve/parser.h"
#include "formats/sieve/run.h"

void sieve_require_take(struct sieve_parser *p)
{
	const struct sieve_value *names = sieve_value_of(&p->command, ARG_1);

	if (p->began || p->depth > 1)
		sieve_report(p, true, p->command.line, p->command.column,
		             "\"require\" stands before all other commands");
	for (size_t i = 0; names != NULL && i < names->n; i++) {
		enum sieve_ext ext = sieve_extension_find(names->items[i]);

		if (!sieve_extension_usable(p->options, ext))
			sieve_report_value(p, names, "The extension \"%.*s\" is not supported",
			                   STR_ARG(names->items[i]));
		else
			p->extensions |= sieve_bit(ext) | sieve_extensions[ext].with;
	}
}

/* Each extension is here, and from now on enabled; else the block that this test is for is excluded
 * (RFC 5463 4). Only "if ihave" and "if allof (ihave ...)" tell that for sure. */
void sieve_ihave_take(struct sieve_parser *p)
{
	const struct sieve_value *names = sieve_value_of(&p->command, ARG_1);
	uint64_t extensions = 0;
	size_t i = p->depth;

	for (size_t n = 0; names != NULL && n < names->n; n++) {
		enum sieve_ext ext = sieve_extension_find(names->items[n]);

		if (ext == EXT_TESTSUITE || !sieve_extension_usable(p->options, ext))
			extensions = UINT64_MAX;
		else
			extensions |= sieve_bit(ext) | sieve_extensions[ext].with;
	}
	if (extensions != UINT64_MAX) {
		p->extensions |= extensions;
		return;
	}
	while (i > 1 && p->frames[i - 1].kind == FRAME_ALLOF)
		i--;
	if (p->frames[i - 1].kind == FRAME_IF && !p->frames[i - 1].dead) {
		p->frames[i - 1].dead = true;
		p->dead++;
	}
}

/* The parser has enabled them, or excluded the block. */
bool sieve_test_ihave(struct sieve_run *r, const struct sieve_op *op)
{
	struct sieve_list names = sieve_list(op, ARG_1);
	struct str name;

	while (sieve_list_next(r, &names, &name)) {
		enum sieve_ext ext = sieve_extension_find(name);

		if (ext == EXT_COUNT || ext == EXT_TESTSUITE ||
		    (ext == EXT_SMTP && !sieve_uses(r, ext)))
			return false;
	}
	return true;
}
