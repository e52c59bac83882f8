/** ListStateMachines. */
import type { Operation } from "../../door.ts";
import type { ServiceContext } from "../service-context.ts";
import { pageOf } from "./pages.ts";

export const listStateMachines = ({ machines }: ServiceContext): Operation => ({
  permissions: () => [{ action: "states:ListStateMachines", resource: "*" }],
  run(input) {
    const { page, token } = pageOf(machines.all(), input, ({ arn }) => arn);
    const stateMachines = page.map(({ arn, name, createdAtMs }) => ({
      stateMachineArn: arn,
      name,
      type: "STANDARD",
      creationDate: createdAtMs / 1000,
    }));
    return { stateMachines, ...token };
  },
});
