/**
 * The facts of the console's server, parsed where they arrive. Only what the pages read is checked; what more a server says is
 * dropped. `reads` keeps each schema true to the contract, tools/console/views.ts: one that drifts does not compile.
 */
import * as z from "zod/mini";
import type {
  CallsView,
  CallView,
  ClientsView,
  ClientView,
  DeadLettersView,
  EventsView,
  OperationsView,
  OperationView,
  StackView,
  StagesView,
} from "../../../tools/console/views.ts";
import { END_REASONS } from "../../../events/end-reason.ts";
import { CALL_STATUSES } from "./words.ts";

export const list = <Item extends z.ZodMiniType>(item: Item) => z.readonly(z.array(item));
export const facts = <Shape extends z.core.$ZodLooseShape>(shape: Shape) => z.readonly(z.object(shape));
export const table = <Value extends z.ZodMiniType>(value: Value) => z.readonly(z.record(z.string(), value));

/** Whatever the contract allows, the schema takes. */
export const reads =
  <View>() =>
  <Schema extends z.ZodMiniType>(schema: Schema & (View extends z.input<Schema> ? unknown : never)): Schema =>
    schema;

const party = facts({
  clientId: z.string(),
  role: z.enum(["caller", "callee"]),
  name: z.optional(z.string()),
});
export const callRow = facts({
  callId: z.string(),
  status: z.enum(CALL_STATUSES),
  endReason: z.optional(z.enum(END_REASONS)),
  media: z.enum(["audio", "video"]),
  parties: list(party),
  createdAtMs: z.number(),
  answeredAtMs: z.optional(z.number()),
  endedAtMs: z.optional(z.number()),
  execution: z.optional(z.string()),
});

const push = facts({
  outcome: z.string(),
  channel: z.string(),
  reason: z.optional(z.string()),
  atMs: z.number(),
});
export type Push = z.output<typeof push>;
const leg = facts({
  clientId: z.string(),
  role: z.enum(["caller", "callee"]),
  status: z.string(),
  deviceId: z.optional(z.string()),
  tokenCount: z.number(),
  tokensUntilMs: z.number(),
  devices: table(facts({ pushes: table(push), ringingAtMs: z.optional(z.number()) })),
  ringingAtMs: z.optional(z.number()),
  joinedAtMs: z.optional(z.number()),
  leftAtMs: z.optional(z.number()),
  leftReason: z.optional(z.enum(END_REASONS)),
  silenced: z.optional(z.string()),
});
const storedCall = facts({
  callId: z.string(),
  status: z.enum(CALL_STATUSES),
  endReason: z.optional(z.enum(END_REASONS)),
  media: z.enum(["audio", "video"]),
  callerId: z.string(),
  legs: table(leg),
  stageId: z.optional(z.string()),
  createdAtMs: z.number(),
  ringUntilMs: z.number(),
  answeredAtMs: z.optional(z.number()),
  endedAtMs: z.optional(z.number()),
  deadlineMs: z.number(),
  version: z.number(),
  cleanedUpAtMs: z.optional(z.number()),
  operatorActs: z.optional(
    list(
      facts({
        act: z.enum(["ended", "removed", "added"]),
        clientId: z.optional(z.string()),
        username: z.string(),
        atMs: z.number(),
      }),
    ),
  ),
});
const historyEvent = facts({
  id: z.number(),
  previousEventId: z.number(),
  type: z.string(),
  atMs: z.number(),
  details: z.optional(table(z.unknown())),
});
const execution = facts({
  executionArn: z.string(),
  name: z.string(),
  status: z.string(),
  startedAtMs: z.number(),
  stoppedAtMs: z.optional(z.number()),
  input: z.unknown(),
  output: z.optional(z.unknown()),
  error: z.optional(z.string()),
  cause: z.optional(z.string()),
  definition: z.unknown(),
  history: list(historyEvent),
});
const busEvent = facts({
  id: z.string(),
  atMs: z.number(),
  source: z.string(),
  type: z.string(),
  detail: z.unknown(),
});
const clientRow = {
  clientId: z.string(),
  name: z.optional(z.string()),
  username: z.optional(z.string()),
  lastSeenAtMs: z.optional(z.number()),
  activeCallId: z.optional(z.string()),
};
const count = z.optional(z.number());
const operationRow = {
  operationId: z.string(),
  executionArn: z.string(),
  status: z.enum(["running", "done", "failed"]),
  startedAtMs: z.number(),
  endedAtMs: z.optional(z.number()),
  dryRun: z.boolean(),
  origin: z.string(),
  counts: facts({
    total: count,
    deleted: z.number(),
    alreadyGone: z.number(),
    failed: z.number(),
    callsEnded: z.number(),
    pending: count,
  }),
};

