/** How a request to the IVS Real-Time API is declared, checked and paged. */
import * as z from "zod";
import type { Operation, Shape } from "../local-aws.ts";
import { invalid } from "./ivs-error.ts";

export const stageArn = z
  .string()
  .max(128)
  .regex(/^arn:aws:ivs:[a-z0-9-]+:[0-9]+:stage\/[a-zA-Z0-9-]+$/);
export const publicKeyArn = z
  .string()
  .max(128)
  .regex(/^arn:aws:ivs:[a-z0-9-]+:[0-9]+:public-key\/[a-zA-Z0-9-]+$/);
export const sessionId = z.string().regex(/^st-[a-zA-Z0-9]{13}$/);
export const participantId = z
  .string()
  .max(64)
  .regex(/^[a-zA-Z0-9_-]*$/);
export const resourceName = z
  .string()
  .max(128)
  .regex(/^[a-zA-Z0-9_-]*$/);
export const tags = z
  .record(z.string().min(1).max(128), z.string().max(256))
  .refine((map) => Object.keys(map).length <= 50, "Member must have length less than or equal to 50");
export const nextToken = z
  .string()
  .max(1024)
  .regex(/^[a-zA-Z0-9+/=_-]*$/);
export const maxResults = (most: number) => z.int().min(1).max(most);

/** An unknown member is refused: it would be a feature that is missing here. */
export function read<S extends z.ZodType>(schema: S, input: Shape): z.infer<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const field = issue?.code === "unrecognized_keys" ? issue.keys.join(", ") : issue?.path.join(".");
  throw invalid(field ?? "", issue?.message ?? "");
}

interface Declaration {
  readonly name: string;
  readonly perSecond: number;
  /** ARN that the action is about: a fixed one, or the member of the input that holds it. */
  readonly on: { readonly arn: string } | { readonly member: string };
  /** Tags in the request also need the right to tag. */
  readonly mayTag?: boolean;
  readonly run: (input: Shape) => Shape;
}

/** AWS publishes rates a second and no burst: the bucket holds one second. */
export function ivsOperation({ name, perSecond, on, mayTag = false, run }: Declaration): Operation {
  const resourceOf = (input: Shape): string => {
    if ("arn" in on) return on.arn;
    const value = input[on.member];
    return typeof value === "string" ? value : "*";
  };
  return {
    quota: { perSecond, burst: perSecond },
    permissions(input) {
      const resource = resourceOf(input);
      const permission = { action: `ivs:${name}`, resource };
      return mayTag && input["tags"] ? [permission, { action: "ivs:TagResource", resource }] : [permission];
    },
    run,
  };
}

export interface PageRequest {
  readonly nextToken?: string | undefined;
  readonly maxResults?: number | undefined;
}

const PAGE_SIZE = 50;

/** Items come in ascending `positionOf`; a page starts after the position that its token names. A stack may have 100,000 stages. */
export function page<T>(
  items: Iterable<T>,
  positionOf: (item: T, index: number) => number,
  { nextToken: token, maxResults: most = PAGE_SIZE }: PageRequest,
) {
  const after = token ? Number(Buffer.from(token, "base64url").toString()) : -Infinity;
  if (Number.isNaN(after)) throw invalid("nextToken", "not a token of this operation");
  const shown: T[] = [];
  let [index, last] = [0, after];
  for (const item of items) {
    const position = positionOf(item, index);
    index += 1;
    if (position <= after) continue;
    if (shown.length === most)
      return { items: shown, nextToken: Buffer.from(String(last)).toString("base64url") };
    shown.push(item);
    last = position;
  }
  return { items: shown };
}

export const isoTime = (ms: number): string => new Date(ms).toISOString();
