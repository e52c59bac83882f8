/** What an operator does with a user that exists: get, confirm, sign out, disable, change, delete. */
import * as z from "zod";
import type { Operation, Shape } from "../local-aws.ts";
import { attributeList, attributesOf, recordOf, writeAttributes } from "./attributes.ts";
import { sendCode } from "./codes.ts";
import { unreachable } from "./forgot-password.ts";
import { notAuthorized } from "./refusals.ts";
import { read, signed } from "./request.ts";
import type { SignIns } from "./sign-ins.ts";
import { forgetUser } from "./user-pools.ts";
import type { User, UserPool, UserPools } from "./user-pools.ts";
import {
  confirmUser,
  describeUser,
  requireUser,
  setPassword,
  setTemporaryPassword,
  updateUser,
  userRequest,
} from "./users.ts";

const passwordRequest = userRequest.extend({ Password: z.string(), Permanent: z.boolean().default(false) });
const updateRequest = userRequest.extend({ UserAttributes: attributeList });

/** An operation that says nothing about the user it has changed. */
const changing = (
  pools: UserPools,
  action: string,
  change: (found: { readonly pool: UserPool; readonly user: User }, input: Shape) => void,
): Operation =>
  signed(pools, action, (input) => {
    change(requireUser(pools, read(userRequest, input)), input);
    return {};
  });

export const adminGetUser = (pools: UserPools): Operation =>
  signed(pools, "AdminGetUser", (input) => {
    const { user } = requireUser(pools, read(userRequest, input));
    return { ...describeUser(user), UserAttributes: attributesOf(user) };
  });

export const adminConfirmSignUp = (pools: UserPools): Operation =>
  changing(pools, "AdminConfirmSignUp", ({ pool, user }) => {
    if (user.status !== "UNCONFIRMED") {
      throw notAuthorized(`User cannot be confirmed. Current status is ${user.status}`);
    }
    const { attributes } = user;
    confirmUser(pools, pool, user);
    // Only a code proves the address; an operator's word does not.
    updateUser(pools, user, { attributes });
  });

export const adminSetUserPassword = (pools: UserPools): Operation =>
  changing(pools, "AdminSetUserPassword", ({ pool, user }, input) => {
    const { Password, Permanent } = read(passwordRequest, input);
    if (!Permanent) return setTemporaryPassword(pools, pool, user, Password);
    setPassword(pools, pool, user, Password);
    updateUser(pools, user, { status: "CONFIRMED" });
  });

/** The old password works no more; the code sets a new one by ConfirmForgotPassword. */
export const adminResetUserPassword = (pools: UserPools): Operation =>
  changing(pools, "AdminResetUserPassword", ({ pool, user }) => {
    if (user.status !== "CONFIRMED" && user.status !== "RESET_REQUIRED") {
      throw notAuthorized("User password cannot be reset in the current state.");
    }
    const why = unreachable(user);
    if (why) throw why;
    updateUser(pools, user, { status: "RESET_REQUIRED" });
    sendCode(pools, pool, user, { purpose: "password", address: String(user.attributes.email) });
  });

export const adminUpdateUserAttributes = (pools: UserPools): Operation =>
  changing(pools, "AdminUpdateUserAttributes", (found, input) => {
    writeAttributes(pools, found, recordOf(read(updateRequest, input).UserAttributes));
  });

export const adminEnableUser = (pools: UserPools): Operation =>
  changing(pools, "AdminEnableUser", ({ user }) => updateUser(pools, user, { enabled: true }));

export const adminDisableUser = (pools: UserPools, signIns: SignIns): Operation =>
  changing(pools, "AdminDisableUser", ({ user }) => {
    updateUser(pools, user, { enabled: false });
    signIns.revokeAll(user);
  });

export const adminUserGlobalSignOut = (pools: UserPools, signIns: SignIns): Operation =>
  changing(pools, "AdminUserGlobalSignOut", ({ user }) => signIns.revokeAll(user));

export const adminDeleteUser = (pools: UserPools, signIns: SignIns): Operation =>
  changing(pools, "AdminDeleteUser", ({ pool, user }) => {
    signIns.revokeAll(user);
    forgetUser(pool, user);
  });
