/** What an operator does with a user that exists: get, list, confirm, set the password, add to a group. */
import * as z from "zod";
import type { Operation } from "../door.ts";
import { notAuthorized, notFound } from "./refusals.ts";
import { pageOf, read, signed } from "./request.ts";
import type { UserPools } from "./user-pools.ts";
import {
  attributesOf,
  confirmUser,
  describeUser,
  requireUser,
  setPassword,
  updateUser,
  userRequest,
} from "./users.ts";

const passwordRequest = userRequest.extend({ Password: z.string(), Permanent: z.boolean().default(false) });
const groupRequest = userRequest.extend({ GroupName: z.string() });
const listRequest = z.object({ UserPoolId: z.string(), Filter: z.undefined().optional() });

export const adminGetUser = (pools: UserPools): Operation =>
  signed(pools, "AdminGetUser", (input) => {
    const { user } = requireUser(pools, read(userRequest, input));
    return { ...describeUser(user), UserAttributes: attributesOf(user) };
  });

export const listUsers = (pools: UserPools): Operation =>
  signed(pools, "ListUsers", (input) => {
    const { users } = pools.pool(read(listRequest, input).UserPoolId);
    const { items, next } = pageOf([...users.values()], input["Limit"], input["PaginationToken"]);
    return {
      Users: items.map((user) => ({ ...describeUser(user), Attributes: attributesOf(user) })),
      ...(next ? { PaginationToken: next } : {}),
    };
  });

export const adminConfirmSignUp = (pools: UserPools): Operation =>
  signed(pools, "AdminConfirmSignUp", (input) => {
    const { pool, user } = requireUser(pools, read(userRequest, input));
    if (user.status !== "UNCONFIRMED") {
      throw notAuthorized(`User cannot be confirmed. Current status is ${user.status}`);
    }
    const { attributes } = user;
    confirmUser(pools, pool, user);
    // Only a code proves the address; an operator's word does not.
    updateUser(pools, user, { attributes });
    return {};
  });

export const adminSetUserPassword = (pools: UserPools): Operation =>
  signed(pools, "AdminSetUserPassword", (input) => {
    const request = read(passwordRequest, input);
    const { pool, user } = requireUser(pools, request);
    setPassword(pools, pool, user, request.Password);
    updateUser(pools, user, { status: request.Permanent ? "CONFIRMED" : "FORCE_CHANGE_PASSWORD" });
    return {};
  });

export const adminAddUserToGroup = (pools: UserPools): Operation =>
  signed(pools, "AdminAddUserToGroup", (input) => {
    const request = read(groupRequest, input);
    const { pool, user } = requireUser(pools, request);
    if (!pool.groups.has(request.GroupName)) throw notFound("Group not found.");
    user.groups.add(request.GroupName);
    return {};
  });
