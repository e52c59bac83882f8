/** The cloud assembly that the CDK writes: the template, and where the code of each asset is. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Record<string, unknown>;
  readonly DependsOn?: string | readonly string[];
  readonly Condition?: string;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

interface TemplateOutput {
  readonly Value: unknown;
  readonly Description?: string;
  readonly Condition?: string;
}

export interface Template {
  readonly Description?: string;
  readonly Parameters?: Record<string, { readonly Type: string; readonly Default?: unknown }>;
  readonly Conditions?: Record<string, unknown>;
  readonly Mappings?: Record<string, unknown>;
  readonly Resources: Record<string, TemplateResource>;
  readonly Outputs?: Record<string, TemplateOutput>;
}

export interface Assembly {
  readonly stackName: string;
  readonly template: Template;
  /** Where the files of the asset with this S3 key are. */
  assetPath(s3Key: string): string;
}

const SUFFIX = ".template.json";

export function readAssembly(directory: string): Assembly {
  const templates = existsSync(directory)
    ? readdirSync(directory).filter((file) => file.endsWith(SUFFIX))
    : [];
  const [file] = templates;
  if (!file || templates.length > 1) {
    throw new Error(
      `${directory} must hold one ${SUFFIX}, and holds ${templates.length}: synthesize one stack into it`,
    );
  }
  const stackName = file.slice(0, -SUFFIX.length);
  const assets = readJson<Assets>(join(directory, `${stackName}.assets.json`));
  return {
    stackName,
    template: readJson<Template>(join(directory, file)),
    assetPath(s3Key) {
      const path = assets.files[s3Key.replace(/\.zip$/, "")]?.source.path;
      if (!path) throw new Error(`no asset ${s3Key} in ${directory}`);
      return join(directory, path);
    },
  };
}

interface Assets {
  readonly files: Record<string, { readonly source: { readonly path?: string } }>;
}

const readJson = <T>(path: string): T => JSON.parse(readFileSync(path, "utf8")) as T;
