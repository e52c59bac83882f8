/** Clients with a phone each, written straight into the tables; calls between some of them; and what is left of them. */
import { createHash } from "node:crypto";
import { PERSON, type Shape } from "../local/door.ts";
import type { Runtime } from "../local/runtime.ts";
import { dayOf, seenShard } from "../calls/clean-up.ts";

const BATCH = 25;

const text = (value: string) => ({ S: value });
const number = (value: number) => ({ N: String(value) });
const idOf = (index: number): string => {
  const hex = createHash("sha256").update(`client ${index}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

const aws = ({ door }: Runtime, service: string, operation: string, input: Shape): Promise<Shape> =>
  door.call({ service, operation, input, caller: PERSON });

/** As `register` would have written them: Alice's, so that one access token can make their calls. */
export async function plantClients(runtime: Runtime, amount: number): Promise<string[]> {
  const sub = await subOfAlice(runtime);
  const nowMs = runtime.door.clock.now();
  const ids = Array.from({ length: amount }, (_, index) => idOf(index));
  const [clients, devices] = [runtime.physicalId("ClientsTable"), runtime.physicalId("DevicesTable")];
  for (let from = 0; from < amount; from += BATCH) {
    const some = ids.slice(from, from + BATCH);
    await write(
      runtime,
      clients,
      some.map((id) => clientItem(id, sub, nowMs)),
    );
    await write(
      runtime,
      devices,
      some.map((id) => deviceItem(id, nowMs)),
    );
    await write(runtime, devices, some.map(tokenItem));
  }
  return ids;
}

const write = (runtime: Runtime, table: string, items: readonly Shape[]): Promise<Shape> =>
  aws(runtime, "dynamodb", "BatchWriteItem", {
    RequestItems: { [table]: items.map((Item) => ({ PutRequest: { Item } })) },
  });

async function subOfAlice(runtime: Runtime): Promise<string> {
  const input = { UserPoolId: runtime.outputs["UserPoolId"], Username: "alice" };
  const { UserAttributes } = await aws(runtime, "cognito-idp", "AdminGetUser", input);
  const attributes = UserAttributes as readonly { Name: string; Value: string }[];
  return attributes.find(({ Name }) => Name === "sub")?.Value ?? "";
}

const clientItem = (clientId: string, sub: string, nowMs: number): Shape => ({
  clientId: text(clientId),
  sub: text(sub),
  username: text("alice"),
  devices: { M: { phone: number(nowMs) } },
  revision: number(1),
  createdAtMs: number(nowMs),
  lastSeenAtMs: number(nowMs),
  registeredAtMs: number(nowMs),
  seenOnMs: number(dayOf(nowMs)),
  seenShard: text(seenShard(clientId)),
});

const deviceItem = (clientId: string, nowMs: number): Shape => ({
  pk: text(`client#${clientId}`),
  sk: text("device#phone"),
  clientId: text(clientId),
  deviceId: text("phone"),
  tokens: { M: { GCM: text(`token-of-${clientId}`) } },
  lastSeenAtMs: number(nowMs),
});

const tokenItem = (clientId: string): Shape => ({
  pk: text(`token#${createHash("sha256").update(`token-of-${clientId}`).digest("hex")}`),
  sk: text("token"),
  clientId: text(clientId),
});

/** The first client calls the second, the third the fourth, and so on: through REST, ringing. The ids of the calls. */
export async function startCalls(
  runtime: Runtime,
  accessToken: string,
  clients: readonly string[],
  amount: number,
): Promise<string[]> {
  const calls: string[] = [];
  for (let index = 0; index < amount; index += 1) {
    const [callerId, calleeId] = clients.slice(2 * index);
    const body = Buffer.from(JSON.stringify({ action: "initiateCall", callerId, calleeId }));
    const headers = { authorization: `Bearer ${accessToken}`, "content-type": "application/json" };
    const reply = await runtime.http({
      method: "POST",
      path: "/",
      query: "",
      headers,
      body,
      sourceIp: "127.0.0.1",
    });
    const { callId } = JSON.parse(String(reply.body)) as { callId?: string };
    if (callId === undefined) throw new Error(`call ${index} was refused: ${String(reply.body)}`);
    calls.push(callId);
  }
  return calls;
}

/** Rows of clients and devices, calls that are not closed, stages still leased. */
export async function whatIsLeft(runtime: Runtime, calls: readonly string[]): Promise<string[]> {
  const rows = async (table: string): Promise<Shape[]> =>
    (await aws(runtime, "dynamodb", "Scan", { TableName: runtime.physicalId(table) }))["Items"] as Shape[];
  const open = (await rows("CallsTable")).filter(
    (item) => calls.includes((item["pk"] as { S: string }).S) && item["cleanedUpAtMs"] === undefined,
  );
  const leased = (await rows("StagesTable")).filter(
    (item) => (item["status"] as { S: string }).S === "leased",
  );
  return [
    ...(await rows("ClientsTable")).map((item) => `client ${JSON.stringify(item["clientId"])}`),
    ...(await rows("DevicesTable")).map((item) => `device ${JSON.stringify(item["pk"])}`),
    ...open.map((item) => `call ${JSON.stringify(item["pk"])}`),
    ...leased.map((item) => `stage ${JSON.stringify(item["stageId"])}`),
  ];
}
