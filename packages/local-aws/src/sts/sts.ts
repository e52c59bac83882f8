/** STS: who is asking. */
import type { AwsCall, LocalAws, Service, Shape } from "../local-aws.ts";

export function createSts(localAws: LocalAws): { service: Service } {
  function getCallerIdentity(_: Shape, { caller }: AwsCall): Shape {
    const { account: Account } = localAws;
    if (caller.kind !== "role") return { Arn: `arn:aws:iam::${Account}:root`, UserId: Account, Account };
    const name = caller.arn.split("/").at(-1) ?? "";
    const session = caller.functionName ?? name;
    const Arn = `arn:aws:sts::${Account}:assumed-role/${name}/${session}`;
    return { Arn, UserId: `${name}:${session}`, Account };
  }
  // No policy can forbid it.
  const GetCallerIdentity = { permissions: () => [], run: getCallerIdentity };
  return { service: { name: "sts", operations: { GetCallerIdentity } } };
}
