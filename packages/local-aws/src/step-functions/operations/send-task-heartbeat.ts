/** SendTaskHeartbeat. */
import type { Operation } from "../../local-aws.ts";
import type { Engine } from "../engine/visit.ts";
import { TOKEN_QUOTA, tokenPermission } from "./task-token-permission.ts";

export const sendTaskHeartbeat = ({ tokens }: Engine): Operation => ({
  permissions: (input) => tokenPermission("states:SendTaskHeartbeat", input),
  quota: TOKEN_QUOTA,
  run({ taskToken }) {
    tokens.heartbeat(taskToken);
    return {};
  },
});
