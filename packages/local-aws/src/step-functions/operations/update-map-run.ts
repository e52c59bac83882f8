/** UpdateMapRun: the limits of a Map Run, while it runs. */
import { AwsError, type Operation } from "../../local-aws.ts";
import type { ServiceContext } from "../service-context.ts";

export const updateMapRun = ({ mapRuns }: ServiceContext): Operation => ({
  permissions: ({ mapRunArn }) => [{ action: "states:UpdateMapRun", resource: String(mapRunArn) }],
  run({ mapRunArn, maxConcurrency, toleratedFailureCount, toleratedFailurePercentage }) {
    const { limits, onUpdate } = mapRuns.get(mapRunArn);
    const given = { maxConcurrency, toleratedFailureCount, toleratedFailurePercentage };
    const changes = Object.entries(given).filter(([, value]) => value !== undefined);
    for (const [name, value] of changes) {
      const most = name === "toleratedFailurePercentage" ? 100 : Number.MAX_SAFE_INTEGER;
      if (Number(value) >= 0 && Number(value) <= most) continue;
      throw new AwsError("ValidationException", `The value of '${name}' is out of range: ${String(value)}`);
    }
    Object.assign(limits, Object.fromEntries(changes.map(([name, value]) => [name, Number(value)])));
    onUpdate();
    return {};
  },
});
