/** Groups of a pool and who is in them: an access token carries their names as `cognito:groups`. */
import * as z from "zod";
import { AwsError } from "../local-aws.ts";
import type { Operation, Shape } from "../local-aws.ts";
import { attributesOf } from "./attributes.ts";
import { notFound } from "./refusals.ts";
import { pageOf, read, signed } from "./request.ts";
import { keepUser } from "./user-pools.ts";
import type { Group, UserPool, UserPools } from "./user-pools.ts";
import { describeUser, requireUser, userRequest } from "./users.ts";

const poolRequest = z.object({ UserPoolId: z.string() });
const groupRequest = poolRequest.extend({ GroupName: z.string() });
const memberRequest = userRequest.extend({ GroupName: z.string() });
const newGroup = groupRequest.extend({
  GroupName: z
    .string()
    .max(128)
    .regex(/^[\p{L}\p{M}\p{S}\p{N}\p{P}]+$/u),
  Description: z.string().max(2048).optional(),
  Precedence: z.int().nonnegative().optional(),
  /** A role to assume belongs to identity pools, which are not part of the local runtime. */
  RoleArn: z.undefined().optional(),
});

function requireGroup(pool: UserPool, name: string): Group {
  const group = pool.groups.get(name);
  if (!group) throw notFound("Group not found.");
  return group;
}

const describeGroup = (pool: UserPool, { name, description, precedence, createdAtMs }: Group): Shape => ({
  GroupName: name,
  UserPoolId: pool.id,
  Description: description,
  Precedence: precedence,
  CreationDate: createdAtMs / 1000,
  LastModifiedDate: createdAtMs / 1000,
});

export const createGroup = (pools: UserPools): Operation =>
  signed(pools, "CreateGroup", (input) => {
    const { UserPoolId, GroupName, Description, Precedence } = read(newGroup, input);
    const pool = pools.pool(UserPoolId);
    if (pool.groups.has(GroupName)) {
      throw new AwsError("GroupExistsException", "A group with the name already exists.");
    }
    const createdAtMs = pools.localAws.clock.now();
    const group: Group = { name: GroupName, description: Description, precedence: Precedence, createdAtMs };
    pool.groups.set(GroupName, group);
    return { Group: describeGroup(pool, group) };
  });

export const getGroup = (pools: UserPools): Operation =>
  signed(pools, "GetGroup", (input) => {
    const { UserPoolId, GroupName } = read(groupRequest, input);
    const pool = pools.pool(UserPoolId);
    return { Group: describeGroup(pool, requireGroup(pool, GroupName)) };
  });

export const deleteGroup = (pools: UserPools): Operation =>
  signed(pools, "DeleteGroup", (input) => {
    const { UserPoolId, GroupName } = read(groupRequest, input);
    const pool = pools.pool(UserPoolId);
    requireGroup(pool, GroupName);
    pool.groups.delete(GroupName);
    for (const user of pool.users.values()) if (user.groups.delete(GroupName)) keepUser(pool, user);
    return {};
  });

export const listGroups = (pools: UserPools): Operation =>
  signed(pools, "ListGroups", (input) => {
    const pool = pools.pool(read(poolRequest, input).UserPoolId);
    return pageOfGroups(pool, [...pool.groups.values()], input);
  });

export const adminListGroupsForUser = (pools: UserPools): Operation =>
  signed(pools, "AdminListGroupsForUser", (input) => {
    const { pool, user } = requireUser(pools, read(userRequest, input));
    const groups = [...user.groups].map((name) => requireGroup(pool, name));
    return pageOfGroups(pool, groups, input);
  });

function pageOfGroups(pool: UserPool, groups: readonly Group[], input: Shape): Shape {
  const { items, next } = pageOf(groups, input["Limit"], input["NextToken"]);
  return { Groups: items.map((group) => describeGroup(pool, group)), ...(next ? { NextToken: next } : {}) };
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
