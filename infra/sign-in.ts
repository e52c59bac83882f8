/** Who may sign in: the user pool, the app's client and the group of operators. */
import { Duration, Stack } from "aws-cdk-lib";
import {
  AccountRecovery,
  type CfnUserPool,
  FeaturePlan,
  Mfa,
  UserPool,
  type UserPoolClient,
} from "aws-cdk-lib/aws-cognito";
import { Construct } from "constructs";
import { acknowledge } from "./acknowledge.ts";
import { fixLogicalId } from "./logical-id.ts";
import type { PeopleSettings } from "./people-settings.ts";
import { removalPolicy } from "./removal-policy.ts";
import type { Settings } from "./settings.ts";

/** The scope that Cognito gives every access token of a signed-in user, and no ID token. */
export const SIGNED_IN_SCOPE = "aws.cognito.signin.user.admin";

export type SignInSettings = Pick<Settings, "retain" | "deletionProtection"> & PeopleSettings;

export class SignIn extends Construct {
  readonly userPool: UserPool;
  readonly client: UserPoolClient;

  constructor(scope: Construct, id: string, settings: SignInSettings) {
    super(scope, id);
    this.userPool = this.#createUserPool(settings);
    const tokenValidity = Duration.minutes(settings.accessTokenMinutes);
    this.userPool.addGroup("operators", {
      groupName: "operators",
      description: "May delete any client and read any call",
    });
    fixLogicalId(this.userPool, "UserPool");
    this.client = this.userPool.addClient("app", {
      generateSecret: false,
      disableOAuth: true,
      authFlows: { userSrp: true, userPassword: true },
      accessTokenValidity: tokenValidity,
      idTokenValidity: tokenValidity,
      refreshTokenValidity: Duration.days(30),
      preventUserExistenceErrors: true,
      // It also puts `origin_jti` into tokens, which tells phones without a `deviceId` apart.
      enableTokenRevocation: true,
    });
    // Apps have its id built in.
    fixLogicalId(this.client, "AppClient");
  }

  #createUserPool(settings: SignInSettings): UserPool {
    const { retain, deletionProtection, signUp, userPoolTier } = settings;
    const userPool = new UserPool(this, "user-pool", {
      selfSignUpEnabled: signUp === "open",
      signInAliases: { username: true },
      signInCaseSensitive: false,
      standardAttributes: { email: { required: true, mutable: true } },
      autoVerify: { email: true },
      // Only a verified address recovers an account: a mistyped new one must not replace it.
      keepOriginal: { email: true },
      // The same e-mail brings the codes for a new account, a forgotten password and a new address.
      userVerification: { emailSubject: "Your code", emailBody: "Your code is {####}" },
      accountRecovery: AccountRecovery.EMAIL_ONLY,
      mfa: Mfa.OFF,
      featurePlan: FeaturePlan[userPoolTier],
      passwordPolicy: {
        minLength: 8,
        requireLowercase: true,
        requireUppercase: true,
        requireDigits: true,
        requireSymbols: true,
      },
      deletionProtection,
      removalPolicy: removalPolicy(retain),
    });
    this.#sendBySes(userPool, settings);
    acknowledge(
      userPool,
      "Whether people of a calling app use a second factor is the app's choice",
      "AwsSolutions-COG2",
    );
    acknowledge(
      userPool,
      "Threat protection needs the Plus tier, billed per active user: a choice of the team that deploys",
      "AwsSolutions-COG8",
    );
    return userPool;
  }

  /** CDK's own way needs to know the Region. */
  #sendBySes(userPool: UserPool, { sesFrom, sesIdentity }: SignInSettings): void {
    if (sesFrom === undefined || sesIdentity === undefined) return;
    const resource = userPool.node.defaultChild as CfnUserPool; // an L2's default child is its L1
    resource.emailConfiguration = {
      emailSendingAccount: "DEVELOPER",
      from: sesFrom,
      sourceArn: Stack.of(this).formatArn({
        service: "ses",
        resource: "identity",
        resourceName: sesIdentity,
      }),
    };
  }
}
