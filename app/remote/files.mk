SRC_remote := evidence.c evidence_find.c evidence_row.c fsck.c remote.c sts.c sts_fetch.c sts_refresh.c sts_row.c
