/* The MIME tree: golden files, all prefixes of all of them, limits, part numbers, records.
 *
 * tests/golden/mime/NAME.eml is a message, NAME.tree what it must parse to; `make
 * golden-accept` writes the trees anew, to be read as a diff.
 */
#include "harness/check.h"
#include "harness/exact.h"
#include "harness/unit.h"

#include "unit/message/crafted.h"
#include "unit/message/tree.h"

#include "formats/message/decode.h"
#include "formats/message/decode_pieces.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

/* --- files ----------------------------------------------------------------------- */

static void file_read(struct buf *out, const char *path)
{
	FILE *f = fopen(path, "rb");
	char piece[4096];
	size_t n;

	buf_reset(out);
	if (f == NULL)
		fail_msg("%s is missing", path);
	while ((n = fread(piece, 1, sizeof piece, f)) != 0)
		buf_bytes(out, piece, n);
	fclose(f);
}

static void file_write(struct str s, const char *path)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_true(fwrite(s.p, 1, s.n, f) == s.n);
	assert_int_equal(fclose(f), 0);
}

static void print_and_check(struct str in, void *arg)
{
	struct arena a = { 0 };
	struct message m;

	message_parse(&a, in, &tree_limits, &m);
	tree_laws(&m);
	if (arg != NULL)
		tree_print(arg, &m);
	arena_deinit(&a);
}

static void golden_file(char *path)
{
	struct buf raw, got, want;

	buf_init(&raw, TREE_OUT_MAX);
	buf_init(&got, TREE_OUT_MAX);
	buf_init(&want, TREE_OUT_MAX);
	file_read(&raw, path);
	exact_each(buf_str(&raw), false, print_and_check, &got);
	exact_each(buf_str(&raw), raw.n < 4096, print_and_check, NULL);
	memcpy(strrchr(path, '.'), ".tree", 6);
	if (getenv("ROOST_GOLDEN_ACCEPT") != NULL)
		file_write(buf_str(&got), path);
	file_read(&want, path);
	if (!str_eq(buf_str(&got), buf_str(&want)))
		fail_msg("%s: got\n%.*s", path, STR_ARG(buf_str(&got)));
	buf_deinit(&raw);
	buf_deinit(&got);
	buf_deinit(&want);
}

static void golden(void **state)
{
	const char *root = getenv("ROOST_SOURCE");
	char pattern[1024], path[1100];
	glob_t files;

	(void)state;
	snprintf(pattern, sizeof pattern, "%s/tests/golden/mime/*.eml", root != NULL ? root : ".");
	assert_int_equal(glob(pattern, 0, NULL, &files), 0);
	assert_true(files.gl_pathc >= 10);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		snprintf(path, sizeof path, "%s%s", files.gl_pathv[i], "\0room");
		golden_file(path);
	}
	globfree(&files);
}

/* --- limits ---------------------------------------------------------------------- */

/* n nested multiparts around a text. */
static void nested_put(struct buf *out, int n)
{
	for (int i = 0; i < n; i++)
		buf_fmt(out, "Content-Type: multipart/mixed; boundary=b%d.\n\n--b%d.\n", i, i);
	buf_put(out, STR("\ntext\n"));
	for (int i = n - 1; i >= 0; i--)
		buf_fmt(out, "--b%d.--\n", i);
}

static void depth_is_limited(void **state)
{
	struct message_limits limits = MESSAGE_LIMITS_DEFAULT;
	struct arena a = { 0 };
	struct message m;
	struct buf raw;

	(void)state;
	buf_init(&raw, TREE_OUT_MAX);
	limits.depth = 5;
	nested_put(&raw, 4);
	message_parse(&a, buf_str(&raw), &limits, &m);
	assert_true(m.n == 5 && !m.limited);
	check_str(message_str(&m, m.parts[4].body), STR("text"));
	buf_reset(&raw);
	nested_put(&raw, 1000);
	message_parse(&a, buf_str(&raw), &limits, &m);
	assert_true(m.n == 5 && m.limited && m.parts[4].limited);
	assert_true(m.parts[4].kind == PART_LEAF);
	tree_laws(&m);
	buf_deinit(&raw);
	arena_deinit(&a);
}

