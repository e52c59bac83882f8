/** How every AWS client of a function behaves: it gives up long before the function, the gateway or the ring does. */
export function clientOptions(region: string) {
  return { region, maxAttempts: 3, requestHandler: { connectionTimeout: 1_000, requestTimeout: 3_000 } };
}
