/** Wrong settings in the context are refused by name, before any resource is made. */
import { expect, test } from "vitest";
import { readSettings } from "../../infra/settings.ts";

test("by default calls ring for 45 seconds and last 4 hours at most, and 100 stages wait", () => {
  expect(readSettings({})).toEqual({
    stackName: "Ringmaster",
    ringSeconds: 45,
    maxCallSeconds: 14_400,
    tokenSeconds: 60,
    ringAttemptsPerMinute: 10,
    registrationsPerHour: 30,
    deletionsPerHour: 10,
    signUp: "open",
    accessTokenMinutes: 15,
    signInClaim: "origin_jti",
    removalGraceSeconds: 8,
    hintReaders: 10,
    minStages: 100,
    maxStages: 400,
    userPoolTier: "LITE",
    operations: "full",
    tags: {},
    push: "pinpoint",
    pushCredentials: { apnsSandbox: false },
    media: "ivs",
    cleanUp: {
      nightly: true,
      dryRun: false,
      cron: "cron(30 3 * * ? *)",
      timeZone: "UTC",
      staleDays: 120,
      concurrency: 8,
      toleratedPercent: 5,
      callHistory: "delete",
    },
    retain: true,
    deletionProtection: false,
    site: false,
  });
});

test("a number may be text, as on the command line", () => {
  expect(readSettings({ ringSeconds: "5" }).ringSeconds).toBe(5);
  expect(readSettings({ ringSeconds: 120 }).ringSeconds).toBe(120);
});

test("a pool with a small maximum starts with that many stages", () => {
  expect(readSettings({ maxStages: 30 })).toMatchObject({ minStages: 30, maxStages: 30 });
  expect(readSettings({ maxStages: "900" })).toMatchObject({ minStages: 100, maxStages: 900 });
});

