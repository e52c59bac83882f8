/** Who may answer a task token: IAM is asked about the state machine that the token belongs to. */
import type { Permission, Shape } from "../../local-aws.ts";
import { machineArnOf } from "../machines.ts";
import { executionOf } from "../task-tokens.ts";

export function tokenPermission(action: string, { taskToken }: Shape): Permission[] {
  const executionArn = executionOf(taskToken);
  return [{ action, resource: executionArn === undefined ? "*" : machineArnOf(executionArn) }];
}

/** SendTaskSuccess, SendTaskFailure and SendTaskHeartbeat have a bucket of this size each. */
export const TOKEN_QUOTA = { perSecond: 500, burst: 3000 };
