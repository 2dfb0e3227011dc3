# syntax=docker/dockerfile:1
# One static program in an empty image. Build: `make image`.
ARG GO_VERSION=1.26.8

FROM golang:${GO_VERSION}-bookworm AS build
ENV CGO_ENABLED=0 GOTOOLCHAIN=local
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
ARG VERSION=dev
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=${VERSION}" -o /out/suivi ./cmd/suivi
# The folders and the user of the empty image: /data is ours, /tmp is for SQLite's sorting.
RUN mkdir -p /out/root/data /out/root/tmp /out/root/etc \
 && chmod 1777 /out/root/tmp && chown 65532:65532 /out/root/data && chmod 0700 /out/root/data \
 && echo 'suivi:x:65532:65532:Suivi:/data:/sbin/nologin' > /out/root/etc/passwd \
 && echo 'suivi:x:65532:' > /out/root/etc/group

FROM scratch
COPY --from=build /out/root/ /
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/suivi /usr/local/bin/suivi
USER 65532:65532
# Every flag of `suivi serve` is also SUIVI_<FLAG>.
ENV SUIVI_DATA=/data SUIVI_LISTEN=0.0.0.0:8080
WORKDIR /data
VOLUME /data
EXPOSE 8080
# The image has no shell and no curl; doctor looks at the running service itself.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
    CMD ["/usr/local/bin/suivi", "doctor"]
ENTRYPOINT ["/usr/local/bin/suivi"]
CMD ["serve"]
