/** DescribeUserPool, DescribeUserPoolClient, ListUserPools, ListUserPoolClients: what an operator sees of the pools. */
import * as z from "zod";
import type { Operation, Shape } from "../local-aws.ts";
import { notFound } from "./refusals.ts";
import { pageOf, read, signed } from "./request.ts";
import type { UserPool, UserPools } from "./user-pools.ts";

const request = z.object({ UserPoolId: z.string() });
const clientRequest = z.object({ UserPoolId: z.string(), ClientId: z.string() });

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
        Arn: pools.localAws.arn("cognito-idp", `userpool/${pool.id}`),
        Policies: { PasswordPolicy: pool.passwordPolicy },
        AutoVerifiedAttributes: pool.autoVerified,
        UserAttributeUpdateSettings: { AttributesRequireVerificationBeforeUpdate: pool.verifiedFirst },
        UsernameConfiguration: { CaseSensitive: pool.caseSensitive },
        AdminCreateUserConfig: { AllowAdminCreateUserOnly: !pool.selfSignUp },
        MfaConfiguration: "OFF",
        DeletionProtection: pool.deletionProtected ? "ACTIVE" : "INACTIVE",
        EstimatedNumberOfUsers: pool.users.size,
      },
    };
  });

export const describeUserPoolClient = (pools: UserPools): Operation =>
  signed(pools, "DescribeUserPoolClient", (input) => {
    const { UserPoolId, ClientId } = read(clientRequest, input);
    const { client } = pools.client(ClientId);
    if (client.poolId !== pools.pool(UserPoolId).id)
      throw notFound(`User pool client ${ClientId} does not exist.`);
    return {
      UserPoolClient: {
        UserPoolId,
        ClientName: client.name,
        ClientId,
        ExplicitAuthFlows: [...client.flows],
        AccessTokenValidity: client.accessSeconds,
        IdTokenValidity: client.idSeconds,
        RefreshTokenValidity: client.refreshSeconds,
        TokenValidityUnits: { AccessToken: "seconds", IdToken: "seconds", RefreshToken: "seconds" },
        PreventUserExistenceErrors: client.hidesUsers ? "ENABLED" : "LEGACY",
        EnableTokenRevocation: client.revocable,
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
