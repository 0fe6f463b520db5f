# Its makefile names its tools itself, so they are given on the command line. AES-NI, PCLMUL
# and SSE2 code is chosen at run time where the machine has it.

build()
{
	make -j"$JOBS" lib CC="$CC" LD="$CC" AR="$AR" ARFLAGS=-rcsD CFLAGS="$CFLAGS"
	install_files include inc/*.h
	install_files lib build/libbearssl.a
}
