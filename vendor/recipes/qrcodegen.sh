build()
{
	$CC $CFLAGS -c c/qrcodegen.c -o qrcodegen.o
	$AR rcsD libqrcodegen.a qrcodegen.o
	install_files include c/qrcodegen.h
	install_files lib libqrcodegen.a
}
