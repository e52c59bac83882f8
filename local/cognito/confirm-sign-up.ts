/** ConfirmSignUp: the code that came by mail makes the account usable. */
import * as z from "zod";
import { AwsError } from "../door.ts";
import type { Operation } from "../door.ts";
import { expiredCode, notAuthorized, userNotFound } from "./refusals.ts";
import { read, unsigned } from "./request.ts";
import { findUser } from "./user-pools.ts";
import type { UserPools } from "./user-pools.ts";
import { confirmUser } from "./users.ts";

const request = z.object({ ClientId: z.string(), Username: z.string(), ConfirmationCode: z.string() });

export const confirmSignUp = (pools: UserPools): Operation =>
  unsigned((input) => {
    const { ClientId, Username, ConfirmationCode } = read(request, input);
    const { pool, client } = pools.client(ClientId);
    const user = findUser(pool, Username);
    if (!user) {
      throw client.hidesUsers ? expiredCode() : userNotFound("Username/client id combination not found.");
    }
    if (user.status !== "UNCONFIRMED") {
      throw notAuthorized(`User cannot be confirmed. Current status is ${user.status}`);
    }
    if (!user.code || user.code.expiresAtMs <= pools.door.clock.now()) throw expiredCode();
    if (user.code.value !== ConfirmationCode) {
      throw new AwsError("CodeMismatchException", "Invalid verification code provided, please try again.");
    }
    confirmUser(pools, pool, user);
    return {};
  });
