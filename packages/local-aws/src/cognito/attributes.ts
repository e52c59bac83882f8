/** A user's attributes: which there are, who may write them, and what a new address sets off. */
import * as z from "zod";
import type { Shape } from "../local-aws.ts";
import { sendCode } from "./codes.ts";
import { invalidParameter, notAuthorized } from "./refusals.ts";
import { keepUser } from "./user-pools.ts";
import type { User, UserPool, UserPools } from "./user-pools.ts";

export const attributeList = z
  .array(z.object({ Name: z.string(), Value: z.string().default("") }))
  .default([]);

export type Attributes = Readonly<Record<string, string>>;

const STANDARD = new Set(
  (
    "address birthdate email email_verified family_name gender given_name locale middle_name name nickname " +
    "phone_number phone_number_verified picture preferred_username profile updated_at website zoneinfo"
  ).split(" "),
);
const FLAGS = ["email_verified", "phone_number_verified"];
const SCHEMA = "Attributes did not conform to the schema:";

export const recordOf = (list: z.infer<typeof attributeList>): Attributes =>
  Object.fromEntries(list.map(({ Name, Value }) => [Name, Value]));

export const attributesOf = (user: User): Shape[] =>
  Object.entries({ sub: user.sub, ...user.attributes }).map(([Name, Value]) => ({ Name, Value }));

export const missingAttributes = (pool: UserPool, attributes: Attributes): readonly string[] =>
  pool.required.filter((name) => !attributes[name]);

export function requireAttributes(pool: UserPool, attributes: Attributes): void {
  const [missing] = missingAttributes(pool, attributes);
  if (missing) throw invalidParameter(`${SCHEMA} ${missing}: The attribute is required\n`);
}

/** Only a code proves an address: an app may not say that it is proven. */
export function refuseFlags(attributes: Attributes): void {
  if (FLAGS.some((name) => name in attributes)) {
    throw notAuthorized("A client attempted to write unauthorized attribute");
  }
}

export function checkFormats({ email, phone_number: phoneNumber }: Attributes): void {
  if (email !== undefined && !/^[^\s@]+@[^\s@]+$/.test(email)) {
    throw invalidParameter("Invalid email address format.");
  }
  if (phoneNumber !== undefined && !/^\+\d{1,15}$/.test(phoneNumber)) {
    throw invalidParameter("Invalid phone number format.");
  }
}

export function requireKnown(pool: UserPool, names: readonly string[]): void {
  const unknown = names.find((name) => !STANDARD.has(name) && !pool.custom.includes(name));
  if (unknown) throw invalidParameter(`${SCHEMA} Type for attribute {${unknown}} could not be determined`);
}

/** Writes attributes of a user who exists. Replies the CodeDeliveryDetails of the codes that this sets off. */
export function writeAttributes(
  pools: UserPools,
  { pool, user }: { pool: UserPool; user: User },
  wanted: Attributes,
): Shape[] {
  refuseUnwritable(pool, Object.keys(wanted));
  checkFormats(wanted);
  const { email } = wanted;
  const isNew = email !== undefined && email !== user.attributes.email;
  const unproven = isNew && wanted.email_verified !== "true";
  const waits = unproven && pool.verifiedFirst.includes("email");
  const written = waits
    ? Object.fromEntries(Object.entries(wanted).filter(([name]) => name !== "email"))
    : { ...wanted, ...(unproven && { email_verified: "false" }) };
  user.attributes = { ...user.attributes, ...written };
  user.modifiedAtMs = pools.localAws.clock.now();
  keepUser(pool, user);
  if (!unproven || !pool.autoVerified.includes("email")) return [];
  return [sendCode(pools, pool, user, { purpose: "email", address: email })];
}

export function removeAttributes(
  pools: UserPools,
  { pool, user }: { pool: UserPool; user: User },
  names: readonly string[],
): void {
  refuseUnwritable(pool, names);
  // An address takes its proof with it.
  const gone = new Set(names.flatMap((name) => [name, `${name}_verified`]));
  const left = Object.fromEntries(Object.entries(user.attributes).filter(([name]) => !gone.has(name)));
  requireAttributes(pool, left);
  user.attributes = left;
  user.modifiedAtMs = pools.localAws.clock.now();
  keepUser(pool, user);
}

function refuseUnwritable(pool: UserPool, names: readonly string[]): void {
  const fixed = names.find((name) => name === "sub" || pool.immutable.includes(name));
  if (fixed) throw invalidParameter(`user.${fixed}: Attribute cannot be updated.\n`);
  requireKnown(pool, names);
}
