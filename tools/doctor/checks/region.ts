/** Calls need IVS Real-Time, which few Regions have. */
import { IVS_REGIONS } from "../../../infra/ivs-regions.ts";
import type { Check } from "../check.ts";
import { good } from "../finding.ts";

export const region: Check = {
  title: "Region",
  needs: [],
  look({ account, npmCommand }) {
    if (IVS_REGIONS.includes(account.region)) return good(`IVS Real-Time is offered in ${account.region}.`);
    return {
      verdict: "fails",
      what: `IVS Real-Time is not offered in ${account.region}.`,
      why: `Calls need its stages. It is offered in ${IVS_REGIONS.join(", ")}.`,
      mend: [npmCommand("doctor", { region: "eu-central-1" })],
    };
  },
};