export const stackSchema = reads<StackView>()(
  facts({
    stack: z.string(),
    region: z.string(),
    account: z.string(),
    isLocal: z.boolean(),
    signIn: facts({
      userPoolId: z.string(),
      userPoolClientId: z.string(),
      endpoint: z.optional(z.string()),
    }),
    apiUrl: z.string(),
    canWrite: z.boolean(),
  }),
);
export const callsSchema = reads<CallsView>()(
  facts({
    calls: list(callRow),
    nextPage: z.optional(z.string()),
    lookedAt: z.number(),
    lookedBackToMs: z.optional(z.number()),
  }),
);
export const callSchema = reads<CallView>()(
  facts({
    call: z.optional(storedCall),
    parties: list(party),
    executions: list(execution),
    events: list(busEvent),
  }),
);
export const clientsSchema = reads<ClientsView>()(
  facts({
    clients: list(facts(clientRow)),
    nextPage: z.optional(z.string()),
    total: z.number(),
    isWhole: z.boolean(),
  }),
);
export const clientSchema = reads<ClientView>()(
  facts({
    ...clientRow,
    blockedIds: list(z.string()),
    doNotDisturbUntilMs: z.optional(z.number()),
    devices: list(
      facts({ deviceId: z.string(), channels: list(z.string()), lastSeenAtMs: z.optional(z.number()) }),
    ),
    lostDevices: list(facts({ deviceId: z.string(), atMs: z.number() })),
    calls: list(callRow),
    pushes: list(
      facts({
        callId: z.string(),
        deviceId: z.string(),
        type: z.string(),
        channel: z.string(),
        outcome: z.string(),
        reason: z.optional(z.string()),
        atMs: z.number(),
        ringingAtMs: z.optional(z.number()),
      }),
    ),
  }),
);
export const stagesSchema = reads<StagesView>()(
  facts({
    maxStages: z.number(),
    counts: facts({
      free: z.number(),
      leased: z.number(),
      resting: z.number(),
      retiring: z.number(),
    }),
    stages: list(
      facts({
        stageId: z.string(),
        state: z.string(),
        callId: z.optional(z.string()),
        restsUntilMs: z.optional(z.number()),
      }),
    ),
  }),
);
export const operationsSchema = reads<OperationsView>()(facts({ operations: list(facts(operationRow)) }));
export const operationSchema = reads<OperationView>()(
  facts({
    ...operationRow,
    execution,
    failures: list(facts({ clientId: z.string(), reason: z.string() })),
    batches: z.optional(
      facts({
        total: z.number(),
        pending: z.number(),
        running: z.number(),
        succeeded: z.number(),
        failed: z.number(),
      }),
    ),
  }),
);
export const eventsSchema = reads<EventsView>()(facts({ events: list(busEvent) }));
export const deadLettersSchema = reads<DeadLettersView>()(
  facts({
    queues: list(
      facts({
        name: z.string(),
        messages: z.number(),
        letters: list(
          facts({
            id: z.string(),
            sentAtMs: z.number(),
            attributes: table(z.string()),
            body: z.string(),
            replay: z.optional(z.string()),
          }),
        ),
      }),
    ),
  }),
);

export type Stack = z.output<typeof stackSchema>;
export type Party = z.output<typeof party>;
export type CallRow = z.output<typeof callRow>;
export type CallFacts = z.output<typeof callSchema>;
export type StoredCall = z.output<typeof storedCall>;
export type Leg = z.output<typeof leg>;
export type OperatorAct = NonNullable<StoredCall["operatorActs"]>[number];
export type Execution = z.output<typeof execution>;
export type HistoryEvent = z.output<typeof historyEvent>;
export type BusEvent = z.output<typeof busEvent>;
export type OperationRow = z.output<typeof operationsSchema>["operations"][number];
export type OperationFacts = z.output<typeof operationSchema>;
export type StageFacts = z.output<typeof stagesSchema>;
export type CallsFacts = z.output<typeof callsSchema>;
export type ClientFacts = z.output<typeof clientSchema>;
