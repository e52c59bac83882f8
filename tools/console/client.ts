/** `clients/<clientId>`: one client, with what its owner set, its phones, its calls, and what its phones were told. */
import { GetCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { type Call, legsOf } from "../../calls/call.ts";
import { type Client, clientSchema } from "../../calls/client.ts";
import { deviceOfKey } from "../../calls/device-key.ts";
import { deviceSchema } from "../../calls/device.ts";
import { type ClientId, clientIdSchema } from "../../calls/ids.ts";
import { clientPartition, DEVICE_PREFIX } from "../../handlers/store/tables.ts";
import { latestOfClient } from "./calls-of-client.ts";
import { clientRows } from "./clients.ts";
import type { Reading } from "./reading.ts";
import { ViewProblem } from "./view-problem.ts";
import type { ClientPush, ClientView } from "./views.ts";

const LAST_CALLS = 20;

export async function readClient(reading: Reading, id: string): Promise<ClientView> {
  const parsed = clientIdSchema.safeParse(id);
  const client = parsed.success ? await storedClient(reading, parsed.data) : undefined;
  const [row] = client ? await clientRows(reading, [client]) : [];
  if (!client || !row) throw new ViewProblem(404, "There is no such client", `client ${id} is not stored`);
  const [devices, { rows, calls }] = await Promise.all([
    devicesOf(reading, client.clientId),
    latestOfClient(reading, { client: client.clientId }, LAST_CALLS),
  ]);
  const { doNotDisturbUntilMs, lostDevices = [] } = client;
  return {
    ...row,
    blockedIds: Object.keys(client.blocked ?? {}),
    ...(doNotDisturbUntilMs !== undefined && { doNotDisturbUntilMs }),
    devices,
    lostDevices,
    calls: rows,
    pushes: calls
      .flatMap((call) => pushesTo(client.clientId, call))
      .toSorted((one, other) => other.atMs - one.atMs),
  };
}

async function storedClient({ documents, stack }: Reading, clientId: ClientId): Promise<Client | undefined> {
  const { Item } = await documents.send(
    new GetCommand({ TableName: stack.tables.clients, Key: { clientId } }),
  );
  return Item && clientSchema.parse(Item);
}

/** The items contain the tokens; only their channels go on to the page. */
async function devicesOf({ documents, stack }: Reading, clientId: ClientId): Promise<ClientView["devices"]> {
  const query = new QueryCommand({
    TableName: stack.tables.devices,
    KeyConditionExpression: "pk = :pk AND begins_with(sk, :device)",
    ExpressionAttributeValues: { ":pk": clientPartition(clientId), ":device": DEVICE_PREFIX },
  });
  const { Items = [] } = await documents.send(query);
  return Items.map((item) => {
    const { deviceId, tokens, lastSeenAtMs } = deviceSchema.parse(item);
    return { deviceId, channels: Object.keys(tokens), lastSeenAtMs };
  });
}

const pushesTo = (clientId: ClientId, call: Call): ClientPush[] =>
  legsOf(call)
    .filter((leg) => leg.clientId === clientId)
    .flatMap(({ devices }) =>
      Object.entries(devices).flatMap(([key, { pushes, ringingAtMs }]) =>
        Object.entries(pushes).map(([type, push]) => ({
          callId: call.callId,
          deviceId: deviceOfKey(key),
          type,
          ...push,
          ...(type === "incoming_call" && ringingAtMs !== undefined && { ringingAtMs }),
        })),
      ),
    );
