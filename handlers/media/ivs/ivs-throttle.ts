/** IVS allows few requests a second, and its SDK models no error for one too many: it is known by its name or its status. */
export function isThrottled(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
  return error.name === "ThrottlingException" || $metadata?.httpStatusCode === 429;
}
