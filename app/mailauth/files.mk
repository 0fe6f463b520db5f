SRC_mailauth := authres_put.c authres_read.c canon.c dane.c dkim_fields.c dkim_record.c dkim_sign.c mta_sts.c spf.c spf_macro.c \
	spf_record.c tags.c
SRC_mailauth += arc.c arc_seal.c body_hashes.c dkim_public.c dkim_signature.c dkim_verify.c dkim_write.c
SRC_mailauth += dmarc_author.c dmarc_consent.c dmarc_discover.c dmarc_evaluate.c dmarc_record.c dmarc_text.c dmarc_walk.c psl.c report_dmarc.c
