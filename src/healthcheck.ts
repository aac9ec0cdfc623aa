/**
 * Checks whether the process of this container is alive, for `HEALTHCHECK` in images without curl. Exits with
 * 1 if it does not answer in time.
 */
const url = `http://127.0.0.1:${process.env.PORT || 3000}/health/live`;
const isLive = await fetch(url, { signal: AbortSignal.timeout(2500) }).then(
  (response) => response.ok,
  () => false,
);
process.exit(isLive ? 0 : 1);
