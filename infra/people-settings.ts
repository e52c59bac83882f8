/** What a deployment may choose of people: who makes accounts, how long tokens work, and where their mail comes from. */
import { ACCESS_TOKEN_MINUTES } from "../calls/limits.ts";
import {
  matching,
  matchingIfGiven,
  oneOf,
  type ReadContext,
  refusal,
  SettingError,
  wholeNumber,
} from "./setting-values.ts";

/** Whether people may make their own accounts, or only operators may. */
export type SignUp = "open" | "closed";

export interface PeopleSettings {
  readonly signUp: SignUp;
  /** How long an access token works, even if its user is disabled. */
  readonly accessTokenMinutes: number;
  /** The claim of access tokens that names the sign-in. It tells phones that send no deviceId apart. */
  readonly signInClaim: string;
  /** Cognito's feature plan. Nothing here needs more than LITE. */
  readonly userPoolTier: "LITE" | "ESSENTIALS" | "PLUS";
  /** The sender of codes, by SES. Without it Cognito sends 50 mails a day. */
  readonly sesFrom?: string;
  /** The identity that SES has verified: the sender's domain, unless the setting says otherwise. */
  readonly sesIdentity?: string;
}

/** Of mail: words as they are, anything else in quotes. SES takes ASCII only, in which "=?UTF-8?…?=" stands for other letters. */
const SENDER_NAME = String.raw`(?:[\w!#$%&'*+/=?^\`{|}~. -]{1,128}|"[\x20!#-[\]-~]{1,126}")`;
const ADDRESS = String.raw`[\w.+-]+@(?:[\w-]+\.)+[A-Za-z]{2,}`;

export function readPeople(context: ReadContext): PeopleSettings {
  return {
    signUp: oneOf(context, "signUp", ["open", "closed"]),
    accessTokenMinutes: wholeNumber(context, "accessTokenMinutes", ACCESS_TOKEN_MINUTES),
    signInClaim: matching(context, "signInClaim", /^[\w:./-]{1,128}$/, "origin_jti"),
    userPoolTier: oneOf(context, "userPoolTier", ["LITE", "ESSENTIALS", "PLUS"]),
    ...readSender(context),
  };
}

function readSender(context: ReadContext): Pick<PeopleSettings, "sesFrom" | "sesIdentity"> {
  const { sesFrom } = matchingIfGiven(context, "sesFrom", {
    form: new RegExp(`^(?:${ADDRESS}|${SENDER_NAME} <${ADDRESS}>)$`),
    expected:
      "an address such as calls@example.com or Calls <calls@example.com>, a name with other signs in double quotes and ASCII only",
  });
  const { sesIdentity } = matchingIfGiven(context, "sesIdentity", {
    form: new RegExp(`^(?:${ADDRESS}|(?:[\\w-]+\\.)+[A-Za-z]{2,})$`),
    expected: "a domain or an address that SES has verified",
  });
  if (sesFrom === undefined) {
    if (sesIdentity === undefined) return {};
    throw new SettingError('context "sesIdentity": expected "sesFrom" beside it');
  }
  const [address = "", domain = ""] = /[^<\s]+@([^>]+)(?=>?$)/.exec(sesFrom) ?? [];
  if (sesIdentity === undefined) return { sesFrom, sesIdentity: domain };
  // A domain that SES has verified stands for its subdomains.
  if (sesIdentity === address || `.${domain}`.endsWith(`.${sesIdentity}`)) return { sesFrom, sesIdentity };
  throw refusal("sesIdentity", `${address}, ${domain} or a domain above it`, sesIdentity);
}
