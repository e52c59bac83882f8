/** Settings that an account's rules may require, on every resource that they concern. */
import { expect, test } from "vitest";
import { appWith, ofType, templateWith } from "./synthesis.ts";

const KEY = "arn:aws:kms:eu-west-1:123456789012:key/0b1c2d3e-1111-4222-8333-444455556666";

test("a permissions boundary is on every role, including those of CDK's own functions", async () => {
  const template = await templateWith({ permissionsBoundary: "calls-boundary", site: true });
  const roles = ofType(template, "AWS::IAM::Role");
  const bounds = new Set(
    roles.map(([, { Properties }]) => JSON.stringify(Properties["PermissionsBoundary"])),
  );
  expect([...bounds]).toEqual([expect.stringContaining(':policy/calls-boundary"')]);
  const byArn = await templateWith({ permissionsBoundary: "arn:aws:iam::123456789012:policy/deep/boundary" });
  for (const [, { Properties }] of ofType(byArn, "AWS::IAM::Role"))
    expect(Properties["PermissionsBoundary"]).toBe("arn:aws:iam::123456789012:policy/deep/boundary");
});

test("every log has the retention in the settings", async () => {
  const logs = ofType(await templateWith({ logRetentionDays: "400" }), "AWS::Logs::LogGroup");
  expect(new Set(logs.map(([, { Properties }]) => Properties["RetentionInDays"]))).toEqual(new Set([400]));
});

test("the account's own key encrypts tables, lists, queues, the signing key and logs", async () => {
  const template = await templateWith({ kmsKeyArn: KEY });
  const keyed = ["AWS::Logs::LogGroup", "AWS::SQS::Queue", "AWS::SecretsManager::Secret"];
  for (const type of [...keyed, "AWS::DynamoDB::GlobalTable", "AWS::S3::Bucket"]) {
    const resources = ofType(template, type);
    expect(resources).not.toEqual([]);
    const without = resources.filter(([, { Properties }]) => !JSON.stringify(Properties).includes(KEY));
    expect(without.map(([id]) => id)).toEqual([]);
  }
  const queues = JSON.stringify(ofType(template, "AWS::SQS::Queue"));
  expect(queues).not.toContain("SqsManagedSseEnabled");
});

test("tags belong to the stack, and CloudFormation passes them on", async () => {
  const stack = (await appWith({ tags: "team=calls" })).synth().getStackByName("Ringmaster");
  expect(stack.tags).toEqual({ team: "calls" });
});

test("mail is sent through SES once the settings name a sender, and LITE is enough of Cognito", async () => {
  const pool = (await templateWith({ sesFrom: "Calls <calls@example.com>" })).Resources["UserPool"];
  expect(JSON.stringify(pool?.Properties["EmailConfiguration"])).toContain(":identity/example.com");
  expect(pool?.Properties).toMatchObject({
    UserPoolTier: "LITE",
    EmailConfiguration: { EmailSendingAccount: "DEVELOPER", From: "Calls <calls@example.com>" },
  });
  expect((await templateWith()).Resources["UserPool"]?.Properties).not.toHaveProperty("EmailConfiguration");
});
