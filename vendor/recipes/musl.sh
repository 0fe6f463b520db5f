toolchains=release

build()
{
	local kind

	./configure --prefix="$OUT" --syslibdir="$OUT/lib" --host="$HOST" --disable-shared \
		--enable-wrapper=gcc CC="$BASE_CC" AR="$AR" RANLIB="$RANLIB" \
		CFLAGS="$CFLAGS"
	make -j"$JOBS"
	make install
	for kind in linux asm asm-generic; do
		cp -rL "$(kernel_headers $kind)" "$OUT/include/"
	done
}
