SRC_store := backup.c blob.c blob_draft.c blob_pack.c blob_rows.c commit.c folder.c fsck.c \
	fsck_blobs.c kv.c kv_lmdb.c kv_mem.c migrate.c reserve.c spool.c store.c txn.c
