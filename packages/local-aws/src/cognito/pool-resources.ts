/** The user pool, app client and group of a template. */
import * as z from "zod";
import { AwsError } from "../local-aws.ts";
import { type CreatedResource, identityOf, type ResourceRequest, type ResourceTypes } from "../resource.ts";
import { clientIdOf, poolIdOf } from "./ids.ts";
import { DEFAULT_POLICY } from "./password-policy.ts";
import { forgetMembers, keptKey, keptMembers } from "./kept-users.ts";
import type { PoolClient, UserPool, UserPools } from "./user-pools.ts";

const passwordPolicy = z.strictObject({
  MinimumLength: z.number().default(DEFAULT_POLICY.MinimumLength),
  RequireUppercase: z.boolean().default(false),
  RequireLowercase: z.boolean().default(false),
  RequireNumbers: z.boolean().default(false),
  RequireSymbols: z.boolean().default(false),
  TemporaryPasswordValidityDays: z.number().default(7),
});

const poolProperties = z.object({
  UserPoolName: z.string().optional(),
  Policies: z.strictObject({ PasswordPolicy: passwordPolicy.optional() }).default({}),
  AutoVerifiedAttributes: z.array(z.literal("email")).default([]),
  Schema: z
    .array(
      z.object({
        Name: z.string(),
        Required: z.boolean().default(false),
        Mutable: z.boolean().default(true),
      }),
    )
    .default([]),
  UserAttributeUpdateSettings: z
    .strictObject({ AttributesRequireVerificationBeforeUpdate: z.array(z.literal("email")).default([]) })
    .default({ AttributesRequireVerificationBeforeUpdate: [] }),
  VerificationMessageTemplate: z
    .object({
      DefaultEmailOption: z.literal("CONFIRM_WITH_CODE").optional(),
      EmailSubject: z.string().default("Your verification code"),
      EmailMessage: z.string().includes("{####}").default("Your confirmation code is {####}"),
    })
    .prefault({}),
  UsernameConfiguration: z.strictObject({ CaseSensitive: z.boolean() }).default({ CaseSensitive: true }),
  AdminCreateUserConfig: z.object({ AllowAdminCreateUserOnly: z.boolean().default(false) }).default({
    AllowAdminCreateUserOnly: false,
  }),
  MfaConfiguration: z.literal("OFF").default("OFF"),
  DeletionProtection: z.enum(["ACTIVE", "INACTIVE"]).default("INACTIVE"),
});

const unit = z.enum(["seconds", "minutes", "hours", "days"]);
const SECONDS = { seconds: 1, minutes: 60, hours: 3600, days: 86_400 } as const;

const clientProperties = z.object({
  UserPoolId: z.string(),
  ClientName: z.string().optional(),
  GenerateSecret: z.literal(false).default(false),
  ExplicitAuthFlows: z
    .array(z.templateLiteral(["ALLOW_", z.string()]))
    .default(["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH"]),
  AccessTokenValidity: z.number().optional(),
  IdTokenValidity: z.number().optional(),
  RefreshTokenValidity: z.number().optional(),
  TokenValidityUnits: z
    .strictObject({ AccessToken: unit.optional(), IdToken: unit.optional(), RefreshToken: unit.optional() })
    .default({}),
  AuthSessionValidity: z.number().default(3),
  RefreshTokenRotation: z
    .strictObject({
      Feature: z.enum(["ENABLED", "DISABLED"]),
      RetryGracePeriodSeconds: z.int().min(0).max(60).default(0),
    })
    .optional(),
  EnableTokenRevocation: z.boolean().default(true),
  PreventUserExistenceErrors: z.enum(["ENABLED", "LEGACY"]).default("LEGACY"),
});

const groupProperties = z.object({
  UserPoolId: z.string(),
  GroupName: z.string().optional(),
  Description: z.string().optional(),
  Precedence: z.number().optional(),
});

function read<Schema extends z.ZodType>(schema: Schema, request: ResourceRequest): z.infer<Schema> {
  const parsed = schema.safeParse(request.properties);
  if (parsed.success) return parsed.data;
  throw new Error(`${request.logicalId}: not part of the local runtime: ${z.prettifyError(parsed.error)}`);
}

