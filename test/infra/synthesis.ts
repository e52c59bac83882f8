/** Synthesizes the stack around empty functions, and reads its template in the tests' terms. */
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { App } from "aws-cdk-lib";
import { inject } from "vitest";
import { functionNames } from "../../infra/function-sizes.ts";
import { DEFAULT_STACK } from "../../infra/names.ts";
import { createApp } from "../../infra/ringmaster-app.ts";

export interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly DeletionPolicy?: string;
  readonly DependsOn?: string | string[];
  readonly UpdateReplacePolicy?: string;
}

export interface TemplateJson {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, { Value: unknown; Description?: string }>>;
}

export interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
}

const workDir = mkdtempSync(join(inject("scratch"), "infra-"));
const bundles = join(workDir, "bundles");
for (const name of functionNames) {
  mkdirSync(join(bundles, name), { recursive: true });
  writeFileSync(join(bundles, name, "index.mjs"), "export const handler = async () => ({});");
}

export function appWith(context: Record<string, unknown> = {}, inspect = false): Promise<App> {
  return createApp({ bundles, outdir: mkdtempSync(join(workDir, "out-")), inspect, context });
}

/** The settings of a stack whose calls meet at LiveKit. */
export const LIVEKIT = {
  media: "livekit",
  livekitUrl: "wss://media.example.com",
  livekitSecret: "ringmaster/livekit",
};

export async function templateWith(context: Record<string, unknown> = {}): Promise<TemplateJson> {
  const app = await appWith(context);
  const { stackName = DEFAULT_STACK } = context as { stackName?: string }; // the context of the test
  const { templateFullPath } = app.synth().getStackByName(stackName);
  // CDK's new file has this shape.
  return JSON.parse(readFileSync(templateFullPath, "utf8")) as TemplateJson;
}

export function ofType(template: TemplateJson, type: string): [string, Resource][] {
  return Object.entries(template.Resources).filter(([, resource]) => resource.Type === type);
}

/** The statements of every policy of a role, as `action on resource`, sorted. */
export function permissionsOfRole(template: TemplateJson, role: string): string[] {
  return ofType(template, "AWS::IAM::Policy")
    .filter(([, { Properties }]) => JSON.stringify(Properties["Roles"]).includes(`{"Ref":"${role}"}`))
    .flatMap(([, { Properties }]) => (Properties["PolicyDocument"] as { Statement: Statement[] }).Statement)
    .flatMap(({ Action, Resource }) =>
      list(Action).flatMap((action) => list(Resource).map((on) => `${action} on ${readable(on)}`)),
    )
    .toSorted();
}

export function permissionsOf(template: TemplateJson, functionId: string): string[] {
  const [role] = getAtt(template.Resources[functionId]?.Properties["Role"]);
  return permissionsOfRole(template, role);
}

export function getAtt(value: unknown): [string, string] {
  return (value as { "Fn::GetAtt": [string, string] })["Fn::GetAtt"];
}

/** Replaces a reference by the logical id, and leaves out partition, Region and account. */
export function readable(value: unknown): string {
  if (typeof value === "string") return value;
  const { Ref: ref, "Fn::GetAtt": att, "Fn::Join": joined } = value as Record<string, unknown>;
  if (typeof ref === "string") return ref.startsWith("AWS::") ? "" : ref;
  if (att) return (att as string[])[0] ?? "";
  if (joined) return (joined as [string, unknown[]])[1].map(readable).join("");
  throw new Error(`cannot read ${JSON.stringify(value)}`);
}

function list<Item>(items: Item | Item[]): Item[] {
  return Array.isArray(items) ? items : [items];
}
