/** The doctor's report on a good account, on a bad one, and on one that it may not read completely. */
import "../stack-sources.ts";
import { CreateStateMachineCommand, SFNClient } from "@aws-sdk/client-sfn";
import { afterEach, expect, inject, test } from "vitest";
import { deploymentOf, diagnose, diagnosisText } from "../../tools/doctor.ts";
import { readDeployment } from "../../tools/doctor/deployment.ts";
import type { Verdict } from "../../tools/doctor/finding.ts";
import { readOptions } from "../../tools/doctor/options.ts";
import { exitCodeOf } from "../../tools/doctor/report.ts";
import { freePort } from "../../packages/local-aws/src/listener.ts";
import { troubleOf } from "../../tools/trouble.ts";
import { deny, type DoctorsAccount, findingOf, importKeys, openDoctorsAccount } from "./doctor-accounts.ts";

let account: DoctorsAccount;
afterEach(() => account.close());

const deployment = readDeployment(inject("assembly"));
/** The deployment while the template makes a Pinpoint application. */
const withPinpoint = { ...deployment, makesPinpointApp: true };

const checksWith = (verdict: Verdict, { findings }: Awaited<ReturnType<typeof diagnose>>): string[] =>
  findings.filter((one) => one.verdict === verdict).map(({ check }) => check);

test("a good account is ready for its first deployment", async () => {
  const app = { Type: "AWS::Pinpoint::App", Properties: { Name: "another" } };
  account = await openDoctorsAccount({ resources: { App: app } });
  const diagnosis = await diagnose(account.options, withPinpoint);
  expect(checksWith("fails", diagnosis)).toEqual([]);
  expect(checksWith("unknown", diagnosis)).toEqual([]);
  expect(checksWith("limits", diagnosis)).toEqual(["Mail"]);
  expect(exitCodeOf(diagnosis.findings)).toBe(0);
  expect(diagnosis).toMatchObject({ account: "000000000000", region: "us-east-1", stack: "Ringmaster" });
  expect(diagnosisText(diagnosis)).toContain("Nothing stands in the way of a deployment: npm run deploy");
});

test("the doctor checks the deployed template, without a laptop's push networks", async () => {
  expect(await deploymentOf({ context: {} })).toMatchObject({
    stackName: "Ringmaster",
    makesPinpointApp: false,
    maxStages: 400,
  });
});

test("suggested commands keep the settings that the doctor was given", async () => {
  account = await openDoctorsAccount();
  const context = { stackName: "Staging", sesIdentity: "it's" };
  const diagnosis = await diagnose({ ...account.options, profile: "prod", context }, withPinpoint);
  expect(findingOf(diagnosis, "Pinpoint").mend).toEqual([
    String.raw`npm run deploy -- -c stackName=Staging -c 'sesIdentity=it'\''s' -c push=direct --profile prod`,
  ]);
  const elsewhere = { ...account.options, region: "eu-west-1", context: {} };
  const there = await diagnose(elsewhere, { ...deployment, makesPinpointApp: false });
  expect(diagnosisText(there)).toContain(
    "Nothing stands in the way of a deployment: npm run deploy -- --region eu-west-1",
  );
});

test("two different names for the stack are refused", () => {
  expect(() => readOptions(["--stack", "Staging", "-c", "stackName=Third"])).toThrow(
    "--stack Staging and -c stackName=Third: expected one name",
  );
  expect(readOptions(["--stack", "Staging", "-c", "push=none"]).context).toEqual({
    stackName: "Staging",
    push: "none",
  });
});

