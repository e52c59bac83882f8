/** Phones of signed-in people that talk to the API in process: for demos and whole-call tests. */
import { signIn, type Username } from "./people.ts";
import type { PushMessage } from "../packages/local-aws/src/push-networks/push-networks.ts";
import type { Shape } from "../packages/local-aws/src/local-aws.ts";
import type { HttpResponse } from "../packages/local-aws/src/http-api/http-message.ts";
import type { Runtime } from "../packages/local-aws/src/runtime.ts";

export interface Reply {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly headers: HttpResponse["headers"];
}

export interface Phone {
  readonly owner: Username;
  readonly clientId: string;
  readonly deviceId: string;
  readonly accessToken: string;
  /** A command in the apps' envelope; `headers` beside those that each request has. */
  send(body: Shape, headers?: Readonly<Record<string, string>>): Promise<Reply>;
  /** What was pushed to it, oldest first. */
  pushes(): PushMessage[];
}

export interface PhoneOptions {
  /** Another phone of the same client. */
  readonly beside?: Phone;
  readonly deviceId?: string;
  /** Channel → push token. */
  readonly tokens?: Readonly<Record<string, string>>;
}

/** Signs in and registers every token. */
export async function phone(runtime: Runtime, owner: Username, options: PhoneOptions = {}): Promise<Phone> {
  const { deviceId = `${owner}s-phone`, beside, tokens = { GCM: deviceId } } = options;
  const accessToken = await signIn(runtime, owner);
  const send: Phone["send"] = (body, headers) =>
    request(runtime, accessToken, JSON.stringify(body), { headers });
  let clientId = beside?.clientId;
  for (const [notifyType, deviceToken] of Object.entries(tokens)) {
    const known = clientId === undefined ? {} : { clientId };
    const { status, body } = await send({ action: "register", notifyType, deviceToken, deviceId, ...known });
    if (status !== 200) throw new Error(`register: ${JSON.stringify(body)}`);
    clientId = String(body["id"]);
  }
  const arrived = (): PushMessage[] =>
    Object.values(tokens).flatMap((token) => runtime.pinpoint.inbox.read(token));
  return {
    owner,
    clientId: String(clientId),
    deviceId,
    accessToken,
    send,
    pushes: () => arrived().toSorted((one, other) => one.atMs - other.atMs),
  };
}

interface RequestOptions {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Any request to the API, as a phone would send it. */
export async function request(
  runtime: Runtime,
  accessToken: string | undefined,
  body: string,
  { method = "POST", path = "/", headers }: RequestOptions = {},
): Promise<Reply> {
  const reply = await runtime.http({
    method,
    path,
    query: "",
    headers: {
      "content-type": "application/json",
      ...(accessToken && { authorization: `Bearer ${accessToken}` }),
      ...headers,
    },
    ...(method !== "GET" && { body: Buffer.from(body) }),
    sourceIp: "127.0.0.1",
  });
  return {
    status: reply.status,
    body: JSON.parse(String(reply.body)) as Record<string, unknown>,
    headers: reply.headers,
  };
}
