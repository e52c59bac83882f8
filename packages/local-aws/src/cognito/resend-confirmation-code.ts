/** ResendConfirmationCode: a new code; the old one is good no more. */
import * as z from "zod";
import type { Operation } from "../local-aws.ts";
import { deliveryTo } from "./codes.ts";
import { invalidParameter, unknownUsername } from "./refusals.ts";
import { read, unsigned, username } from "./request.ts";
import { findUser, nameOf } from "./user-pools.ts";
import type { UserPools } from "./user-pools.ts";
import { sendSignUpCode } from "./users.ts";

const request = z.object({ ClientId: z.string(), Username: username });

export const resendConfirmationCode = (pools: UserPools): Operation =>
  unsigned((input) => {
    const { ClientId, Username } = read(request, input);
    const { pool, client } = pools.client(ClientId);
    pools.attempts.spend(nameOf(pool, Username), "sign-up");
    const user = findUser(pool, Username);
    if (!user) {
      if (client.hidesUsers) return { CodeDeliveryDetails: deliveryTo(Username) };
      throw unknownUsername();
    }
    if (user.status !== "UNCONFIRMED") throw invalidParameter("User is already confirmed.");
    const CodeDeliveryDetails = sendSignUpCode(pools, pool, user);
    if (!CodeDeliveryDetails) throw invalidParameter("Cannot resend codes. Auto verification not turned on.");
    return { CodeDeliveryDetails };
  });
