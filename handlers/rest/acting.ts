/**
 * Reads whether the person may act beside the command's own reads. Every command reads before it writes, and no read returns
 * before the person's row is known, so the check costs no round trip. test/whole-calls/signing-out.test.ts tries every command.
 */
import { Problem } from "../../api/problems.ts";
import { isRefused, type Standing } from "../../calls/standing.ts";
import type { Person, CommandContext } from "./command-context.ts";

export interface Acting {
  /** The context that the command uses from here on. */
  readonly context: CommandContext;
  /** Rejects if the person may not act. */
  readonly allowed: Promise<unknown>;
}

export function acting(context: CommandContext, { sub }: Person): Acting {
  const read = async (asked: string): Promise<Standing> =>
    allowedBy(await context.persons.read(asked), context.edge.now());
  const known = read(sub);
  // Code that awaits it gets the error; a command refused for its input never awaits it.
  known.catch(() => undefined);
  const beside = async <Found>(reading: Promise<Found>): Promise<Found> =>
    (await Promise.all([reading, known]))[0];
  const { calls, clients, persons, cleanUps, settings } = context;
  return {
    allowed: known,
    context: {
      ...context,
      calls: {
        ...calls,
        read: (callId) => beside(calls.read(callId)),
        history: (...asked) => beside(calls.history(...asked)),
      },
      clients: {
        ...clients,
        read: (clientId) => beside(clients.read(clientId)),
        devices: (clientId) => beside(clients.devices(clientId)),
        holderOf: (token) => beside(clients.holderOf(token)),
      },
      persons: { ...persons, read: firstKnown(known, read) },
      cleanUps: () => beside(cleanUps()),
      settings: () => beside(settings()),
    },
  };
}

function allowedBy(standing: Standing, nowMs: number): Standing {
  if (!isRefused(standing, nowMs)) return standing;
  throw new Problem("signed_out", "an operator signed this person out");
}

/** The first read gets the row that is being read already. */
function firstKnown(known: Promise<Standing>, read: (sub: string) => Promise<Standing>) {
  let next = (_sub: string): Promise<Standing> => known;
  return (sub: string): Promise<Standing> => {
    const found = next(sub);
    next = read;
    return found;
  };
}
