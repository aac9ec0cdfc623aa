const CHECK_TIMEOUT_MS = 3000;

/** Resolves when the time for a check has passed. */
export function timeout(): Promise<false> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(false), CHECK_TIMEOUT_MS).unref();
  });
}
