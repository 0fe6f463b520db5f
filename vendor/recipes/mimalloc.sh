# One object, not a library: first on the link line, its malloc wins over libc's. The check
# toolchain goes without, since the sanitizers bring an allocator of their own.
toolchains=release

build()
{
	$CC $CFLAGS -O3 -DNDEBUG -DMI_MALLOC_OVERRIDE=1 -DMI_LIBC_MUSL=1 -ftls-model=local-exec \
		-fno-builtin-malloc -Iinclude -c src/static.c -o mimalloc.o
	install_files include include/mimalloc.h
	install_files lib mimalloc.o
}