test("a bad account gets each failure with its reason and what mends it", async () => {
  account = await openDoctorsAccount({
    account: {
      parameters: {},
      lambdaConcurrency: 10,
      ses: { production: false, sending: true },
      quotas: [
        { serviceCode: "ivs", quotaCode: "L-1", quotaName: "Stages", value: 100, adjustable: true },
        {
          serviceCode: "ivs",
          quotaCode: "L-2",
          quotaName: "Concurrent publishers",
          value: 50,
          adjustable: true,
        },
      ],
    },
  });
  await importKeys(account, 3);
  const sfn = new SFNClient(account.settings);
  const definition = JSON.stringify({ StartAt: "Done", States: { Done: { Type: "Succeed" } } });
  const roleArn = "arn:aws:iam::000000000000:role/left";
  await sfn.send(new CreateStateMachineCommand({ name: "call", definition, roleArn }));
  sfn.destroy();

  const options = { ...account.options, profile: "prod", region: "sa-east-1" };
  const diagnosis = await diagnose(options, withPinpoint);
  const fails = ["Region", "CDK bootstrap", "Names", "IVS public keys", "Pinpoint"];
  expect(checksWith("fails", diagnosis)).toEqual(fails);
  expect(checksWith("limits", diagnosis)).toEqual(["IVS stages", "Lambda concurrency", "Mail"]);
  expect(exitCodeOf(diagnosis.findings)).toBe(1);

  expect(findingOf(diagnosis, "CDK bootstrap")).toMatchObject({
    what: "This account has not been bootstrapped for CDK in sa-east-1: there is no parameter /cdk-bootstrap/hnb659fds/version.",
    mend: ["npx cdk bootstrap aws://000000000000/sa-east-1 --profile prod"],
  });
  const names = findingOf(diagnosis, "Names");
  expect(names.what).toBe("A state machine has a name that the stack needs: call.");
  expect(names.mend).toEqual([
    expect.stringContaining(
      "aws stepfunctions delete-state-machine --state-machine-arn arn:aws:states:sa-east-1:000000000000:stateMachine:call --profile prod --region sa-east-1",
    ),
  ]);
  expect(findingOf(diagnosis, "IVS stages").mend?.[0]).toContain(
    "request-service-quota-increase --service-code ivs --quota-code L-1 --desired-value 400",
  );
  expect(findingOf(diagnosis, "IVS publishers").what).toContain("25 calls of two");
  expect(findingOf(diagnosis, "Lambda concurrency").what).toContain("Only 10 functions");
  expect(findingOf(diagnosis, "Mail").mend?.[0]).toContain("put-account-details --production-access-enabled");
});

test("a check that the credentials do not allow is unknown, and never good", async () => {
  account = await openDoctorsAccount();
  const denied = [
    ["ssm", "GetParameter"],
    ["lambda", "GetAccountSettings"],
    ["lambda", "ListFunctions"],
    ["ivs", "ListPublicKeys"],
    ["servicequotas", "ListServiceQuotas"],
    ["ses", "GetAccount"],
    ["mobiletargeting", "GetApps"],
  ] as const;
  for (const [service, operation] of denied) deny(account, service, operation);
  const diagnosis = await diagnose(account.options, withPinpoint);
  expect(checksWith("unknown", diagnosis)).toEqual([
    "CDK bootstrap",
    "Names",
    "IVS public keys",
    "Pinpoint",
    "IVS stages",
    "IVS publishers",
    "Lambda concurrency",
    "Mail",
  ]);
  expect(checksWith("fails", diagnosis)).toEqual([]);
  expect(exitCodeOf(diagnosis.findings)).toBe(3);
  expect(findingOf(diagnosis, "CDK bootstrap")).toMatchObject({
    what: expect.stringMatching(/^Could not look: AccessDeniedException: .*ssm:GetParameter/),
    why: "These credentials need ssm:GetParameter.",
  });
  expect(findingOf(diagnosis, "Names").why).toBe("These credentials need lambda:ListFunctions.");
});

test("if the stack cannot be read, every check that depends on it is unknown", async () => {
  account = await openDoctorsAccount();
  deny(account, "cloudformation", "DescribeStacks");
  const diagnosis = await diagnose(account.options, deployment);
  expect(checksWith("unknown", diagnosis)).toEqual(
    expect.arrayContaining(["Stack", "Names", "IVS public keys", "IVS stages", "Token revocation"]),
  );
  expect(exitCodeOf(diagnosis.findings)).toBe(3);
});

test("an endpoint that does not answer is reported at once", async () => {
  account = await openDoctorsAccount();
  const nowhere = { ...account.options, endpoint: `http://127.0.0.1:${await freePort(0)}` };
  const trouble = await diagnose(nowhere, deployment).catch((error: unknown) => error);
  expect(troubleOf(trouble)).toContain("the endpoint does not answer");
});

test("an existing stack has its own names, key and user pool", async () => {
  account = await openDoctorsAccount({ assembly: inject("assembly") });
  const diagnosis = await diagnose(account.options, deployment);
  expect(checksWith("fails", diagnosis)).toEqual([]);
  expect(findingOf(diagnosis, "Stack").what).toBe(
    "Stack Ringmaster is there (CREATE_COMPLETE): it is updated.",
  );
  expect(findingOf(diagnosis, "Names").what).toMatch(/^The \d+ names .* are free, or the stack's own\.$/);
  expect(findingOf(diagnosis, "IVS public keys").what).toContain("1 of 3");
  expect(findingOf(diagnosis, "Token revocation").what).toContain("It is on");

  // Another stack with the same names beside it.
  const second = await diagnose(account.options, { ...deployment, stackName: "Second" });
  const taken = second.findings.filter(({ check }) => check === "Names");
  expect(taken.map(({ verdict }) => verdict)).toEqual(taken.map(() => "fails"));
  expect(taken.map(({ what }) => what.replace(/ have? .*$| has .*$/, ""))).toEqual(
    expect.arrayContaining(["2 state machines", "An event bus"]),
  );
});
