/** ListMapRuns: of one execution. */
import type { Operation } from "../../local-aws.ts";
import type { Engine } from "../engine/visit.ts";
import { pageOf } from "./pages.ts";

export const listMapRuns = ({ machines, mapRuns }: Engine): Operation => ({
  permissions: ({ executionArn }) => [{ action: "states:ListMapRuns", resource: String(executionArn) }],
  run(input) {
    const { arn: executionArn } = machines.execution(input["executionArn"]);
    const { page, token } = pageOf(mapRuns.of(executionArn), input, ({ arn }) => arn);
    const listed = page.map(({ arn, machine, startedAtMs, endedAtMs }) => ({
      executionArn,
      mapRunArn: arn,
      stateMachineArn: machine.arn,
      startDate: startedAtMs / 1000,
      ...(endedAtMs === undefined ? {} : { stopDate: endedAtMs / 1000 }),
    }));
    return { mapRuns: listed, ...token };
  },
});
