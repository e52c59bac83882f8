/** A stack is only made in a Region with IVS Real-Time: any other stops the synthesis with an explanation. */
import { App } from "aws-cdk-lib";
import { expect, test } from "vitest";
import { createApp } from "../../infra/ringmaster-app.ts";
import { IVS_REGIONS } from "../../infra/ivs-regions.ts";
import { RingmasterStack } from "../../infra/ringmaster-stack.ts";
import { readSettings } from "../../infra/settings.ts";
import { templateWith } from "./synthesis.ts";

const LIST = "ap-northeast-1, ap-northeast-2, ap-south-1, eu-central-1, eu-west-1, us-east-1, us-west-2";

test("a Region without IVS Real-Time stops the synthesis, with the list of Regions that have it", async () => {
  const stockholm = createApp({ bundles: "none", inspect: false, region: "eu-north-1" });
  await expect(stockholm).rejects.toThrow(`Region eu-north-1 has no IVS Real-Time: deploy to one of ${LIST}`);
});

test.each([
  ["kmsKeyArn", "arn:aws:kms:eu-west-1:123456789012:key/0b1c2d3e-1111-4222-8333-444455556666"],
  ["alarmTopicArn", "arn:aws:sns:eu-west-1:123456789012:alarms"],
])("a %s of a Region other than the deployment's stops the synthesis", async (key, arn) => {
  const frankfurt = createApp({
    bundles: "none",
    inspect: false,
    region: "eu-central-1",
    context: { [key]: arn },
  });
  await expect(frankfurt).rejects.toThrow(
    `context "${key}": expected an ARN of eu-central-1, where the stack goes, got "${arn}"`,
  );
});

test("a stack that names such a Region itself stops the synthesis too", () => {
  const env = { region: "sa-east-1", account: "123456789012" };
  const props = { settings: readSettings({}), bundles: "none", env };
  expect(() => new RingmasterStack(new App(), "Ringmaster", props)).toThrow(`sa-east-1 has no IVS Real-Time`);
});

test("a template for any Region looks its Region up in the mapping, or fails", async () => {
  const template = await templateWith();
  const { RegionsWithIvsRealTime: mapping } =
    (template as { Mappings?: Record<string, object> }).Mappings ?? {};
  expect(Object.keys(mapping ?? {})).toEqual(IVS_REGIONS);
  expect(template.Resources["StagePool"]?.Properties["Region"]).toEqual({
    "Fn::FindInMap": ["RegionsWithIvsRealTime", { Ref: "AWS::Region" }, "Region"],
  });
});