static void nested_messages_are_limited(void **state)
{
	struct message_limits limits = MESSAGE_LIMITS_DEFAULT;
	struct arena a = { 0 };
	struct message m;
	struct buf raw;

	(void)state;
	buf_init(&raw, TREE_OUT_MAX);
	for (int i = 0; i < 1000; i++)
		buf_put(&raw, STR("Content-Type: message/rfc822\n\n"));
	message_parse(&a, buf_str(&raw), &limits, &m);
	assert_true(m.n == limits.depth && m.limited);
	tree_laws(&m);
	buf_deinit(&raw);
	arena_deinit(&a);
}

static void part_count_is_limited(void **state)
{
	struct message_limits limits = MESSAGE_LIMITS_DEFAULT;
	struct arena a = { 0 };
	struct message m;
	struct buf raw;

	(void)state;
	buf_init(&raw, TREE_OUT_MAX);
	limits.parts = 4;
	buf_put(&raw, STR("Content-Type: multipart/mixed; boundary=b\n\n"));
	for (int i = 0; i < 100; i++)
		buf_put(&raw, STR("--b\n\nx\n"));
	buf_put(&raw, STR("--b--\n"));
	message_parse(&a, buf_str(&raw), &limits, &m);
	assert_true(m.n == 4 && m.limited && m.parts[0].limited);
	check_str(message_str(&m, m.parts[3].body), STR("x"));
	tree_laws(&m);
	buf_deinit(&raw);
	arena_deinit(&a);
}

static void header_size_is_limited(void **state)
{
	struct message_limits limits = MESSAGE_LIMITS_DEFAULT;
	struct arena a = { 0 };
	struct message m;

	(void)state;
	limits.header_bytes = 10;
	message_parse(&a, STR("A: 1\nB: 2\nC: 3\n\nbody"), &limits, &m);
	assert_true(m.limited && m.parts[0].header.len == 10);
	check_str(message_str(&m, m.parts[0].body), STR("C: 3\n\nbody"));
	limits.header_bytes = 16;
	message_parse(&a, STR("A: 1\nB: 2\nC: 3\n\nbody"), &limits, &m);
	assert_true(!m.limited && m.parts[0].header.len == 16);
	limits.header_bytes = 3;
	message_parse(&a, STR("A: 1\nB: 2\nC: 3\n\nbody"), &limits, &m);
	assert_true(m.limited && m.parts[0].header.len == 0);
	arena_deinit(&a);
}

/* The envelope, the tree and its envelopes together; false when there was no more memory. */
static bool described(struct str raw, const struct message_limits *limits, size_t *bytes)
{
	struct arena a = { 0 };
	struct structure s;
	struct envelope e;
	struct message m;
	bool whole;

	message_parse(&a, raw, limits, &m);
	envelope_of(&a, message_str(&m, m.parts[0].header), limits, &e);
	whole = structure_of(&a, &m, limits, &s);
	*bytes = a.used_bytes;
	arena_deinit(&a);
	return whole;
}

static void memory_is_limited(void **state)
{
	static const size_t sizes[] = { 100 << 10, 15 << 20, 48 << 20 };
	struct message_limits limits = MESSAGE_LIMITS_DEFAULT;
	struct buf raw;

	(void)state;
	limits.parts = 10000;
	limits.addresses = limits.all_addresses = 100000;
	buf_init(&raw, TREE_OUT_MAX);
	for (size_t i = 0; i < COUNT(sizes); i++) {
		size_t bytes;

		buf_reset(&raw);
		crafted_put(&raw, i == 0 ? 10 : 4900, sizes[i]);
		check_at(i, !described(buf_str(&raw), &limits, &bytes));
		check_at(i, bytes <= limits.memory_bytes);
	}
	buf_deinit(&raw);
}

static void addresses_and_parameters_are_limited(void **state)
{
	struct message_limits limits = MESSAGE_LIMITS_DEFAULT;
	struct arena a = { 0 };
	struct structure s;
	struct message m;
	struct buf raw;
	size_t addresses = 0, params = 0;

	(void)state;
	buf_init(&raw, TREE_OUT_MAX);
	crafted_put(&raw, 100, 100 << 10);
	limits.all_addresses = 700;
	limits.all_params = 33;
	message_parse(&a, buf_str(&raw), &limits, &m);
	assert_int_equal(m.n, 201);
	assert_true(structure_of(&a, &m, &limits, &s));
	for (uint32_t i = 0; i < s.n; i++) {
		params += s.parts[i].params.n;
		if (s.parts[i].envelope)
			addresses += envelope_addresses(s.parts[i].envelope);
	}
	assert_int_equal(addresses, 700);
	assert_int_equal(params, 1);
	arena_deinit(&a);
	buf_reset(&raw);
	buf_put(&raw, STR("Content-Type: multipart/mixed; boundary=b\n\n"));
	for (int i = 0; i < 20; i++)
		buf_put(&raw, STR("--b\nContent-Type: a/b; c=d; e=f\n\n"));
	message_parse(&a, buf_str(&raw), &limits, &m);
	assert_true(structure_of(&a, &m, &limits, &s));
	for (uint32_t i = params = 0; i < s.n; i++)
		params += s.parts[i].params.n;
	assert_int_equal(params, 33);
	buf_deinit(&raw);
	arena_deinit(&a);
}

