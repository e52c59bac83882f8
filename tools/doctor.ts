/**
 * Looks at an AWS account and says what will fail, before a deployment does:
 *   npm run doctor -- [--profile NAME] [--region NAME] [--stack Ringmaster] [-c key=value …] [--json] [--endpoint-url URL]
 * It only reads. Exit code 0: nothing stands in the way; 1: a deployment would fail; 2: wrong options, or no credentials;
 * 3: something could not be looked at, and nothing that could be would fail.
 */
import { synthesize } from "../local/synthesize.ts";
import { connectionSettings } from "./connection.ts";
import { openAccount } from "./doctor/account.ts";
import { CHECKS } from "./doctor/checks.ts";
import { examine, type Place } from "./doctor/check.ts";
import type { DeployedStack } from "./doctor/deployed-stack.ts";
import { type Deployment, readDeployment } from "./doctor/deployment.ts";
import type { Finding } from "./doctor/finding.ts";
import { npmCommand } from "./doctor/npm-command.ts";
import { type DoctorOptions, readOptions, USAGE } from "./doctor/options.ts";
import { EXIT, exitCodeOf, reportOf } from "./doctor/report.ts";
import { troubleOf } from "./trouble.ts";

export interface Diagnosis {
  readonly stack: string;
  readonly region: string;
  readonly account: string;
  readonly arn: string;
  readonly findings: readonly Finding[];
  /** The command that deploys what was looked at. */
  readonly deploy: string;
}

/** What `npm run deploy` would deploy with these settings: nothing that a laptop adds. */
export async function deploymentOf({ context }: Pick<DoctorOptions, "context">): Promise<Deployment> {
  return readDeployment((await synthesize({ context, localPush: false })).directory);
}

/** Rejects if nothing can be asked at all: without credentials, Region or network. */
export async function diagnose(options: DoctorOptions, deployment: Deployment): Promise<Diagnosis> {
  const account = await openAccount(connectionSettings(options));
  const { region } = account;
  const { account: accountId, arn } = await account.identity();
  const { stackName } = deployment;
  let looked: Promise<DeployedStack | undefined> | undefined;
  const place: Place = {
    account,
    accountId,
    deployment,
    stack: () => (looked ??= account.stack(stackName)),
    ...commandEnds(options, region),
    npmCommand: npmCommand(options),
  };
  const findings = await examine(CHECKS, place);
  return { stack: stackName, region, account: accountId, arn, findings, deploy: place.npmCommand("deploy") };
}

function commandEnds({ profile, endpoint }: DoctorOptions, region: string) {
  const ofProfile = profile === undefined ? "" : ` --profile ${profile}`;
  const ofEndpoint = endpoint === undefined ? "" : ` --endpoint-url ${endpoint}`;
  return { awsOptions: `${ofProfile} --region ${region}${ofEndpoint}`, cdkOptions: ofProfile };
}

export function diagnosisText({ stack, region, account, arn, findings, deploy }: Diagnosis): string {
  return reportOf(
    `Stack ${stack} in ${region}, account ${account}, with the permissions of ${arn}`,
    findings,
    deploy,
  );
}

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  const diagnosis = await diagnose(options, await deploymentOf(options));
  process.stdout.write(
    options.json ? `${JSON.stringify(diagnosis, undefined, 2)}\n` : `${diagnosisText(diagnosis)}\n`,
  );
  return exitCodeOf(diagnosis.findings);
}

if (import.meta.main) {
  process.exitCode = await main().catch((error: unknown) => {
    process.stderr.write(`${troubleOf(error)}\n${USAGE}\n`);
    return EXIT.wrongOptions;
  });
}
