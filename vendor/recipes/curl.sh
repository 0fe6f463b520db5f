# HTTP and HTTPS only. The roots that are believed are given at run time, as a blob.

needs="bearssl c-ares zlib"

# with NAME: what configure needs to find a dependency of ours
with()
{
	CPPFLAGS+=" -I${dir_of[$1]}/include"
	LDFLAGS+=" -L${dir_of[$1]}/lib"
}

build()
{
	local protocol off=() CPPFLAGS= LDFLAGS= need

	for need in $needs; do with "$need"; done
	for protocol in ftp file ipfs ldap ldaps rtsp dict telnet tftp pop3 imap smb smtp gopher mqtt \
		websockets ntlm kerberos-auth negotiate-auth tls-srp unix-sockets alt-svc hsts \
		libcurl-option docs manual doh netrc; do
		off+=("--disable-$protocol")
	done
	autoreconf -fi
	# zlib's functions are looked for by linking, which needs no more than the archive
	./configure ${HOST:+--host=$HOST} --prefix="$OUT" --disable-shared --enable-static \
		--with-bearssl="${dir_of[bearssl]}" --enable-ares="${dir_of[c-ares]}" \
		--with-zlib="${dir_of[zlib]}" --without-ca-bundle --without-ca-path --without-libpsl \
		--without-brotli --without-zstd --without-libidn2 --without-nghttp2 --without-libssh2 \
		--enable-aws --disable-dependency-tracking "${off[@]}" \
		CC="$CC" AR="$AR" RANLIB="$RANLIB" CFLAGS="$CFLAGS" CPPFLAGS="$CPPFLAGS" LDFLAGS="$LDFLAGS"
	make -j"$JOBS" -C lib install
	make -C include install
}
