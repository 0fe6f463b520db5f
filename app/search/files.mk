SRC_search := block.c columns.c find.c find_fuzzy.c fsck.c fuzzy.c fuzzy_text.c gather.c ids.c index.c indexer.c keys.c merge.c posting.c rows.c segment.c \
	segment_docs.c segment_sweep.c snippet.c text.c token.c words.c
