/** AWS takes no new customers for Pinpoint, by which pushes are sent unless another way is chosen. */
import type { Check } from "../check.ts";
import { good } from "../finding.ts";

const APPLICATION = "AWS::Pinpoint::App";

export const pinpoint: Check = {
  title: "Pinpoint",
  needs: ["mobiletargeting:GetApps", "cloudformation:ListStackResources"],
  async look(place) {
    if (!place.deployment.makesPinpointApp) return good("The template makes no Pinpoint application.");
    const { resources = [] } = (await place.stack()) ?? {};
    if (resources.some(({ type }) => type === APPLICATION))
      return good("The stack has its Pinpoint application.");
    const apps = await place.account.pinpointApps();
    if (apps > 0) return good(`The account has Pinpoint applications (${apps}): AWS makes it another.`);
    return {
      verdict: "fails",
      what: "The template makes a Pinpoint application, and this account has none.",
      why: "Since 2025-05-20 AWS makes the first application of an account no more. Pushes can go to FCM and APNs directly.",
      mend: [place.npmCommand("deploy", { settings: { push: "direct" } })],
    };
  },
};
