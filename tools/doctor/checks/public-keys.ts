/** A deployment imports the public key of participant tokens into IVS, which holds three in a Region, a quota that AWS does not raise. */
import type { Check } from "../check.ts";
import { good } from "../finding.ts";

const MOST_KEYS = 3;

export const publicKeys: Check = {
  title: "IVS public keys",
  needs: ["ivs:ListPublicKeys", "cloudformation:DescribeStacks"],
  async look(place) {
    if (!place.deployment.importsKey) return good("The template imports no key.");
    const [keys, stack] = [await place.account.publicKeys(), await place.stack()];
    if (keys < MOST_KEYS) return good(`${keys} of ${MOST_KEYS} public keys of this Region are in use.`);
    const mend = [
      `aws ivs-realtime list-public-keys${place.awsOptions}`,
      `aws ivs-realtime delete-public-key --arn ARN${place.awsOptions}`,
    ];
    const what = `All ${MOST_KEYS} public keys that IVS allows in a Region are in use. AWS does not raise this.`;
    if (stack)
      return {
        verdict: "limits",
        what,
        why: "The stack has its key, but a key cannot be exchanged for a new one.",
        mend,
      };
    return {
      verdict: "fails",
      what,
      why: "The deployment imports a key of its own, to sign participant tokens with. Delete one that nothing signs with any more.",
      mend,
    };
  },
};
