/** The app: the flags of `cdk.json`, the settings, the stack, and its inspection. */
import { App, Validations } from "aws-cdk-lib";
import cdkJson from "../cdk.json" with { type: "json" };
import { requireIvs, requireOwnRegion } from "./regions.ts";
import { RingmasterStack } from "./ringmaster-stack.ts";
import { readSettings } from "./settings.ts";
import { applyStackWide } from "./stack-wide.ts";

export interface AppOptions {
  /** Holds `<function name>/index.mjs`. */
  readonly bundles: string;
  readonly outdir?: string;
  /** Where the CDK CLI deploys to, if it knows. The template itself fits every Region that has IVS Real-Time. */
  readonly region?: string | undefined;
  /** Runs cdk-nag and the validation of the template. */
  readonly inspect: boolean;
  /** Adds to the context of the CDK CLI. */
  readonly context?: Readonly<Record<string, unknown>>;
}

export async function createApp({ bundles, outdir, region, inspect, context }: AppOptions): Promise<App> {
  const app = new App({
    // The same template with and without the CLI, which reads the flags itself.
    context: { ...cdkJson.context, ...context },
    analyticsReporting: false,
    autoSynth: false,
    builtinCloudFormationValidation: inspect,
    ...(outdir && { outdir }),
  });
  if (inspect) await addInspectors(app);
  const settings = readSettings(app.node.getAllContext() as Record<string, unknown>);
  if (settings.media === "ivs") requireIvs(region);
  requireOwnRegion(settings, region);
  const stack = new RingmasterStack(app, settings.stackName, {
    description: "Ringmaster: the back end of a calling app",
    tags: settings.tags,
    settings,
    bundles,
  });
  if (settings.site) {
    // Loaded only here: CloudFront's part of CDK would slow down every other synthesis.
    const { Site } = await import("./site.ts");
    new Site(stack, "site", { bundles, ...stack.addresses });
  }
  applyStackWide(stack, settings);
  return app;
}

async function addInspectors(app: App): Promise<void> {
  // Loaded only here: it takes longer than the rest of a quick synthesis.
  const { AwsSolutionsChecks, ServerlessChecks } = await import("cdk-nag");
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
}
