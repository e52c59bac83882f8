/** One local service on a free port, for the unmodified clients of the AWS SDK, and a count of what they have used. */
import { type Clock, virtualClock } from "../../src/clock.ts";
import {
  type LocalAws,
  type RuntimeEvent,
  openLocalAws,
  type Service,
  type Shape,
} from "../../src/local-aws.ts";
import type { CreatedResource, ResourceTypes } from "../../src/resource.ts";
import { isInternal } from "../../src/wire/internal-operations.ts";
import { serveLocalAws } from "../served-aws.ts";

interface Part {
  readonly service: Service;
  readonly resources: ResourceTypes;
}

export interface StockAws<P extends Part> {
  readonly clock: Clock;
  readonly localAws: LocalAws;
  readonly part: P;
  /** What every client of the SDK is made with. */
  readonly settings: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
    readonly maxAttempts: number;
  };
  /** Everything that happened, oldest first. */
  readonly happened: RuntimeEvent[];
  /** Creates a resource as a template does. */
  create(type: keyof ResourceTypes, properties: Shape, logicalId?: string): Promise<CreatedResource>;
  /** Operations of the service that no client has used with success in this file so far. */
  untried(): string[];
  close(): Promise<void>;
}

const ACCOUNT = "000000000000";
const REGION = "us-east-1";

/** Over all tests of a file. */
const used = new Set<string>();

/** Quotas are off, so that a test may call as often as it likes; a test of throttling turns them on. */
export async function openStockAws<P extends Part>(
  make: (localAws: LocalAws) => P,
  { quotas = false } = {},
): Promise<StockAws<P>> {
  const clock = virtualClock();
  const localAws = openLocalAws({
    clock,
    authorizer: { check() {} },
    region: REGION,
    account: ACCOUNT,
    quotas,
  });
  const part = make(localAws);
  const happened: RuntimeEvent[] = [];
  localAws.register(part.service);
  localAws.observe((event) => {
    happened.push(event);
    if (event.kind !== "aws-call" || event.error || event.caller.kind !== "person") return;
    used.add(`${event.service}:${event.operation}`);
  });
  const served = await serveLocalAws(localAws);
  const { name, operations } = part.service;
  return {
    clock,
    localAws,
    part,
    happened,
    settings: {
      endpoint: served.url,
      region: REGION,
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      maxAttempts: 1,
    },
    async create(type, properties, logicalId = "Thing") {
      const found = part.resources[type];
      if (!found) throw new Error(`${name} has no resource type ${type}`);
      const physicalName = () => `Orders-${logicalId}`;
      return found.create({ logicalId, properties, physicalName, assetPath: String });
    },
    untried: () =>
      Object.keys(operations).filter(
        (operation) => !isInternal(name, operation) && !used.has(`${name}:${operation}`),
      ),
    async close() {
      await served.close();
      clock.dispose();
    },
  };
}
