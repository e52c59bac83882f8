/** Single checks of the doctor, its options, and its report. */
import { expect, test } from "vitest";
import type { Account } from "../../tools/doctor/account.ts";
import { type Check, examine, type Place } from "../../tools/doctor/check.ts";
import { bootstrap } from "../../tools/doctor/checks/bootstrap.ts";
import { lambdaConcurrency } from "../../tools/doctor/checks/lambda-concurrency.ts";
import { mail } from "../../tools/doctor/checks/mail.ts";
import { publicKeys } from "../../tools/doctor/checks/public-keys.ts";
import { region } from "../../tools/doctor/checks/region.ts";
import { stackState } from "../../tools/doctor/checks/stack-state.ts";
import { stages } from "../../tools/doctor/checks/stages.ts";
import { tokenRevocation } from "../../tools/doctor/checks/token-revocation.ts";
import type { DeployedStack } from "../../tools/doctor/deployed-stack.ts";
import type { Deployment } from "../../tools/doctor/deployment.ts";
import type { Finding } from "../../tools/doctor/finding.ts";
import { npmCommand } from "../../tools/doctor/npm-command.ts";
import { readOptions } from "../../tools/doctor/options.ts";
import { exitCodeOf, reportOf } from "../../tools/doctor/report.ts";

const account: Account = {
  region: "eu-central-1",
  identity: async () => ({ account: "123456789012", arn: "arn:aws:iam::123456789012:user/olivia" }),
  quotas: async () => [{ name: "Stages", code: "L-1", value: 1000 }],
  parameter: async () => "28",
  lambdaConcurrency: async () => 1000,
  ses: async () => ({ production: true, sending: true }),
  stack: async () => undefined,
  names: {},
  publicKeys: async () => 0,
  stages: async () => 0,
  pinpointApps: async () => 1,
  revokesTokens: async () => true,
};

const deployment: Deployment = {
  stackName: "Ringmaster",
  bootstrap: { parameter: "/cdk-bootstrap/hnb659fds/version", version: 6 },
  names: [],
  minStages: 100,
  maxStages: 400,
  importsKey: true,
  makesPinpointApp: false,
  mailsBySes: false,
  reservedConcurrency: 0,
  queueReaders: 44,
};

interface Had {
  readonly account?: Partial<Account>;
  readonly deployment?: Partial<Deployment>;
  readonly stack?: Partial<DeployedStack>;
}

async function seen(check: Check, had: Had = {}): Promise<Finding> {
  const stack = had.stack && { status: "CREATE_COMPLETE", outputs: {}, resources: [], ...had.stack };
  const place: Place = {
    account: { ...account, ...had.account },
    accountId: "123456789012",
    deployment: { ...deployment, ...had.deployment },
    stack: async () => stack,
    awsOptions: " --region eu-central-1",
    cdkOptions: "",
    npmCommand: npmCommand({ profile: undefined, region: undefined, context: { push: "none" } }),
  };
  const [finding] = await examine([check], place);
  if (!finding) throw new Error("nothing was found");
  return finding;
}

test.each([
  ["ROLLBACK_FAILED", "aws cloudformation delete-stack"],
  ["DELETE_FAILED", "aws cloudformation delete-stack"],
  ["UPDATE_FAILED", "aws cloudformation rollback-stack"],
  ["UPDATE_ROLLBACK_FAILED", "aws cloudformation continue-update-rollback"],
  ["UPDATE_IN_PROGRESS", "aws cloudformation wait stack-update-complete"],
  ["UPDATE_ROLLBACK_IN_PROGRESS", "aws cloudformation wait stack-rollback-complete"],
  ["CREATE_IN_PROGRESS", "aws cloudformation wait stack-create-complete"],
  ["DELETE_IN_PROGRESS", "aws cloudformation wait stack-delete-complete"],
])("a stack that is %s cannot be deployed: %s", async (status, command) => {
  const { verdict, what, mend = [] } = await seen(stackState, { stack: { status } });
  expect([verdict, what]).toEqual(["fails", `Stack Ringmaster is ${status}.`]);
  expect(mend).toContainEqual(`${command} --stack-name Ringmaster --region eu-central-1`);
});

test.each(["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"])(
  "a stack that is %s is updated",
  async (status) => expect((await seen(stackState, { stack: { status } })).verdict).toBe("good"),
);

test.each([
  ["ROLLBACK_COMPLETE", "its creation failed, and the deployment deletes it first"],
  ["REVIEW_IN_PROGRESS", "nothing of it was made yet"],
])("a stack that is %s is created again by the CDK CLI", async (status, words) => {
  const { verdict, what } = await seen(stackState, { stack: { status } });
  expect([verdict, what]).toEqual(["good", `Stack Ringmaster is there (${status}): ${words}.`]);
});

test("in a Region without IVS the doctor suggests another Region, with the same settings", async () => {
  const { verdict, mend } = await seen(region, { account: { region: "eu-north-1" } });
  expect([verdict, mend]).toEqual(["fails", ["npm run doctor -- -c push=none --region eu-central-1"]]);
});

test("a bootstrap that is too old has to be repeated", async () => {
  const { verdict, mend } = await seen(bootstrap, { account: { parameter: async () => "5" } });
  expect(verdict).toBe("fails");
  expect(mend).toEqual(["npx cdk bootstrap aws://123456789012/eu-central-1"]);
});

