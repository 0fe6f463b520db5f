SRC_trace := expire.c find.c fsck.c record.c traces.c
