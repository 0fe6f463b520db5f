/* network/runtime/stream_private.h: creating streams, for runtime/ only. */
#ifndef RUNTIME_STREAM_PRIVATE_H
#define RUNTIME_STREAM_PRIVATE_H
#include "network/runtime/stream.h"

/* Takes a connected socket; go_on and arg as in struct dial_config. */
struct stream *stream_of(int fd, const struct addr *peer, bool (*go_on)(void *arg),
                         void *arg) MUST_USE;

#endif