test("three public keys stop a first deployment, and limit a stack that has its own key", async () => {
  const full = { publicKeys: async () => 3 };
  expect((await seen(publicKeys, { account: full })).verdict).toBe("fails");
  expect((await seen(publicKeys, { account: full, stack: {} })).verdict).toBe("limits");
  expect((await seen(publicKeys, { account: { publicKeys: async () => 2 } })).verdict).toBe("good");
});

test("stages of other stacks count, and a pool that does not fit is reported before the deployment", async () => {
  const { verdict, what } = await seen(stages, { account: { stages: async () => 950 } });
  expect(verdict).toBe("limits");
  expect(what).toContain("the 100 that a deployment makes do not fit");
  expect((await seen(stages, { account: { stages: async () => 900 } })).verdict).toBe("good");
});

test("a quota that Service Quotas does not list is unknown", async () => {
  const finding = await seen(stages, { account: { quotas: async () => [] } });
  expect(finding.verdict).toBe("unknown");
  expect(finding.what).toContain('lists no "Stages"');
});

test("reserved concurrency fails if Lambda could not keep ten unreserved", async () => {
  const ten = { lambdaConcurrency: async () => 10 };
  const reserved = { reservedConcurrency: 1 };
  expect((await seen(lambdaConcurrency, { account: ten, deployment: reserved })).verdict).toBe("fails");
  expect((await seen(lambdaConcurrency, { account: ten })).verdict).toBe("limits");
  expect((await seen(lambdaConcurrency, { deployment: reserved })).verdict).toBe("good");
});

test("a template that sends mail through SES needs SES to send, and outside of the sandbox", async () => {
  const bySes = { mailsBySes: true };
  const ses = (production: boolean, sending: boolean) => ({ ses: async () => ({ production, sending }) });
  expect((await seen(mail, { deployment: bySes })).verdict).toBe("good");
  const sandboxed = await seen(mail, { deployment: bySes, account: ses(false, true) });
  expect(sandboxed.what).toContain("verified addresses only");
  const off = await seen(mail, { deployment: bySes, account: ses(true, false) });
  expect(off.what).toContain("sending is switched off");
});

test("a user pool that cannot revoke tokens is reported", async () => {
  const outputs = { UserPoolId: "eu-central-1_a", UserPoolClientId: "client" };
  const off = { revokesTokens: async () => false };
  expect((await seen(tokenRevocation, { account: off, stack: { outputs } })).verdict).toBe("limits");
  expect((await seen(tokenRevocation, { account: off })).verdict).toBe("good");
});

test("a check that fails itself is unknown, with its error", async () => {
  const broken: Check = {
    title: "Broken",
    needs: ["x:Y"],
    look: () => Promise.reject(new TypeError("fetch failed")),
  };
  expect(await seen(broken)).toEqual({
    check: "Broken",
    verdict: "unknown",
    what: "Could not look: TypeError: fetch failed",
  });
});

test("failures are reported first, each with its reason and its command", () => {
  const findings: Finding[] = [
    { check: "Region", verdict: "good", what: "It is there." },
    { check: "Mail", verdict: "limits", what: "Fifty a day." },
    { check: "Names", verdict: "fails", what: "Taken.", why: "Nothing is made twice.", mend: ["aws rm"] },
    { check: "Quotas", verdict: "unknown", what: "Could not look: denied" },
  ];
  expect(reportOf("Stack Ringmaster", findings, "npm run deploy")).toBe(`Stack Ringmaster

A DEPLOYMENT WOULD FAIL
  Names: Taken.
      Why: Nothing is made twice.
      $ aws rm

COULD NOT LOOK
  Quotas: Could not look: denied

LIMITS (a deployment succeeds)
  Mail: Fifty a day.

GOOD
  Region: It is there.

Mend 1 thing before you deploy: the commands are above. 1 thing could not be looked at.`);
  expect(exitCodeOf(findings)).toBe(1);
});

test("a long line continues indented", () => {
  const what = Array.from({ length: 40 }, (_, index) => `word${index}`).join(" ");
  const lines = reportOf("Stack", [{ check: "Mail", verdict: "limits", what }], "npm run deploy").split("\n");
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(110);
  expect(lines.some((line) => /^ {6}word\d/.test(line))).toBe(true);
});

test("the options are those of the CDK and AWS CLIs, and another stack is a setting", () => {
  const args = [
    "--profile",
    "prod",
    "--region",
    "eu-west-1",
    "--stack",
    "Second",
    "-c",
    "push=none",
    "--json",
  ];
  expect(readOptions(args)).toEqual({
    profile: "prod",
    region: "eu-west-1",
    endpoint: undefined,
    json: true,
    context: { stackName: "Second", push: "none" },
  });
  expect(readOptions([]).context).toEqual({});
});

test.each([
  [["--frofile=x"], "Unknown option"],
  [["-c", "push"], '-c: expected key=value, got "push"'],
  [
    ["--endpoint-url", "nowhere"],
    '--endpoint-url: expected a URL such as http://127.0.0.1:4566, got "nowhere"',
  ],
  [
    ["--endpoint-url", "localhost:4566"],
    '--endpoint-url: expected a URL such as http://127.0.0.1:4566, got "localhost:4566"',
  ],
])("wrong options are refused: %j", (args, words) => expect(() => readOptions(args)).toThrow(words));
