/** Each channel exists if its credentials are named, and the template contains references to them, never values. */
import { expect, test } from "vitest";
import { ofType, permissionsOf, templateWith, type TemplateJson } from "./synthesis.ts";

const channels = (template: TemplateJson) =>
  Object.values(template.Resources)
    .filter(({ Type }) => /^AWS::Pinpoint::\w+Channel$/.test(Type))
    .map(({ Type }) => Type.slice("AWS::Pinpoint::".length))
    .toSorted();

const pinpointIn = ({ Resources }: TemplateJson) =>
  Object.values(Resources).filter(({ Type }) => Type.startsWith("AWS::Pinpoint::"));

const only = (template: TemplateJson, type: string) => ofType(template, type)[0]?.[1].Properties;

test("without credentials there is no Pinpoint application, which AWS would refuse to a new customer", async () => {
  const template = await templateWith();
  expect(pinpointIn(template)).toEqual([]);
  const environment = JSON.stringify(template.Resources["SendPush"]?.Properties["Environment"]);
  expect(environment).toContain('"PUSH":"pinpoint"');
  expect(environment).not.toContain("PINPOINT_APP_ID");
  expect(permissionsOf(template, "SendPush").join()).not.toContain("mobiletargeting");
  expect(template.Outputs).not.toHaveProperty("PinpointAppId");
});

test("an existing application is used unchanged", async () => {
  const pinpointAppId = "0123456789abcdef0123456789abcdef";
  const template = await templateWith({ pinpointAppId });
  expect(pinpointIn(template)).toEqual([]);
  expect(template.Resources["SendPush"]?.Properties).toMatchObject({
    Environment: { Variables: { PUSH: "pinpoint", PINPOINT_APP_ID: pinpointAppId } },
  });
  expect(permissionsOf(template, "SendPush")).toContain(
    `mobiletargeting:SendMessages on arn::mobiletargeting:::apps/${pinpointAppId}/messages`,
  );
  expect(template.Outputs["PinpointAppId"]?.Value).toBe(pinpointAppId);
});

test("an FCM secret makes the FCM channel, with token authentication", async () => {
  const template = await templateWith({ fcmSecret: "ringmaster/fcm" });
  expect(channels(template)).toEqual(["GCMChannel"]);
  expect(ofType(template, "AWS::Pinpoint::App").map(([id]) => id)).toEqual(["PushApp"]);
  expect(only(template, "AWS::Pinpoint::GCMChannel")).toMatchObject({
    Enabled: true,
    DefaultAuthenticationMethod: "TOKEN",
    ServiceJson: "{{resolve:secretsmanager:ringmaster/fcm:SecretString:::}}",
  });
});

test("an APNs key makes the alert and the VoIP channel", async () => {
  const template = await templateWith({ apnsSecret: "ringmaster/apns" });
  expect(channels(template)).toEqual(["APNSChannel", "APNSVoipChannel"]);
  const field = (name: string) => `{{resolve:secretsmanager:ringmaster/apns:SecretString:${name}::}}`;
  for (const type of ["AWS::Pinpoint::APNSChannel", "AWS::Pinpoint::APNSVoipChannel"]) {
    expect(only(template, type)).toMatchObject({
      Enabled: true,
      DefaultAuthenticationMethod: "KEY",
      BundleId: field("bundleId"),
      TeamId: field("teamId"),
      TokenKeyId: field("keyId"),
      TokenKey: field("key"),
    });
  }
});

test("an APNs certificate makes the same channels, and the sandbox's on request", async () => {
  const template = await templateWith({ apnsCertificateSecret: "ringmaster/apns", apnsSandbox: "true" });
  expect(channels(template)).toEqual([
    "APNSChannel",
    "APNSSandboxChannel",
    "APNSVoipChannel",
    "APNSVoipSandboxChannel",
  ]);
  const field = (name: string) => `{{resolve:secretsmanager:ringmaster/apns:SecretString:${name}::}}`;
  expect(only(template, "AWS::Pinpoint::APNSVoipSandboxChannel")).toMatchObject({
    DefaultAuthenticationMethod: "CERTIFICATE",
    BundleId: field("bundleId"),
    Certificate: field("certificate"),
    PrivateKey: field("privateKey"),
  });
});
