# Arenas are shared by all threads and nothing is kept for one thread alone: hundreds of threads
# that wait for a socket would each hold some hundred kilobytes. A thread of its own gives back to
# the system what has been free for a second.
# Pages: an arm64 kernel has 4, 16 or 64 KiB, as it likes; one that is too great does no harm.
toolchains=release

build()
{
	local page=12

	[[ $HOST = x86_64-* ]] || page=16
	./configure --host="$HOST" --prefix="$OUT" --disable-shared --enable-static --disable-cxx \
		--disable-stats --disable-prof --disable-libdl --disable-initial-exec-tls \
		--with-lg-page=$page --with-lg-vaddr=48 --with-lg-hugepage=21 --with-jemalloc-prefix= \
		--with-malloc-conf=narenas:4,tcache:false,dirty_decay_ms:1000,muzzy_decay_ms:0,background_thread:true,max_background_threads:1 \
		CC="$CC" AR="$AR" RANLIB="$RANLIB" CFLAGS="$CFLAGS -O3" EXTRA_CFLAGS=
	make -j"$JOBS" build_lib_static
	install_files include include/jemalloc/jemalloc.h
	install_files lib lib/libjemalloc.a
}