/* --- part numbers (RFC 9051 6.4.5.1) --------------------------------------------- */

/* The example of the RFC: 1 text, 2 octet-stream, 3 message (3.1 text, 3.2 octet-stream),
 * 4 multipart (4.1 gif, 4.2 message: 4.2.1 text, 4.2.2 multipart: 4.2.2.1, 4.2.2.2). */
static const char numbered[] =
	"S: 0\nContent-Type: multipart/mixed; boundary=a\n\n"
	"--a\n\none\n"
	"--a\nContent-Type: application/octet-stream\n\ntwo\n"
	"--a\nContent-Type: message/rfc822\n\n"
	"S: 3\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n3.1\n"
	"--b\nContent-Type: application/octet-stream\n\n3.2\n--b--\n"
	"--a\nContent-Type: multipart/mixed; boundary=c\n\n"
	"--c\nContent-Type: image/gif\n\n4.1\n"
	"--c\nContent-Type: message/rfc822\n\n"
	"S: 4.2\nContent-Type: multipart/mixed; boundary=d\n\n--d\n\n4.2.1\n"
	"--d\nContent-Type: multipart/alternative; boundary=e\n\n"
	"--e\n\n4.2.2.1\n--e\nContent-Type: text/richtext\n\n4.2.2.2\n--e--\n--d--\n--c--\n"
	"--a\nContent-Type: message/rfc822\n\nS: 5\n\n5.1\n--a--\n";

static void part_numbers(void **state)
{
	static const struct {
		const char *path, *body; /* NULL: no such part */
	} rows[] = {
		{ "1", "one" },
		{ "2", "two" },
		{ "3.1", "3.1" },
		{ "3.2", "3.2" },
		{ "4.1", "4.1" },
		{ "4.2.1", "4.2.1" },
		{ "4.2.2.1", "4.2.2.1" },
		{ "4.2.2.2", "4.2.2.2" },
		{ "5.1", "5.1" },
		{ "5", "S: 5\n\n5.1" },
		{ "0", NULL },
		{ "6", NULL },
		{ "1.1", NULL },
		{ "3.3", NULL },
		{ "5.2", NULL },
		{ "5.1.1", NULL },
		{ "4.2.2.3", NULL },
		{ "1.", NULL },
		{ ".1", NULL },
		{ "1..1", NULL },
		{ "x", NULL },
		{ "4294967296", NULL },
	};
	struct arena a = { 0 };
	struct message m;
	struct structure s;

	(void)state;
	message_parse(&a, str_of(numbered), &tree_limits, &m);
	tree_laws(&m);
	assert_true(structure_of(&a, &m, &tree_limits, &s));
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint32_t part = PART_NONE;

		check_at(i, structure_find_text(&s, str_of(rows[i].path), &part) ==
		                    (rows[i].body != NULL));
		if (rows[i].body != NULL)
			check_str_at(i, message_str(&m, s.parts[part].body), str_of(rows[i].body));
	}
	arena_deinit(&a);
}

