/**
 * The AWS of the model: the SDK's clients are cut off at `send`, where the names and inputs of their commands arrive. Behind it
 * the services are functions. A call takes time on its way and back, and meets faults there, with the SDK's own retries.
 *
 * The functions that come here are the real ones, with their stores, their conditions and their handling of errors.
 */
import { __Client as Client, TransactionConflictException } from "@aws-sdk/client-dynamodb";
import type { Faults } from "./faults.ts";
import { type FunctionRuns, never } from "./function-runs.ts";
import { transactionCancelled } from "./memory-dynamodb.ts";
import type { VirtualTime } from "./virtual-time.ts";

export type Input = Readonly<Record<string, unknown>>;
/** Takes effect at once. */
export type ServiceOf = (operation: string, input: Input) => unknown;

/** The service of a command, by its name without `Command`. */
const SERVICES = {
  dynamodb: ["Get", "Put", "Update", "Delete", "Query", "BatchGet", "TransactWrite"],
  events: ["PutEvents"],
  states: ["StartExecution", "SendTaskSuccess", "SendTaskFailure"],
  sqs: ["SendMessageBatch"],
  pinpoint: ["SendMessages"],
  secrets: ["GetSecretValue"],
  ivs: ["CreateStage", "GetStage", "ListStages", "DeleteStage", "ListParticipants", "DisconnectParticipant"],
} as const;
export type ServiceName = keyof typeof SERVICES;

const SERVICE_OF = new Map<string, ServiceName>(
  Object.entries(SERVICES).flatMap(([service, operations]) =>
    operations.map((operation) => [operation, service as ServiceName] as const),
  ),
);

/** Requests to IVS are not repeated, since its quota is for the whole account. */
const ATTEMPTS: Readonly<Partial<Record<ServiceName, number>>> = { ivs: 1 };
const USUAL_ATTEMPTS = 3;
const REQUEST_TIMEOUT_MS = 3_000;
const SINGLE_WRITES: readonly string[] = ["Put", "Update", "Delete"];
const RETRYABLE = new Set([
  "ThrottlingException",
  "InternalServerError",
  "TimeoutError",
  "TransactionConflictException",
]);

const named = (name: string): Error => Object.assign(new Error(`${name}, as drawn`), { name });

export interface ModelAwsOptions {
  readonly time: VirtualTime;
  readonly faults: Faults;
  readonly random: () => number;
  readonly runs: FunctionRuns;
  readonly services: Readonly<Record<ServiceName, ServiceOf>>;
}

interface Call {
  readonly service: ServiceName;
  readonly operation: string;
  readonly input: Input;
  /** A transaction carries a token: repeated, it has its effect once. */
  done?: { readonly reply: unknown };
}

/** While it is open, every client of the SDK in this process sends through it. */
export function openModelAws({ time, faults, random, runs, services }: ModelAwsOptions): Disposable {
  const takesEffect = (call: Call): unknown => {
    if (call.done) return call.done.reply;
    const reply = services[call.service](call.operation, call.input);
    if (call.operation === "TransactWrite") call.done = { reply };
    return reply;
  };

  async function arrive(call: Call, where: string): Promise<unknown> {
    const { operation } = call;
    if (faults.meets("AWS call throttled", where)) throw named("ThrottlingException");
    if (faults.meets("AWS call fails", where)) throw named("InternalServerError");
    if (SINGLE_WRITES.includes(operation) && faults.meets("write meets a transaction", where)) {
      throw new TransactionConflictException({ message: "Transaction is ongoing", $metadata: {} });
    }
    if (operation === "TransactWrite" && faults.meets("transaction conflicts", where)) {
      throw transactionCancelled([{ Code: "TransactionConflict" }]);
    }
    if (call.service === "secrets" && faults.meets("secret away")) throw named("InternalServerError");
    const reply = takesEffect(call);
    if (faults.meets("reply lost after success", where)) {
      await time.sleep(REQUEST_TIMEOUT_MS);
      throw named("TimeoutError");
    }
    return reply;
  }

  async function attempt(call: Call): Promise<unknown> {
    const run = runs.present();
    const where = `${run?.name ?? "test"} ${call.operation}`;
    if (faults.meets("function dies before an AWS call", where)) return runs.crash();
    if (faults.meets("function hangs at an AWS call", where)) return never;
    await time.sleep(faults.meets("AWS call slow", where) ? random() * 2_500 : 1 + random() * 8);
    if (run?.dead) return never;
    const reply = await arrive(call, where);
    if (faults.meets("function dies after an AWS call", where)) return runs.crash();
    await time.sleep(random() * 4);
    return run?.dead ? never : reply;
  }

  async function send(call: Call): Promise<unknown> {
    const most = ATTEMPTS[call.service] ?? USUAL_ATTEMPTS;
    for (let tried = 1; ; tried += 1) {
      try {
        return await attempt(call);
      } catch (error) {
        if (runs.present()?.dead) return never;
        if (tried >= most || !RETRYABLE.has((error as Error).name)) throw error;
        await time.sleep(random() * 100 * 2 ** tried);
      }
    }
  }

  return intercept((operation, input) => {
    const service = SERVICE_OF.get(operation);
    if (!service) throw new Error(`the simulation has no operation ${operation}`);
    return runs.present()?.dead ? never : send({ service, operation, input });
  });
}

/** Every client of the SDK sends there, by the command's name without `Command`. */
export function intercept(send: (operation: string, input: Input) => Promise<unknown>): Disposable {
  // oxlint-disable-next-line typescript/unbound-method -- it is put back where it was
  const original = Client.prototype.send;
  Client.prototype.send = ((command: { readonly input: object }) =>
    send(command.constructor.name.replace(/Command$/, ""), command.input as Input)) as typeof original;
  return { [Symbol.dispose]: () => void (Client.prototype.send = original) };
}
