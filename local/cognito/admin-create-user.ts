/** AdminCreateUser: an operator makes an account whose owner sets a password at the first sign-in. */
import * as z from "zod";
import type { Operation } from "../door.ts";
import { newBytes } from "./ids.ts";
import { read, signed } from "./request.ts";
import type { UserPools } from "./user-pools.ts";
import { addUser, attributeList, attributesOf, describeUser, userRequest } from "./users.ts";

const request = userRequest.extend({
  TemporaryPassword: z.string().optional(),
  UserAttributes: attributeList,
  MessageAction: z.literal("SUPPRESS").optional(),
});

/** Satisfies every password policy up to its length. */
const inventPassword = (): string => `Aa1!${newBytes(24).toString("base64url")}`;

export const adminCreateUser = (pools: UserPools): Operation =>
  signed(pools, "AdminCreateUser", (input) => {
    const { UserPoolId, Username, TemporaryPassword, UserAttributes } = read(request, input);
    const user = addUser(pools, pools.pool(UserPoolId), {
      username: Username,
      password: TemporaryPassword ?? inventPassword(),
      attributes: UserAttributes,
      status: "FORCE_CHANGE_PASSWORD",
    });
    return { User: { ...describeUser(user), Attributes: attributesOf(user) } };
  });
