SRC_directory := account.c alias.c domain.c fsck.c login.c may_send.c normal.c rehash.c resolve.c \
	role.c route.c row.c seen.c
