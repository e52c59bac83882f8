/** GetExecutionHistory. */
import type { Operation, Shape } from "../../local-aws.ts";
import { isObject } from "../definition/definition.ts";
import type { HistoryEvent } from "../engine/history-event.ts";
import type { Engine } from "../engine/visit.ts";
import { pageOf } from "./pages.ts";

const EXECUTION_DATA = new Set(["input", "output", "parameters", "assignedVariables"]);

export const getExecutionHistory = ({ machines }: Engine): Operation => ({
  permissions: ({ executionArn }) => [
    { action: "states:GetExecutionHistory", resource: String(executionArn) },
  ],
  quota: { perSecond: 20, burst: 400 },
  run(input) {
    const { events } = machines.execution(input["executionArn"]).history;
    const ordered = input["reverseOrder"] === true ? events.toReversed() : events;
    const { page, token } = pageOf(ordered, input, ({ id }) => String(id));
    const withData = input["includeExecutionData"] !== false;
    return { events: withData ? page : page.map(withoutData), ...token };
  },
});

function withoutData(event: HistoryEvent): Shape {
  const entries = Object.entries(event).map(([key, value]) => {
    if (!isObject(value)) return [key, value];
    return [key, Object.fromEntries(Object.entries(value).filter(([name]) => !EXECUTION_DATA.has(name)))];
  });
  return Object.fromEntries(entries) as Shape;
}
