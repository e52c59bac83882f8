/**
 * The history of one execution, in the shapes of GetExecutionHistory.
 *
 * H1 Ids count from 1 without gaps; `previousEventId` follows the chain of the branch that writes.
 * H2 The first state, and events that come from outside a state (abort, execution timeout), have 0. A failed evaluation has what the
 *    entry of its state has.
 * H3 The terminal event is the last one; event 25,000 is always terminal.
 */
import type { Clock } from "../../clock.ts";
import type { KeptHistory } from "./kept-history.ts";
import type { Shape } from "../../local-aws.ts";
import type { HistoryEvent } from "./history-event.ts";
import { RUNTIME, StateError } from "./state-error.ts";

export const MAX_HISTORY_EVENTS = 25_000;

/** The last event of a branch. */
export interface Chain {
  last: number;
}

export interface History {
  readonly events: readonly HistoryEvent[];
  add(chain: Chain, type: string, details?: Shape): number;
  /** Writes an event beside this one: it has the same predecessor, and the chain goes on from it. 0 stands for no event. */
  addBeside(eventId: number, chain: Chain, type: string, details?: Shape): number;
  /** Writes the terminal event. */
  close(previousEventId: number, type: string, details: Shape): void;
  /** Gives the memory back: no request for the events will follow. */
  forget(): void;
}

export const NOT_TRUNCATED = { truncated: false };

export function openHistory(clock: Clock, kept?: KeptHistory): History {
  let events: HistoryEvent[] | undefined;
  // An earlier run's history is read at the first request for it.
  const all = (): HistoryEvent[] => (events ??= kept?.read() ?? []);

  function push(previousEventId: number, type: string, details?: Shape): number {
    const id = all().length + 1;
    const timestamp = clock.now() / 1000;
    const event = { timestamp, type, id, previousEventId, ...details };
    all().push(event);
    kept?.add(event);
    return id;
  }

  function append(chain: Chain, previousEventId: number, type: string, details?: Shape): number {
    if (all().length >= MAX_HISTORY_EVENTS - 1) {
      const cause = `The execution reached the maximum number of history events (${MAX_HISTORY_EVENTS}).`;
      throw new StateError(RUNTIME, cause);
    }
    chain.last = push(previousEventId, type, details);
    return chain.last;
  }

  return {
    get events() {
      return all();
    },
    add: (chain, type, details) => append(chain, chain.last, type, details),
    addBeside: (eventId, chain, type, details) =>
      append(chain, all()[eventId - 1]?.previousEventId ?? 0, type, details),
    close: (previousEventId, type, details) => void push(previousEventId, type, details),
    forget: () => void all().splice(0),
  };
}
