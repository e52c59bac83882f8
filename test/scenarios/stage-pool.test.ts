/** The pool of stages under calls: its size after the deployment, its growth, refusals, and throttling. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { synthesize } from "../../local/synthesize.ts";
import { type Phone, type Reply, startWorld, type World } from "../world.ts";
import { begins, calls, ends, openCast } from "./cast.ts";
import { refused, THROTTLED } from "./faults.ts";

const MINUTE_MS = 60_000;
const SECOND_MS = 1_000;

let world: World;
async function poolOf(minStages: number, maxStages: number): Promise<void> {
  const context = { minStages: String(minStages), maxStages: String(maxStages) };
  const { directory: assembly } = await synthesize({ context });
  world = await startWorld({ assembly });
}
beforeEach(() => poolOf(6, 10));
afterEach(async () => world[Symbol.asyncDispose]());

async function pairs(count: number): Promise<[Phone, Phone][]> {
  const found: [Phone, Phone][] = [];
  for (let n = 0; n < count; n += 1) {
    const cast = await openCast(world);
    found.push([await cast.phone("alice"), await cast.phone("bob")]);
  }
  return found;
}

const statuses = async (): Promise<string[]> => {
  const { Items } = await world.aws("dynamodb", "Scan", {
    TableName: world.runtime.physicalId("StagesTable"),
  });
  return (Items as { status?: { S: string } }[]).flatMap(({ status }) => status?.S ?? []);
};
const count = async (status: string): Promise<number> =>
  (await statuses()).filter((one) => one === status).length;

const asked = (operation: string, sinceMs = 0) =>
  world.happened.flatMap((one) =>
    one.kind === "aws-call" && one.operation === operation && one.atMs >= sinceMs ? [one] : [],
  );

test("a fresh deployment serves as many calls in its first second as it has stages", async () => {
  expect(await statuses()).toEqual(Array(6).fill("free"));
  const callers = await pairs(6);
  const replies = await Promise.all(callers.map(([alice, bob]) => calls(alice, [bob])));
  expect(replies.map(({ status }) => status)).toEqual(Array(6).fill(200));
  expect(await count("leased")).toBe(6);
});

test("a pool that runs low grows within seconds, not only after a minute, and no request creates a stage", async () => {
  const callers = await pairs(5);
  for (const [alice, bob] of callers) await begins(alice, bob);
  await world.clock.advance(3 * SECOND_MS);
  expect((await statuses()).length).toBe(10);
  const makers = new Set(
    asked("CreateStage").map(({ caller }) => "functionName" in caller && caller.functionName),
  );
  expect([...makers]).toEqual(["ringmaster-keep-stages"]);
});

test("while every stage is in use, callers are refused at little cost, and succeed after Retry-After", async () => {
  const callers = await pairs(11);
  const busy: Reply[] = [];
  for (const [alice, bob] of callers.slice(0, 5)) busy.push(await calls(alice, [bob]));
  await world.clock.advance(5 * SECOND_MS);
  for (const [alice, bob] of callers.slice(5, 10)) busy.push(await calls(alice, [bob]));
  expect(busy.map(({ status }) => status)).toEqual(Array(10).fill(200));
  const [late, friend] = callers[10] ?? [];
  if (!late || !friend) throw new Error("there are eleven pairs");
  await world.clock.advance(SECOND_MS);
  const sinceMs = world.clock.now();
  const reply = await calls(late, [friend]);
  expect(reply).toMatchObject({ status: 503, body: { code: "no_stage" } });
  const queries = asked("Query", sinceMs).filter(
    ({ caller }) => "functionName" in caller && caller.functionName === "ringmaster-rest-entrypoint",
  );
  // Two for free stages, and one beside them for the caller's name.
  expect(queries).toHaveLength(3);
  const [[alice] = []] = callers;
  if (alice) await ends(alice, String(busy[0]?.body["callId"]));
  await world.clock.advance(5 * SECOND_MS);
  // The stage of an unanswered call did not wait for the caller's token to expire.
  expect(await calls(late, [friend])).toMatchObject({ status: 200 });
});

test("while IVS throttles, the keeper continues with what it may do, and catches up afterwards", async () => {
  const callers = await pairs(4);
  for (const operation of ["CreateStage", "ListStages"])
    world.runtime.localAws.interfere({
      service: "ivs",
      operation,
      from: "ringmaster-keep-stages",
      times: 40,
      fault: refused(THROTTLED),
    });
  const ids: string[] = [];
  for (const [alice, bob] of callers) ids.push(await begins(alice, bob));
  for (const [n, [alice]] of callers.entries()) await ends(alice, ids[n] ?? "");
  await world.clock.advance(8 * MINUTE_MS);
  const failed = world.happened.filter(
    (one) => one.kind === "invocation" && one.functionName === "ringmaster-keep-stages" && one.error,
  );
  expect(failed).toEqual([]);
  expect([await count("free"), await count("resting")]).toEqual([10, 0]);
});
