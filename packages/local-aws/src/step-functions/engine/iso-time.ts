/** Times in AWS's ISO 8601: without a fraction if it is zero. */
export const isoTime = (ms: number): string => new Date(ms).toISOString().replace(".000Z", "Z");
