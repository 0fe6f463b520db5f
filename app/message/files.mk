SRC_message := address.c address_put.c build.c decode.c encword.c envelope.c header.c mailaddr.c mime.c mime_fields.c msgid.c param.c preview.c received.c structure.c structure_pack.c subject.c