test.each([
  [
    { stackName: "2nd" },
    'context "stackName": expected 1 to 24 letters, digits and hyphens, a letter first, got "2nd"',
  ],
  [{ stackName: "a-name-of-twenty-five-let" }, "got "],
  [{ stackName: "under_score" }, "got "],
  [{ operations: "none" }, 'context "operations": expected full or lean, got "none"'],
  [{ userPoolTier: "lite" }, 'context "userPoolTier": expected LITE or ESSENTIALS or PLUS, got "lite"'],
  [{ sesFrom: "example.com" }, 'context "sesFrom": expected an address such as calls@example.com'],
  [{ sesFrom: "Calls, Inc. <calls@example.com>" }, 'context "sesFrom": expected an address such as'],
  [{ sesFrom: "Anrufe für alle <calls@example.com>" }, "a name with other signs in double quotes"],
  [{ sesIdentity: "example.com" }, 'context "sesIdentity": expected "sesFrom" beside it'],
  [
    { sesFrom: "a@example.com", sesIdentity: "example.org" },
    'context "sesIdentity": expected a@example.com, example.com or a domain above it, got "example.org"',
  ],
  [{ sesFrom: "a@myexample.com", sesIdentity: "example.com" }, 'got "example.com"'],
  [{ sesFrom: "a@example.com", sesIdentity: "no domain" }, "a domain or an address that SES has verified"],
  [{ permissionsBoundary: "a b" }, 'context "permissionsBoundary": expected the name or the ARN of a'],
  [{ tags: "team" }, 'context "tags": expected name=value,name=value'],
  [{ tags: "aws:team=calls" }, "no name beginning with aws:"],
  [{ tags: { cost: 7 } }, 'context "tags"'],
  [{ tags: 7 }, 'context "tags": expected name=value,name=value'],
  [{ tags: ["team=calls"] }, 'context "tags": expected name=value,name=value'],
  [{ tags: "team=calls,team=chat" }, "each name once"],
  [
    { tags: Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`tag${index}`, "x"])) },
    'context "tags": expected 50 at most',
  ],
  [{ logRetentionDays: 31 }, 'context "logRetentionDays": expected one of 1, 3, 5, 7, 14, 30, 60'],
  [{ logRetentionDays: true }, "got true"],
  [
    { kmsKeyArn: "arn:aws:kms:eu-west-1:123456789012:key/calls" },
    'context "kmsKeyArn": expected the ARN of a KMS key',
  ],
  [{ kmsKeyArn: "alias/calls" }, 'context "kmsKeyArn": expected the ARN of a KMS key, not an alias'],
  [{ hintReaders: 1 }, 'context "hintReaders": expected a whole number from 2 to 100, got 1'],
  [{ ringSeconds: "4" }, 'context "ringSeconds": expected a whole number from 5 to 120, got "4"'],
  [{ ringSeconds: 121 }, "got 121"],
  [{ staleDays: 6 }, 'context "staleDays": expected a whole number from 7 to 3650, got 6'],
  [
    { cleanUpCron: "nightly" },
    'context "cleanUpCron": expected a value such as cron(30 3 * * ? *), got "nightly"',
  ],
  [{ cleanUpCron: "cron(30 3 * * * *)" }, 'context "cleanUpCron": expected a value such as'],
  [{ cleanUpTimeZone: "Mars/Olympus" }, 'context "cleanUpTimeZone": expected a time zone such as'],
  [{ ringSeconds: "soon" }, 'got "soon"'],
  [{ ringSeconds: "" }, 'got ""'],
  [{ ringSeconds: 7.5 }, "got 7.5"],
  [{ maxCallSeconds: 1 }, 'context "maxCallSeconds"'],
  [{ tokenSeconds: 29 }, 'context "tokenSeconds"'],
  [{ minStages: 0 }, 'context "minStages": expected a whole number from 1 to 200000, got 0'],
  [{ minStages: 500 }, 'context "minStages": expected no more than maxStages, 400, got 500'],
  [{ maxStages: 0 }, 'context "maxStages": expected a whole number from 1 to 200000, got 0'],
  [
    { stagePoolTarget: 20 },
    'context "stagePoolTarget": use minStages for what the deployment makes, and maxStages',
  ],
  [{ stageEmptyProof: "session" }, 'context "stageEmptyProof": leave it out'],
  [{ signUp: "invited" }, 'context "signUp": expected open or closed, got "invited"'],
  [{ accessTokenMinutes: 61 }, 'context "accessTokenMinutes": expected a whole number from 5 to 60, got 61'],
  [{ accessTokenMinutes: "4" }, 'got "4"'],
  [{ deletionsPerHour: 0 }, 'context "deletionsPerHour": expected a whole number from 1 to 1000, got 0'],
  [{ push: "sns" }, 'context "push": expected pinpoint or direct or none, got "sns"'],
  [
    { push: "direct", apnsCertificateSecret: "a" },
    'context "apnsCertificateSecret": "push": "direct" signs in to APNs',
  ],
  [
    { pinpointAppId: "my-app" },
    'context "pinpointAppId": expected the id of a Pinpoint application, 32 hexadecimal digits, got "my-app"',
  ],
  [{ pinpointAppId: "0".repeat(32), fcmSecret: "fcm" }, "an application that exists has its channels"],
  [{ pinpointAppId: "0".repeat(32), push: "direct" }, '"push": "direct" uses no Pinpoint'],
  [{ push: "none", fcmSecret: "fcm" }, 'context "push": "none" uses no credentials'],
  [{ apnsSecret: "a", apnsCertificateSecret: "b" }, "name one of them, not both"],
  [{ media: "chime" }, 'context "media": expected ivs or livekit, got "chime"'],
  [{ media: "livekit" }, 'context "livekitUrl": expected the address that phones connect to, such as wss://'],
  [{ media: "livekit", livekitUrl: "ws://media.example.com" }, 'got "ws://media.example.com"'],
  [{ media: "livekit", livekitUrl: "https://media.example.com" }, 'got "https://media.example.com"'],
  [{ media: "livekit", livekitUrl: "wss://media.example.com/rtc" }, 'got "wss://media.example.com/rtc"'],
  [
    { media: "livekit", livekitUrl: "wss://media.example.com" },
    'context "livekitSecret": expected the name of a secret in Secrets Manager that holds the API keys',
  ],
  [
    { media: "livekit", livekitUrl: "wss://media.example.com", livekitSecret: "a", maxStages: 30 },
    'context "maxStages": "media" is "livekit", which does not use it',
  ],
  [{ livekitSecret: "a" }, 'context "livekitSecret": "media" is "ivs", which does not use it'],
  [{ apnsSandbox: "true" }, 'context "apnsSandbox": expected "apnsSecret" or "apnsCertificateSecret"'],
  [
    { ringSecond: 30 },
    /^context "ringSecond": expected one of accessTokenMinutes, alarmTopicArn, .*, ringSeconds, .*, tokenSeconds, userPoolTier$/,
  ],
  [{ stackname: "Staging" }, 'context "stackname": expected "stackName", which is the name of the setting'],
  [{ "stack-name": "Staging" }, 'context "stack-name": expected "stackName"'],
  [{ retain: "no" }, 'context "retain": expected true or false, got "no"'],
])("%j is refused", (context, message) => {
  expect(() => readSettings(context)).toThrow(message);
});

