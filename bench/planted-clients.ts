/** Clients with a phone each, written directly into the tables, and what a deletion leaves of them. */
import { createHash } from "node:crypto";
import { clientPartition, deviceKey, tokenKey } from "../handlers/store/tables.ts";
import { PERSON, type Shape } from "../packages/local-aws/src/local-aws.ts";
import type { Runtime } from "../packages/local-aws/src/runtime.ts";
import { dayOf, seenShard } from "../calls/clean-up.ts";

const BATCH = 25;

const text = (value: string) => ({ S: value });
const keyOf = ({ pk, sk }: { pk: string; sk: string }) => ({ pk: text(pk), sk: text(sk) });
const number = (value: number) => ({ N: String(value) });
const idOf = (index: number): string => {
  const hex = createHash("sha256").update(`client ${index}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

const aws = ({ localAws }: Runtime, service: string, operation: string, input: Shape): Promise<Shape> =>
  localAws.call({ service, operation, input, caller: PERSON });

/** Rows as `register` writes them, all owned by Alice, so that one access token can make their calls. */
export async function plantClients(runtime: Runtime, amount: number): Promise<string[]> {
  const sub = await subOfAlice(runtime);
  const nowMs = runtime.localAws.clock.now();
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
  ...keyOf(deviceKey(clientId, "phone")),
  clientId: text(clientId),
  deviceId: text("phone"),
  tokens: { M: { GCM: text(`token-of-${clientId}`) } },
  lastSeenAtMs: number(nowMs),
});

const tokenItem = (clientId: string): Shape => ({
  ...keyOf(tokenKey(createHash("sha256").update(`token-of-${clientId}`).digest("hex"))),
  clientId: text(clientId),
});

/** Remaining rows of clients, devices and past calls, calls that are not closed, and leased stages: the first few of each. */
export async function whatIsLeft(runtime: Runtime, calls: ReadonlySet<string>): Promise<string[]> {
  const left: string[] = [];
  const look = async (table: string, tell: (item: Item) => string | undefined): Promise<void> => {
    let told = 0;
    for await (const item of rows(runtime, table)) {
      const line = told < MOST_TOLD ? tell(item) : undefined;
      if (line !== undefined) [told] = [told + 1, left.push(line)];
    }
  };
  await look("ClientsTable", ({ clientId }) => `client ${clientId?.S}`);
  await look("DevicesTable", ({ pk }) => `device ${pk?.S}`);
  await look("CallsTable", ({ pk, cleanedUpAtMs }) => {
    if (pk?.S?.startsWith(clientPartition(""))) return `past call of ${pk.S}`;
    return pk?.S && calls.has(pk.S) && !cleanedUpAtMs ? `call ${pk.S}` : undefined;
  });
  await look("StagesTable", ({ stageId, status }) =>
    status?.S === "leased" ? `stage ${stageId?.S}` : undefined,
  );
  return left;
}

type Item = Readonly<Record<string, { readonly S?: string } | undefined>>;
const MOST_TOLD = 20;

async function* rows(runtime: Runtime, table: string): AsyncGenerator<Item> {
  const TableName = runtime.physicalId(table);
  let ExclusiveStartKey: unknown;
  do {
    const more = ExclusiveStartKey === undefined ? {} : { ExclusiveStartKey };
    const page = await aws(runtime, "dynamodb", "Scan", { TableName, ...more });
    yield* page["Items"] as Item[];
    ExclusiveStartKey = page["LastEvaluatedKey"];
  } while (ExclusiveStartKey !== undefined);
}
