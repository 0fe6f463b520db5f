/* formats/sieve/program.h: the form of a compiled program. Private to formats/sieve.
 *
 *   program   = version extensions count *variable code        version, count: varint
 *   variable  = string of its name in lower case
 *   code      = *operation, the last one is OP_STOP
 *   operation = (OP_JUMP... / OP_LOOP / OP_NEXT) target        4 bytes from the start of code
 *             / OP_STOP / OP_NOT / OP_LEAVE
 *             / word line size *argument                       size: bytes of the arguments
 *   argument  = number-of-sieve_arg size value
 *   value     = varint                                         VALUE_NUMBER
 *             / text                                           VALUE_STRING
 *             / *(size text)                                   VALUE_LIST
 *   text      = %x00 bytes                                     constant
 *             / %x01 *(varint [bytes])                         with variables: an even number is
 *                               twice the length of bytes, an odd one a variable: see VARIABLE_* */
#ifndef SIEVE_PROGRAM_H
#define SIEVE_PROGRAM_H
#include "formats/sieve/sieve.h"
#include "formats/sieve/words.h"
#include "foundation/base/pack.h"

enum {
	PROGRAM_VERSION = 2,
	MATCH_VALUES = 32,           /* ${0} to ${31}: variables 0 to 31 of a text */
	VARIABLE_FIRST = MATCH_VALUES, /* and then those of the program              */
	TEXT_CONSTANT = 0,
	TEXT_VARIABLES = 1,
	JUMP_NONE = UINT32_MAX,
};

struct sieve_program {
	uint64_t extensions;
	struct str names; /* packed names of variables */
	uint32_t variables;
	struct str code;
};

/* Borrowed from bytes. False for another version, or a damaged beginning. */
bool sieve_program_open(struct str bytes, struct sieve_program *out);

/* A decoded operation. */
struct sieve_op {
	enum sieve_code code;
	uint32_t line;
	uint32_t target; /* of a jump */
	uint64_t present;
	struct str at[ARG_COUNT];
};
static inline bool sieve_has(const struct sieve_op *op, enum sieve_arg arg)
{
	return (op->present & sieve_bit(arg)) != 0;
}

/* Take the operation at c. False: damaged. */
bool sieve_op_next(struct cur *c, struct sieve_op *op);

/* Jumps to a place that is not known yet are a chain: each has the offset of the one before it
 * as its target, and *chain is the last. */
void sieve_jump_put(struct buf *code, enum sieve_code jump, uint32_t *chain);
/* They all lead to the end of the code so far. */
void sieve_jumps_end(struct buf *code, uint32_t *chain);
/* A jump back. */
void sieve_jump_back(struct buf *code, enum sieve_code jump, size_t target);

#endif
