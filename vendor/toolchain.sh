# vendor/toolchain.sh: the two toolchains. vendor/build reads it, and its bytes are part of
# every build's name: a change here rebuilds every dependency.
#
# release  musl, for the static-PIE binary that ships
# check    the host's libc, for tests: gcc's and clang's sanitizers both link with it
#
# To build for another machine set ROOST_CROSS to the tool prefix, "aarch64-linux-gnu-" say.

# toolchain_set release|check: set HOST, BASE_CC, CC, AR, RANLIB, OBJCOPY, CFLAGS, CC_ID.
toolchain_set()
{
	local cross=${ROOST_CROSS:-}

	BASE_CC=${cross}gcc
	AR=${cross}ar
	RANLIB=${cross}ranlib
	OBJCOPY=${cross}objcopy
	TRIPLET=$($BASE_CC -dumpmachine)
	CC_ID="$TRIPLET $($BASE_CC -dumpfullversion)"
	case $1 in
	release)
		HOST=${TRIPLET/gnu/musl}
		# No -D_FORTIFY_SOURCE: musl has no checking variants to call.
		CFLAGS="-O2 -fPIE -ffunction-sections -fdata-sections"
		CFLAGS+=" -fstack-protector-strong -fstack-clash-protection"
		# The sysroot gets a copy of the kernel headers, so they count too.
		CC_ID+=" $(cksum < "$(kernel_headers linux)/version.h")"
		;;
	check)
		HOST=
		CC=$BASE_CC
		# Not instrumented: faults are looked for in our own code, and the sanitizers'
		# interceptors still see malloc, pthread and string calls made in here.
		CFLAGS="-O1 -g -fPIC -fno-omit-frame-pointer"
		;;
	*)
		echo "vendor/build: no toolchain \"$1\": release or check" >&2
		exit 2
		;;
	esac
}

# kernel_headers linux|asm|asm-generic: the folder of the kernel's user-space headers.
kernel_headers()
{
	local d

	for d in "/usr/$TRIPLET/include/$1" "/usr/include/$TRIPLET/$1" "/usr/include/$1"; do
		if [ -d "$d" ]; then
			echo "$d"
			return
		fi
	done
	echo "vendor/build: no kernel headers ($1): install linux-libc-dev" >&2
	exit 1
}
