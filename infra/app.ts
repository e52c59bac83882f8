/**
 * The program that the CDK CLI runs. It synthesizes into CDK_OUTDIR (which the CLI sets), else cdk.out.
 * CDK_VALIDATION=false leaves out cdk-nag and the validation of the template: `npm start` does so to be quick.
 */
import { bundle } from "./bundle.ts";
import { SettingError } from "./settings.ts";

// esbuild is a process of its own: it works while this one loads CDK.
const [{ directory }, { createApp }] = await Promise.all([bundle(), import("./ringmaster-app.ts")]);
try {
  const app = await createApp({
    bundles: directory,
    outdir: process.env["CDK_OUTDIR"] ?? "cdk.out",
    inspect: process.env["CDK_VALIDATION"] !== "false",
  });
  app.synth();
} catch (error) {
  if (!(error instanceof SettingError)) throw error;
  // Where in this program it was found tells nobody what to write instead.
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