async function createPool(
  { localAws, pools }: UserPools,
  request: ResourceRequest,
): Promise<CreatedResource> {
  const wanted = read(poolProperties, request);
  const id = poolIdOf(localAws.region, identityOf(request));
  const before = pools.get(id);
  const provider = `cognito-idp.${localAws.region}.amazonaws.com/${id}`;
  const pool: UserPool = {
    id,
    name: wanted.UserPoolName ?? request.physicalName(128),
    issuer: `https://${provider}`,
    createdAtMs: localAws.clock.now(),
    key: before?.key ?? (await localAws.clock.hold(() => keptKey(localAws.store, id))),
    passwordPolicy: wanted.Policies.PasswordPolicy ?? DEFAULT_POLICY,
    temporaryPasswordDays: wanted.Policies.PasswordPolicy?.TemporaryPasswordValidityDays ?? 7,
    codeMail: {
      subject: wanted.VerificationMessageTemplate.EmailSubject,
      text: wanted.VerificationMessageTemplate.EmailMessage,
    },
    verifiedFirst: wanted.UserAttributeUpdateSettings.AttributesRequireVerificationBeforeUpdate,
    autoVerified: wanted.AutoVerifiedAttributes,
    required: wanted.Schema.filter(({ Required }) => Required).map(({ Name }) => Name),
    immutable: wanted.Schema.filter(({ Mutable }) => !Mutable).flatMap(({ Name }) => [
      Name,
      `custom:${Name}`,
    ]),
    custom: wanted.Schema.map(({ Name }) => `custom:${Name}`),
    caseSensitive: wanted.UsernameConfiguration.CaseSensitive,
    selfSignUp: !wanted.AdminCreateUserConfig.AllowAdminCreateUserOnly,
    deletionProtected: wanted.DeletionProtection === "ACTIVE",
    ...(before ? { users: before.users, groups: before.groups } : keptMembers(localAws.store, id)),
  };
  pools.set(id, pool);
  const Arn = localAws.arn("cognito-idp", `userpool/${id}`);
  return { ref: id, attributes: { UserPoolId: id, Arn, ProviderName: provider, ProviderURL: pool.issuer } };
}

function removePool({ localAws, pools }: UserPools, id: string): void {
  if (pools.get(id)?.deletionProtected) {
    throw new AwsError(
      "InvalidParameterException",
      "The user pool cannot be deleted because deletion protection is activated. Deletion protection must be inactivated first.",
    );
  }
  pools.delete(id);
  forgetMembers(localAws.store, id);
}

function createClient({ pool, clients }: UserPools, request: ResourceRequest): CreatedResource {
  const wanted = read(clientProperties, request);
  const units = wanted.TokenValidityUnits;
  const hour = 3600;
  const client: PoolClient = {
    id: clientIdOf(identityOf(request)),
    name: wanted.ClientName ?? request.physicalName(128),
    poolId: pool(wanted.UserPoolId).id,
    flows: new Set(wanted.ExplicitAuthFlows),
    accessSeconds: inSeconds(wanted.AccessTokenValidity, units.AccessToken ?? "hours") ?? hour,
    idSeconds: inSeconds(wanted.IdTokenValidity, units.IdToken ?? "hours") ?? hour,
    refreshSeconds: inSeconds(wanted.RefreshTokenValidity, units.RefreshToken ?? "days") ?? 30 * 24 * hour,
    signInSeconds: wanted.AuthSessionValidity * 60,
    rotationGraceSeconds:
      wanted.RefreshTokenRotation?.Feature === "ENABLED"
        ? wanted.RefreshTokenRotation.RetryGracePeriodSeconds
        : undefined,
    revocable: wanted.EnableTokenRevocation,
    hidesUsers: wanted.PreventUserExistenceErrors === "ENABLED",
  };
  clients.set(client.id, client);
  return { ref: client.id, attributes: { ClientId: client.id, Name: client.name } };
}

function inSeconds(validity: number | undefined, of: keyof typeof SECONDS): number | undefined {
  return validity === undefined ? undefined : validity * SECONDS[of];
}

function createGroup({ localAws, pool }: UserPools, request: ResourceRequest): CreatedResource {
  const {
    UserPoolId,
    GroupName,
    Description: description,
    Precedence: precedence,
  } = read(groupProperties, request);
  const name = GroupName ?? request.physicalName(128);
  pool(UserPoolId).groups.set(name, { name, description, precedence, createdAtMs: localAws.clock.now() });
  return { ref: name };
}

const MESSAGES =
  "EmailVerificationMessage EmailVerificationSubject SmsVerificationMessage SmsAuthenticationMessage " +
  "EmailConfiguration SmsConfiguration";
const HOSTED_SIGN_IN =
  "AllowedOAuthFlows AllowedOAuthFlowsUserPoolClient AllowedOAuthScopes CallbackURLs LogoutURLs DefaultRedirectURI " +
  "SupportedIdentityProviders";

export function poolResources(pools: UserPools): ResourceTypes {
  return {
    "AWS::Cognito::UserPool": {
      honoured: Object.keys(poolProperties.shape),
      ignored: [
        ...MESSAGES.split(" "),
        ..."AccountRecoverySetting UserPoolTier UserPoolTags UserPoolAddOns".split(" "),
      ],
      replacedBy: ["UsernameConfiguration"],
      remove: (id) => removePool(pools, id),
      create: (request) => createPool(pools, request),
    },
    "AWS::Cognito::UserPoolClient": {
      honoured: Object.keys(clientProperties.shape),
      ignored: [...HOSTED_SIGN_IN.split(" "), "ReadAttributes", "WriteAttributes"],
      replacedBy: ["UserPoolId"],
      remove: (id) => void pools.clients.delete(id),
      create: (request) => createClient(pools, request),
    },
    "AWS::Cognito::UserPoolGroup": {
      honoured: Object.keys(groupProperties.shape),
      ignored: [],
      replacedBy: ["UserPoolId", "GroupName"],
      remove: (name, { UserPoolId }) => void pools.pools.get(String(UserPoolId))?.groups.delete(name),
      create: (request) => createGroup(pools, request),
    },
  };
}
