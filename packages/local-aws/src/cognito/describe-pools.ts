/** DescribeUserPool, ListUserPools, ListUserPoolClients: what an operator sees of the pools. */
import * as z from "zod";
import type { Operation, Shape } from "../door.ts";
import { pageOf, read, signed } from "./request.ts";
import type { UserPool, UserPools } from "./user-pools.ts";

const request = z.object({ UserPoolId: z.string() });

const summaryOf = ({ id, name, createdAtMs }: UserPool): Shape => ({
  Id: id,
  Name: name,
  CreationDate: createdAtMs / 1000,
  LastModifiedDate: createdAtMs / 1000,
});

export const describeUserPool = (pools: UserPools): Operation =>
  signed(pools, "DescribeUserPool", (input) => {
    const pool = pools.pool(read(request, input).UserPoolId);
    return {
      UserPool: {
        ...summaryOf(pool),
        Arn: pools.door.arn("cognito-idp", `userpool/${pool.id}`),
        Policies: { PasswordPolicy: pool.passwordPolicy },
        AutoVerifiedAttributes: pool.autoVerified,
        UserAttributeUpdateSettings: { AttributesRequireVerificationBeforeUpdate: pool.verifiedFirst },
        UsernameConfiguration: { CaseSensitive: pool.caseSensitive },
        AdminCreateUserConfig: { AllowAdminCreateUserOnly: !pool.selfSignUp },
        MfaConfiguration: "OFF",
        EstimatedNumberOfUsers: pool.users.size,
      },
    };
  });

export const listUserPools = ({ pools }: UserPools): Operation => ({
  permissions: () => [{ action: "cognito-idp:ListUserPools", resource: "*" }],
  run({ MaxResults: limit, NextToken: token }) {
    const { items, next } = pageOf([...pools.values()], limit, token);
    return { UserPools: items.map(summaryOf), ...(next ? { NextToken: next } : {}) };
  },
});

export const listUserPoolClients = (pools: UserPools): Operation =>
  signed(pools, "ListUserPoolClients", (input) => {
    const pool = pools.pool(read(request, input).UserPoolId);
    const clients = [...pools.clients.values()].filter(({ poolId }) => poolId === pool.id);
    const { items, next } = pageOf(clients, input["MaxResults"], input["NextToken"]);
    return {
      UserPoolClients: items.map(({ id, name }) => ({
        ClientId: id,
        ClientName: name,
        UserPoolId: pool.id,
      })),
      ...(next ? { NextToken: next } : {}),
    };
  });