static void sections(void **state)
{
	static const struct {
		uint32_t path[3];
		size_t n;
		enum structure_section section;
		const char *begins; /* NULL: no such section */
		size_t length;      /* 0: not checked        */
	} rows[] = {
		{ { 0 }, 0, SECTION_ALL, "S: 0\n", sizeof numbered - 1 },
		{ { 0 }, 0, SECTION_HEADER, "S: 0\n", 48 },
		{ { 0 }, 0, SECTION_TEXT, "--a\n", 0 },
		{ { 0 }, 0, SECTION_MIME, NULL, 0 },
		{ { 1 }, 1, SECTION_MIME, "\n", 1 },
		{ { 1 }, 1, SECTION_HEADER, NULL, 0 },
		{ { 1 }, 1, SECTION_TEXT, NULL, 0 },
		{ { 3 }, 1, SECTION_MIME, "Content-Type: message", 30 },
		{ { 3 }, 1, SECTION_ALL, "S: 3\n", 0 },
		{ { 3 }, 1, SECTION_HEADER, "S: 3\n", 48 },
		{ { 3 }, 1, SECTION_TEXT, "--b\n", 0 },
		{ { 4 }, 1, SECTION_HEADER, NULL, 0 },
		{ { 4, 2 }, 2, SECTION_HEADER, "S: 4.2\n", 0 },
		{ { 4, 2, 2 }, 3, SECTION_MIME, "Content-Type: multipart/alt", 0 },
		{ { 5 }, 1, SECTION_HEADER, "S: 5\n\n", 6 },
		{ { 5 }, 1, SECTION_TEXT, "5.1", 3 },
		{ { 5, 1 }, 2, SECTION_ALL, "5.1", 3 },
		{ { 5, 1 }, 2, SECTION_MIME, "S: 5\n\n", 6 },
		{ { 9 }, 1, SECTION_ALL, NULL, 0 },
	};
	struct arena a = { 0 };
	struct message m;
	struct structure s;

	(void)state;
	message_parse(&a, str_of(numbered), &tree_limits, &m);
	assert_true(structure_of(&a, &m, &tree_limits, &s));
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct span span = { 0, 0 };

		check_at(i, structure_slice(&s, rows[i].path, rows[i].n, rows[i].section, &span) ==
		                    (rows[i].begins != NULL));
		if (rows[i].begins != NULL)
			check_at(i, str_starts(message_str(&m, span), str_of(rows[i].begins)));
		check_at(i, rows[i].length == 0 || span.len == rows[i].length);
	}
	arena_deinit(&a);
}

/* A message that is no multipart has one part, itself. */
static void the_only_part(void **state)
{
	struct arena a = { 0 };
	struct message m;
	struct structure s;
	uint32_t part;

	(void)state;
	message_parse(&a, STR("S: x\n\nbody"), &tree_limits, &m);
	assert_true(structure_of(&a, &m, &tree_limits, &s));
	assert_true(structure_find_text(&s, STR("1"), &part) && part == 0);
	assert_false(structure_find_text(&s, STR("1.1"), &part));
	message_parse(&a, STR("Content-Type: message/rfc822\n\nS: x\n\nbody"), &tree_limits, &m);
	assert_true(structure_of(&a, &m, &tree_limits, &s));
	assert_true(structure_find_text(&s, STR("1"), &part) && part == 0);
	assert_true(structure_find_text(&s, STR("1.1"), &part) && part == 1);
	assert_false(structure_find_text(&s, STR("1.2"), &part));
	arena_deinit(&a);
}

/* --- records --------------------------------------------------------------------- */

/* Damaged records are refused or read as something consistent, never believed blindly. */
static void damaged_records(void **state)
{
	struct arena a = { 0 };
	struct message m;
	struct structure s;
	struct envelope e;
	struct buf record, damaged;

	(void)state;
	buf_init(&record, TREE_OUT_MAX);
	buf_init(&damaged, TREE_OUT_MAX);
	message_parse(&a, str_of(numbered), &tree_limits, &m);
	assert_true(structure_of(&a, &m, &tree_limits, &s));
	structure_pack(&record, &s);
	for (size_t n = 0; n < record.n; n++)
		check_at(n, !structure_unpack(&a, str_sub(buf_str(&record), 0, n), &s));
	for (size_t i = 0; i < record.n; i++) {
		for (int bit = 0; bit < 8; bit++) {
			buf_reset(&damaged);
			buf_put(&damaged, buf_str(&record));
			damaged.p[i] ^= (char)(1 << bit);
			if (!structure_unpack(&a, buf_str(&damaged), &s))
				continue;
			for (uint32_t p = 0; p < s.n; p++)
				check_at(i,
				         s.parts[p].parent == PART_NONE || s.parts[p].parent < p);
		}
		arena_reset(&a);
	}
	envelope_of(&a, STR("From: a@b, c@d\nSubject: x\nSender: e@f\n"), &tree_limits, &e);
	buf_reset(&record);
	envelope_pack(&record, &e);
	for (size_t n = 0; n < record.n; n++)
		check_at(n, !envelope_unpack(&a, str_sub(buf_str(&record), 0, n), &e));
	buf_deinit(&record);
	buf_deinit(&damaged);
	arena_deinit(&a);
}

