/**
 * Deletes the clients of a list and shows how it goes:
 *   npm run clients -- delete --file ids.txt [--dry-run] [--watch] [--stack Ringmaster] [--endpoint-url URL] [--region NAME]
 *   npm run clients -- watch --operation ID [--stack Ringmaster]
 *   npm run clients -- again --operation ID [--watch] [--stack Ringmaster]     runs a failed deletion again over its list
 * or signs a person out: disables the user, ends their calls, removes their phones, deletes their clients:
 *   npm run clients -- sign-out USERNAME [--watch] [--stack Ringmaster] [--endpoint-url URL] [--region NAME]
 * or writes each person's clients into their row, and lists the people who have several:
 *   npm run clients -- adopt [--dry-run] [--stack Ringmaster] [--endpoint-url URL] [--region NAME]
 */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { listedClients, listOf } from "../calls/client-list.ts";
import type { ClientId } from "../calls/ids.ts";
import { openAdopt } from "./adopt-client.ts";
import { adopt, adoptionReport } from "./adopt.ts";
import { type CleanUpClient, openCleanUp, type Progress } from "./clean-up-client.ts";
import { openSignOut, pointStoresAt, type SignOutConnection } from "./sign-out-client.ts";
import { signOut, signOutReport } from "./sign-out.ts";
import { troubleOf } from "./trouble.ts";

const USAGE = `npm run clients -- delete --file ids.txt [--dry-run] [--watch] [--stack Ringmaster] [--endpoint-url URL] [--region NAME]
npm run clients -- watch --operation ID [--stack Ringmaster]
npm run clients -- again --operation ID [--watch] [--stack Ringmaster]
npm run clients -- sign-out USERNAME [--watch] [--stack Ringmaster] [--endpoint-url URL] [--region NAME]
npm run clients -- adopt [--dry-run] [--stack Ringmaster] [--endpoint-url URL] [--region NAME]`;
const LOOK_EVERY_MS = 2_000;

/** JSON Lines of the list, and the lines that name no client: the command prints those instead of deleting anything. */
export function readList(text: string): { lines: string; ids: number; wrong: string[] } {
  const ids = new Set<ClientId>();
  const wrong: string[] = [];
  for (const item of listedClients(text)) {
    if ("clientId" in item) ids.add(item.clientId);
    else wrong.push(`line ${item.line}: ${item.text}`);
  }
  return { lines: listOf([...ids].map((clientId) => ({ clientId }))), ids: ids.size, wrong };
}

export interface Watching {
  readonly now: () => number;
  readonly pause: (milliseconds: number) => Promise<unknown>;
  readonly print: (text: string) => void;
}

/** Prints a line every two seconds until the operation is over. True if all went well. */
export async function watch(client: CleanUpClient, operationId: string, at: Watching): Promise<boolean> {
  const startedAtMs = at.now();
  for (;;) {
    const progress = await client.progress(operationId);
    at.print(lineOf(progress, (at.now() - startedAtMs) / 1_000));
    if (progress.isOver) {
      const report = await client.report(operationId);
      at.print(report ? JSON.stringify(report, undefined, 2) : "There is no report.");
      return !progress.hasFailed && report?.["failed"] === 0;
    }
    await at.pause(LOOK_EVERY_MS);
  }
}

function lineOf({ items, counts: { deleted, alreadyGone, failed } }: Progress, seconds: number): string {
  if (!items) return "reading the list";
  const { done, failed: inFailedBatches, total } = items;
  const dealtWith = done + inFailedBatches;
  const rate = seconds > 0 ? Math.round(dealtWith / seconds) : 0;
  const became = `deleted ${deleted}  already gone ${alreadyGone}  failed ${failed + inFailedBatches}`;
  return `${became}  remaining ${total - dealtWith}  of ${total}  ${rate} a second`;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      file: { type: "string" },
      operation: { type: "string" },
      "dry-run": { type: "boolean", default: false },
      watch: { type: "boolean", default: false },
      "endpoint-url": { type: "string" },
      region: { type: "string" },
      stack: { type: "string", default: "Ringmaster" },
    },
  });
  const [command, username] = positionals;
  const { file, operation, stack, watch: watches } = values;
  const connection = { endpoint: values["endpoint-url"], region: values.region };
  const client = async () => openCleanUp(connection, stack);
  if (command === "watch" && operation) return watchTo(await client(), operation);
  if (command === "again" && operation) return again(await client(), operation, watches);
  if (command === "adopt") {
    const dryRun = values["dry-run"];
    pointStoresAt(connection);
    const done = await adopt(await openAdopt({ ...connection, stackName: stack, dryRun }));
    return print(adoptionReport(done, dryRun));
  }
  const isDeletion = command === "delete" && file !== undefined;
  const isSignOut = command === "sign-out" && username !== undefined;
  if (!isDeletion && !isSignOut) throw new Error(USAGE);
  const list = isDeletion ? listIn(file) : undefined;
  const deletions = await client();
  const operationId = `cli-${new Date().toISOString().replaceAll(/\D/g, "").slice(0, 14)}-${randomBytes(3).toString("hex")}`;
  const begun = list
    ? await startDeletion(deletions, operationId, { ...list, dryRun: values["dry-run"] })
    : await startSignOut({ ...connection, stackName: stack, deletions, operationId }, String(username));
  if (watches && begun) await watchTo(deletions, operationId);
}

const print = (text: string): void => void process.stdout.write(`${text}\n`);

async function watchTo(client: CleanUpClient, operationId: string): Promise<never> {
  process.exit((await watch(client, operationId, { now: () => Date.now(), pause, print })) ? 0 : 1);
}

async function again(client: CleanUpClient, operationId: string, watches: boolean): Promise<void> {
  print(`Deleting the remaining clients of operation ${operationId}\n${await client.again(operationId)}`);
  if (watches) await watchTo(client, operationId);
}

function listIn(file: string): { lines: string; ids: number } {
  const { lines, ids, wrong } = readList(readFileSync(file, "utf8"));
  if (wrong.length > 0) throw new Error(`these lines name no client:\n${wrong.slice(0, 20).join("\n")}`);
  if (ids === 0) throw new Error(`${file} names no client`);
  return { lines, ids };
}

async function startDeletion(
  client: CleanUpClient,
  operationId: string,
  { lines, ids, dryRun }: { readonly lines: string; readonly ids: number; readonly dryRun: boolean },
): Promise<boolean> {
  const execution = await client.start(operationId, lines, dryRun);
  print(`${dryRun ? "Dry run for" : "Deleting"} ${ids} clients: operation ${operationId}\n${execution}`);
  return true;
}

/** True if clients are being deleted. */
async function startSignOut(connection: SignOutConnection, username: string): Promise<boolean> {
  pointStoresAt(connection);
  const done = await signOut(await openSignOut(connection), username);
  print(signOutReport(username, done));
  return done.operationId !== undefined;
}

if (import.meta.main) {
  await main().catch((error: unknown) => {
    process.stderr.write(`${troubleOf(error)}\n`);
    process.exit(1);
  });
}
