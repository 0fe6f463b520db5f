TEST_store := backup_set_test.c backup_test.c blob_test.c commit_test.c compact_test.c crash_test.c fault_test.c \
	fsck_test.c full_test.c health_test.c journal_test.c journaled_test.c kv_test.c memtable_test.c \
	open_test.c packed_test.c spool_test.c
