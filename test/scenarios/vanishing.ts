/** Shared by scenarios of vanishing phones: two who talk, IVS's events of them, and the checks of their stage. */
import type { Shape } from "../../packages/local-aws/src/local-aws.ts";
import type { Fault, Interference } from "../../packages/local-aws/src/faults.ts";
import type { World } from "../world.ts";
import { deferred } from "./faults.ts";
import { openScene, type Scene, type Talk } from "./scene.ts";

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;

/** IVS's events of a participant do not reach the bus as they happen. */
export const said = (what: "Published" | "Unpublished", who: string, fault: Fault): Interference => ({
  service: "events",
  operation: "PutServiceEvent",
  times: Number.POSITIVE_INFINITY,
  where: ({ input }) => {
    const { event_name: name, participant_id: id } = input["detail"] as Shape;
    return name === `Participant ${what}` && String(id).startsWith(who);
  },
  fault,
});
export const lost: Fault = async () => ({});

export function vanishing(world: World) {
  return {
    /** Both talk for a minute, so that every check after the answer is over. */
    async talking(): Promise<Talk & { scene: Scene }> {
      const scene = await openScene(world);
      const talk = await scene.talks();
      await world.clock.advance(MINUTE_MS);
      return { scene, ...talk };
    },
    arriving: (...afterMs: number[]): Fault => deferred(world.clock, {}, ...afterMs),
    statusOf: async (callId: string): Promise<unknown> => (await world.item(callId))["status"]?.["S"],
    async secondsUntilEnd(callId: string): Promise<number> {
      const startMs = world.clock.now();
      const isOver = async () => (await world.item(callId))["status"]?.["S"] === "ended";
      await world.clock.until(isOver, 10 * MINUTE_MS);
      return (world.clock.now() - startMs) / SECOND_MS;
    },
    /** The times since then at which `verify-legs` asked IVS for a stage. */
    looksSince: (sinceMs: number): number[] =>
      world.happened.flatMap((one) =>
        one.kind === "aws-call" &&
        one.operation === "GetStage" &&
        one.caller.kind === "role" &&
        one.caller.functionName === "ringmaster-verify-legs" &&
        one.atMs >= sinceMs
          ? [one.atMs]
          : [],
      ),
  };
}
