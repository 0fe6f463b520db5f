build()
{
	$CC $CFLAGS -DUTF8PROC_STATIC -c utf8proc.c -o utf8proc.o
	$AR rcsD libutf8proc.a utf8proc.o
	install_files include utf8proc.h
	install_files lib libutf8proc.a
}