test("a credential in place of its secret's name is refused and not repeated", () => {
  const pasted = '{"type":"service_account","private_key":"hush"}';
  expect(() => readSettings({ fcmSecret: pasted })).toThrow('context "fcmSecret": expected the name');
  expect(() => readSettings({ fcmSecret: pasted })).not.toThrow("hush");
});

test("tags are text on the command line, and an object in cdk.json", () => {
  const tags = { team: "calls", "cost centre": "12=3" };
  expect(readSettings({ tags }).tags).toEqual(tags);
  expect(readSettings({ tags: "team=calls,cost centre=12=3" }).tags).toEqual(tags);
});

test("a multi-Region key is a valid key, and a place's name a valid time zone", () => {
  const kmsKeyArn = "arn:aws:kms:eu-west-1:123456789012:key/mrk-0123456789abcdef0123456789abcdef";
  expect(readSettings({ kmsKeyArn, cleanUpTimeZone: "Europe/Berlin" })).toMatchObject({
    kmsKeyArn,
    cleanUp: { timeZone: "Europe/Berlin" },
  });
});

test("SES has to have verified the sender's domain, unless the settings name another identity", () => {
  expect(readSettings({ sesFrom: "Calls <calls@mail.example.com>" })).toMatchObject({
    sesIdentity: "mail.example.com",
  });
  expect(readSettings({ sesFrom: "a@example.com", sesIdentity: "a@example.com" })).toMatchObject({
    sesIdentity: "a@example.com",
  });
  expect(
    readSettings({ sesFrom: '"Calls, Inc." <a@mail.example.com>', sesIdentity: "example.com" }),
  ).toMatchObject({ sesIdentity: "example.com" });
});

test("CDK's own context values are no settings", () => {
  const cdk = {
    "cli-telemetry": false,
    "aws:cdk:version-reporting": true,
    "availability-zones:account=1:region=eu-west-1": ["a"],
  };
  expect(readSettings({ ...cdk, "@aws-cdk/core:target-partitions": ["aws"], staleDays: 30 })).toMatchObject({
    cleanUp: { staleDays: 30 },
  });
});

test("a LiveKit server has its address and the name of its keys; one of this machine may do without TLS", () => {
  const livekitSecret = "team/livekit";
  expect(
    readSettings({ media: "livekit", livekitUrl: "wss://media.example.com/", livekitSecret }),
  ).toMatchObject({
    media: "livekit",
    livekit: { url: "wss://media.example.com", secret: livekitSecret },
  });
  expect(
    readSettings({ media: "livekit", livekitUrl: "ws://127.0.0.1:7880", livekitSecret }).livekit?.url,
  ).toBe("ws://127.0.0.1:7880");
});
