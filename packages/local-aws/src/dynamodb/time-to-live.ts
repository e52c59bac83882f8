/**
 * Time to live: a pass every hour deletes what has expired. Until then expired items stay readable, as on AWS, where
 * it takes up to a few days. The pass is free of units.
 */
import { AwsError, type LocalAws, type Shape } from "../local-aws.ts";
import { asItIs } from "../store/store.ts";
import { type Engine, validationError } from "./engine.ts";

const PASS_EVERY_MS = 3_600_000;
/** AWS leaves items alone whose time is more than five years past: likely a mistake in the unit. */
const FIVE_YEARS_SECONDS = 5 * 365 * 86_400;

export interface TimeToLive {
  update(table: string, specification: Shape): Shape;
  describe(table: string): Shape;
  /** The table is deleted. */
  forget(table: string): void;
  close(): void;
}

/** An item whose time was moved between the scan and the deletion lives on. */
function unlessRenewed(error: unknown): void {
  if (error instanceof AwsError && error.code === "ConditionalCheckFailedException") return;
  throw error;
}

export function createTimeToLive({ clock, store }: LocalAws, engine: Engine): TimeToLive {
  const attributes = store.map("dynamodb.time-to-live", asItIs<string>());
  let cancel: (() => void) | undefined;
  let closed = false;

  function arm(): void {
    cancel = clock.after(PASS_EVERY_MS, () => {
      void clock.hold(() => Promise.all([...attributes].map(deleteExpired))).then(() => closed || arm());
    });
  }

  async function deleteExpired([table, attribute]: [string, string]): Promise<void> {
    const nowSeconds = Math.floor(clock.now() / 1000);
    const condition = {
      ExpressionAttributeNames: { "#expiry": attribute },
      ExpressionAttributeValues: {
        ":now": { N: String(nowSeconds) },
        ":oldest": { N: String(nowSeconds - FIVE_YEARS_SECONDS) },
      },
    };
    const expired = "#expiry <= :now AND #expiry > :oldest";
    const { Table: description } = await engine.call("DescribeTable", { TableName: table });
    const keys = (description as { KeySchema: { AttributeName: string }[] }).KeySchema;
    for (let from: unknown, first = true; first || from; first = false) {
      const page: Shape = { TableName: table, FilterExpression: expired, ...condition };
      const reply = await engine.call("Scan", from ? { ...page, ExclusiveStartKey: from } : page);
      for (const item of (reply["Items"] ?? []) as Shape[]) {
        const Key = Object.fromEntries(keys.map(({ AttributeName: name }) => [name, item[name]]));
        await engine
          .call("DeleteItem", { TableName: table, Key, ConditionExpression: expired, ...condition })
          .catch(unlessRenewed);
      }
      from = reply["LastEvaluatedKey"];
    }
  }

  if (attributes.size > 0) arm();

  return {
    update(table, specification) {
      const { Enabled: enabled, AttributeName: attribute } = specification;
      if (enabled === true && attributes.has(table)) throw validationError("TimeToLive is already enabled");
      if (enabled !== true && !attributes.has(table)) throw validationError("TimeToLive is already disabled");
      if (enabled === true) attributes.set(table, attribute as string);
      else attributes.delete(table);
      if (!cancel) arm();
      return { TimeToLiveSpecification: specification };
    },
    describe(table) {
      const AttributeName = attributes.get(table);
      const description = AttributeName
        ? { TimeToLiveStatus: "ENABLED", AttributeName }
        : { TimeToLiveStatus: "DISABLED" };
      return { TimeToLiveDescription: description };
    },
    forget: (table) => void attributes.delete(table),
    close() {
      closed = true;
      cancel?.();
    },
  };
}
