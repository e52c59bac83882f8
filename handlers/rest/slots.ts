/** Whose slot is taken, by what: a pointer to a call counts only while that call is living and the client has a part in it. */
import { type Call, isHeldBy, isLiving, legsOf } from "../../calls/call.ts";
import type { Client } from "../../calls/client.ts";
import { MAX_ADMISSION_ATTEMPTS, MAX_CONFLICT_RETRIES, MAX_LOST_ROOMS } from "../../calls/limits.ts";
import { Problem } from "../../api/problems.ts";
import type { CommandContext } from "./command-context.ts";

export interface Slots {
  /** The living call that a client takes part in, or whose ring it hears. */
  holderOf(client: Client): Call | undefined;
  /** Living calls that these clients have left but whose pointers they still have. */
  leftBy(clients: readonly Client[]): Call[];
}

export async function readSlots({ calls, edge }: CommandContext, clients: readonly Client[]): Promise<Slots> {
  const named = [...new Set(clients.flatMap(({ activeCallId }) => activeCallId ?? []))];
  const found = await Promise.all(named.map((callId) => calls.read(callId)));
  const living = found.filter((call) => call !== undefined && isLiving(call, edge.now()));
  const namedBy = ({ activeCallId }: Client): Call | undefined =>
    living.find((call) => call?.callId === activeCallId);
  return {
    holderOf(client) {
      const call = namedBy(client);
      return call && isHeldBy(call, client.clientId) ? call : undefined;
    },
    leftBy: (some) => [
      ...new Set(
        some.flatMap((client) => {
          const call = namedBy(client);
          return call && !isHeldBy(call, client.clientId) ? [call] : [];
        }),
      ),
    ],
  };
}

/** How long somebody goes on who loses against others: bounded, and after a conflict with a random pause. */
export interface RaceRetry {
  /** Throws once too much was lost. */
  recordLoss(kind: "taken" | "conflict" | "room_lost"): Promise<void>;
}

export function raceRetry({ edge }: CommandContext): RaceRetry {
  let [losses, conflicts, roomsLost] = [0, 0, 0];
  return {
    async recordLoss(kind) {
      if (kind === "room_lost") roomsLost += 1;
      else losses += 1;
      if (kind === "conflict") conflicts += 1;
      if (losses >= MAX_ADMISSION_ATTEMPTS || conflicts > MAX_CONFLICT_RETRIES) throw tooManyAtOnce();
      if (roomsLost >= MAX_LOST_ROOMS) throw tooManyAtOnce();
      const jitter = (edge.random(1)[0] ?? 0) / 255;
      if (kind === "conflict") await edge.pause(jitter * 20 * 2 ** conflicts);
    },
  };
}

const tooManyAtOnce = (): Problem =>
  new Problem("try_again", "too many others are calling at once", { retryAfterSeconds: 1 });

/** All callees are in other calls: `callId` is the record of the attempt. */
export function calleeBusy(record: Call): Problem {
  const isGroup = legsOf(record).length > 2;
  const who = isGroup ? "all who were called are" : `client ${record.calleeId} is`;
  return new Problem("callee_busy", `${who} in another call`, { callId: record.callId });
}
