/* flow/reports_in/unpack.c: see unpack.h. */
#include "flow/reports_in/unpack.h"

#include "formats/reports/archive.h"
#include "network/runtime/deflate.h"

enum { PIECE = 16 << 10 };

/* State of one call. */
struct unpacking {
	const struct unpack_limits *limits;
	const struct unpack_taker *taker;
	uint64_t out;  /* bytes unpacked so far           */
	uint64_t size; /* of the current document         */
	uint64_t in;   /* packed bytes of earlier members */
	uint32_t crc;  /* likewise                        */
	bool wanted;   /* the taker still wants pieces    */
	bool may_gather, gathers; /* it may be a gzip file in a ZIP file; it is one */
	struct buf inner;         /* its bytes                                      */
	uint64_t packed;          /* its packed size in the ZIP file; 0: unknown    */
	struct why *why;
};

static enum err inner_put(struct unpacking *u, struct str bytes)
{
	buf_put(&u->inner, bytes);
	if (buf_ok(&u->inner))
		return OK;
	return fail(u->why, ERR_LIMIT, "a gzip file in it has more than %" PRIu64 " bytes",
	            u->limits->inner);
}

static enum err piece(struct unpacking *u, struct str bytes)
{
	if (bytes.n > u->limits->bytes - u->out)
		return fail(u->why, ERR_LIMIT, "it unpacks to more than %" PRIu64 " bytes",
		            u->limits->bytes);
	if (u->may_gather && u->size == 0)
		u->gathers = wire_archive_kind(bytes) == ARCHIVE_GZIP;
	u->out += bytes.n;
	u->size += bytes.n;
	u->crc = deflate_crc32(u->crc, bytes);
	if (u->gathers)
		return inner_put(u, bytes);
	if (u->wanted)
		u->wanted = u->taker->piece(u->taker->arg, bytes);
	return OK;
}

static void document_begin(struct unpacking *u)
{
	u->size = u->in = 0;
	u->crc = 0;
	u->wanted = true;
	u->taker->begin(u->taker->arg);
}

static enum err document_end(struct unpacking *u, enum err e)
{
	u->taker->end(u->taker->arg, e == OK);
	return e;
}

/* A few bytes that unpack to very many are an attack. */
static enum err ratio_check(struct unpacking *u, uint64_t in)
{
	if (u->packed != 0)
		in = MIN(in, u->packed);
	if (u->size > u->limits->free && u->size / u->limits->ratio > in)
		return fail(u->why, ERR_LIMIT, "it unpacks to more than %" PRIu64 " times its size",
		            u->limits->ratio);
	return OK;
}

static enum err inflate_all(struct unpacking *u, struct deflate *z, struct cur *c)
{
	size_t all = cur_left(c);
	struct buf b;
	enum err e = OK;

	buf_init(&b, PIECE);
	while (e == OK && deflate_state(z) == DEFLATE_OPEN && (!cur_done(c) || deflate_holds(z))) {
		buf_reset(&b);
		cur_skip(c, deflate_take(z, cur_rest(c), &b, PIECE));
		e = piece(u, buf_str(&b));
		if (e == OK)
			e = ratio_check(u, u->in + all - cur_left(c));
	}
	u->in += all - cur_left(c);
	buf_deinit(&b);
	if (e == OK && deflate_state(z) != DEFLATE_ENDED)
		return fail(u->why, ERR_SYNTAX, "its packed bytes are damaged or cut off");
	return e;
}

static enum err inflated(struct unpacking *u, struct cur *c)
{
	struct deflate *z = deflate_new();
	enum err e = inflate_all(u, z, c);

	deflate_free(&z);
	return e;
}

static enum err sum_check(struct unpacking *u, uint32_t crc, uint32_t size, uint64_t is)
{
	if (crc != u->crc || size != (uint32_t)is)
		return fail(u->why, ERR_SYNTAX, "its check sum is wrong");
	return OK;
}

