/** Accounts for the doctor: the local AWS on a free port, with different contents. */
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ImportPublicKeyCommand, IVSRealTimeClient } from "@aws-sdk/client-ivs-realtime";
import type { Account } from "../../packages/local-aws/src/account.ts";
import { virtualClock } from "../../packages/local-aws/src/clock.ts";
import { AwsError } from "../../packages/local-aws/src/local-aws.ts";
import { type Runtime, startRuntime } from "../../packages/local-aws/src/runtime.ts";
import { listen } from "../../packages/local-aws/src/servers.ts";
import type { Diagnosis } from "../../tools/doctor.ts";
import type { Finding } from "../../tools/doctor/finding.ts";
import type { DoctorOptions } from "../../tools/doctor/options.ts";

export interface DoctorsAccount {
  readonly runtime: Runtime;
  readonly options: DoctorOptions;
  /** The options of every SDK client. */
  readonly settings: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
  close(): Promise<void>;
}

interface Had {
  readonly account?: Partial<Account>;
  /** Resources of another stack, which exists already. */
  readonly resources?: Readonly<Record<string, { Type: string; Properties: object }>>;
  /** A cloud assembly to deploy there, in place of `resources`. */
  readonly assembly?: string;
}

/** Without `assembly` the account contains nothing of Ringmaster. */
export async function openDoctorsAccount({ account = {}, resources = {}, assembly }: Had = {}) {
  const clock = virtualClock();
  const directory = assembly ?? assemblyOf(resources);
  const runtime = await startRuntime({
    assembly: directory,
    clock,
    account,
    lazyFunctions: true,
    quotas: false,
  });
  if (assembly === undefined) rmSync(directory, { recursive: true });
  const servers = await listen(runtime, { port: 0, awsPort: 0 });
  const endpoint = `http://127.0.0.1:${servers.awsPort}`;
  const opened: DoctorsAccount = {
    runtime,
    options: { profile: undefined, region: undefined, endpoint, json: false, context: {} },
    settings: {
      endpoint,
      region: "us-east-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    },
    async close() {
      await servers.close();
      runtime.stop();
      clock.dispose();
    },
  };
  return opened;
}

function assemblyOf(Resources: NonNullable<Had["resources"]>): string {
  const directory = mkdtempSync(join(tmpdir(), "ringmaster-account-"));
  writeFileSync(join(directory, "Other.template.json"), JSON.stringify({ Resources }));
  writeFileSync(join(directory, "Other.assets.json"), JSON.stringify({ files: {} }));
  return directory;
}

export async function importKeys({ settings }: DoctorsAccount, count: number): Promise<void> {
  const ivs = new IVSRealTimeClient(settings);
  for (let key = 0; key < count; key += 1) {
    const { publicKey } = generateKeyPairSync("ec", { namedCurve: "secp384r1" });
    const publicKeyMaterial = publicKey.export({ type: "spki", format: "pem" }).toString();
    await ivs.send(new ImportPublicKeyCommand({ publicKeyMaterial }));
  }
  ivs.destroy();
}

/** Denies this operation to the credentials from now on. */
export function deny({ runtime }: DoctorsAccount, service: string, operation: string): void {
  runtime.localAws.interfere({
    service,
    operation,
    times: Infinity,
    fault: async () => {
      const who = "User: arn:aws:iam::000000000000:user/eve";
      const message = `${who} is not authorized to perform: ${service}:${operation}`;
      throw new AwsError("AccessDeniedException", message, 403);
    },
  });
}

/** The only finding of a check. */
export function findingOf({ findings }: Pick<Diagnosis, "findings">, check: string): Finding {
  const found = findings.filter((one) => one.check === check);
  const [only] = found;
  if (only && found.length === 1) return only;
  throw new Error(`${check} has ${found.length} findings`);
}
