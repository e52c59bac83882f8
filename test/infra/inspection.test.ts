/** cdk-nag and the validation of the template have no finding that is not acknowledged where it occurs, in any variant. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type App, Validations } from "aws-cdk-lib";
import { Queue } from "aws-cdk-lib/aws-sqs";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { appWith } from "./synthesis.ts";

beforeEach(() => {
  vi.spyOn(console, "error").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

interface Report {
  readonly pluginReports: { readonly violations: { readonly ruleName: string }[] }[];
}

/** Rules with an unacknowledged finding, warnings included. */
function findings(app: App): string[] {
  try {
    app.synth();
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "ValidationFailed") throw error;
  }
  const report = JSON.parse(readFileSync(join(app.outdir, "validation-report.json"), "utf8")) as Report;
  return report.pluginReports.flatMap(({ violations }) => violations.map(({ ruleName }) => ruleName));
}

test.each([
  [{}],
  [{ push: "none" }],
  [{ fcmSecret: "ringmaster/fcm" }],
  [{ apnsSecret: "ringmaster/apns" }],
  [{ apnsCertificateSecret: "ringmaster/apns", apnsSandbox: true }],
  [{ push: "direct", fcmSecret: "ringmaster/fcm", apnsSecret: "ringmaster/apns", apnsSandbox: true }],
  [{ retain: false }],
  [{ site: true, retain: false }],
  [{ stackName: "second", operations: "lean", permissionsBoundary: "boundary", logRetentionDays: 90 }],
  [
    {
      kmsKeyArn: "arn:aws:kms:eu-west-1:123456789012:key/0b1c2d3e-1111-4222-8333-444455556666",
      sesFrom: "calls@example.com",
    },
  ],
  [{ media: "livekit", livekitUrl: "wss://media.example.com", livekitSecret: "ringmaster/livekit" }],
  [{ alarmTopicArn: "arn:aws:sns:us-east-1:123456789012:on-call", minStages: 1, maxStages: 1 }],
])("%j has no unacknowledged finding", async (context) => {
  expect(findings(await appWith(context, true))).toEqual([]);
});

test("each of the two packs reports findings", async () => {
  const app = await appWith({}, true);
  new Queue(app.node.findChild("Ringmaster"), "careless");
  expect(findings(app)).toEqual(expect.arrayContaining(["AwsSolutions-SQS4", "Serverless-SQSRedrivePolicy"]));
});

test("no finding is acknowledged for the app or the whole stack", async () => {
  const app = await appWith();
  const acknowledged = [app, app.node.findChild("Ringmaster")].flatMap(({ node }) =>
    node.metadata.filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY),
  );
  expect(acknowledged).toEqual([]);
});
