/** Two clients of two people for each open call: planted when first needed, and used again. */
import { createHash } from "node:crypto";
import { type ClientId, clientIdSchema } from "../../calls/ids.ts";
import { PERSON } from "../../packages/local-aws/src/local-aws.ts";
import type { Runtime } from "../../packages/local-aws/src/runtime.ts";

interface Party {
  readonly clientId: ClientId;
  readonly sub: string;
}

export interface Pair {
  readonly caller: Party;
  readonly callee: Party;
}

export interface ClientPairs {
  take(): Promise<Pair>;
  /** Their call is closed. */
  giveBack(pair: Pair): void;
}

export function clientPairs(runtime: Runtime): ClientPairs {
  const waiting: Pair[] = [];
  const TableName = runtime.physicalId("ClientsTable");
  let planted = 0;

  async function plant(name: string): Promise<Party> {
    const party = { clientId: idOf(name), sub: name };
    const nowMs = { N: String(runtime.localAws.clock.now()) };
    const Item = {
      clientId: { S: party.clientId },
      sub: { S: name },
      username: { S: name },
      devices: { M: { phone: nowMs } },
      revision: { N: "1" },
      createdAtMs: nowMs,
      lastSeenAtMs: nowMs,
    };
    const input = { TableName, Item };
    await runtime.localAws.call({ service: "dynamodb", operation: "PutItem", input, caller: PERSON });
    return party;
  }

  return {
    async take() {
      const free = waiting.pop();
      if (free) return free;
      planted += 1;
      const [caller, callee] = await Promise.all([plant(`caller-${planted}`), plant(`callee-${planted}`)]);
      return { caller, callee };
    },
    giveBack: (pair) => void waiting.push(pair),
  };
}

function idOf(name: string): ClientId {
  const hex = createHash("sha256").update(name).digest("hex");
  return clientIdSchema.parse(
    `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`,
  );
}
