/** What a changed template does to the resources of an earlier run. */
import "../stack-sources.ts";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import type { Template } from "../../packages/local-aws/src/cloudformation/assembly.ts";
import { startLastingWorld, type LastingWorld } from "./lasting-world.ts";

type Changeable = { Resources: Record<string, { Type: string; Properties: Record<string, unknown> }> };

let lasting: LastingWorld;
let root: string;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "updates-"));
  lasting = await startLastingWorld();
});

afterEach(async () => {
  await lasting[Symbol.asyncDispose]();
  rmSync(root, { recursive: true });
});

/** A copy of the assembly with a changed template. */
function assemblyWith(change: (template: Changeable) => void): string {
  cpSync(inject("assembly"), root, { recursive: true });
  const file = join(root, readdirSync(root).find((name) => name.endsWith(".template.json")) ?? "");
  const template = JSON.parse(readFileSync(file, "utf8")) as Template & Changeable;
  change(template);
  writeFileSync(file, JSON.stringify(template));
  return root;
}

const only = ({ Resources }: Changeable, wanted: (id: string, type: string) => boolean) => {
  const found = Object.entries(Resources).filter(([id, { Type }]) => wanted(id, Type));
  expect(found).toHaveLength(1);
  return found[0]?.[1] as Changeable["Resources"][string]; // the only one
};

test("an update creates new resources, deletes removed ones, and invokes no custom resource again", async () => {
  const before = await lasting.world.aws("ivs", "ListPublicKeys", {});
  const withQueue = assemblyWith(({ Resources }) => {
    Resources["More"] = { Type: "AWS::SQS::Queue", Properties: { QueueName: "more" } };
  });
  const updated = await lasting.restart(withQueue);
  const { QueueUrl } = await updated.aws("sqs", "GetQueueUrl", { QueueName: "more" });
  await updated.aws("sqs", "SendMessage", { QueueUrl, MessageBody: "kept" });
  expect(await updated.aws("ivs", "ListPublicKeys", {})).toEqual(before);

  const without = await lasting.restart(inject("assembly"));
  await expect(without.aws("sqs", "GetQueueUrl", { QueueName: "more" })).rejects.toThrow("does not exist");
  const again = await lasting.restart(withQueue);
  const { Messages } = await again.aws("sqs", "ReceiveMessage", { QueueUrl });
  expect(Messages).toBeUndefined();
});

test("a table gets another index, filled from its items", async () => {
  const alice = await lasting.world.phone("alice");
  const TableName = lasting.world.runtime.physicalId("ClientsTable");
  const changed = assemblyWith((template) => {
    const { Properties } = only(template, (id) => id.startsWith("ClientsTable"));
    const [key] = Properties["KeySchema"] as { AttributeName: string }[];
    const AttributeName = key?.AttributeName;
    Properties["GlobalSecondaryIndexes"] = [
      ...((Properties["GlobalSecondaryIndexes"] as object[] | undefined) ?? []),
      {
        IndexName: "again",
        KeySchema: [{ AttributeName, KeyType: "HASH" }],
        Projection: { ProjectionType: "ALL" },
      },
    ];
  });
  const updated = await lasting.restart(changed);
  const { Items } = await updated.aws("dynamodb", "Scan", { TableName, IndexName: "again" });
  expect(JSON.stringify(Items)).toContain(alice.clientId);
});

test("a change that needs a new resource is refused and suggests --fresh, and the old resource stays", async () => {
  const alice = await lasting.world.phone("alice");
  const changed = assemblyWith((template) => {
    const { Properties } = only(template, (id) => id.startsWith("ClientsTable"));
    Properties["TableName"] = "other-clients";
  });
  await expect(lasting.restart(changed)).rejects.toThrow(
    /ClientsTable\w* \(AWS::DynamoDB::\w+\): TableName has changed, which takes a new resource, .* start with --fresh/,
  );
  const restored = await lasting.restart(inject("assembly"));
  const TableName = restored.runtime.physicalId("ClientsTable");
  const { Items } = await restored.aws("dynamodb", "Scan", { TableName });
  expect(JSON.stringify(Items)).toContain(alice.clientId);
});