static enum err gzip_member(struct unpacking *u, struct cur *c)
{
	uint64_t before = u->size;
	uint32_t crc, size;
	enum err e;

	if (!wire_gzip_head(c))
		return fail(u->why, ERR_SYNTAX, "its gzip header is damaged");
	u->crc = 0;
	e = inflated(u, c);
	if (e == OK && !wire_gzip_tail(c, &crc, &size))
		e = fail(u->why, ERR_SYNTAX, "it is cut off");
	return e == OK ? sum_check(u, crc, size, u->size - before) : e;
}

/* RFC 1952 2.2: consecutive members are one document. Other bytes after a member are
 * ignored, as gzip does. */
static enum err gzip_members(struct unpacking *u, struct cur *c)
{
	enum err e;

	do
		e = gzip_member(u, c);
	while (e == OK && wire_archive_kind(cur_rest(c)) == ARCHIVE_GZIP);
	return e;
}

static enum err gzip(struct unpacking *u, struct cur *c)
{
	document_begin(u);
	return document_end(u, gzip_members(u, c));
}

/* --- ZIP ---------------------------------------------------------------------------------- */

static enum err stored(struct unpacking *u, struct cur *c, size_t n)
{
	struct str bytes;

	if (!cur_take(c, n, &bytes))
		return fail(u->why, ERR_SYNTAX, "it is cut off");
	return piece(u, bytes);
}

static enum err zip_member(struct unpacking *u, struct cur *c, struct zip_member *m)
{
	enum err e = m->deflated ? inflated(u, c) : stored(u, c, m->packed);

	if (e == OK && m->behind && !wire_zip_tail(c, m))
		e = fail(u->why, ERR_SYNTAX, "it is cut off");
	return e == OK ? sum_check(u, m->crc, m->size, u->size) : e;
}

/* The gathered bytes are the document. */
static enum err inner_unpack(struct unpacking *u, uint64_t packed)
{
	struct cur c = cur_of(buf_str(&u->inner));
	enum err e;

	u->gathers = false;
	u->size = u->in = 0;
	u->packed = packed;
	e = gzip_members(u, &c);
	u->packed = 0;
	return e;
}

static enum err zip_document(struct unpacking *u, struct cur *c, struct zip_member *m)
{
	size_t before = cur_left(c);
	enum err e;

	document_begin(u);
	buf_reset(&u->inner);
	u->may_gather = true;
	e = zip_member(u, c, m);
	u->may_gather = false;
	if (e == OK && u->gathers)
		e = inner_unpack(u, before - cur_left(c));
	u->gathers = false;
	return document_end(u, e);
}

static enum err zip(struct unpacking *u, struct cur *c)
{
	struct zip_member m;
	enum zip_next next = ZIP_END;
	enum err e = OK;
	unsigned n = 0;

	for (; e == OK && (next = wire_zip_next(c, &m)) == ZIP_MEMBER; n++) {
		if (n == u->limits->members)
			return fail(u->why, ERR_LIMIT, "there are more than %u files in it",
			            u->limits->members);
		e = zip_document(u, c, &m);
	}
	if (e == OK && next == ZIP_BAD)
		e = fail(u->why, ERR_SYNTAX,
		         "its ZIP header is damaged, or says what is not read");
	return e;
}

enum err unpack(struct str bytes, const struct unpack_limits *limits,
                const struct unpack_taker *taker, struct why *why)
{
	struct unpacking u = { .limits = limits, .taker = taker, .why = why };
	struct cur c = cur_of(bytes);
	enum err e;

	switch (wire_archive_kind(bytes)) {
	case ARCHIVE_GZIP:
		return gzip(&u, &c);
	case ARCHIVE_ZIP:
		buf_init(&u.inner, limits->inner);
		e = zip(&u, &c);
		buf_deinit(&u.inner);
		return e;
	default:
		document_begin(&u);
		return document_end(&u, stored(&u, &c, bytes.n));
	}
}
