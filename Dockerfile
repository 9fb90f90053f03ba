# docker build -t kindred .
# docker run -p 127.0.0.1:3000:3000 -v kindred:/data kindred
FROM node:20-bookworm AS build
WORKDIR /kindred
COPY . .
# Without flags for the processor at hand, because the image runs on others. Of what is built and installed, only what the
# command line loads is kept: not what is for other platforms, nor what is left of compiling.
RUN CXXFLAGS="" node scripts/setup.mjs \
    && npm prune --omit=dev --ignore-scripts \
    && rm -rf dist/test dist/scripts dist/src/web node_modules/better-sqlite3/deps node_modules/better-sqlite3/build/Release/obj* \
        node_modules/hnswlib-node/build/Release/obj* \
    && find dist node_modules -name "*.map" -delete \
    && find node_modules/onnxruntime-node/bin/napi-v6 -mindepth 2 -maxdepth 2 \
        ! -path "*/linux/$(node -p process.arch)" -exec rm -rf {} +

FROM node:20-bookworm-slim
ENV NODE_ENV=production KINDRED_DIRECTORY=/data KINDRED_HOST=0.0.0.0 KINDRED_PORT=3000
WORKDIR /kindred
COPY --from=build /kindred/package.json /kindred/LICENSE ./
COPY --from=build /kindred/node_modules node_modules
COPY --from=build /kindred/models models
COPY --from=build /kindred/src/sample src/sample
COPY --from=build /kindred/dist dist
RUN ln -s /kindred/dist/src/cli/main.js /usr/local/bin/kindred && install -d -o node -g node -m 700 /data
# node's number, so that Kubernetes can see that it is not root.
USER 1000:1000
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.KINDRED_PORT}/api/ready`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["kindred"]
CMD ["serve"]