/* RFC 9051 7.5.2: NIL and "" differ; Sender and Reply-To default to From. */
static void envelope_rules(void **state)
{
	struct arena a = { 0 };
	struct envelope e, back;
	struct buf record;

	(void)state;
	buf_init(&record, TREE_OUT_MAX);
	envelope_of(&a,
	            STR("Subject:\nFrom: a@b\nReply-To:\nTo: x@y\nSubject: no\nTo: z@y\n\n"
	                "Date: body\n"),
	            &tree_limits, &e);
	envelope_pack(&record, &e);
	assert_true(envelope_unpack(&a, buf_str(&record), &back));
	assert_true(back.has == ENVELOPE_SUBJECT);
	check_str(back.subject, STR(""));
	assert_true(back.sender.n == 1 && back.reply_to.n == 1 && back.to.n == 2);
	check_str(back.sender.items[0].local, STR("a"));
	check_str(back.to.items[1].local, STR("z"));
	buf_deinit(&record);
	arena_deinit(&a);
}

/* As many fields as a header may hold: memory and time in proportion, also past the limit. */
static void envelope_of_many_fields(void **state)
{
	static const char *const fields[] = { "To: a@b\n", "Cc: a@b,\n",         "From: g:;\n",
		                              "Bcc: ,\n",  "Sender: a@b, c@d\n", "Reply-To: x\n" };
	enum { HEADER = 1 << 20 };

	(void)state;
	for (size_t i = 0; i < COUNT(fields); i++) {
		struct str field = str_of(fields[i]);
		struct arena a = { 0 };
		struct envelope e;
		struct buf header;

		buf_init(&header, HEADER);
		while (header.n + field.n <= HEADER)
			buf_put(&header, field);
		envelope_of(&a, buf_str(&header), &tree_limits, &e);
		check_at(i, e.to.n <= tree_limits.addresses && e.from.n <= tree_limits.addresses);
		check_at(i, a.used_bytes <=
		                    (size_t)tree_limits.addresses * 4 * sizeof(struct address));
		buf_deinit(&header);
		arena_deinit(&a);
	}
}

/* --- content --------------------------------------------------------------------- */

