SRC_admin := admin.c
