/** ForgotPassword and ConfirmForgotPassword: a code to the verified address, and with it a new password. */
import * as z from "zod";
import type { AwsError, Operation, Shape } from "../local-aws.ts";
import { checkCode, deliveryTo, sendCode } from "./codes.ts";
import { codeMismatch, invalidParameter, notAuthorized, unknownUsername, userDisabled } from "./refusals.ts";
import { read, unsigned, username } from "./request.ts";
import { findUser, nameOf } from "./user-pools.ts";
import type { User, UserPools } from "./user-pools.ts";
import { setPassword, updateUser } from "./users.ts";

const request = z.object({ ClientId: z.string(), Username: username });
const confirmation = request.extend({ ConfirmationCode: z.string(), Password: z.string() });

export const forgotPassword = (pools: UserPools): Operation =>
  unsigned((input) => {
    const { ClientId, Username } = read(request, input);
    const { pool, client } = pools.client(ClientId);
    pools.attempts.spend(nameOf(pool, Username), "password");
    const user = findUser(pool, Username);
    if (user && hasOwnPassword(user) && !unreachable(user)) {
      const address = String(user.attributes.email);
      return details(sendCode(pools, pool, user, { purpose: "password", address }));
    }
    // A request for a name that gets no code must not reveal the reason.
    if (client.hidesUsers) return details(deliveryTo(Username));
    throw (user && unreachable(user)) ?? unknownUsername();
  });

const details = (CodeDeliveryDetails: Shape): Shape => ({ CodeDeliveryDetails });

/** A user with only a temporary password has none to forget: an operator made the account. */
function hasOwnPassword(user: User): boolean {
  if (user.status !== "FORCE_CHANGE_PASSWORD") return true;
  throw notAuthorized("User password cannot be reset in the current state.");
}

/** Why this user can get no code. */
export function unreachable({ enabled, attributes }: User): AwsError | undefined {
  if (!enabled) return userDisabled();
  if (attributes.email && attributes.email_verified === "true") return undefined;
  return invalidParameter(
    "Cannot reset password for the user as there is no registered/verified email or phone_number",
  );
}

export const confirmForgotPassword = (pools: UserPools): Operation =>
  unsigned((input) => {
    const { ClientId, Username, ConfirmationCode, Password } = read(confirmation, input);
    const { pool, client } = pools.client(ClientId);
    const user = findUser(pool, Username);
    if (!user?.enabled) {
      pools.attempts.spend(nameOf(pool, Username), "password");
      throw client.hidesUsers ? codeMismatch() : user ? userDisabled() : unknownUsername();
    }
    checkCode(pools, { pool, user }, "password", ConfirmationCode);
    // A weak password leaves the code for the next try.
    setPassword(pools, pool, user, Password);
    user.codes.delete("password");
    updateUser(pools, user, { status: "CONFIRMED" });
    return {};
  });
