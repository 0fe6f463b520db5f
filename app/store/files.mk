SRC_store := backup.c blob.c blob_pack.c fsck.c kv.c kv_lmdb.c kv_mem.c migrate.c spool.c \
	store.c txn.c
