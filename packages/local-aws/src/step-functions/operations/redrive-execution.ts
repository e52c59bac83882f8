/** RedriveExecution: goes on at the states that did not succeed. Repeating a client token changes nothing. */
import { AwsError, type Operation } from "../../local-aws.ts";
import { redriveExecution } from "../engine/run-execution.ts";
import { redriveOf } from "../redrive.ts";
import type { Engine } from "../engine/visit.ts";

export function redriveExecutionOperation(context: Engine): Operation {
  const byClientToken = new Map<string, number>();
  return {
    permissions: ({ executionArn }) => [
      { action: "states:RedriveExecution", resource: String(executionArn) },
    ],
    quota: { perSecond: 300, burst: 1300 },
    run({ executionArn, clientToken }) {
      const execution = context.machines.execution(executionArn);
      const key = clientToken === undefined ? undefined : JSON.stringify([execution.arn, clientToken]);
      const earlier = key === undefined ? undefined : byClientToken.get(key);
      if (earlier !== undefined) return { redriveDate: earlier / 1000 };
      const { redriveStatus, redriveStatusReason } = redriveOf(execution, context.localAws.clock.now());
      if (redriveStatus !== "REDRIVABLE") {
        throw new AwsError("ExecutionNotRedrivable", `Execution Not Redrivable: '${redriveStatusReason}'`);
      }
      const atMs = redriveExecution(context, execution);
      if (key !== undefined) byClientToken.set(key, atMs);
      return { redriveDate: atMs / 1000 };
    },
  };
}
