/** CloudWatch: metric math, when an alarm is raised and clears, and what the operations return. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Clock, virtualClock } from "../src/clock.ts";
import { createCloudWatch, type CloudWatch } from "../src/cloudwatch/cloudwatch.ts";
import { evaluate, type Series } from "../src/cloudwatch/metric-math.ts";
import { statisticOf } from "../src/cloudwatch/metric-store.ts";
import { type LocalAws, openLocalAws, PERSON, type Shape } from "../src/local-aws.ts";

describe("metric math", () => {
  const series: Record<string, Series> = { a: [1, undefined, 3], b: [10, 20, undefined], none: [] };
  const value = (text: string) => evaluate(text, { length: 3, series: (id) => series[id] ?? [] });

  test.each([
    ["a + b", [11, undefined, undefined]],
    ["FILL(a, 0) + FILL(b, 0)", [11, 20, 3]],
    ["2 + 3 * 4 - 6 / 2", [11, 11, 11]],
    ["-(a - 2) ^ 2", [1, undefined, 1]],
    ["IF(FILL(a, 0) >= 0.2 * (FILL(a, 0) + FILL(b, 0)), FILL(a, 0), 0)", [0, 0, 3]],
    ["IF(a > 0 AND b > 0 OR a == 3, 1, 0)", [1, undefined, undefined]],
    ["ABS(1 - a)", [0, undefined, 2]],
  ])("%s", (text, expected) => expect(value(text)).toEqual(expected));

  test.each(["RATE(a)", "a b", "a +", "a; b"])("%s is refused by name", (text) => {
    expect(() => value(text)).toThrow("metric math");
  });
});

test.each([
  ["Sum", 10],
  ["Average", 2.5],
  ["Minimum", 1],
  ["Maximum", 4],
  ["SampleCount", 4],
  ["p50", 2],
  ["p99", 4],
])("%s of 1 to 4 is %d", (statistic, expected) => {
  expect(statisticOf(statistic, [3, 1, 4, 2])).toBe(expected);
  expect(statisticOf(statistic, [])).toBeUndefined();
});

describe("an alarm", () => {
  let clock: Clock;
  let localAws: LocalAws;
  let cloudWatch: CloudWatch;
  beforeEach(() => {
    clock = virtualClock(Date.UTC(2026, 0, 1, 9));
    localAws = openLocalAws({
      clock,
      authorizer: { check: () => undefined },
      region: "us-east-1",
      account: "000000000000",
      quotas: false,
    });
    cloudWatch = createCloudWatch(localAws, {
      apiId: () => "api",
      stateMachineArn: (name) => name,
      gauges: () => [],
    });
    localAws.register(cloudWatch.service);
    cloudWatch.start();
  });
  afterEach(() => clock.dispose());

  const METRIC = { namespace: "App", name: "Faults", dimensions: { service: "ring" } };
  async function alarm(more: Shape): Promise<void> {
    const properties = {
      AlarmName: "faults",
      Namespace: "App",
      MetricName: "Faults",
      Dimensions: [{ Name: "service", Value: "ring" }],
      Statistic: "Sum",
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 2,
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
      ...more,
    };
    const physicalName = () => "made";
    const request = { logicalId: "Alarm", properties, physicalName, assetPath: () => "" };
    await cloudWatch.resources["AWS::CloudWatch::Alarm"]?.create(request);
  }
  const minute = async (...values: number[]): Promise<string | undefined> => {
    for (const value of values) cloudWatch.record(METRIC, value);
    await clock.advance(60_000);
    return cloudWatch.alarms()[0]?.state;
  };

  test("is raised when its statistic reaches the threshold, and clears when values stay below it", async () => {
    await alarm({ TreatMissingData: "notBreaching" });
    expect([await minute(1), await minute(1, 1), await minute(1)]).toEqual(["OK", "ALARM", "OK"]);
  });

  test("waits for as many values in a row as it is told", async () => {
    await alarm({ EvaluationPeriods: 3, TreatMissingData: "notBreaching" });
    expect([await minute(2), await minute(2), await minute(2), await minute(0)]).toEqual([
      "OK",
      "OK",
      "ALARM",
      "OK",
    ]);
  });

  test("takes M of N", async () => {
    await alarm({ EvaluationPeriods: 3, DatapointsToAlarm: 2, TreatMissingData: "notBreaching" });
    expect([await minute(2), await minute(0), await minute(2)]).toEqual(["OK", "OK", "ALARM"]);
  });

  test("that has been raised goes by the last real value until that is three periods old", async () => {
    await alarm({ TreatMissingData: "notBreaching" });
    expect([await minute(2), await minute(), await minute(), await minute()]).toEqual([
      "ALARM",
      "ALARM",
      "ALARM",
      "OK",
    ]);
  });

  test.each([
    ["missing", "INSUFFICIENT_DATA"],
    ["notBreaching", "OK"],
    ["breaching", "ALARM"],
    ["ignore", "INSUFFICIENT_DATA"],
  ])("without any value, which is %s, is %s", async (TreatMissingData, state) => {
    await alarm({ TreatMissingData });
    expect(await minute()).toBe(state);
  });

  test("has periods that end at each full minute", async () => {
    await alarm({ Period: 300, TreatMissingData: "notBreaching" });
    expect([await minute(1), await minute(), await minute(1)]).toEqual(["OK", "OK", "ALARM"]);
  });

  test("tells of each change, once", async () => {
    const told: string[] = [];
    localAws.observe((event) => void (event.kind === "alarm" && told.push(event.state)));
    await alarm({ TreatMissingData: "notBreaching" });
    for (const value of [0, 2, 2, 0, 0]) await minute(value);
    expect(told).toEqual(["OK", "ALARM", "OK"]);
  });

  const call = (operation: string, input: Shape): Promise<Shape> =>
    localAws.call({ service: "cloudwatch", operation, input, caller: PERSON });

  test("is described, and its metric is listed and read", async () => {
    await alarm({ TreatMissingData: "notBreaching" });
    await minute(1, 4);
    expect(await call("DescribeAlarms", { StateValue: "ALARM" })).toMatchObject({
      MetricAlarms: [{ AlarmName: "faults", StateValue: "ALARM" }],
    });
    const Dimensions = [{ Name: "service", Value: "ring" }];
    expect(await call("ListMetrics", { Namespace: "App" })).toEqual({
      Metrics: [{ Namespace: "App", MetricName: "Faults", Dimensions }],
    });
    const Metric = { Namespace: "App", MetricName: "Faults", Dimensions };
    const now = clock.now() / 1000;
    const MetricDataQueries = [
      { Id: "m", ReturnData: false, MetricStat: { Metric, Period: 60, Stat: "Sum" } },
      { Id: "twice", Expression: "m * 2" },
    ];
    expect(
      await call("GetMetricData", { MetricDataQueries, StartTime: now - 120, EndTime: now }),
    ).toMatchObject({
      MetricDataResults: [{ Id: "twice", Values: [10], Timestamps: [now - 60] }],
    });
  });

  test("hears of metrics that programs put, and of those that functions print", async () => {
    await alarm({ TreatMissingData: "notBreaching" });
    const MetricData = [{ MetricName: "Faults", Dimensions: [{ Name: "service", Value: "ring" }], Value: 2 }];
    await call("PutMetricData", { Namespace: "App", MetricData });
    expect(await minute()).toBe("ALARM");
    await clock.advance(180_000);
    const CloudWatchMetrics = [
      { Namespace: "App", Dimensions: [["service"]], Metrics: [{ Name: "Faults" }] },
    ];
    const line = JSON.stringify({ _aws: { CloudWatchMetrics }, service: "ring", Faults: [1, 1] });
    localAws.emit({ kind: "log", functionName: "ring", line });
    expect(await minute()).toBe("ALARM");
    await expect(call("PutMetricData", { Namespace: "AWS/Lambda", MetricData })).rejects.toThrow("Namespace");
  });
});
