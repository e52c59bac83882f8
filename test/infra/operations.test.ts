/** The monitoring of a deployment: alarms that ask for an action, a dashboard, saved queries. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { stackFunctions } from "../../infra/function-sizes.ts";
import { LIVEKIT, ofType, type Resource, templateWith, type TemplateJson } from "./synthesis.ts";
import { watchedMetrics } from "./watched-metrics.ts";

let template: TemplateJson;
let liveKit: TemplateJson;
beforeAll(async () => {
  [template, liveKit] = [await templateWith(), await templateWith(LIVEKIT)];
});

const alarms = (of: TemplateJson = template): Resource["Properties"][] =>
  ofType(of, "AWS::CloudWatch::Alarm").map(([, { Properties }]) => Properties);
const names = (of?: TemplateJson): string[] => alarms(of).map(({ AlarmName }) => String(AlarmName));
const queries = (): { Name: string; QueryString: string; LogGroupNames: string[] }[] =>
  ofType(template, "AWS::Logs::QueryDefinition").map(
    // The properties of this type, as the stack sets them.
    ([, { Properties }]) => Properties as { Name: string; QueryString: string; LogGroupNames: string[] },
  );

describe("docs/operations.md", () => {
  const text = readFileSync(join(import.meta.dirname, "../../docs/operations.md"), "utf8");
  /** The text of each section, by its heading. */
  const sections = new Map(
    text
      .split(/^### /m)
      .slice(1)
      .map((section) => {
        const [heading = "", ...lines] = section.split("\n");
        return [heading.replaceAll("`", ""), lines.join("\n")] as const;
      }),
  );

  test("explains for every alarm its meaning, where to look and what to do", () => {
    for (const name of [...names(), ...names(liveKit)]) {
      for (const answer of ["Means", "Look at", "Do"]) {
        expect(sections.get(name), `${name}: ${answer}`).toMatch(
          new RegExp(`^\\*\\*${answer}\\*\\* \\S`, "m"),
        );
      }
    }
  });

  test("has a section only for alarms that exist", () => {
    expect([...sections.keys()].filter((name) => name.startsWith("ringmaster-")).toSorted()).toEqual(
      [...new Set([...names(), ...names(liveKit)])].toSorted(),
    );
  });

  test("names every saved query", () => {
    for (const { Name } of queries()) expect(text).toContain(`\`${Name}\``);
  });
});

describe("alarms", () => {
  test("name the section that explains them", () => {
    for (const { AlarmName, AlarmDescription } of alarms()) {
      expect(AlarmDescription).toMatch(new RegExp(`docs/operations\\.md, ${String(AlarmName)}$`));
    }
  });

  test("watch every dead-letter queue", () => {
    const watched = watchedMetrics(template, "AWS::CloudWatch::Alarm").filter((metric) =>
      metric.includes("ApproximateNumberOfMessagesVisible"),
    );
    // Each queue with a reader names the queue of its dead letters.
    const queues = ofType(template, "AWS::SQS::Queue")
      .filter(([, { Properties }]) => !Properties["RedrivePolicy"])
      .map(([id]) => `AWS/SQS/ApproximateNumberOfMessagesVisible QueueName=${id}`);
    expect(queues.length).toBeGreaterThan(0);
    expect(watched).toEqual(queues.toSorted());
  });

  test("add up at most ten metrics, which is CloudWatch's limit", () => {
    for (const { Metrics = [] } of alarms()) {
      const added = (Metrics as { MetricStat?: unknown }[]).filter(({ MetricStat }) => MetricStat);
      expect(added.length).toBeLessThanOrEqual(10);
    }
  });

  test("on failing requests do not count replies that ask for another try after contention", () => {
    const [failing] = alarms().filter(({ AlarmName }) => AlarmName === "ringmaster-api-failing");
    const metrics = failing?.["Metrics"] as {
      Id: string;
      Expression?: string;
      MetricStat?: { Metric: object };
    }[];
    expect(metrics.find(({ Expression }) => Expression)?.Expression).toBe("replies - FILL(contended, 0)");
    const named = (id: string) => metrics.find(({ Id }) => Id === id)?.MetricStat?.Metric;
    expect(named("replies")).toMatchObject({ Namespace: "AWS/ApiGateway", MetricName: "5xx" });
    expect(named("contended")).toMatchObject({ Namespace: "Ringmaster", MetricName: "RepliesContended" });
  });

  test("are silent without data, except for the pool's keeper and the nightly clean-up", () => {
    const loud = alarms().filter(({ TreatMissingData }) => TreatMissingData !== "notBreaching");
    expect(loud.map(({ AlarmName }) => AlarmName)).toEqual([
      "ringmaster-stage-pool-low",
      "ringmaster-clean-up-missing",
    ]);
  });

  test("notify only a topic that the settings name, at their beginning and at their end", async () => {
    expect(alarms().filter(({ AlarmActions, OKActions }) => AlarmActions ?? OKActions)).toEqual([]);
    const alarmTopicArn = "arn:aws:sns:us-east-1:123456789012:on-call";
    for (const { AlarmActions, OKActions } of alarms(await templateWith({ alarmTopicArn }))) {
      expect([AlarmActions, OKActions]).toEqual([[alarmTopicArn], [alarmTopicArn]]);
    }
  });

  test.each(["on-call", "arn:aws:sqs:us-east-1:123456789012:on-call", 7])(
    "%j is refused as a topic",
    async (alarmTopicArn) => {
      await expect(templateWith({ alarmTopicArn })).rejects.toThrow(
        'context "alarmTopicArn": expected the ARN',
      );
    },
  );

  test("on pushes exist only if the stack has a push provider", async () => {
    const without = names(await templateWith({ push: "none" }));
    expect(names().filter((name) => !without.includes(name))).toEqual([
      "ringmaster-time-to-push-slow",
      "ringmaster-pushes-failing",
      "ringmaster-tokens-gone",
    ]);
  });

  test("miss the nightly clean-up only in stacks where it runs every night", async () => {
    const missing = async (context: Record<string, unknown>) =>
      names(await templateWith(context)).includes("ringmaster-clean-up-missing");
    expect(await missing({ cleanUpCron: "cron(5 23 ? * * *)" })).toBe(true);
    expect(await missing({ cleanUpCron: "cron(30 3 ? * SUN *)" })).toBe(false);
    expect(await missing({ cleanUpNightly: false })).toBe(false);
  });

  test("go off before stages run out: at a quarter of the minimum beyond what calls take in half a minute", async () => {
    const low = alarms(await templateWith({ minStages: 200 })).find(
      ({ AlarmName }) => AlarmName === "ringmaster-stage-pool-low",
    );
    expect(low).toMatchObject({
      Metrics: expect.arrayContaining([
        expect.objectContaining({ Expression: "free - perMinute / 2", ReturnData: true }),
      ]),
      Threshold: 50,
      ComparisonOperator: "LessThanOrEqualToThreshold",
      TreatMissingData: "breaching",
    });
  });
});

