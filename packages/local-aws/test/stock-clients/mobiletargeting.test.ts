import {
  BadRequestException,
  GetApnsChannelCommand,
  GetApnsSandboxChannelCommand,
  GetApnsVoipChannelCommand,
  GetApnsVoipSandboxChannelCommand,
  GetAppCommand,
  GetAppsCommand,
  GetGcmChannelCommand,
  NotFoundException,
  PinpointClient,
  SendMessagesCommand,
} from "@aws-sdk/client-pinpoint";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createPinpoint, type Pinpoint } from "../../src/pinpoint/pinpoint.ts";
import { openStockAws, type StockAws } from "./stock-aws.ts";

let aws: StockAws<Pinpoint>;
let pinpoint: PinpointClient;
let ApplicationId: string;

beforeEach(async () => {
  aws = await openStockAws((localAws) => createPinpoint(localAws));
  pinpoint = new PinpointClient(aws.settings);
  ApplicationId = (await aws.create("AWS::Pinpoint::App", { Name: "orders" })).ref;
});
afterEach(async () => {
  pinpoint.destroy();
  await aws.close();
});

const ring = (...tokens: string[]) =>
  pinpoint.send(
    new SendMessagesCommand({
      ApplicationId,
      MessageRequest: {
        Addresses: Object.fromEntries(tokens.map((token) => [token, { ChannelType: "GCM" }])),
        MessageConfiguration: {
          GCMMessage: { Data: { type: "ring" }, PreferredAuthenticationMethod: "TOKEN" },
        },
      },
    }),
  );

test("an application is shown with its name and date", async () => {
  const { ApplicationResponse } = await pinpoint.send(new GetAppCommand({ ApplicationId }));
  expect(ApplicationResponse).toMatchObject({
    Id: ApplicationId,
    Name: "orders",
    Arn: `arn:aws:mobiletargeting:us-east-1:000000000000:apps/${ApplicationId}`,
    CreationDate: new Date(aws.clock.now()).toISOString(),
  });
});

test("each channel of the template is shown by its own operation", async () => {
  const channel = { ApplicationId, Enabled: true };
  for (const kind of ["GCM", "APNS", "APNSSandbox", "APNSVoip", "APNSVoipSandbox"] as const)
    await aws.create(`AWS::Pinpoint::${kind}Channel`, channel);
  const app = { ApplicationId };
  const expected = (Platform: string) => ({ ApplicationId, Platform, Enabled: true, Version: 1 });
  const gcm = await pinpoint.send(new GetGcmChannelCommand(app));
  expect(gcm.GCMChannelResponse).toMatchObject(expected("GCM"));
  const apns = await pinpoint.send(new GetApnsChannelCommand(app));
  expect(apns.APNSChannelResponse).toMatchObject(expected("APNS"));
  const sandbox = await pinpoint.send(new GetApnsSandboxChannelCommand(app));
  expect(sandbox.APNSSandboxChannelResponse).toMatchObject(expected("APNS_SANDBOX"));
  const voip = await pinpoint.send(new GetApnsVoipChannelCommand(app));
  expect(voip.APNSVoipChannelResponse).toMatchObject(expected("APNS_VOIP"));
  const both = await pinpoint.send(new GetApnsVoipSandboxChannelCommand(app));
  expect(both.APNSVoipSandboxChannelResponse).toMatchObject(expected("APNS_VOIP_SANDBOX"));
});

test("a push has an outcome for each device, inside a reply that succeeds", async () => {
  const { MessageResponse } = await ring("alice-device", "gone-device", "throttled-device");
  expect(MessageResponse).toMatchObject({
    ApplicationId,
    Result: {
      "alice-device": {
        DeliveryStatus: "SUCCESSFUL",
        StatusCode: 200,
        MessageId: expect.any(String),
      },
      "gone-device": { DeliveryStatus: "PERMANENT_FAILURE", StatusCode: 410 },
      "throttled-device": { DeliveryStatus: "THROTTLED" },
    },
  });
  expect(aws.part.inbox.read("alice-device")).toMatchObject([{ data: { type: "ring" } }]);
});

test("an application or channel that is not there is the client's NotFoundException", async () => {
  const missing = pinpoint.send(new GetAppCommand({ ApplicationId: "none" }));
  await expect(missing).rejects.toThrow(NotFoundException);
  await expect(missing).rejects.toMatchObject({
    message: "Resource not found",
    RequestID: expect.any(String),
    $metadata: { httpStatusCode: 404 },
  });
  await expect(pinpoint.send(new GetGcmChannelCommand({ ApplicationId }))).rejects.toThrow(NotFoundException);
});

test("a request without an address is the client's BadRequestException", async () => {
  await expect(ring()).rejects.toThrow(BadRequestException);
});

test("applications are listed page by page", async () => {
  const first = await pinpoint.send(new GetAppsCommand({ PageSize: "1" }));
  expect(first.ApplicationsResponse).toMatchObject({ Item: [{ Id: ApplicationId }] });
  await expect(pinpoint.send(new GetAppsCommand({ PageSize: "none" }))).rejects.toThrow(BadRequestException);
});

test("a stock client has used every operation of Pinpoint", () => expect(aws.untried()).toEqual([]));
