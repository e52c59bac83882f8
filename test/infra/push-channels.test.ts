/** Each channel exists if its credentials are named, and the template holds references to them, never values. */
import { expect, test } from "vitest";
import { ofType, templateWith, type TemplateJson } from "./synthesis.ts";

const channels = (template: TemplateJson) =>
  Object.values(template.Resources)
    .filter(({ Type }) => /^AWS::Pinpoint::\w+Channel$/.test(Type))
    .map(({ Type }) => Type.slice("AWS::Pinpoint::".length))
    .toSorted();

const only = (template: TemplateJson, type: string) => ofType(template, type)[0]?.[1].Properties;

test("without credentials there is an application and no channel", async () => {
  const template = await templateWith();
  expect(ofType(template, "AWS::Pinpoint::App")).toHaveLength(1);
  expect(channels(template)).toEqual([]);
});

test("an FCM secret makes the FCM channel, with token authentication", async () => {
  const template = await templateWith({ fcmSecret: "ringmaster/fcm" });
  expect(channels(template)).toEqual(["GCMChannel"]);
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

test("an APNs certificate makes the same channels, and the sandbox's when asked", async () => {
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
