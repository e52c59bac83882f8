/** How many calls IVS lets the account have at once. */
import type { Quota } from "../account-settings.ts";
import type { Check, Place } from "../check.ts";
import { good, type Seen } from "../finding.ts";

/** The User Guide's words; IVS's quotas have no published codes. */
const STAGES = /^stages\b/i;
const PUBLISHERS = /^concurrent publishers\b/i;
/** Not adjustable, so it needs no looking up. */
const STAGES_A_SECOND = 5;

export const stages: Check = {
  title: "IVS stages",
  needs: ["servicequotas:ListServiceQuotas", "ivs:ListStages"],
  async look(place) {
    const { account, deployment } = place;
    const quota = named(await account.quotas("ivs"), STAGES);
    if (!quota) return notListed("Stages", "1,000");
    const [existing, stack] = [await account.stages(), await place.stack()];
    const { minStages, maxStages } = deployment;
    const room = quota.value - existing;
    const seconds = Math.ceil(minStages / STAGES_A_SECOND);
    if (!stack && room < minStages)
      return raise(place, quota, existing + maxStages, {
        what: `IVS allows ${quota.value} stages in this Region, and ${existing} are there: the ${minStages} that a deployment makes do not fit.`,
        why: "Each call takes a stage. The deployment makes as many as fit; calls beyond those are refused with 503 no_stage.",
      });
    if (quota.value < maxStages)
      return raise(place, quota, maxStages, {
        what: `IVS allows ${quota.value} stages in this Region, and the pool may grow to ${maxStages} (maxStages).`,
        why: "Each call takes a stage. When the pool cannot grow, calls are refused with 503 no_stage.",
      });
    return good(
      `IVS allows ${quota.value} stages, ${existing} are there; the pool begins with ${minStages} and grows to ${maxStages}. ` +
        `IVS makes ${STAGES_A_SECOND} a second, which AWS does not raise: the first ${minStages} take ${seconds} s.`,
    );
  },
};

export const publishers: Check = {
  title: "IVS publishers",
  needs: ["servicequotas:ListServiceQuotas"],
  async look({ account }) {
    const quota = named(await account.quotas("ivs"), PUBLISHERS);
    if (!quota) return notListed("Concurrent publishers", "1,000");
    const calls = Math.floor(quota.value / 2);
    return good(`${quota.value} people may publish at once: ${calls} calls of two.`);
  },
};

const named = (quotas: readonly Quota[], name: RegExp): Quota | undefined =>
  quotas.find((quota) => name.test(quota.name));

const notListed = (name: string, usual: string): Seen => ({
  verdict: "unknown",
  what: `Could not look: Service Quotas lists no "${name}" for IVS. AWS gives ${usual} unless it was asked for more.`,
});

const raise = (
  { awsOptions }: Place,
  { code }: Quota,
  wanted: number,
  seen: Pick<Seen, "what" | "why">,
): Seen => ({
  verdict: "limits",
  ...seen,
  mend: [
    `aws service-quotas request-service-quota-increase --service-code ivs --quota-code ${code} --desired-value ${wanted}${awsOptions}`,
  ],
});
