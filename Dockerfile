# Roost as an image: one static binary, and empty folders for data and backups, nothing else.
#
#    docker build -t roost --build-arg COMMIT="$(git rev-parse --short=12 HEAD)" .
#
# The build stage uses the project's own scripts, as on any Debian. What changes seldom comes
# first (packages, then the pinned dependencies), so that a changed source builds in seconds. It
# runs on the processor of the machine that builds, and compiles across for another one:
#
#    docker buildx build --platform linux/amd64,linux/arm64 ...

# A label cannot be read from a file. The build compares this line with the file VERSION.
ARG VERSION=0.1.0

FROM --platform=$BUILDPLATFORM docker.io/library/debian:trixie-slim AS build
WORKDIR /src
ENV ROOST_CACHE=/cache

COPY scripts/setup scripts/
RUN scripts/setup run

COPY scripts/npm-modules scripts/
COPY web/package.json web/package-lock.json web/
RUN scripts/npm-modules web

# Up to here all processors share the layers.
ARG TARGETARCH
RUN scripts/setup $TARGETARCH

COPY scripts/cross scripts/
COPY vendor vendor
RUN scripts/cross "$TARGETARCH" vendor/build release

COPY . .
ARG VERSION
ARG COMMIT=unknown
RUN test "$VERSION" = "$(cat VERSION)" && \
    ROOST_COMMIT="$COMMIT" scripts/cross "$TARGETARCH" make all

# The folders belong to the user below alone: a new volume takes over owner and mode.
RUN install -d -m 700 -o 1000 -g 1000 /image/data /image/backups

FROM scratch
ARG VERSION
ARG COMMIT=unknown
LABEL org.opencontainers.image.title="Roost" \
      org.opencontainers.image.description="A whole mail server in one static binary" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$COMMIT" \
      org.opencontainers.image.licenses="MIT AND ISC AND BSD-2-Clause AND BSD-3-Clause AND curl AND Zlib AND OLDAP-2.8 AND MPL-2.0 AND LGPL-2.1-or-later"
COPY --from=build /src/build/roost /roost
COPY --from=build --chown=1000:1000 /image/ /

# By number: there is no /etc/passwd to look a name up in.
USER 1000:1000
VOLUME /data
# SMTP, submission (TLS, STARTTLS), IMAP and POP3 (STARTTLS, TLS), ManageSieve, web pages
# (plain, TLS)
EXPOSE 25 465 587 143 993 110 995 4190 8080 8443
# Asks /healthz/ready of the server inside. After the first start's key is made, which takes
# the longest, an answer takes milliseconds.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 CMD ["/roost", "healthcheck"]
# Roost takes SIGTERM, says goodbye to clients and ends within ROOST_STOP (8s), which is less
# than the 10 seconds after which an engine kills.
STOPSIGNAL SIGTERM
ENTRYPOINT ["/roost"]
