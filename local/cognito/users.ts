/** What happens to a user: made, shown, given a verification code, found for an operator. */
import * as z from "zod";
import { AwsError } from "../door.ts";
import type { Shape } from "../door.ts";
import { newUuid, newVerificationCode } from "./ids.ts";
import { checkPassword } from "./password-policy.ts";
import { invalidParameter, userNotFound } from "./refusals.ts";
import { storePassword } from "./srp.ts";
import { findUser, identityOf, keepUser } from "./user-pools.ts";
import type { User, UserPool, UserPools, UserStatus } from "./user-pools.ts";

export const attributeList = z
  .array(z.object({ Name: z.string(), Value: z.string().default("") }))
  .default([]);

/** An operator's request about one user. */
export const userRequest = z.object({ UserPoolId: z.string(), Username: z.string() });

/** A verification code is good for a day. */
const CODE_MS = 24 * 3_600_000;

const STANDARD = new Set(
  (
    "address birthdate email email_verified family_name gender given_name locale middle_name name nickname " +
    "phone_number phone_number_verified picture preferred_username profile updated_at website zoneinfo"
  ).split(" "),
);

export interface NewUser {
  readonly username: string;
  readonly password: string;
  readonly attributes: z.infer<typeof attributeList>;
  readonly status: UserStatus;
}

export function addUser({ door }: UserPools, pool: UserPool, wanted: NewUser): User {
  const { username, password, status } = wanted;
  if (findUser(pool, username)) throw new AwsError("UsernameExistsException", "User already exists");
  checkPassword(pool.passwordPolicy, password);
  const attributes = Object.fromEntries(wanted.attributes.map(({ Name, Value }) => [Name, Value]));
  checkAttributes(pool, attributes);
  const user: User = {
    username,
    sub: newUuid(),
    createdAtMs: door.clock.now(),
    modifiedAtMs: door.clock.now(),
    groups: new Set(),
    attributes,
    status,
    password: storePassword(identityOf(pool, username), password),
  };
  keepUser(pool, user);
  return user;
}

function checkAttributes(pool: UserPool, attributes: Record<string, string>): void {
  const schema = "Attributes did not conform to the schema:";
  for (const name of Object.keys(attributes)) {
    if (STANDARD.has(name) || pool.custom.includes(name)) continue;
    throw invalidParameter(`${schema} Type for attribute {${name}} could not be determined`);
  }
  const missing = pool.required.find((name) => !attributes[name]);
  if (missing) throw invalidParameter(`${schema} ${missing}: The attribute is required\n`);
  if (attributes.email !== undefined && !/^[^\s@]+@[^\s@]+$/.test(attributes.email)) {
    throw invalidParameter("Invalid email address format.");
  }
}

export function updateUser({ door }: UserPools, user: User, change: Partial<User>): void {
  Object.assign(user, change, { modifiedAtMs: door.clock.now() });
}

export function setPassword(pools: UserPools, pool: UserPool, user: User, password: string): void {
  checkPassword(pool.passwordPolicy, password);
  updateUser(pools, user, { password: storePassword(identityOf(pool, user.username), password) });
}

/** Confirms a user, and with it the address that the code went to. */
export function confirmUser(pools: UserPools, pool: UserPool, user: User): void {
  const verified = pool.autoVerified.filter((name) => user.attributes[name]);
  const flags = Object.fromEntries(verified.map((name) => [`${name}_verified`, "true"]));
  delete user.code;
  updateUser(pools, user, { status: "CONFIRMED", attributes: { ...user.attributes, ...flags } });
}

/** Shows a new code to the person at the laptop; undefined if the pool verifies nothing that this user has. */
export function sendCode({ door }: UserPools, pool: UserPool, user: User): Shape | undefined {
  if (!pool.autoVerified.includes("email") || !user.attributes.email) return undefined;
  user.code = { value: newVerificationCode(), expiresAtMs: door.clock.now() + CODE_MS };
  door.tell({ kind: "verification-code", username: user.username, code: user.code.value });
  return deliveryTo(user.attributes.email);
}

export function deliveryTo(email: string): Shape {
  const [name = "", domain = ""] = email.split("@");
  const Destination = `${name.slice(0, 1)}***@${domain.slice(0, 1)}***`;
  return { AttributeName: "email", DeliveryMedium: "EMAIL", Destination };
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

export function attributesOf(user: User): Shape[] {
  return Object.entries({ sub: user.sub, ...user.attributes }).map(([Name, Value]) => ({ Name, Value }));
}

export function describeUser(user: User): Shape {
  return {
    Username: user.username,
    Enabled: true,
    UserStatus: user.status,
    UserCreateDate: user.createdAtMs / 1000,
    UserLastModifiedDate: user.modifiedAtMs / 1000,
  };
}
