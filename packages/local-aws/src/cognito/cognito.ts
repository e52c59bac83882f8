/** Amazon Cognito user pools: sign-up, sign-in by SRP or password, and the tokens that the HTTP API accepts. */
import type { JSONWebKeySet } from "jose";
import type { LocalAws, Service } from "../local-aws.ts";
import type { ResourceTypes } from "../resource.ts";
import { adminCreateUser } from "./admin-create-user.ts";
import {
  adminConfirmSignUp,
  adminDeleteUser,
  adminDisableUser,
  adminEnableUser,
  adminGetUser,
  adminResetUserPassword,
  adminSetUserPassword,
  adminUpdateUserAttributes,
  adminUserGlobalSignOut,
} from "./admin-users.ts";
import { confirmSignUp } from "./confirm-sign-up.ts";
import {
  describeUserPool,
  describeUserPoolClient,
  listUserPoolClients,
  listUserPools,
} from "./describe-pools.ts";
import { confirmForgotPassword, forgotPassword } from "./forgot-password.ts";
import { adminAddUserToGroup, adminRemoveUserFromGroup, listUsersInGroup } from "./groups.ts";
import { initiateAuth } from "./initiate-auth.ts";
import { listUsers } from "./list-users.ts";
import type { Mail } from "./mailboxes.ts";
import { poolResources } from "./pool-resources.ts";
import { notFound } from "./refusals.ts";
import { resendConfirmationCode } from "./resend-confirmation-code.ts";
import { respondToAuthChallenge } from "./respond-to-auth-challenge.ts";
import { createSignIns } from "./sign-ins.ts";
import type { SignIns } from "./sign-ins.ts";
import { signUp } from "./sign-up.ts";
import {
  changePassword,
  deleteUser,
  getTokensFromRefreshToken,
  getUser,
  globalSignOut,
  revokeToken,
} from "./signed-in-users.ts";
import {
  deleteUserAttributes,
  getUserAttributeVerificationCode,
  updateUserAttributes,
  verifyUserAttribute,
} from "./user-attributes.ts";
import { createUserPools, keepUser } from "./user-pools.ts";
import type { UserPools } from "./user-pools.ts";
import { addUser } from "./users.ts";
import { keySetOf, wellKnown } from "./well-known.ts";
import type { WellKnown } from "./well-known.ts";

export interface ConfirmedUser {
  /** The only pool, unless named. */
  readonly poolId?: string;
  readonly username: string;
  readonly password: string;
  readonly email: string;
  readonly groups?: readonly string[];
}

export interface Cognito {
  readonly service: Service;
  readonly resources: ResourceTypes;
  /** The public keys of an issuer; undefined if it is none of these pools. */
  jwksOf(issuer: string): JSONWebKeySet | undefined;
  /** The answer to `GET /<pool id>/.well-known/…`; undefined if the path is another one. */
  wellKnown(path: string): WellKnown | undefined;
  /** The e-mails that this user would have got, oldest first. */
  mailOf(username: string): readonly Mail[];
  createConfirmedUser(wanted: ConfirmedUser): Promise<void>;
}

export function createCognito(localAws: LocalAws): Cognito {
  const pools = createUserPools(localAws);
  const signIns = createSignIns(pools);
  const operations = {
    SignUp: signUp(pools),
    ConfirmSignUp: confirmSignUp(pools),
    ResendConfirmationCode: resendConfirmationCode(pools),
    InitiateAuth: initiateAuth(pools, signIns),
    RespondToAuthChallenge: respondToAuthChallenge(pools, signIns),
    GetTokensFromRefreshToken: getTokensFromRefreshToken(pools, signIns),
    GetUser: getUser(signIns),
    ChangePassword: changePassword(pools, signIns),
    RevokeToken: revokeToken(pools, signIns),
    GlobalSignOut: globalSignOut(signIns),
    DeleteUser: deleteUser(signIns),
    ForgotPassword: forgotPassword(pools),
    ConfirmForgotPassword: confirmForgotPassword(pools),
    UpdateUserAttributes: updateUserAttributes(pools, signIns),
    DeleteUserAttributes: deleteUserAttributes(pools, signIns),
    GetUserAttributeVerificationCode: getUserAttributeVerificationCode(pools, signIns),
    VerifyUserAttribute: verifyUserAttribute(pools, signIns),
    ...operationsOfOperators(pools, signIns),
  };
  return {
    service: { name: "cognito-idp", operations },
    resources: poolResources(pools),
    jwksOf(issuer) {
      const pool = [...pools.pools.values()].find((candidate) => candidate.issuer === issuer);
      return pool && keySetOf(pool);
    },
    mailOf: (username) => pools.mail.read(username),
    wellKnown: (path) => wellKnown(pools, path),
    // Promised, so that a store on disk may take its place.
    createConfirmedUser: async (wanted) => addConfirmedUser(pools, wanted),
  };
}

const operationsOfOperators = (pools: UserPools, signIns: SignIns): Service["operations"] => ({
  AdminCreateUser: adminCreateUser(pools),
  AdminGetUser: adminGetUser(pools),
  AdminConfirmSignUp: adminConfirmSignUp(pools),
  AdminSetUserPassword: adminSetUserPassword(pools),
  AdminResetUserPassword: adminResetUserPassword(pools),
  AdminUpdateUserAttributes: adminUpdateUserAttributes(pools),
  AdminEnableUser: adminEnableUser(pools),
  AdminDisableUser: adminDisableUser(pools, signIns),
  AdminUserGlobalSignOut: adminUserGlobalSignOut(pools, signIns),
  AdminDeleteUser: adminDeleteUser(pools, signIns),
  ListUsersInGroup: listUsersInGroup(pools),
  AdminAddUserToGroup: adminAddUserToGroup(pools),
  AdminRemoveUserFromGroup: adminRemoveUserFromGroup(pools),
  ListUsers: listUsers(pools),
  DescribeUserPool: describeUserPool(pools),
  DescribeUserPoolClient: describeUserPoolClient(pools),
  ListUserPools: listUserPools(pools),
  ListUserPoolClients: listUserPoolClients(pools),
});

function addConfirmedUser(pools: UserPools, wanted: ConfirmedUser): void {
  const { username, password, email, groups = [] } = wanted;
  const pool = pools.pool(wanted.poolId ?? onlyPoolId(pools));
  const unknown = groups.find((group) => !pool.groups.has(group));
  if (unknown !== undefined) throw notFound(`Group ${unknown} not found.`);
  const attributes = [
    { Name: "email", Value: email },
    { Name: "email_verified", Value: "true" },
  ];
  const user = addUser(pools, pool, { username, password, attributes, status: "CONFIRMED" });
  for (const group of groups) user.groups.add(group);
  keepUser(pool, user);
}

function onlyPoolId({ pools }: UserPools): string {
  const [id, ...others] = pools.keys();
  if (id === undefined || others.length > 0) throw new Error(`name one of the ${pools.size} user pools`);
  return id;
}
