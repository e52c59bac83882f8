/** ConfirmSignUp: the code that came by mail makes the account usable. */
import * as z from "zod";
import type { Operation } from "../local-aws.ts";
import { checkCode } from "./codes.ts";
import { expiredCode, notAuthorized, unknownUsername } from "./refusals.ts";
import { read, unsigned, username } from "./request.ts";
import { findUser } from "./user-pools.ts";
import type { UserPools } from "./user-pools.ts";
import { confirmUser } from "./users.ts";

const request = z.object({ ClientId: z.string(), Username: username, ConfirmationCode: z.string() });

export const confirmSignUp = (pools: UserPools): Operation =>
  unsigned((input) => {
    const { ClientId, Username, ConfirmationCode } = read(request, input);
    const { pool, client } = pools.client(ClientId);
    const user = findUser(pool, Username);
    if (!user) throw client.hidesUsers ? expiredCode() : unknownUsername();
    if (user.status !== "UNCONFIRMED") {
      throw notAuthorized(`User cannot be confirmed. Current status is ${user.status}`);
    }
    checkCode(pools, { pool, user }, "sign-up", ConfirmationCode);
    confirmUser(pools, pool, user);
    return {};
  });
