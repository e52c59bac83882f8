/** Phones that do not name themselves are told apart by a claim that tokens have only if they can be revoked. */
import type { Check } from "../check.ts";
import { good } from "../finding.ts";

export const tokenRevocation: Check = {
  title: "Token revocation",
  needs: ["cognito-idp:DescribeUserPoolClient", "cloudformation:DescribeStacks"],
  async look(place) {
    const { UserPoolId: pool, UserPoolClientId: client } = (await place.stack())?.outputs ?? {};
    if (pool === undefined || client === undefined)
      return good("The deployment makes its user pool with token revocation on.");
    if (await place.account.revokesTokens(pool, client)) return good(`It is on in the user pool ${pool}.`);
    return {
      verdict: "limits",
      what: `Token revocation is off in the app client ${client} of the user pool ${pool}.`,
      why: "Tokens lack the claim origin_jti, so two phones of a person that send no deviceId count as one. The next deployment switches it on.",
      mend: [place.npmCommand("deploy")],
    };
  },
};
