/** AdminCreateUser: an operator makes an account whose owner sets a password at the first sign-in. */
import * as z from "zod";
import { AwsError } from "../local-aws.ts";
import type { Operation, Shape } from "../local-aws.ts";
import { attributeList, attributesOf } from "./attributes.ts";
import { newBytes } from "./ids.ts";
import { read, signed } from "./request.ts";
import type { User, UserPools } from "./user-pools.ts";
import { addUser, describeUser, requireUser, setTemporaryPassword, userRequest } from "./users.ts";

const request = userRequest.extend({
  TemporaryPassword: z.string().optional(),
  UserAttributes: attributeList,
  MessageAction: z.enum(["SUPPRESS", "RESEND"]).optional(),
});

/** Satisfies every password policy up to its length. */
const inventPassword = (): string => `Aa1!${newBytes(24).toString("base64url")}`;

export const adminCreateUser = (pools: UserPools): Operation =>
  signed(pools, "AdminCreateUser", (input) => {
    const wanted = read(request, input);
    const pool = pools.pool(wanted.UserPoolId);
    const password = wanted.TemporaryPassword ?? inventPassword();
    const user =
      wanted.MessageAction === "RESEND"
        ? invited(pools, wanted)
        : addUser(pools, pool, {
            username: wanted.Username,
            password,
            attributes: wanted.UserAttributes,
            status: "FORCE_CHANGE_PASSWORD",
          });
    setTemporaryPassword(pools, pool, user, password);
    if (wanted.MessageAction !== "SUPPRESS") invite(pools, user, password);
    return { User: { ...describeUser(user), Attributes: attributesOf(user) } satisfies Shape };
  });

/** The user whose invitation is sent again, with a new password. */
function invited(pools: UserPools, wanted: z.infer<typeof userRequest>): User {
  const { user } = requireUser(pools, wanted);
  if (user.status === "FORCE_CHANGE_PASSWORD") return user;
  throw new AwsError(
    "UnsupportedUserStateException",
    `Resend not possible. ${user.username} status is not FORCE_CHANGE_PASSWORD`,
  );
}

function invite({ mail }: UserPools, { username, attributes }: User, password: string): void {
  if (!attributes.email) return;
  const text = `Your username is ${username} and temporary password is ${password}.`;
  mail.send(username, { to: attributes.email, subject: "Your temporary password", text });
}
