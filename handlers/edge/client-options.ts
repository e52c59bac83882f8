/** How every AWS client of a function behaves: it gives up long before the function, the gateway or the ring does. */
export function clientOptions(region: string) {
  // Without the last option the SDK only logs that a request takes too long, and waits on.
  const requestHandler = { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true };
  return { region, maxAttempts: 3, requestHandler };
}
