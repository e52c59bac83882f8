/** What requests have written: a refusal writes nothing. */
import type { World } from "../world.ts";

const READS = /^(Get|Query|List|Scan|BatchGet|Describe|Head)/;
/** The function behind the REST API, and the sources of the GraphQL API. */
const answers = ({
  arn,
  functionName = "",
}: {
  readonly arn: string;
  readonly functionName?: string;
}): boolean => functionName.endsWith("rest-entrypoint") || /role\/\w+-people/.test(arn);

/** The calls of AWS from here on that took effect, made by what answers requests: `service:Operation`. */
export function writesSince(world: World, from: number): string[] {
  return world.happened
    .slice(from)
    .flatMap((one) =>
      one.kind === "aws-call" &&
      one.error === undefined &&
      one.caller.kind === "role" &&
      answers(one.caller) &&
      !READS.test(one.operation)
        ? [`${one.service}:${one.operation}`]
        : [],
    );
}