test("the only dashboard shows every metric that has an alarm", () => {
  expect(ofType(template, "AWS::CloudWatch::Dashboard")).toMatchObject([
    [expect.anything(), { Properties: { DashboardName: "ringmaster" } }],
  ]);
  const shown = watchedMetrics(template, "AWS::CloudWatch::Dashboard");
  expect(
    watchedMetrics(template, "AWS::CloudWatch::Alarm").filter((metric) => !shown.includes(metric)),
  ).toEqual([]);
});

test("AWS's own metrics are those of this stack's functions and resources", () => {
  const known = new Set([
    ...Object.keys(template.Resources),
    ...stackFunctions("ivs").map((name) => `ringmaster-${name}`),
  ]);
  const foreign = watchedMetrics(template)
    .filter((metric) => metric.startsWith("AWS/"))
    .filter((metric) => !known.has(metric.split("=").at(-1) ?? ""));
  expect(foreign).toEqual([]);
});

describe("the composite alarm", () => {
  const composite = (of: TemplateJson) => ofType(of, "AWS::CloudWatch::CompositeAlarm")[0]?.[1].Properties;

  test("goes off with any other alarm, and is an output", () => {
    const rule = JSON.stringify(composite(template)?.["AlarmRule"]);
    for (const [id] of ofType(template, "AWS::CloudWatch::Alarm")) expect(rule).toContain(`{"Ref":"${id}"}`);
    expect(template.Outputs["AlarmName"]?.Value).toBe("ringmaster");
  });

  test("covers only the alarms on failing calls if operations are lean, and there is no dashboard", async () => {
    const lean = await templateWith({ operations: "lean" });
    expect(names(lean)).toEqual([
      "ringmaster-executions-failed",
      "ringmaster-api-failing",
      "ringmaster-stage-pool-low",
      "ringmaster-calls-repaired",
    ]);
    expect(ofType(lean, "AWS::CloudWatch::Dashboard")).toEqual([]);
    expect(ofType(lean, "AWS::Logs::QueryDefinition")).toHaveLength(queries().length);
    expect(composite(lean)?.["AlarmName"]).toBe("ringmaster");
  });
});

describe("saved queries", () => {
  test("of one call and of failures read the log of every function", () => {
    const everyLog = stackFunctions("ivs").map((name) => `/aws/lambda/ringmaster-${name}`);
    for (const name of ["One call", "One request", "Failed functions"]) {
      const query = queries().find(({ Name }) => Name === `Ringmaster/${name}`);
      expect(query?.LogGroupNames).toEqual(expect.arrayContaining(everyLog));
    }
  });

  test("read only logs of the stack", () => {
    const made = ofType(template, "AWS::Logs::LogGroup").map(
      ([, { Properties }]) => Properties["LogGroupName"],
    );
    for (const { LogGroupNames } of queries()) expect(made).toEqual(expect.arrayContaining(LogGroupNames));
  });

  test("have a pipe before every command but the first", () => {
    for (const { QueryString } of queries()) {
      const [comment, first, ...others] = QueryString.split("\n");
      expect(comment).toMatch(/^# \S/);
      expect(first).toMatch(/^(fields|filter) /);
      for (const other of others) expect(other).toMatch(/^\| (filter|stats|sort|limit) /);
    }
  });
});
