SRC_search := columns.c find.c fsck.c gather.c ids.c index.c indexer.c keys.c merge.c posting.c rows.c segment.c \
	segment_docs.c segment_sweep.c text.c token.c
