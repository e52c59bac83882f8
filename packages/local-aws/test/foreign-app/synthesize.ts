/** Runs the foreign app as `cdk synth` does. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";

export function synthesizeForeignApp(assembly: string): void {
  const app = join(import.meta.dirname, "app.ts");
  execFileSync(process.execPath, [app], { env: { ...process.env, CDK_OUTDIR: assembly } });
}
