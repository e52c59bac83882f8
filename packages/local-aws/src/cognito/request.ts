/** How Cognito's operations are declared, and how their input is read. */
import * as z from "zod";
import type { AwsCall, Operation, Shape } from "../local-aws.ts";
import { listPage, type Page } from "../list-page.ts";
import { invalidParameter } from "./refusals.ts";
import type { UserPools } from "./user-pools.ts";

type Run = (input: Shape, call: AwsCall) => Promise<Shape> | Shape;

/** A username that an app gives. */
export const username = z
  .string()
  .max(128)
  .regex(/^[\p{L}\p{M}\p{S}\p{N}\p{P}]+$/u);

export function read<Schema extends z.ZodType>(schema: Schema, input: Shape): z.infer<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw invalidParameter(
    `1 validation error detected: Value at '${issue?.path.join(".")}' failed to satisfy constraint: ${issue?.message}`,
  );
}

/** What Cognito shows at once: 60 at most. */
export const pageOf = <T>(items: readonly T[], limit: unknown, token: unknown): Page<T> =>
  listPage(items, { member: "maxResults", limit, most: 60, token, refuse: invalidParameter });

/** An operation of an app: unsigned, so IAM has no say. */
export const unsigned = (run: Run): Operation => ({ permissions: () => [], run });

/** An operation of an operator on one pool, governed by IAM. */
export const signed = ({ localAws }: UserPools, action: string, run: Run): Operation => ({
  permissions: ({ UserPoolId }) => [
    {
      action: `cognito-idp:${action}`,
      resource: localAws.arn("cognito-idp", `userpool/${String(UserPoolId)}`),
    },
  ],
  run,
});
