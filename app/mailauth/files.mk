SRC_mailauth := canon.c dane.c dkim_fields.c dkim_record.c dkim_sign.c mta_sts.c tags.c
