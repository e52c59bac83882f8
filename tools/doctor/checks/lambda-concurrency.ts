/** How many functions of the account may run at once. New accounts have 10, which a deployment gets along with. */
import type { Check } from "../check.ts";
import { good } from "../finding.ts";

/** Lambda leaves so many unreserved, whatever is reserved. */
const NEVER_RESERVED = 10;
const QUOTA_CODE = "L-B99A9384";
const USUAL = 1000;

export const lambdaConcurrency: Check = {
  title: "Lambda concurrency",
  needs: ["lambda:GetAccountSettings"],
  async look({ account, deployment: { reservedConcurrency, queueReaders }, awsOptions }) {
    const limit = await account.lambdaConcurrency();
    const mend = [
      `aws service-quotas request-service-quota-increase --service-code lambda --quota-code ${QUOTA_CODE} --desired-value ${USUAL}${awsOptions}`,
    ];
    if (reservedConcurrency > 0 && limit - reservedConcurrency < NEVER_RESERVED)
      return {
        verdict: "fails",
        what: `${limit} functions of this account run at once, and the stack reserves ${reservedConcurrency} of them.`,
        why: `Lambda keeps ${NEVER_RESERVED} unreserved and refuses the deployment.`,
        mend,
      };
    if (limit > queueReaders) return good(`${limit} functions of this account run at once.`);
    return {
      verdict: "limits",
      what: `Only ${limit} functions of this account run at once, as AWS gives to new accounts.`,
      why: `The readers of queues alone may take ${queueReaders}. When none is left, requests of phones are refused with 503.`,
      mend,
    };
  },
};
