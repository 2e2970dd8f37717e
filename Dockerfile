# One static binary and nothing else. `make image` builds the binary and lays out dist/image, then this.
FROM scratch
# /data is where a database goes, /reports what a run writes; both belong to the user that the container runs as.
COPY --chown=65532:65532 root/ /
COPY clementine /clementine
USER 65532:65532
WORKDIR /data
ENV CLEMENTINE_LISTEN=0.0.0.0:8090 CLEMENTINE_CONTROL=0.0.0.0:8091
EXPOSE 8090 8091
HEALTHCHECK --interval=5s --timeout=4s --start-period=5s CMD ["/clementine", "health"]
ENTRYPOINT ["/clementine"]
CMD ["serve"]
