const CHECK_TIMEOUT_MS = 3000;

/** Resolves when a check has had its time. */
export function timeout(): Promise<false> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(false), CHECK_TIMEOUT_MS).unref();
  });
}
