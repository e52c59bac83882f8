/** Local DynamoDB: an engine that keeps items, behind IAM actions, units and time to live. */
import { AwsError, type LocalAws, type Operation, type Service, type Shape } from "../local-aws.ts";
import type { ResourceTypes } from "../resource.ts";
import { type AtomicEngine, openAtomicEngine } from "./atomic-engine.ts";
import { DYNALITE_OPERATIONS } from "./dynalite.ts";
import { openEndpoint } from "./endpoint.ts";
import type { Engine } from "./engine.ts";
import { createDeletionProtection } from "./deletion-protection.ts";
import { callMetered } from "./metering.ts";
import { permissionsOf } from "./permissions.ts";
import { tableResources } from "./table-resource.ts";
import { mapTableNames, nameOfTable } from "./table-name.ts";
import { createTimeToLive } from "./time-to-live.ts";

const OPERATIONS = [
  ...DYNALITE_OPERATIONS,
  "DescribeTimeToLive",
  "TransactGetItems",
  "TransactWriteItems",
  "UpdateTimeToLive",
];

/** What has to do with the protection of tables. */
const PROTECTED = ["CreateTable", "DeleteTable", "DescribeTable", "UpdateTable"];

export interface DynamodbOptions {
  /** Address of a DynamoDB to use instead of the one in process (DYNAMODB_ENDPOINT). */
  readonly endpoint?: string | undefined;
}

export interface Dynamodb {
  readonly service: Service;
  readonly resources: ResourceTypes;
  /** Makes the tables again that an earlier run has left; a DynamoDB of one's own keeps its own. */
  restore(): Promise<void>;
  /** Ends the deletion passes of time to live. */
  close(): void;
}

export function createDynamodb(localAws: LocalAws, { endpoint }: DynamodbOptions = {}): Dynamodb {
  const own = endpoint ? undefined : openOwnEngine(localAws);
  const engine: Engine = own ?? openEndpoint(endpoint ?? "", localAws.region);
  const timeToLive = createTimeToLive(localAws, engine);
  const protection = createDeletionProtection(localAws.store);

  async function call(operation: string, input: Shape): Promise<Shape> {
    const named = mapTableNames(input, nameOfTable);
    const table = named["TableName"] as string;
    if (PROTECTED.includes(operation)) return callOnTable(operation, table, named);
    if (!operation.endsWith("TimeToLive")) return callMetered(engine, localAws, operation, named);
    await engine.call("DescribeTable", { TableName: table });
    if (operation === "DescribeTimeToLive") return timeToLive.describe(table);
    return timeToLive.update(table, named["TimeToLiveSpecification"] as Shape);
  }

  async function callOnTable(operation: string, table: string, input: Shape): Promise<Shape> {
    const { DeletionProtectionEnabled: isProtected, ...others } = input;
    if (operation === "DeleteTable") {
      await engine.call("DescribeTable", { TableName: table });
      protection.refuseDeletion(table);
      timeToLive.forget(table);
    }
    // dynalite refuses an update without anything that it knows.
    const isOnlyThat = operation === "UpdateTable" && Object.keys(others).length === 1;
    const asked = isOnlyThat && isProtected !== undefined ? "DescribeTable" : operation;
    const reply = await callMetered(engine, localAws, asked, others);
    protection.set(table, isProtected);
    const { TableDescription, Table = TableDescription } = reply;
    return {
      [operation === "DescribeTable" ? "Table" : "TableDescription"]: protection.shown(Table as Shape),
    };
  }

  const operation = (name: string): Operation => ({
    permissions: (input) => permissionsOf(name, input, localAws),
    run: (input) => call(name, input),
  });

  return {
    service: {
      name: "dynamodb",
      operations: Object.fromEntries(OPERATIONS.map((name) => [name, operation(name)])),
      throttled: () =>
        new AwsError("ThrottlingException", "Rate of requests exceeds the allowed throughput."),
    },
    resources: tableResources(call, own?.redefine),
    restore: async () => own?.restore(),
    close: () => timeToLive.close(),
  };
}

const openOwnEngine = (localAws: LocalAws): AtomicEngine =>
  openAtomicEngine({
    account: localAws.account,
    region: localAws.region,
    store: localAws.store,
    now: () => localAws.clock.now(),
    onIndexWrite: (units) => localAws.meter("dynamodb:write-unit", units),
  });
