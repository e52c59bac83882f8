/** What the console's server remembers between looks: what does not change, and what is not worth reading each time. */
import type { Report } from "../../calls/clean-up.ts";
import type { ClientId } from "../../calls/ids.ts";
import type { FilteredCall } from "./calls-query.ts";
import { type Remembered, remembered } from "./remembered.ts";
import type { DayTally } from "./tally.ts";
import type { BusEvent, DeadLettersView, ExecutionView, OperationRow, OverviewView } from "./views.ts";

export interface Someone {
  /** Absent: a person of the directory without a client. */
  readonly clientId?: ClientId;
  readonly sub: string;
  readonly name: string;
  readonly username: string;
  readonly deviceIds: readonly string[];
  readonly lastSeenAtMs: number;
  /** All of it as a search compares it. */
  readonly text: string;
}

export interface Everyone {
  /** By name; who has none comes last. */
  readonly all: readonly Someone[];
  readonly bySub: ReadonlyMap<string, Someone>;
  /** False: there are more than were read. */
  readonly isWhole: boolean;
}

export interface User {
  readonly sub: string;
  readonly username: string;
  readonly email: string;
}

export interface Users {
  readonly users: readonly User[];
  readonly isWhole: boolean;
  /** Why none were read: the credentials may not. */
  readonly problem?: string;
}

export interface CallIds {
  /** The latest first. */
  readonly ids: readonly string[];
  readonly isWhole: boolean;
}

export interface Memory {
  /** Owner → their name; an empty text where the directory has none. */
  readonly names: Remembered<string>;
  readonly everyone: Remembered<Everyone>;
  /** By what their addresses begin with; all under the empty text. */
  readonly users: Remembered<Users>;
  readonly callIds: Remembered<CallIds>;
  /** Calls that are over and hold nothing any more, as a filter looks at them. */
  readonly calls: Remembered<FilteredCall>;
  /** Executions that have ended, by ARN. */
  readonly executions: Remembered<ExecutionView>;
  /** Definitions, by the execution that runs them. */
  readonly definitions: Remembered<unknown>;
  /** Events by what was asked for, so that the next look reads only the later ones. */
  readonly events: Remembered<{ readonly events: readonly BusEvent[]; readonly untilMs: number }>;
  readonly reports: Remembered<Report>;
  /** Operations that are over, by name and end. */
  readonly operations: Remembered<OperationRow>;
  readonly letters: Remembered<DeadLettersView>;
  /** Which queue redrives to a queue of dead letters. */
  readonly letterSources: Remembered<ReadonlyMap<string, { readonly url: string; readonly name: string }>>;
  /** By the beginning of the day. */
  readonly tallies: Remembered<DayTally>;
  readonly pool: Remembered<OverviewView["pool"]>;
}

export interface MemoryTimes {
  readonly now: () => number;
  /** How long letters are shown before queues are looked into again. */
  readonly lettersForMs: number;
  /** How long the clients and people that were read are used before their tables are read again. */
  readonly peopleForMs: number;
}

export const openMemory = ({ now, lettersForMs, peopleForMs }: MemoryTimes): Memory => ({
  names: remembered({ most: 10_000, forMs: 30_000, now }),
  everyone: remembered({ most: 1, forMs: peopleForMs, now }),
  users: remembered({ most: 20, forMs: peopleForMs, now }),
  callIds: remembered({ most: 1, forMs: peopleForMs, now }),
  calls: remembered({ most: 20_000, now }),
  executions: remembered({ most: 100, now }),
  definitions: remembered({ most: 100, now }),
  events: remembered({ most: 50, now }),
  reports: remembered({ most: 200, now }),
  operations: remembered({ most: 1_000, now }),
  letters: remembered({ most: 1, forMs: lettersForMs, now }),
  letterSources: remembered({ most: 1, now }),
  tallies: remembered({ most: 3, now }),
  pool: remembered({ most: 1, forMs: lettersForMs, now }),
});
