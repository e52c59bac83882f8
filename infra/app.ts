/**
 * The program that the CDK CLI runs. It synthesizes into CDK_OUTDIR (which the CLI sets), else cdk.out, and bundles into
 * BUNDLES_OUTDIR, else build. CDK_VALIDATION=false leaves out cdk-nag and the validation of the template: `npm start`
 * sets these, to be quick and not to be in the way of `cdk`.
 */
import { bundle } from "./bundle.ts";
import { SettingError } from "./setting-values.ts";

const outputDir = process.env["BUNDLES_OUTDIR"];
/** As the CDK CLI hands it over. It is validated with all other settings; only one that is named is bundled. */
const context = JSON.parse(process.env["CDK_CONTEXT_JSON"] ?? "{}") as { readonly media?: unknown };
const bundling = bundle({
  ...(outputDir !== undefined && { outputDir }),
  media: context.media === "livekit" ? "livekit" : "ivs",
});
// esbuild is a process of its own: it works while this one loads CDK.
const [{ directory }, { createApp }] = await Promise.all([bundling, import("./ringmaster-app.ts")]);
try {
  const app = await createApp({
    bundles: directory,
    outdir: process.env["CDK_OUTDIR"] ?? "cdk.out",
    region: process.env["CDK_DEFAULT_REGION"],
    inspect: process.env["CDK_VALIDATION"] !== "false",
  });
  app.synth();
} catch (error) {
  if (!(error instanceof SettingError)) throw error;
  // A stack trace would not say what to write instead.
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
