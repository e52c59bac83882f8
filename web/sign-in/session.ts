/** Signing in to the stack's user pool with the stock Amplify client: what both pages share. */
import { Amplify } from "aws-amplify";
import {
  confirmSignUp,
  fetchAuthSession,
  getCurrentUser,
  resendSignUpCode,
  signIn,
  signOut,
  signUp,
} from "aws-amplify/auth";
import { cognitoUserPoolsTokenProvider } from "aws-amplify/auth/cognito";
import { sessionStorage as tabStorage } from "aws-amplify/utils";
import type { SiteConfig } from "../site-config.ts";

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Where the session goes next. A refusal of Cognito's is thrown as Amplify's AuthError, whose message is for people. */
export type SignInStep = "signed-in" | "confirm-email";

export interface Session {
  /** The name of the signed-in user; undefined without one. */
  username(): Promise<string | undefined>;
  /** The user pool's own id of the signed-in user: `sub`. */
  userId(): Promise<string>;
  /** Fresh for at least a while: Amplify refreshes it when it has run out, or when it is asked to. */
  accessToken(wanted?: { readonly refresh: boolean }): Promise<string>;
  isOperator(): Promise<boolean>;
  signIn(credentials: Credentials): Promise<SignInStep>;
  signUp(newcomer: Credentials & { readonly email: string }): Promise<SignInStep>;
  confirm(username: string, code: string): Promise<void>;
  resendCode(username: string): Promise<void>;
  signOut(): Promise<void>;
}

export type SignInConfig = Pick<SiteConfig, "userPoolId" | "userPoolClientId" | "cognitoUrl">;

interface SessionOptions {
  /** Each tab is signed in by itself, so that two people can call each other in one browser. */
  readonly perTab: boolean;
}

export function openSession(config: SignInConfig, { perTab }: SessionOptions): Session {
  const { userPoolId, userPoolClientId, cognitoUrl } = config;
  const userPoolEndpoint = cognitoUrl && { userPoolEndpoint: cognitoUrl };
  Amplify.configure({
    Auth: { Cognito: { userPoolId, userPoolClientId, ...userPoolEndpoint } },
  });
  if (perTab) cognitoUserPoolsTokenProvider.setKeyValueStorage(tabStorage);

  const tokens = async (forceRefresh = false) => (await fetchAuthSession({ forceRefresh })).tokens;
  return {
    async username() {
      return (await tokens()) && (await getCurrentUser()).username;
    },
    async userId() {
      return (await getCurrentUser()).userId;
    },
    async accessToken({ refresh } = { refresh: false }) {
      const token = (await tokens(refresh))?.accessToken;
      if (!token) throw new Error("No user is signed in.");
      return token.toString();
    },
    async isOperator() {
      const groups = (await tokens())?.accessToken.payload["cognito:groups"];
      return Array.isArray(groups) && groups.includes("operators");
    },
    async signIn({ username, password }) {
      const { nextStep } = await signIn({ username, password });
      if (nextStep.signInStep === "DONE") return "signed-in";
      if (nextStep.signInStep === "CONFIRM_SIGN_UP") return "confirm-email";
      throw new Error(`Signing in needs a step this page has not: ${nextStep.signInStep}`);
    },
    async signUp({ username, password, email }) {
      await signUp({ username, password, options: { userAttributes: { email } } });
      return "confirm-email";
    },
    async confirm(username, confirmationCode) {
      await confirmSignUp({ username, confirmationCode });
    },
    async resendCode(username) {
      await resendSignUpCode({ username });
    },
    signOut: () => signOut(),
  };
}