static void decoding(void **state)
{
	static const struct {
		enum part_encoding encoding;
		const char *in, *out;
	} rows[] = {
		{ ENCODING_7BIT, "a=3D", "a=3D" },
		{ ENCODING_QP, "a=3D", "a=" },
		{ ENCODING_BASE64, "Zm9v", "foo" },
		{ ENCODING_UUENCODE, "x\nbegin 644 cat\n#0V%T\n`\nend\ny", "Cat" },
		{ ENCODING_UUENCODE, "no begin", "" },
		{ ENCODING_UUENCODE, "begin 644 x\nM0", "@" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out;

		buf_init(&out, 1024);
		decode_bytes(&out, rows[i].encoding, str_of(rows[i].in));
		check_str_at(i, str_sub(buf_str(&out), 0, strlen(rows[i].out)),
		             str_of(rows[i].out));
		buf_deinit(&out);
	}
}

/* Pieces of every size give what the whole gives. */
static void decoding_in_pieces(void **state)
{
	static const struct {
		enum part_encoding encoding;
		const char *in;
	} rows[] = {
		{ ENCODING_8BIT, "a=3D\r\n" },
		{ ENCODING_QP, "a=3Db=\r\nc  \r\nd \t\n=E4=\n  =zz e= \r\nf=" },
		{ ENCODING_QP, "no line end =41" },
		{ ENCODING_BASE64, "Zm9v\r\nYm Fy!\r\nYg==YmE=Yg" },
		{ ENCODING_BASE64, "=Z=====m9v" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str in = str_of(rows[i].in);
		struct buf whole, out;

		buf_init(&whole, 1024);
		decode_bytes(&whole, rows[i].encoding, in);
		for (size_t size = 1; size <= in.n; size++) {
			struct decode_pieces d;

			buf_init(&out, 1024);
			decode_pieces_init(&d, rows[i].encoding);
			for (size_t at = 0; at < in.n; at += size)
				decode_pieces_put(&d, str_sub(in, at, MIN(at + size, in.n)),
				                  at + size >= in.n, &out);
			check_str_at(i, buf_str(&out), buf_str(&whole));
			decode_pieces_deinit(&d);
			buf_deinit(&out);
		}
		buf_deinit(&whole);
	}
}

/* A line without an end is kept within bounds. */
static void decoding_endless_lines(void **state)
{
	struct decode_pieces d;
	struct buf out, piece;

	(void)state;
	buf_init(&out, MIB(2));
	buf_init(&piece, 5000);
	for (int i = 0; i < 1000; i++)
		buf_put(&piece, STR("=41"));
	decode_pieces_init(&d, ENCODING_QP);
	for (int i = 0; i < 300; i++)
		decode_pieces_put(&d, str_sub(buf_str(&piece), 0, 3000), i == 299, &out);
	assert_in_range(d.rest.cap, 0, DECODE_REST_MAX);
	assert_in_range(out.n, 290000, 310000);
	decode_pieces_deinit(&d);
	buf_deinit(&piece);
	buf_deinit(&out);
}

static void previews(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "S: x\n\nHello\n\n  world\t!\n", "Hello world !" },
		{ "S: x\n\n> quoted\n>> more\nMy answer\n", "My answer" },
		{ "S: x\n\n> only\n> quoted\n", "> only > quoted" },
		{ "S: x\n\nText\n-- \nsignature\n", "Text" },
		{ "Content-Type: text/html\n\n<style>x</style><p>H&eacute;</p>\n<p>b",
		  "H\xc3\xa9 b" },
		{ "Content-Type: text/plain; charset=iso-8859-1\n"
		  "Content-Transfer-Encoding: quoted-printable\n\ncaf=E9=20=\n=A0x",
		  "caf\xc3\xa9 x" },
		{ "Content-Type: image/png\n\nPNG", "" },
		{ "Content-Type: multipart/mixed; boundary=b\n\n--b\n"
		  "Content-Disposition: attachment\n\nno\n--b\n\n\n--b\n\nyes\n--b--",
		  "yes" },
		{ "Content-Type: text/html\n\nA&zwnj; &#847; &zwnj; &shy; B", "A B" },
		{ "S: x\n\n\xe2\x80\x8bzero", "zero" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct message m;
		struct buf out;

		buf_init(&out, PREVIEW_BYTES_MAX);
		message_parse(&a, str_of(rows[i].in), &tree_limits, &m);
		preview_put(&out, &m);
		check_str_at(i, buf_str(&out), str_of(rows[i].out));
		buf_deinit(&out);
		arena_deinit(&a);
	}
}

/* --- for compare_python.py ------------------------------------------------------- */

/* One line for each part: depth, kind, type, and the size of a leaf decoded. */
static void outline_print(struct str in, void *arg)
{
	struct arena a = { 0 };
	struct message m;

	(void)arg;
	message_parse(&a, in, &tree_limits, &m);
	tree_laws(&m);
	for (uint32_t i = 0; i < m.n; i++) {
		const struct part *p = &m.parts[i];
		struct str type = str_lower(&a, message_type(&m, p));
		struct str subtype = str_lower(&a, message_subtype(&m, p));
		struct buf content;

		buf_init(&content, in.n + 3);
		if (p->kind == PART_LEAF)
			decode_bytes(&content, p->encoding_kind, message_str(&m, p->body));
		printf("%" PRIu32 " %d %.*s/%.*s %zu\n", p->depth, (int)p->kind, STR_ARG(type),
		       STR_ARG(subtype), content.n);
		buf_deinit(&content);
	}
	arena_deinit(&a);
}

/* Check the laws on each file of the arguments and print its outline. */
static int outline(char **files)
{
	struct buf raw;

	buf_init(&raw, TREE_OUT_MAX);
	for (; *files != NULL; files++) {
		file_read(&raw, *files);
		printf("= %s\n", *files);
		exact_each(buf_str(&raw), false, outline_print, NULL);
	}
	buf_deinit(&raw);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden),
		cmocka_unit_test(depth_is_limited),
		cmocka_unit_test(nested_messages_are_limited),
		cmocka_unit_test(part_count_is_limited),
		cmocka_unit_test(header_size_is_limited),
		cmocka_unit_test(memory_is_limited),
		cmocka_unit_test(addresses_and_parameters_are_limited),
		cmocka_unit_test(part_numbers),
		cmocka_unit_test(sections),
		cmocka_unit_test(the_only_part),
		cmocka_unit_test(damaged_records),
		cmocka_unit_test(envelope_rules),
		cmocka_unit_test(envelope_of_many_fields),
		cmocka_unit_test(decoding),
		cmocka_unit_test(decoding_in_pieces),
		cmocka_unit_test(decoding_endless_lines),
		cmocka_unit_test(previews),
	};

	if (*unit_arguments != NULL)
		return outline(unit_arguments);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
