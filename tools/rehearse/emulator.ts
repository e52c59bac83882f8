/** An AWS emulator at one address: its clients, and how long to wait for it. */
import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { CognitoIdentityProviderClient } from "@aws-sdk/client-cognito-identity-provider";
import { S3Client } from "@aws-sdk/client-s3";
import { SFNClient } from "@aws-sdk/client-sfn";
import { type SendSigned, signedRequests } from "../signed-requests.ts";

export interface Waiting {
  readonly now: () => number;
  readonly pause: (milliseconds: number) => Promise<unknown>;
}

export interface Emulator {
  readonly endpoint: string;
  readonly region: string;
  readonly account: string;
  readonly s3: S3Client;
  readonly cloudFormation: CloudFormationClient;
  readonly cognito: CognitoIdentityProviderClient;
  readonly sfn: SFNClient;
  readonly send: SendSigned;
  readonly waiting: Waiting;
}

/** Emulators take any credentials; all requests with these belong to one account. */
const CREDENTIALS = { accessKeyId: "test", secretAccessKey: "test" };

export async function openEmulator(endpoint: string, region: string, waiting: Waiting): Promise<Emulator> {
  const settings = { endpoint, region, credentials: CREDENTIALS, forcePathStyle: true, maxAttempts: 1 };
  const cloudFormation = new CloudFormationClient(settings);
  const send = signedRequests(cloudFormation);
  return {
    endpoint,
    region,
    account: await accountOf(send),
    s3: new S3Client(settings),
    cloudFormation,
    cognito: new CognitoIdentityProviderClient(settings),
    sfn: new SFNClient(settings),
    send,
    waiting,
  };
}

const USUAL_ACCOUNT = "000000000000";

async function accountOf(send: SendSigned): Promise<string> {
  const text = await send({
    host: "sts",
    service: "sts",
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: "Action=GetCallerIdentity&Version=2011-06-15",
  });
  return /<Account>(\d{12})</.exec(text)?.[1] ?? USUAL_ACCOUNT;
}

/** Tries each second until there is an answer; undefined when the time is over. */
export async function waitFor<T>(
  { now, pause }: Waiting,
  forMs: number,
  look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const untilMs = now() + forMs;
  for (;;) {
    const found = await look();
    if (found !== undefined || now() >= untilMs) return found;
    await pause(1_000);
  }
}
