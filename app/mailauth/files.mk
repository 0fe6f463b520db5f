SRC_mailauth := authres_put.c authres_read.c canon.c dane.c dkim_fields.c dkim_record.c dkim_sign.c mta_sts.c spf.c spf_macro.c \
	spf_record.c tags.c
SRC_mailauth += psl.c
