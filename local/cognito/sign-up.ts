/** SignUp: a person makes themselves an account, to be confirmed with a code. */
import * as z from "zod";
import type { Operation } from "../door.ts";
import { notAuthorized } from "./refusals.ts";
import { read, unsigned } from "./request.ts";
import type { UserPools } from "./user-pools.ts";
import { addUser, attributeList, sendCode } from "./users.ts";

const request = z.object({
  ClientId: z.string(),
  Username: z.string().min(1),
  Password: z.string(),
  UserAttributes: attributeList,
});

export const signUp = (pools: UserPools): Operation =>
  unsigned((input) => {
    const { ClientId, Username, Password, UserAttributes } = read(request, input);
    const { pool } = pools.client(ClientId);
    if (!pool.selfSignUp) throw notAuthorized("SignUp is not permitted for this user pool");
    const user = addUser(pools, pool, {
      username: Username,
      password: Password,
      attributes: UserAttributes,
      status: "UNCONFIRMED",
    });
    const CodeDeliveryDetails = sendCode(pools, pool, user);
    return { UserConfirmed: false, UserSub: user.sub, ...(CodeDeliveryDetails && { CodeDeliveryDetails }) };
  });
