/** The 256 KiB that an input, output or result may have. */
import type { Json } from "../../local-aws.ts";
import { DATA_LIMIT_EXCEEDED, StateError } from "./state-error.ts";

export const MAX_PAYLOAD_BYTES = 256 * 1024;

export const isTooLarge = (text: string): boolean => Buffer.byteLength(text) > MAX_PAYLOAD_BYTES;

/** The JSON of `value`; throws States.DataLimitExceeded in AWS's words, which name the state or the resource. */
export function limitedJson(value: Json, producer: string): string {
  const text = JSON.stringify(value);
  if (!isTooLarge(text)) return text;
  throw new StateError(
    DATA_LIMIT_EXCEEDED,
    `The state/task '${producer}' returned a result with a size exceeding the maximum number of bytes service limit.`,
  );
}
