/** Verification codes: sent by mail, good for a while, good once. */
import type { Shape } from "../local-aws.ts";
import { newVerificationCode } from "./ids.ts";
import { codeMismatch, expiredCode } from "./refusals.ts";
import { keepUser, nameOf } from "./user-pools.ts";
import type { Code, CodePurpose, User, UserPool, UserPools } from "./user-pools.ts";

const HOUR_MS = 3_600_000;
const VALID_MS: Readonly<Record<CodePurpose, number>> = {
  "sign-up": 24 * HOUR_MS,
  password: HOUR_MS,
  email: 24 * HOUR_MS,
};

export interface CodeRequest {
  readonly purpose: CodePurpose;
  readonly address: string;
}

/** A new code; the one before it is good no more. Replies the CodeDeliveryDetails. */
export function sendCode(pools: UserPools, pool: UserPool, user: User, request: CodeRequest): Shape {
  const { localAws, mail } = pools;
  const { purpose, address } = request;
  const value = newVerificationCode();
  user.codes.set(purpose, { value, address, expiresAtMs: localAws.clock.now() + VALID_MS[purpose] });
  keepUser(pool, user);
  const { subject, text } = pool.codeMail;
  mail.send(user.username, { to: address, subject, text: text.replace("{####}", value) });
  localAws.emit({ kind: "verification-code", username: user.username, code: value, purpose });
  return deliveryTo(address);
}

/** The code that was sent, if it is the given one; it is spent by `user.codes.delete` once it has served. */
export function checkCode(
  pools: UserPools,
  { pool, user }: { pool: UserPool; user: User },
  purpose: CodePurpose,
  given: string,
): Code {
  pools.attempts.spend(nameOf(pool, user.username), purpose);
  const code = user.codes.get(purpose);
  if (!code || code.expiresAtMs <= pools.localAws.clock.now()) throw expiredCode();
  if (code.value !== given) throw codeMismatch();
  return code;
}

export function deliveryTo(address: string): Shape {
  const [name = "", domain = ""] = address.split("@");
  const Destination = `${name.slice(0, 1)}***@${domain.slice(0, 1)}***`;
  return { AttributeName: "email", DeliveryMedium: "EMAIL", Destination };
}
