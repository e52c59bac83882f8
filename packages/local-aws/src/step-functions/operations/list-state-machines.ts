/** ListStateMachines. */
import type { Machine } from "../engine/execution.ts";
import type { Operation } from "../../local-aws.ts";
import type { Engine } from "../engine/visit.ts";
import { pageOf } from "./pages.ts";

export const listStateMachines = ({ machines }: Engine): Operation => ({
  permissions: () => [{ action: "states:ListStateMachines", resource: "*" }],
  run(input) {
    const { page, token } = pageOf(machines.all().toSorted(byName), input, ({ arn }) => arn);
    const stateMachines = page.map(({ arn, name, type, createdAtMs }) => ({
      stateMachineArn: arn,
      name,
      type,
      creationDate: createdAtMs / 1000,
    }));
    return { stateMachines, ...token };
  },
});

const byName = (a: Machine, b: Machine): number => (a.name < b.name ? -1 : 1);
