/** How many AWS requests wait for each other, as counts: test/budgets.json. If a number falls, the file is updated. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { counting, delayCalls, tripsIn } from "../../bench/round-trips/delayed-calls.ts";
import { measureWaits, phonesOf, type Waits } from "../../bench/round-trips/waits.ts";
import { startWorld } from "../world.ts";

interface Budgets {
  /** For each command until its reply, and for what follows from it. */
  readonly requestsInSequence: Readonly<Record<string, number>>;
}
const budgets = JSON.parse(readFileSync(new URL("../budgets.json", import.meta.url), "utf8")) as Budgets;

test("every command, push and ending waits for as many AWS requests in sequence as its budget says", async () => {
  await using world = await startWorld();
  const { runtime } = world;
  const play = async (): Promise<Waits> => {
    const phones = await phonesOf(runtime);
    const stop = delayCalls(runtime.localAws, counting);
    try {
      return await measureWaits(runtime, phones);
    } finally {
      stop();
    }
  };
  // The first play loads what instances keep between requests.
  await play();
  const requests = Object.entries(await play()).map(([name, ms]) => [name, tripsIn(ms).requests]);
  expect(Object.fromEntries(requests)).toEqual(budgets.requestsInSequence);
});
