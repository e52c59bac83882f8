/**
 * Whether the person may act, found out beside what the command reads anyway. Every command reads before it writes, and here no
 * read is over before the person's row is known: so a refusal costs no command another round trip. test/whole-calls/signing-out.test.ts asks every command.
 */
import { Problem } from "../../api/problems.ts";
import { isRefused, type Standing } from "../../calls/standing.ts";
import type { Person, CommandContext } from "./command-context.ts";

export interface Acting {
  /** The context with which the command may go on. */
  readonly context: CommandContext;
  /** Rejects if the person may not act. */
  readonly allowed: Promise<unknown>;
}

export function acting(context: CommandContext, { sub }: Person): Acting {
  const read = async (asked: string): Promise<Standing> =>
    allowedBy(await context.persons.read(asked), context.edge.now());
  const known = read(sub);
  // Who waits for it hears of it; a command that is refused for its input does not.
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

/** What is read already serves the first who asks. */
function firstKnown(known: Promise<Standing>, read: (sub: string) => Promise<Standing>) {
  let next = (_sub: string): Promise<Standing> => known;
  return (sub: string): Promise<Standing> => {
    const found = next(sub);
    next = read;
    return found;
  };
}
