SRC_store := backup.c backup_file.c backup_sealed.c backup_set.c blob.c blob_dictionary.c blob_draft.c \
	blob_pack.c blob_rows.c commit.c compact.c folder.c fsck.c fsck_blobs.c guests.c journal.c \
	journal_row.c kv.c kv_journal.c kv_journal_state.c \
	kv_journal_view.c kv_lmdb.c kv_lmdb_file.c kv_lmdb_open.c kv_mem.c memtable.c \
	migrate.c packed.c reserve.c restore.c spool.c store.c txn.c
