/** What a call costs: every unit that local AWS meters during the call, at list prices, beside the system before this one. */
import { functionSizes } from "../infra/function-sizes.ts";
import { direct } from "./baselines/direct.ts";
import { ENDINGS, type Ending, type Players } from "./endings.ts";
import { dollarsOf, PARTICIPANT_HOUR_DOLLARS, PRICES, unpriced } from "./prices.ts";
import { openStack, type Stack, stillSchedules } from "./stack.ts";
import { phonesOf } from "./round-trips/waits.ts";
import type { BarChart } from "./report/bar-chart.ts";
import { ratio, type Section } from "./report/section.ts";

/** Longer than anything that a call has under way after its end. */
const QUIET_MS = 90_000;
const HOUR_MS = 3_600_000;
const HOURS_A_MONTH = 730;
/** The billed time of an invocation is an assumption, because a laptop's milliseconds say nothing about Lambda's. */
const BILLED_SECONDS = 0.05;
const SAMPLED = 0.05;
/** Not part of a call: schedules, and secrets that each instance of a function reads now and then. */
const SHARED: readonly string[] = ["scheduler:invocation", "secretsmanager:api-call"];

type Units = Readonly<Record<string, number>>;

export async function measure(): Promise<Section> {
  using stack = await openStack({ ringAttemptsPerMinute: "1000", registrationsPerHour: "10000" });
  const idle = await idleHour(stack);
  stillSchedules(stack);
  const costs = new Map<string, Units>();
  for (const [name, ending] of Object.entries(ENDINGS)) costs.set(name, await unitsOf(stack, ending));
  const before = await directUnits(stack);
  const noOp = { "http-api:request": 1, "lambda:request": 1, ...billed({ "rest-entrypoint": 1 }) };
  costs.set("direct: completed", before).set("no-op: one request", noOp);
  const left = [...new Set([...costs.values()].flatMap(unpriced))];
  if (left.length > 0) throw new Error(`metered, but without a price: ${left.join(", ")}`);
  return { text: text(costs, idle), tables: [unitTable(costs), dollarTable(costs)], plots: [plot(costs)] };
}

const text = (costs: ReadonlyMap<string, Units>, idle: Units): string[] => {
  const dollars = (name: string): number => dollarsOf(costs.get(name) ?? {});
  const hour = dollars("completed, 1 hour and 3 minutes") - dollars("completed, 3 minutes");
  return [
    "Counted at local AWS from the request to 90 s after the end, with what runs every minute left out. Lambda's time is an assumption:" +
      ` ${BILLED_SECONDS * 1_000} ms are billed for an invocation; X-Ray takes one invocation in twenty. Phones that listen by AppSync` +
      " pay $2 a million updates, one for each leg's event, and $0.08 a million minutes.",
    `**An hour of talk** adds $${hour.toFixed(6)}. IVS itself takes $${(2 * PARTICIPANT_HOUR_DOLLARS).toFixed(3)} an hour for two people with` +
      ` video, a tenth of it without: the hour's media cost ${((2 * PARTICIPANT_HOUR_DOLLARS) / Math.max(hour, 1e-9)).toFixed(0)} times as much as its watching.`,
    `**Idle**, a stack takes $${(dollarsOf(idle) * HOURS_A_MONTH).toFixed(2)} a month of metered units. Alarms ($0.10 each), metrics ($0.30 each) and the` +
      " dashboard come to it, whatever the calls.",
    "*Direct* is the system before this one, without a workflow, events, live state, history or repairs, and with its clean-up by API:" +
      " what the difference buys. IVS's API calls are free; their rates are not for sale.",
  ];
};

async function unitsOf(stack: Stack, { before, play, after }: Ending): Promise<Units> {
  const players: Players = { runtime: stack.runtime, ...(await phonesOf(stack.runtime)) };
  await before?.(players);
  await stack.clock.advance(QUIET_MS);
  const units = await metered(stack, () => play(players));
  await after?.(players);
  return Object.fromEntries(Object.entries(units).filter(([unit]) => !SHARED.includes(unit)));
}

