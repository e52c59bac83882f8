/** What happens to a user: made, shown, given a verification code, found for an operator. */
import * as z from "zod";
import { AwsError } from "../local-aws.ts";
import type { Shape } from "../local-aws.ts";
import { checkFormats, recordOf, requireKnown } from "./attributes.ts";
import type { attributeList } from "./attributes.ts";
import { sendCode } from "./codes.ts";
import { newUuid } from "./ids.ts";
import { checkPassword } from "./password-policy.ts";
import { userNotFound } from "./refusals.ts";
import { storePassword } from "./srp.ts";
import { findUser, identityOf, keepUser } from "./user-pools.ts";
import type { User, UserPool, UserPools, UserStatus } from "./user-pools.ts";

/** An operator's request about one user. */
export const userRequest = z.object({ UserPoolId: z.string(), Username: z.string() });

export interface NewUser {
  readonly username: string;
  readonly password: string;
  readonly attributes: z.infer<typeof attributeList>;
  readonly status: UserStatus;
}

export function addUser({ localAws }: UserPools, pool: UserPool, wanted: NewUser): User {
  const { username, password, status } = wanted;
  if (findUser(pool, username)) throw new AwsError("UsernameExistsException", "User already exists");
  checkPassword(pool.passwordPolicy, password);
  const attributes = recordOf(wanted.attributes);
  requireKnown(pool, Object.keys(attributes));
  checkFormats(attributes);
  const user: User = {
    poolId: pool.id,
    username,
    sub: newUuid(),
    createdAtMs: localAws.clock.now(),
    modifiedAtMs: localAws.clock.now(),
    enabled: true,
    groups: new Set(),
    codes: new Map(),
    attributes,
    status,
    password: storePassword(identityOf(pool, username), password),
  };
  keepUser(pool, user);
  return user;
}

export function updateUser({ localAws, pool }: UserPools, user: User, change: Partial<User>): void {
  Object.assign(user, change, { modifiedAtMs: localAws.clock.now() });
  keepUser(pool(user.poolId), user);
}

export function setPassword(pools: UserPools, pool: UserPool, user: User, password: string): void {
  checkPassword(pool.passwordPolicy, password);
  const stored = storePassword(identityOf(pool, user.username), password);
  updateUser(pools, user, { password: stored, passwordExpiresAtMs: undefined });
}

/** A password that its owner must replace, in time. */
export function setTemporaryPassword(pools: UserPools, pool: UserPool, user: User, password: string): void {
  setPassword(pools, pool, user, password);
  const validMs = pool.temporaryPasswordDays * 86_400_000;
  updateUser(pools, user, {
    status: "FORCE_CHANGE_PASSWORD",
    passwordExpiresAtMs: pools.localAws.clock.now() + validMs,
  });
}

/** Confirms a user, and with it the address that the code went to. */
export function confirmUser(pools: UserPools, pool: UserPool, user: User): void {
  const verified = pool.autoVerified.filter((name) => user.attributes[name]);
  const flags = Object.fromEntries(verified.map((name) => [`${name}_verified`, "true"]));
  user.codes.delete("sign-up");
  updateUser(pools, user, { status: "CONFIRMED", attributes: { ...user.attributes, ...flags } });
}

/** The code for a new account; undefined if the pool verifies nothing that this user has. */
export function sendSignUpCode(pools: UserPools, pool: UserPool, user: User): Shape | undefined {
  const { email } = user.attributes;
  if (!email || !pool.autoVerified.includes("email")) return undefined;
  return sendCode(pools, pool, user, { purpose: "sign-up", address: email });
}

/** A user as an operator asks for them. */
export function requireUser(
  pools: UserPools,
  input: z.infer<typeof userRequest>,
): { pool: UserPool; user: User } {
  const pool = pools.pool(input.UserPoolId);
  const user = findUser(pool, input.Username);
  if (!user) throw userNotFound("User does not exist.");
  return { pool, user };
}

export function describeUser(user: User): Shape {
  return {
    Username: user.username,
    Enabled: user.enabled,
    UserStatus: user.status,
    UserCreateDate: user.createdAtMs / 1000,
    UserLastModifiedDate: user.modifiedAtMs / 1000,
  };
}
