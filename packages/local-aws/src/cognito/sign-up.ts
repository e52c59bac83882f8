/** SignUp: a person makes themselves an account, to be confirmed with a code. */
import * as z from "zod";
import type { Operation } from "../local-aws.ts";
import { attributeList, recordOf, refuseFlags, requireAttributes } from "./attributes.ts";
import { notAuthorized } from "./refusals.ts";
import { read, unsigned, username } from "./request.ts";
import type { UserPools } from "./user-pools.ts";
import { addUser, sendSignUpCode } from "./users.ts";

const request = z.object({
  ClientId: z.string(),
  Username: username,
  Password: z.string(),
  UserAttributes: attributeList,
});

export const signUp = (pools: UserPools): Operation =>
  unsigned((input) => {
    const { ClientId, Username, Password, UserAttributes } = read(request, input);
    const { pool } = pools.client(ClientId);
    if (!pool.selfSignUp) throw notAuthorized("SignUp is not permitted for this user pool");
    const attributes = recordOf(UserAttributes);
    refuseFlags(attributes);
    requireAttributes(pool, attributes);
    const user = addUser(pools, pool, {
      username: Username,
      password: Password,
      attributes: UserAttributes,
      status: "UNCONFIRMED",
    });
    const CodeDeliveryDetails = sendSignUpCode(pools, pool, user);
    return { UserConfirmed: false, UserSub: user.sub, ...(CodeDeliveryDetails && { CodeDeliveryDetails }) };
  });
