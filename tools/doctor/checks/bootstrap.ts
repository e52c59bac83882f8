/** CDK puts code and template into a bucket that `cdk bootstrap` makes, and leaves its version in a parameter. */
import type { Check } from "../check.ts";
import { good } from "../finding.ts";

export const bootstrap: Check = {
  title: "CDK bootstrap",
  needs: ["ssm:GetParameter"],
  async look({ account, accountId, deployment: { bootstrap: wanted }, cdkOptions }) {
    const found = await account.parameter(wanted.parameter);
    const mend = [`npx cdk bootstrap aws://${accountId}/${account.region}${cdkOptions}`];
    if (found === undefined)
      return {
        verdict: "fails",
        what: `This account has not been bootstrapped for CDK in ${account.region}: there is no parameter ${wanted.parameter}.`,
        why: "CDK uploads the functions' code and the template to a bucket that bootstrapping makes.",
        mend,
      };
    if (Number(found) >= wanted.version) return good(`Bootstrapped, version ${found}.`);
    return {
      verdict: "fails",
      what: `The bootstrap is version ${found}, and the template needs ${wanted.version} or later.`,
      why: "CloudFormation refuses the template by its rule CheckBootstrapVersion.",
      mend,
    };
  },
};
