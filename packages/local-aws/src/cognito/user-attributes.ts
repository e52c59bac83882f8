/** What signed-in people do with their own attributes: update and delete them, and prove a new address with a code. */
import * as z from "zod";
import type { Operation } from "../local-aws.ts";
import { attributeList, recordOf, refuseFlags, removeAttributes, writeAttributes } from "./attributes.ts";
import { checkCode, sendCode } from "./codes.ts";
import { invalidParameter } from "./refusals.ts";
import { read, unsigned } from "./request.ts";
import type { SignIns } from "./sign-ins.ts";
import { nameOf } from "./user-pools.ts";
import type { UserPools } from "./user-pools.ts";
import { updateUser } from "./users.ts";

const signedIn = z.object({ AccessToken: z.string() });
const update = signedIn.extend({ UserAttributes: attributeList });
const removal = signedIn.extend({ UserAttributeNames: z.array(z.string()) });
/** The local pools verify e-mail only. */
const aboutCode = signedIn.extend({ AttributeName: z.literal("email") });
const proof = aboutCode.extend({ Code: z.string() });

export const updateUserAttributes = (pools: UserPools, signIns: SignIns): Operation =>
  unsigned(async (input) => {
    const { AccessToken, UserAttributes } = read(update, input);
    const owner = await signIns.ofAccessToken(AccessToken);
    const attributes = recordOf(UserAttributes);
    refuseFlags(attributes);
    return { CodeDeliveryDetailsList: writeAttributes(pools, owner, attributes) };
  });

export const deleteUserAttributes = (pools: UserPools, signIns: SignIns): Operation =>
  unsigned(async (input) => {
    const { AccessToken, UserAttributeNames } = read(removal, input);
    const owner = await signIns.ofAccessToken(AccessToken);
    refuseFlags(Object.fromEntries(UserAttributeNames.map((name) => [name, ""])));
    removeAttributes(pools, owner, UserAttributeNames);
    return {};
  });

export const getUserAttributeVerificationCode = (pools: UserPools, signIns: SignIns): Operation =>
  unsigned(async (input) => {
    const { pool, user } = await signIns.ofAccessToken(read(aboutCode, input).AccessToken);
    // A new address that waits for its proof is the one to prove.
    const address = user.codes.get("email")?.address ?? user.attributes.email;
    if (!address) throw invalidParameter("User does not have attribute email");
    pools.attempts.spend(nameOf(pool, user.username), "email");
    return { CodeDeliveryDetails: sendCode(pools, pool, user, { purpose: "email", address }) };
  });

export const verifyUserAttribute = (pools: UserPools, signIns: SignIns): Operation =>
  unsigned(async (input) => {
    const { AccessToken, Code } = read(proof, input);
    const owner = await signIns.ofAccessToken(AccessToken);
    const { address } = checkCode(pools, owner, "email", Code);
    const { user } = owner;
    user.codes.delete("email");
    updateUser(pools, user, { attributes: { ...user.attributes, email: address, email_verified: "true" } });
    return {};
  });
