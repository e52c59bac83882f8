/** One call between two people, through the addresses in a deployed stack's outputs. */
import {
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  InitiateAuthCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { DescribeExecutionCommand, ExecutionDoesNotExist } from "@aws-sdk/client-sfn";
import type { Outputs } from "./deploy.ts";
import { type Emulator, waitFor } from "./emulator.ts";
import { sendCommand } from "./send-command.ts";
import type { Steps } from "./steps.ts";

const PASSWORD = "Rehearse-calls-1";
const PEOPLE = { alice: "rehearsal-alice", bob: "rehearsal-bob" } as const;
const EXECUTION_WAIT_MS = 30_000;

interface Phone {
  readonly name: string;
  readonly token: string;
  readonly clientId: string;
}

/** The order in which the report lists them, played or not. */
const TITLES = [
  "Alice and Bob sign in",
  "Their phones register",
  "Alice calls Bob",
  "Bob's phone rings",
  "Bob answers",
  "Alice hangs up",
  "The call's execution ends",
] as const;

export async function playCall(
  emulator: Emulator,
  outputs: Outputs | undefined,
  steps: Steps,
): Promise<void> {
  const left = [...TITLES];
  const next = () => left.shift() ?? "";
  const skipRest = () => left.forEach((title) => steps.skip(title));
  if (!outputs) return skipRest();
  const send = (phone: Pick<Phone, "token">, body: Record<string, unknown>) =>
    sendCommand({ endpoint: emulator.endpoint, apiUrl: outputs["ApiUrl"] ?? "", token: phone.token }, body);

  const tokens = await steps.play(next(), async () => {
    const value = {
      alice: await signIn(emulator, outputs, PEOPLE.alice),
      bob: await signIn(emulator, outputs, PEOPLE.bob),
    };
    return { value, said: "" };
  });
  if (!tokens) return skipRest();
  const phones = await steps.play(next(), async () => {
    const register = async (name: keyof typeof PEOPLE): Promise<Phone> => {
      const deviceToken = `${name}s-phone`;
      const command = { action: "register", notifyType: "GCM", deviceToken, deviceId: deviceToken };
      const { id } = await send({ token: tokens[name] }, command);
      return { name, token: tokens[name], clientId: String(id) };
    };
    return { value: { alice: await register("alice"), bob: await register("bob") }, said: "" };
  });
  if (!phones) return skipRest();
  const { alice, bob } = phones;
  const callId = await steps.play(next(), async () => {
    const call = { action: "initiateCall", callerId: alice.clientId, calleeId: bob.clientId };
    const reply = await send(alice, { ...call, deviceId: "alices-phone" });
    if (typeof reply["token"] !== "string") throw new Error("the reply holds no participant token");
    return { value: String(reply["callId"]), said: `call ${String(reply["callId"])}` };
  });
  if (callId === undefined) return skipRest();
  const command = async (title: string, phone: Phone, body: Record<string, unknown>) =>
    (await steps.play(title, async () => ({ value: await send(phone, { callId, ...body }), said: "" }))) !==
    undefined;
  const deviceId = "bobs-phone";
  if (!(await command(next(), bob, { action: "ackRinging", deviceId }))) return skipRest();
  if (!(await command(next(), bob, { action: "answerCall", deviceId }))) return skipRest();
  if (!(await command(next(), alice, { action: "endCall", clientId: alice.clientId }))) return skipRest();
  await steps.play(next(), () => executionEnds(emulator, outputs, callId));
}

async function signIn({ cognito }: Emulator, outputs: Outputs, Username: string): Promise<string> {
  const UserPoolId = outputs["UserPoolId"];
  const UserAttributes = [
    { Name: "email", Value: `${Username}@example.com` },
    { Name: "email_verified", Value: "true" },
  ];
  const user = { UserPoolId, Username, UserAttributes, MessageAction: "SUPPRESS" as const };
  await cognito.send(new AdminCreateUserCommand(user)).catch((error: unknown) => {
    if (!(error instanceof Error) || error.name !== "UsernameExistsException") throw error;
  });
  const password = { UserPoolId, Username, Password: PASSWORD, Permanent: true };
  await cognito.send(new AdminSetUserPasswordCommand(password));
  const { AuthenticationResult } = await cognito.send(
    new InitiateAuthCommand({
      AuthFlow: "USER_PASSWORD_AUTH",
      ClientId: outputs["UserPoolClientId"],
      AuthParameters: { USERNAME: Username, PASSWORD },
    }),
  );
  if (AuthenticationResult?.AccessToken === undefined) throw new Error("signing in gave no access token");
  return AuthenticationResult.AccessToken;
}

async function executionEnds(emulator: Emulator, outputs: Outputs, callId: string) {
  const executionArn = `${(outputs["CallWorkflowArn"] ?? "").replace(":stateMachine:", ":execution:")}:${callId}`;
  let last = "it was never started";
  const ended = await waitFor(emulator.waiting, EXECUTION_WAIT_MS, async () => {
    const execution = await executionAt(emulator, executionArn);
    if (execution) last = "it still runs";
    return execution?.status === "RUNNING" ? undefined : execution;
  });
  if (ended?.status === "SUCCEEDED") return { value: true, said: "SUCCEEDED" };
  if (!ended) throw new Error(`${last}, ${EXECUTION_WAIT_MS / 1000} s after the call`);
  throw new Error([ended.status, ended.error, ended.cause].filter(Boolean).join(": "));
}

/** Undefined until an event has started it. */
async function executionAt({ sfn }: Emulator, executionArn: string) {
  try {
    return await sfn.send(new DescribeExecutionCommand({ executionArn }));
  } catch (error) {
    if (error instanceof ExecutionDoesNotExist) return undefined;
    throw error;
  }
}
