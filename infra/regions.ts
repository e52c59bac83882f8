/**
 * Where a stack can be: IVS Real-Time exists in some Regions only. A deployment elsewhere would fail half-way. If synthesis
 * knows the Region, it stops. Otherwise CloudFormation finds no entry in the template's mapping and stops before it makes anything.
 */
import { Aws, CfnMapping, Token } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { IVS_REGIONS } from "./ivs-regions.ts";
import type { DeploymentSettings } from "./deployment-settings.ts";
import { refusal, SettingError } from "./setting-values.ts";

/** `region` may be unknown, or a token. */
export function requireIvs(region: string | undefined): void {
  if (!region || Token.isUnresolved(region) || IVS_REGIONS.includes(region)) return;
  throw new SettingError(
    `Region ${region} has no IVS Real-Time: deploy to one of ${IVS_REGIONS.join(", ")} (--region, AWS_REGION, or the Region of the profile)`,
  );
}

/** Keys and topics serve resources of their own Region only; a deployment would find out half-way. */
export function requireOwnRegion(
  settings: Pick<DeploymentSettings, "kmsKeyArn" | "alarmTopicArn">,
  region: string | undefined,
): void {
  if (!region || Token.isUnresolved(region)) return;
  for (const key of ["kmsKeyArn", "alarmTopicArn"] as const) {
    const arn = settings[key];
    if (arn !== undefined && arn.split(":")[3] !== region)
      throw refusal(key, `an ARN of ${region}, where the stack goes`, arn);
  }
}

/** The stack's Region, by the mapping. */
export function ivsRegion(scope: Construct): string {
  const mapping = new CfnMapping(scope, "RegionsWithIvsRealTime", {
    mapping: Object.fromEntries(IVS_REGIONS.map((region) => [region, { Region: region }])),
  });
  mapping.overrideLogicalId("RegionsWithIvsRealTime");
  return mapping.findInMap(Aws.REGION, "Region");
}
