/** What is the same for both push networks in turning a request into what a device gets. */
import * as z from "zod";
import type { PushMessage, PushOutcome } from "./push-networks.ts";

export type Content = Omit<PushMessage, "atMs" | "channel">;

/** A message that the network refuses; the result of that address, inside a 200. */
export class Refused extends Error {
  readonly outcome: PushOutcome;
  constructor(statusCode: number, statusMessage: string) {
    super(statusMessage);
    this.outcome = { status: "PERMANENT_FAILURE", statusCode, statusMessage };
  }
}

export const refuse = (statusCode: number, statusMessage: string): never => {
  throw new Refused(statusCode, statusMessage);
};

const LARGEST_PAYLOAD_BYTES = 4_096;

export function checkSize(payload: unknown, statusCode: number, statusMessage: string): void {
  const bytes = Buffer.byteLength(typeof payload === "string" ? payload : JSON.stringify(payload));
  if (bytes > LARGEST_PAYLOAD_BYTES) refuse(statusCode, `${statusMessage}: ${bytes} bytes`);
}

/** `what` names the text that must hold JSON of this shape. */
export function parseJson<S extends z.ZodType>(schema: S, text: string, what: string): z.infer<S> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    refuse(400, `${what} is not JSON`);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  return refuse(400, `Invalid value at '${issue?.path.join(".")}': ${issue?.message}`);
}

export const alertOf = (title?: string, body?: string): Pick<Content, "alert"> =>
  title === undefined && body === undefined
    ? {}
    : { alert: { ...(title === undefined ? {} : { title }), ...(body === undefined ? {} : { body }) } };
