/** The ready-made people of a local runtime, and signing in as one of them. */
import { PERSON } from "../packages/local-aws/src/local-aws.ts";
import type { Runtime } from "../packages/local-aws/src/runtime.ts";

export const PEOPLE = [
  { username: "alice", password: "Alice-calls-1", email: "alice@example.com" },
  { username: "bob", password: "Bob-answers-1", email: "bob@example.com" },
  { username: "carol", password: "Carol-joins-1", email: "carol@example.com" },
  { username: "dave", password: "Dave-listens-1", email: "dave@example.com" },
  { username: "olivia", password: "Olivia-looks-1", email: "olivia@example.com", groups: ["operators"] },
] as const;

export type Username = (typeof PEOPLE)[number]["username"];

/** In the stack's own pool: a pool of an earlier stack may exist beside it. */
export async function createPeople({ cognito, outputs }: Runtime): Promise<void> {
  const { UserPoolId: poolId } = outputs;
  for (const person of PEOPLE) await cognito.createConfirmedUser({ ...person, poolId });
}

/** Signs in by password and returns the access token. */
export async function signIn(runtime: Runtime, username: Username): Promise<string> {
  const password = PEOPLE.find((person) => person.username === username)?.password ?? "";
  return signInWith(runtime, username, password);
}

export async function signInWith(runtime: Runtime, username: string, password: string): Promise<string> {
  const reply = await runtime.localAws.call({
    service: "cognito-idp",
    operation: "InitiateAuth",
    caller: PERSON,
    input: {
      AuthFlow: "USER_PASSWORD_AUTH",
      ClientId: runtime.outputs["UserPoolClientId"],
      AuthParameters: { USERNAME: username, PASSWORD: password },
    },
  });
  const { AccessToken } = reply["AuthenticationResult"] as { AccessToken: string };
  return AccessToken;
}
