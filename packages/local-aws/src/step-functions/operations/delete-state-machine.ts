/** DeleteStateMachine: at once if nothing runs; else it is DELETING, and executions end at their next transition. */
import type { Operation } from "../../local-aws.ts";
import { checkedArn } from "../machines.ts";
import type { Engine } from "../engine/visit.ts";

export const deleteStateMachine = ({ machines }: Engine): Operation => ({
  permissions: ({ stateMachineArn }) => [
    { action: "states:DeleteStateMachine", resource: String(stateMachineArn) },
  ],
  run({ stateMachineArn }) {
    machines.delete(checkedArn(stateMachineArn, "stateMachine"));
    return {};
  },
});
