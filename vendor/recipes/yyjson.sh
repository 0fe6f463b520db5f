# What RFC 8259 does not know is left out, and so is writing, which foundation/text/json_put.c does
# without a tree.

build()
{
	$CC $CFLAGS -DYYJSON_DISABLE_WRITER=1 -DYYJSON_DISABLE_NON_STANDARD=1 \
		-DYYJSON_DISABLE_UTILS=1 -c src/yyjson.c -o yyjson.o
	$AR rcsD libyyjson.a yyjson.o
	install_files include src/yyjson.h
	install_files lib libyyjson.a
}
