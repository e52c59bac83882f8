/** Codes for new accounts and forgotten passwords go out by mail. */
import type { Check } from "../check.ts";
import { good } from "../finding.ts";

const COGNITO_MAILS_A_DAY = 50;
const WHY_MAIL = "Each new account and each forgotten password takes one.";

export const mail: Check = {
  title: "Mail",
  needs: ["ses:GetAccount"],
  async look({ account, deployment: { mailsBySes }, awsOptions, npmCommand }) {
    const { production, sending } = await account.ses();
    const leaveSandbox =
      "aws sesv2 put-account-details --production-access-enabled --mail-type TRANSACTIONAL " +
      `--website-url https://example.com --contact-language EN${awsOptions}`;
    const useSes = npmCommand("deploy", { settings: { sesFrom: "calls@example.com" } });
    if (!mailsBySes)
      return {
        verdict: "limits",
        what: `Cognito sends at most ${COGNITO_MAILS_A_DAY} mails a day for the whole account, and AWS does not raise this.`,
        why: `${WHY_MAIL} SES has no such limit${production ? "" : ", once the account is out of its sandbox"}.`,
        mend: production ? [useSes] : [leaveSandbox, useSes],
      };
    if (!sending)
      return {
        verdict: "limits",
        what: "SES does not send for this account: sending is switched off.",
        why: "Codes for new accounts and forgotten passwords do not arrive.",
        mend: [`aws sesv2 put-account-sending-attributes --sending-enabled${awsOptions}`],
      };
    if (production) return good("SES sends for this account, to any address.");
    return {
      verdict: "limits",
      what: "SES is in its sandbox for this account: mail reaches verified addresses only.",
      why: "Codes do not reach people who make themselves an account.",
      mend: [leaveSandbox],
    };
  },
};
