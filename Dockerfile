# One image for every process: PROCESS_ROLES says what it does, `mingus` is the command line.
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json ./
# Without any package's install scripts. Optional packages are needed: esbuild's program is one.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY nest-cli.json tsconfig.json tsconfig.build.json ./
COPY scripts ./scripts
COPY src ./src
RUN npm run build

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM ${NODE_IMAGE}
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
WORKDIR /app
COPY package.json ./
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /build/dist ./dist
RUN ln -s /app/dist/cli/main.js /usr/local/bin/mingus
# The one place to write to, where AUDIT_HEADS_FILE may be: a volume made for it belongs to the same user.
RUN install --directory --owner=1000 --group=1000 /var/lib/mingus-onboarding
# By number, so that an orchestrator can tell that it is not root. Nothing below /app belongs to it.
USER 1000:1000
EXPOSE 3000
# Liveness alone: a process whose database is away must not be restarted for it.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 CMD ["node", "dist/healthcheck.js"]
STOPSIGNAL SIGTERM
CMD ["node", "--max-semi-space-size=32", "--max-old-space-size=256", "dist/main.js"]
