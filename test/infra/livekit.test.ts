/** A stack whose calls meet at LiveKit has nothing of IVS: no stages, no pool, no permission; and the webhooks of the server come in. */
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { bundle } from "../../infra/bundle.ts";
import { stackFunctions } from "../../infra/function-sizes.ts";
import { createApp } from "../../infra/ringmaster-app.ts";
import { LIVEKIT as CONTEXT, ofType, permissionsOf, templateWith, type TemplateJson } from "./synthesis.ts";
import { watchedMetrics } from "./watched-metrics.ts";

const READ_KEYS = "secretsmanager:GetSecretValue on arn::secretsmanager:::secret:ringmaster/livekit-??????";

let template: TemplateJson;
let ivs: TemplateJson;
beforeAll(async () => {
  [template, ivs] = [await templateWith(CONTEXT), await templateWith()];
});

const variablesOf = (id: string) =>
  (template.Resources[id]?.Properties["Environment"] as { Variables: Record<string, string> } | undefined)
    ?.Variables ?? {};
const alarms = (of: TemplateJson) =>
  ofType(of, "AWS::CloudWatch::Alarm").map(([, { Properties }]) => String(Properties["AlarmName"]));

describe("the stack", () => {
  test("has no resource, permission or output of IVS, and no table of stages", () => {
    const text = JSON.stringify({ ...template, Metadata: undefined });
    expect(text).not.toMatch(/"ivs:|aws\.ivs|STAGES_TABLE|StagesTable|SigningKey|MaxStages|RegionsWithIvs/);
    expect(ofType(template, "AWS::DynamoDB::GlobalTable")).toHaveLength(
      ofType(ivs, "AWS::DynamoDB::GlobalTable").length - 1,
    );
  });

  test("has the functions of its provider", () => {
    const names = ofType(template, "AWS::Lambda::Function").map(([, { Properties }]) =>
      String(Properties["FunctionName"]),
    );
    expect(names.toSorted()).toEqual(
      stackFunctions("livekit")
        .map((name) => `ringmaster-${name}`)
        .toSorted(),
    );
    expect(names).not.toContain("ringmaster-keep-stages");
  });

  test("goes to a Region without IVS Real-Time", async () => {
    const outdir = mkdtempSync(join(inject("scratch"), "livekit-"));
    const stockholm = createApp({
      bundles: "none",
      outdir,
      inspect: false,
      region: "eu-north-1",
      context: CONTEXT,
    });
    await expect(stockholm).rejects.not.toThrow("IVS");
  });

  test("tells phones and operators where the server is, and the server where its webhooks go", () => {
    expect(template.Outputs["MediaUrl"]?.Value).toBe(CONTEXT.livekitUrl);
    expect(JSON.stringify(template.Outputs["MediaWebhookUrl"]?.Value)).toContain("/webhooks/livekit");
  });

  test("keeps every name that the default stack has and it needs", () => {
    const named = (of: TemplateJson, type: string, key: string) =>
      ofType(of, type).map(([id, { Properties }]) => `${id} ${JSON.stringify(Properties[key])}`);
    for (const [type, key] of [
      ["AWS::SQS::Queue", "QueueName"],
      ["AWS::Events::Rule", "Name"],
    ] as const) {
      const own = named(template, type, key).filter((one) => !one.includes("watch-rooms"));
      expect(named(ivs, type, key)).toEqual(expect.arrayContaining(own));
    }
  });
});

describe("functions that use the server", () => {
  test.each(["RestEntrypoint", "VerifyLegs", "RemoveParticipants", "WatchRooms"])(
    "%s knows it, and reads its keys",
    (id) => {
      expect(variablesOf(id)).toMatchObject({
        LIVEKIT_URL: CONTEXT.livekitUrl,
        LIVEKIT_SECRET: CONTEXT.livekitSecret,
      });
      expect(permissionsOf(template, id)).toContain(READ_KEYS);
    },
  );

  test("are no others", () => {
    const able = ofType(template, "AWS::Lambda::Function").filter(([id]) =>
      permissionsOf(template, id).some((one) => one.startsWith("secretsmanager:")),
    );
    expect(able.map(([id]) => id).toSorted()).toEqual([
      "ReceiveWebhook",
      "RemoveParticipants",
      "RestEntrypoint",
      "VerifyLegs",
      "WatchRooms",
    ]);
  });

  test("what watches rooms may list the open calls and pass them on, and nothing else", () => {
    const work = permissionsOf(template, "WatchRooms").filter((one) => !/^(xray|logs):|failed/.test(one));
    expect(work).toEqual(
      [
        "dynamodb:Query on CallsTable/index/by-sweep-time",
        "sqs:SendMessage on LegsInDoubt",
        READ_KEYS,
      ].toSorted(),
    );
  });

  test("the receiver of webhooks may put events on the default bus, and nothing else", () => {
    const work = permissionsOf(template, "ReceiveWebhook").filter((one) => !/^(xray|logs):/.test(one));
    expect(work).toEqual(["events:PutEvents on arn::events:::event-bus/default", READ_KEYS].toSorted());
  });
});

describe("the webhooks' route", () => {
  const routes = () =>
    ofType(template, "AWS::ApiGatewayV2::Route").map(([, { Properties }]) => [
      String(Properties["RouteKey"]),
      String(Properties["AuthorizationType"]),
    ]);

  test("is the only one that takes requests without a sign-in", () => {
    expect(routes().filter(([, authorization]) => authorization !== "JWT")).toEqual([
      ["POST /webhooks/livekit", "NONE"],
    ]);
    expect(routes().length).toBe(ofType(ivs, "AWS::ApiGatewayV2::Route").length + 1);
  });
});

describe("for those who run it", () => {
  test("there is an alarm for refused webhooks in place of those of the pool", () => {
    expect(alarms(template).filter((name) => !alarms(ivs).includes(name))).toEqual([
      "ringmaster-dead-letters-watch-rooms",
      "ringmaster-webhooks-refused",
    ]);
    expect(alarms(template).filter((name) => /stage-(pool|quota|records)/.test(name))).toEqual([]);
  });

  test("the dashboard shows every metric that has an alarm, and none of the pool", () => {
    const shown = watchedMetrics(template, "AWS::CloudWatch::Dashboard");
    const watched = watchedMetrics(template, "AWS::CloudWatch::Alarm");
    expect(watched.filter((metric) => !shown.includes(metric))).toEqual([]);
    expect(shown.filter((metric) => metric.includes("keep-stages"))).toEqual([]);
  });

  test("saved queries read only logs that the stack makes", () => {
    const made = ofType(template, "AWS::Logs::LogGroup").map(
      ([, { Properties }]) => Properties["LogGroupName"],
    );
    for (const [, { Properties }] of ofType(template, "AWS::Logs::QueryDefinition"))
      expect(made).toEqual(expect.arrayContaining(Properties["LogGroupNames"] as string[]));
  });
});

test("a bundle knows one provider", async () => {
  const built = async (media: "ivs" | "livekit") => {
    const outputDir = mkdtempSync(join(inject("scratch"), `bundles-${media}-`));
    const { metafile } = await bundle({ outputDir, media });
    return (name: string) => {
      const output = Object.entries(metafile.outputs).find(([file]) => file.endsWith(`/${name}/index.mjs`));
      return Object.entries(output?.[1].inputs ?? {})
        .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
        .map(([file]) => file);
    };
  };
  const [atLiveKit, atIvs] = [await built("livekit"), await built("ivs")];
  for (const name of [
    "rest-entrypoint",
    "screen-hints",
    "verify-legs",
    "remove-participants",
    "close-stage",
    "sweep-calls",
  ]) {
    expect([name, atLiveKit(name).filter((file) => /media\/ivs\/|client-ivs/.test(file))]).toEqual([
      name,
      [],
    ]);
    expect([name, atIvs(name).filter((file) => file.includes("media/livekit/"))]).toEqual([name, []]);
  }
  expect(atLiveKit("verify-legs")).toContain("handlers/media/livekit/room-checks.ts");
});
