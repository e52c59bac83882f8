/** Calls need IVS Real-Time, which few Regions have. */
import type { Check } from "../check.ts";
import { good } from "../finding.ts";

/** AWS General Reference, endpoints of IVS Real-Time. */
const IVS_REGIONS = [
  "us-east-1",
  "us-west-2",
  "ap-south-1",
  "ap-northeast-1",
  "ap-northeast-2",
  "eu-central-1",
  "eu-west-1",
];

export const region: Check = {
  title: "Region",
  needs: [],
  look({ account }) {
    if (IVS_REGIONS.includes(account.region)) return good(`IVS Real-Time is offered in ${account.region}.`);
    return {
      verdict: "fails",
      what: `IVS Real-Time is not offered in ${account.region}.`,
      why: `Calls need its stages. It is offered in ${IVS_REGIONS.join(", ")}.`,
      mend: ["npm run doctor -- --region eu-central-1"],
    };
  },
};
