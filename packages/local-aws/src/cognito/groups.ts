/** Who is in the groups of a pool, which templates make: an access token carries their names as `cognito:groups`. */
import * as z from "zod";
import type { Operation } from "../local-aws.ts";
import { attributesOf } from "./attributes.ts";
import { notFound } from "./refusals.ts";
import { pageOf, read, signed } from "./request.ts";
import { keepUser } from "./user-pools.ts";
import type { Group, UserPool, UserPools } from "./user-pools.ts";
import { describeUser, requireUser, userRequest } from "./users.ts";

const groupRequest = z.object({ UserPoolId: z.string(), GroupName: z.string() });
const memberRequest = userRequest.extend({ GroupName: z.string() });

function requireGroup(pool: UserPool, name: string): Group {
  const group = pool.groups.get(name);
  if (!group) throw notFound("Group not found.");
  return group;
}

export const listUsersInGroup = (pools: UserPools): Operation =>
  signed(pools, "ListUsersInGroup", (input) => {
    const { UserPoolId, GroupName } = read(groupRequest, input);
    const pool = pools.pool(UserPoolId);
    requireGroup(pool, GroupName);
    const members = [...pool.users.values()].filter(({ groups }) => groups.has(GroupName));
    const { items, next } = pageOf(members, input["Limit"], input["NextToken"]);
    return {
      Users: items.map((user) => ({ ...describeUser(user), Attributes: attributesOf(user) })),
      ...(next ? { NextToken: next } : {}),
    };
  });

export const adminAddUserToGroup = (pools: UserPools): Operation =>
  signed(pools, "AdminAddUserToGroup", (input) => {
    const request = read(memberRequest, input);
    const { pool, user } = requireUser(pools, request);
    user.groups.add(requireGroup(pool, request.GroupName).name);
    keepUser(pool, user);
    return {};
  });

export const adminRemoveUserFromGroup = (pools: UserPools): Operation =>
  signed(pools, "AdminRemoveUserFromGroup", (input) => {
    const request = read(memberRequest, input);
    const { pool, user } = requireUser(pools, request);
    user.groups.delete(requireGroup(pool, request.GroupName).name);
    keepUser(pool, user);
    return {};
  });
