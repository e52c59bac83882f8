/** ResendConfirmationCode: a new code; the old one is good no more. */
import * as z from "zod";
import type { Operation } from "../door.ts";
import { invalidParameter, userNotFound } from "./refusals.ts";
import { read, unsigned } from "./request.ts";
import { findUser } from "./user-pools.ts";
import type { UserPools } from "./user-pools.ts";
import { deliveryTo, sendCode } from "./users.ts";

const request = z.object({ ClientId: z.string(), Username: z.string() });

export const resendConfirmationCode = (pools: UserPools): Operation =>
  unsigned((input) => {
    const { ClientId, Username } = read(request, input);
    const { pool, client } = pools.client(ClientId);
    const user = findUser(pool, Username);
    if (!user) {
      if (client.hidesUsers) return { CodeDeliveryDetails: deliveryTo(Username) };
      throw userNotFound("Username/client id combination not found.");
    }
    if (user.status !== "UNCONFIRMED") throw invalidParameter("User is already confirmed.");
    const CodeDeliveryDetails = sendCode(pools, pool, user);
    if (!CodeDeliveryDetails) throw invalidParameter("Cannot resend codes. Auto verification not turned on.");
    return { CodeDeliveryDetails };
  });