/** The units of `work` and of what follows from it. Lambda's time is the assumption. */
async function metered(
  { runtime: { localAws }, clock }: Stack,
  work: () => Promise<unknown>,
): Promise<Units> {
  const before = { ...localAws.units };
  const invocations: Record<string, number> = {};
  const stop = localAws.observe((told) => {
    if (told.kind === "invocation")
      invocations[told.functionName] = (invocations[told.functionName] ?? 0) + 1;
  });
  await work();
  await clock.advance(QUIET_MS);
  stop();
  const spent = Object.entries(localAws.units).map(([unit, amount]): [string, number] => [
    unit,
    amount - (before[unit] ?? 0),
  ]);
  const units = Object.fromEntries(spent.filter(([, amount]) => amount > 0));
  return { ...units, ...billed(invocations) };
}

function billed(invocations: Readonly<Record<string, number>>): Units {
  const gigabyteSeconds = Object.entries(invocations).map(([name, amount]) => {
    const { memoryMb } = sizeOf(name.replace(/^ringmaster-/, ""));
    return (amount * BILLED_SECONDS * memoryMb) / 1024;
  });
  const all = Object.values(invocations).reduce((sum, amount) => sum + amount, 0);
  return {
    "lambda:gb-second": gigabyteSeconds.reduce((sum, one) => sum + one, 0),
    "xray:trace": SAMPLED * all,
  };
}

function sizeOf(name: string): { readonly memoryMb: number } {
  const size = Object.entries(functionSizes).find(([one]) => one === name)?.[1];
  if (!size) throw new Error(`no function is named ${name}`);
  return size;
}

/** The units of an hour without calls. */
const idleHour = (stack: Stack): Promise<Units> =>
  metered(stack, () => stack.clock.advance(HOUR_MS - QUIET_MS));

async function directUnits(stack: Stack): Promise<Units> {
  const before = direct(stack.runtime);
  const units = await metered(stack, async () => {
    const call = await before.initiateCall("alice", "bob");
    await before.endCall(call, "caller");
    await before.endCall(call, "callee");
  });
  const { "lambda:request": requests = 0 } = units;
  const { "scheduler:invocation": _schedules, ...own } = units;
  return { ...own, ...billed({ "send-push": requests }) };
}

const unitNames = (costs: ReadonlyMap<string, Units>): string[] =>
  Object.keys(PRICES).filter((unit) => [...costs.values()].some((units) => (units[unit] ?? 0) > 0));

const amountText = (amount: number): string =>
  amount >= 100 || Number.isInteger(amount) ? Math.round(amount).toLocaleString("en") : amount.toFixed(2);

function unitTable(costs: ReadonlyMap<string, Units>) {
  const rows = unitNames(costs).map((unit) => [
    `\`${unit}\``,
    ...[...costs.values()].map((units) => amountText(units[unit] ?? 0)),
  ]);
  return { caption: "Units", head: ["", ...costs.keys()], rows };
}

function dollarTable(costs: ReadonlyMap<string, Units>) {
  const baseline = dollarsOf(costs.get("direct: completed") ?? {});
  const service = (unit: string): string => unit.split(":")[0] ?? unit;
  const services = [...new Set(unitNames(costs).map(service))];
  const of = (units: Units, wanted: string): number =>
    dollarsOf(Object.fromEntries(Object.entries(units).filter(([unit]) => service(unit) === wanted)));
  const millionth = (dollars: number): string => (dollars * 1e6).toFixed(1);
  const rows = [
    ...services.map((one) => [one, ...[...costs.values()].map((units) => millionth(of(units, one)))]),
    ["**all**", ...[...costs.values()].map((units) => `**${millionth(dollarsOf(units))}**`)],
    ["ratio to *direct*", ...[...costs.values()].map((units) => ratio(dollarsOf(units), baseline))],
  ];
  return {
    caption: "Dollars a million calls (millionths of a dollar a call)",
    head: ["", ...costs.keys()],
    rows,
  };
}

function plot(costs: ReadonlyMap<string, Units>): BarChart {
  return {
    kind: "bars",
    title: "A million calls, by how they end",
    label: "dollars",
    series: ["all metered units", "of which state transitions"],
    rows: [...costs]
      .filter(([name]) => name !== "expired")
      .map(([name, units]) => ({
        name,
        values: [
          dollarsOf(units) * 1e6,
          (units["states:transition"] ?? 0) * (PRICES["states:transition"] ?? 0) * 1e6,
        ],
      })),
  };
}
