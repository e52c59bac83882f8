/**
 * All clients with their phones, and all people of the directory. Both tables are read whole, once in a
 * while, because no index finds any part of a name, a user name or a device. What is kept of each is some hundred bytes.
 */
import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { deviceOfKey } from "../../calls/device-key.ts";
import { clientIdSchema } from "../../calls/ids.ts";
import { fullName } from "../../people/name-text.ts";
import { projectionOf } from "./batch-get.ts";
import { folded } from "./folded.ts";
import type { Everyone, Someone } from "./memory.ts";
import type { Reading } from "./reading.ts";

/** Of each table: a page is a megabyte. */
const MOST_PAGES = 40;

const clientSchema = z.object({
  clientId: clientIdSchema,
  sub: z.string(),
  username: z.string(),
  devices: z.record(z.string(), z.unknown()),
  lastSeenAtMs: z.number(),
  registeredAtMs: z.number().optional(),
});
type StoredClient = z.output<typeof clientSchema>;
const personSchema = z.object({ owner: z.string(), firstName: z.string(), lastName: z.string() });

export async function everyone(reading: Reading): Promise<Everyone> {
  const known = reading.memory.everyone.get("");
  if (known) return known;
  const { tables } = reading.stack;
  const [clients, people] = await Promise.all([
    scanned(reading, tables.clients, clientSchema),
    scanned(reading, tables.people, personSchema),
  ]);
  const names = new Map(people.items.map((person) => [person.owner, fullName(person)]));
  const withClient = new Set(clients.items.map(({ sub }) => sub));
  const all = [
    ...clients.items.map((client) => ofClient(client, names.get(client.sub) ?? "")),
    ...[...names].flatMap(([sub, name]) => (withClient.has(sub) ? [] : [ofPerson(sub, name)])),
  ].toSorted(byName);
  const found: Everyone = {
    all,
    bySub: new Map(all.map((one) => [one.sub, one])),
    isWhole: clients.isWhole && people.isWhole,
  };
  reading.memory.everyone.set("", found);
  return found;
}

const byName = (one: Someone, other: Someone): number =>
  Number(one.name === "") - Number(other.name === "") ||
  compare(folded(one.name), folded(other.name)) ||
  compare(one.username, other.username) ||
  compare(one.clientId ?? "", other.clientId ?? "");

const compare = (one: string, other: string): number => (one < other ? -1 : Number(one > other));

function ofClient(client: StoredClient, name: string): Someone {
  const { clientId, sub, username, devices, lastSeenAtMs, registeredAtMs = 0 } = client;
  const deviceIds = Object.keys(devices).map(deviceOfKey);
  return {
    clientId,
    sub,
    name,
    username,
    deviceIds,
    lastSeenAtMs: Math.max(lastSeenAtMs, registeredAtMs),
    text: folded([name, username, clientId, ...deviceIds].join("\n")),
  };
}

const ofPerson = (sub: string, name: string): Someone => ({
  sub,
  name,
  username: "",
  deviceIds: [],
  lastSeenAtMs: 0,
  text: folded(name),
});

/** Each word is somewhere in what is known of the person. */
export function fits({ text }: Someone, words: readonly string[], email = ""): boolean {
  const mail = folded(email);
  return words.every((word) => text.includes(word) || mail.includes(word));
}

async function scanned<Shape extends z.ZodRawShape>(
  { documents }: Reading,
  TableName: string,
  schema: z.ZodObject<Shape>,
): Promise<{ readonly items: z.output<z.ZodObject<Shape>>[]; readonly isWhole: boolean }> {
  const items: z.output<z.ZodObject<Shape>>[] = [];
  let after: Record<string, unknown> | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const scan: ScanCommand = new ScanCommand({
      TableName,
      ...projectionOf(Object.keys(schema.shape)),
      ExclusiveStartKey: after,
    });
    const { Items = [], LastEvaluatedKey } = await documents.send(scan);
    for (const item of Items) {
      const parsed = schema.safeParse(item);
      if (parsed.success) items.push(parsed.data);
    }
    after = LastEvaluatedKey;
    if (!after) return { items, isWhole: true };
  }
  return { items, isWhole: false };
}
