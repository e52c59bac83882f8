/** StopExecution. Stopping an execution that has ended does nothing and says when it ended. */
import type { Operation } from "../../local-aws.ts";
import { aborted } from "../engine/execution.ts";
import type { Engine } from "../engine/visit.ts";
import { checkLength } from "./constraints.ts";
import { textOf } from "../wire-text.ts";

export const stopExecution = ({ machines, localAws }: Engine): Operation => ({
  permissions: ({ executionArn }) => [{ action: "states:StopExecution", resource: String(executionArn) }],
  quota: { perSecond: 200, burst: 1000 },
  run({ executionArn, error, cause }) {
    checkLength("error", error, 256);
    checkLength("cause", cause, 32_768);
    const execution = machines.execution(executionArn);
    execution.end(
      aborted({
        ...(error === undefined ? {} : { error: textOf(error) }),
        ...(cause === undefined ? {} : { cause: textOf(cause) }),
      }),
    );
    return { stopDate: (execution.ended?.atMs ?? localAws.clock.now()) / 1000 };
  },
});
