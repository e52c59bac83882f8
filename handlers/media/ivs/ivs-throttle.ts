/** IVS's SDK models no error for a throttled request: its name or its status tells. */
export function isThrottled(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
  return error.name === "ThrottlingException" || $metadata?.httpStatusCode === 429;
}
