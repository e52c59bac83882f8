/** How the console serves its views: live, to this machine only, without any token, and without writing. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AwsError } from "../../packages/local-aws/src/local-aws.ts";
import type { CallsView, CallView, ClientsView } from "../../tools/console/views.ts";
import { type ConsoleWorld, idsOf, startConsoleWorld } from "./console-world.ts";

let at: ConsoleWorld;
beforeAll(async () => {
  at = await startConsoleWorld();
});
afterAll(async () => at?.world[Symbol.asyncDispose]());

describe("a watched view", () => {
  /** The messages so far. The stream stays open until `end`. */
  async function watched(path: string) {
    const answer = await at.ask(path, { accept: "text/event-stream" });
    if (!("stream" in answer)) throw new Error(`${path} does not go on`);
    const written: string[] = [];
    const end = answer.stream((text) => void written.push(text));
    const last = <T>(): T => JSON.parse(written.at(-1)?.replace(/^data: /m, "") ?? "null") as T;
    return { written, end, last };
  }

  test("is sent again only when it has changed, and is read once for all watchers", async () => {
    const [one, other] = [await watched("calls"), await watched("calls")];
    await at.world.clock.advance(1_000);
    expect(one.written).toHaveLength(1);
    await at.world.clock.advance(180_000);
    expect(one.written).toHaveLength(1);
    const callId = String((await at.begin(at.carol)).body["callId"]);
    await at.world.clock.advance(1_000);
    expect(one.last<CallsView>().calls[0]).toMatchObject({ callId, status: "calling", execution: "RUNNING" });
    expect(other.last()).toEqual(one.last());
    const single = await watched(`calls/${callId}`);
    await at.world.clock.advance(1_000);
    const reads = (): number =>
      at.world.happened.filter((one) => one.kind === "aws-call" && one.operation === "ListExecutions").length;
    const before = reads();
    await at.carol.send({ action: "ackRinging", callId });
    await at.world.clock.advance(1_000);
    expect(one.last<CallsView>().calls[0]).toMatchObject({ status: "ringing" });
    expect(single.last<CallView>()).toMatchObject({
      call: { status: "ringing" },
      executions: [{ status: "RUNNING" }],
    });
    expect(reads() - before).toBeLessThanOrEqual(3);
    const { clients } = await at.view<ClientsView>("clients");
    const inIt = clients.filter(({ activeCallId }) => activeCallId === callId);
    expect(new Set(inIt.map(({ clientId }) => clientId))).toEqual(
      new Set([at.alice.clientId, at.carol.clientId]),
    );
    expect(idsOf(await at.view<CallsView>(`calls?client=${at.carol.clientId}`))[0]).toBe(callId);
    for (const { end } of [one, other, single]) end();
    const ended = one.written.length;
    await at.carol.send({ action: "declineCall", callId });
    await at.world.clock.advance(5_000);
    expect(one.written).toHaveLength(ended);
  });

  test("that cannot be read is a problem in the stream, until it can", async () => {
    const stop = at.world.runtime.localAws.interfere({
      service: "states",
      operation: "ListExecutions",
      times: Number.POSITIVE_INFINITY,
      fault: async () => {
        throw new AwsError("AccessDeniedException", "not authorized to perform: states:ListExecutions");
      },
    });
    const { written, end } = await watched("operations");
    await at.world.clock.advance(1_000);
    expect(written).toEqual([expect.stringMatching(/^event: problem\ndata: .*states:ListExecutions/)]);
    stop();
    await at.world.clock.advance(10_000);
    expect(written.at(-1)).toMatch(/^data: \{"operations":/);
    end();
  });
});

describe("the console", () => {
  test("shows no token of any kind in any view", async () => {
    const paths = [
      "stack calls clients stages operations events overview search?q=bob dead-letters".split(" "),
      ...Object.values(at.calls).map((id) => `calls/${id}`),
      ...[at.alice, at.bob, at.carol].map(({ clientId }) => `clients/${clientId}`),
    ].flat();
    const shown = (await Promise.all(paths.map((path) => at.view(path))))
      .map((one) => JSON.stringify(one))
      .join();
    expect(shown.length).toBeGreaterThan(50_000);
    // Neither a participant token, a device token, the beginning of a task token nor a client's owner is shown.
    for (const secret of [at.aliceToken, "alice-phone", "bob-phone", "AAAAKgAAAAI"])
      expect(shown).not.toContain(secret);
    expect(shown).not.toMatch(/eyJ[\w-]+\.[\w-]+\.|"(sub|deviceToken|taskToken)":/);
  });

  test.each([
    [{ host: "ringmaster.example" }, 403],
    [{ host: "127.0.0.1.example:4000" }, 403],
    [{ host: "localhost:4000", "sec-fetch-site": "cross-site" }, 403],
    [{ host: "[::1]:4000" }, 200],
    [{ host: "localhost" }, 200],
  ])("answers %j with %i", async (headers, status) => {
    const answer = await at.reply("stack", headers);
    expect(answer.status).toBe(status);
    expect(Object.keys(answer.headers).join()).not.toContain("access-control");
  });

  test("writes nothing in a view: views only read, and other methods are refused", async () => {
    expect(await at.reply("calls", {}, "PUT")).toMatchObject({ status: 405 });
    expect(await at.reply("calls", { "content-type": "application/json" }, "POST", "{}")).toMatchObject({
      status: 404,
    });
    const from = at.world.happened.length;
    for (const path of [
      ..."calls clients stages operations events overview search?q=bob dead-letters calls.csv?from=0&to=1".split(
        " ",
      ),
      `calls/${at.calls.missed}`,
    ])
      await at.ask(path);
    const used = at.world.happened
      .slice(from)
      .flatMap((one) => (one.kind === "aws-call" ? [one.operation] : []));
    expect(
      used.filter(
        (operation) => !/^(Get|List|Describe|Query|Scan|BatchGet|Filter|ReceiveMessage$)/.test(operation),
      ),
    ).toEqual([]);
  });
});
