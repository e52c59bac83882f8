/**
 * Where a stack can be: IVS Real-Time exists in some Regions only. A deployment elsewhere would fail half-way. If synthesis
 * knows the Region, it stops. Otherwise CloudFormation finds no entry in the template's mapping and stops before it makes anything.
 */
import { Aws, CfnMapping, Token } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { IVS_REGIONS } from "./ivs-regions.ts";
import { SettingError } from "./setting-values.ts";

/** `region` may be unknown, or a token. */
export function requireIvs(region: string | undefined): void {
  if (!region || Token.isUnresolved(region) || IVS_REGIONS.includes(region)) return;
  throw new SettingError(
    `Region ${region} has no IVS Real-Time: deploy to one of ${IVS_REGIONS.join(", ")} (AWS_REGION, or the Region of the profile)`,
  );
}

/** The stack's Region, by the mapping. */
export function ivsRegion(scope: Construct): string {
  const mapping = new CfnMapping(scope, "RegionsWithIvsRealTime", {
    mapping: Object.fromEntries(IVS_REGIONS.map((region) => [region, { Region: region }])),
  });
  mapping.overrideLogicalId("RegionsWithIvsRealTime");
  return mapping.findInMap(Aws.REGION, "Region");
}
