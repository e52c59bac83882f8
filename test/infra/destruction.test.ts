/** The deletion of a stack: CloudFormation deletes a resource after those that depend on it. */
import { expect, test } from "vitest";
import { ofType, templateWith, type TemplateJson } from "./synthesis.ts";

const dependsOn = ({ Resources }: TemplateJson, id: string, on: string): boolean =>
  [Resources[id]?.DependsOn ?? []].flat().includes(on);

test("stages are deleted after the keeper, and in every stack that may have created some", async () => {
  const template = await templateWith();
  for (const maker of ["KeepStages", "StagePool"]) {
    expect([maker, dependsOn(template, maker, "StageDeletion")]).toEqual([maker, true]);
  }
  // The keeper's schedule and rule name the function, so CloudFormation deletes them before it.
  const starters = [...ofType(template, "AWS::Scheduler::Schedule"), ...ofType(template, "AWS::Events::Rule")]
    .filter(([, { Properties }]) => JSON.stringify(Properties).includes('"Fn::GetAtt":["KeepStages","Arn"]'))
    .map(([, { Properties }]) => Properties["Name"]);
  expect(starters).toEqual(["ringmaster-keep-stages", "ringmaster-stage-pool-low"]);
  const needed = JSON.stringify(template.Resources["DeleteStages"]?.Properties["Environment"]);
  expect(needed).toContain('{"Ref":"StagesTable"}');
});

test("every bucket of the stack is emptied after everything that writes to it is deleted", async () => {
  const template = await templateWith({ retain: false, site: true });
  const emptied = ofType(template, "Custom::EmptiedBucket");
  const buckets = ofType(template, "AWS::S3::Bucket");
  expect(buckets.map(([, { DeletionPolicy }]) => DeletionPolicy)).toEqual(["Delete", "Delete"]);
  expect(emptied.map(([, { Properties }]) => Properties["BucketName"])).toEqual(
    buckets.map(([id]) => ({ Ref: id })),
  );
  const [ofCleanUp = "", ofSite = ""] = emptied.map(([id]) => id);
  const uploads = ofType(template, "Custom::CDKBucketDeployment").map(([id]) => id);
  expect(uploads).toHaveLength(2);
  const writers = ["RestEntrypoint", "ListClients", "ReportCleanUp", "CleanUpWorkflow"];
  expect(writers.filter((id) => !dependsOn(template, id, ofCleanUp))).toEqual([]);
  expect(uploads.filter((id) => !dependsOn(template, id, ofSite))).toEqual([]);
});

test("a bucket that outlives the stack keeps its objects", async () => {
  const template = await templateWith();
  expect(ofType(template, "Custom::EmptiedBucket")).toEqual([]);
  expect(template.Resources["CleanUpBucket"]?.DeletionPolicy).toBe("RetainExceptOnCreate");
});
