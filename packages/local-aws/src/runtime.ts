/**
 * The local runtime: every service behind local AWS, and the template of an assembly deployed into them.
 * It opens no port, `servers.ts` does; only push networks that functions reach directly have ports of their own.
 */
import { type Account, USUAL_ACCOUNT } from "./account.ts";
import { type AppSync, type AppSyncOptions, createAppSync } from "./appsync/appsync.ts";
import { readAssembly } from "./cloudformation/assembly.ts";
import { createCustomResources } from "./cloudformation/custom-resource.ts";
import type { Stack } from "./cloudformation/stack.ts";
import { createStacks } from "./cloudformation/stacks.ts";
import { stackOperations } from "./cloudformation/stack-operations.ts";
import { plainResources } from "./cloudformation/plain-resources.ts";
import { realClock, type Clock } from "./clock.ts";
import { type CloudWatch, createCloudWatch } from "./cloudwatch/cloudwatch.ts";
import { createCognito, type Cognito } from "./cognito/cognito.ts";
import { openLocalAws, type LocalAws, type Service } from "./local-aws.ts";
import { createDynamodb } from "./dynamodb/dynamodb.ts";
import { createEvents } from "./events/events.ts";
import { createAdmission } from "./http-api/admission.ts";
import { createHttpApi } from "./http-api/http-api.ts";
import type { HttpRequest, HttpResponse } from "./http-api/http-message.ts";
import { createIam, type Iam, type UsedGrant } from "./iam/iam.ts";
import { createIvsRealtime, type IvsRealtime } from "./ivs-realtime/ivs-realtime.ts";
import type { IvsQuotas } from "./ivs-realtime/world.ts";
import { createLambda } from "./lambda/lambda.ts";
import { createLogs } from "./logs/logs.ts";
import { createPinpoint, type Pinpoint } from "./pinpoint/pinpoint.ts";
import { type PushNetworks, pushNetworks } from "./push-networks/push-networks.ts";
import { createDirectPush, type DirectPush } from "./push-networks/push-servers.ts";
import type { ResourceTypes } from "./resource.ts";
import { createS3 } from "./s3/s3.ts";
import { createScheduler } from "./scheduler/scheduler.ts";
import { createSecretsManager } from "./secrets-manager/secrets-manager.ts";
import { createServiceQuotas } from "./service-quotas/service-quotas.ts";
import { createSes } from "./ses/ses.ts";
import { createSqs } from "./sqs/sqs.ts";
import { createSsm } from "./ssm/ssm.ts";
import { createStepFunctions } from "./step-functions/create-step-functions.ts";
import { createSts } from "./sts/sts.ts";
import type { Store } from "./store/store.ts";
import { interceptFunctions } from "./wire/intercept-functions.ts";

const REGION = "us-east-1";
const ACCOUNT = "000000000000";

export interface RuntimeOptions {
  /** Directory of the cloud assembly, as `synthesize` returns it. */
  readonly assembly: string;
  /** Real time without it. The caller disposes of a clock that it brought. */
  readonly clock?: Clock;
  /** Refuse calls above AWS's published quotas; on without it. */
  readonly quotas?: boolean;
  /** What the account brings along; a usual one without it. */
  readonly account?: Partial<Account>;
  /** What AWS has raised on request. */
  readonly ivsQuotas?: Partial<IvsQuotas>;
  /** Address under which the HTTP API will be served. */
  readonly appEndpoint?: string;
  /** Address under which the AWS APIs will be served. */
  readonly awsEndpoint?: string;
  /** Where state lasts; without it nothing does. The caller closes it. */
  readonly store?: Store;
  /** Refuse requests that this process cannot serve in time, in real time only. */
  readonly admission?: boolean;
  /** A DynamoDB of one's own instead of the one in memory. */
  readonly dynamodbEndpoint?: string;
  /** Print what the functions log. */
  readonly logs?: boolean;
  /** What a function finds in its environment beside the template's variables: asked when it is created. */
  readonly functionEnvironment?: FunctionEnvironment;
  /** Load a function's code when it is invoked first. Without it all of it loads now, so that a bad start is told now. */
  readonly lazyFunctions?: boolean;
  /** Measure what happens, and look at the template's alarms every minute; without it they are not there. */
  readonly alarms?: boolean;
  /** Share instances of functions with the runtimes of this process that come before and after; each clock starts hours later. */
  readonly warmFunctions?: boolean;
}

/** Addresses and secrets that exist only here, such as those of push networks that a function reaches by itself. */
export type FunctionEnvironment = (
  variables: Readonly<Record<string, string>>,
  local: { readonly localAws: LocalAws; readonly directPush: DirectPush },
) => Promise<Readonly<Record<string, string>>>;

export interface Runtime {
  readonly localAws: LocalAws;
  readonly stackName: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly ivs: IvsRealtime;
  readonly pinpoint: Pinpoint;
  readonly directPush: DirectPush;
  readonly cognito: Cognito;
  readonly appsync: AppSync;
  /** Undefined unless `alarms` is on. */
  readonly cloudWatch: CloudWatch | undefined;
  /** A request to the app's port. */
  http(request: HttpRequest): Promise<HttpResponse>;
  /** The name or id of the one resource whose logical id begins so. */
  physicalId(logicalIdPrefix: string): string;
  /** What the roles' policies have allowed so far. */
  grantsUsed(): readonly UsedGrant[];
  /** Loads the code of lazy functions now, these names first; yields why one does not load. */
  loadFunctions(first: readonly string[]): AsyncGenerator<Error>;
  /** Cancels all that is planned; functions that run already end by themselves. */
  stop(): void;
}

export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const assembly = readAssembly(options.assembly);
  const { clock, plan } = stoppable(options.clock ?? realClock());
  const iam = createIam({ account: ACCOUNT, region: REGION });
  const { authorizer } = iam;
  const quotas = options.quotas ?? true;
  const { store, awsEndpoint } = options;
  const localAws = openLocalAws({
    clock,
    authorizer,
    region: REGION,
    account: ACCOUNT,
    quotas,
    store,
    awsEndpoint,
  });
  if (options.logs) printLogs(localAws);
  const networks = pushNetworks(localAws);
  const directPush = createDirectPush(localAws, networks);
  const services = createServices(localAws, iam, { ...options, networks, directPush });
  const customResources = createCustomResources(localAws);
  const cloudWatch = options.alarms ? measuring(localAws, services) : undefined;
  const parts: readonly Part[] = [...Object.values(services), iam, ...(cloudWatch ? [cloudWatch] : [])];
  const types: ResourceTypes = Object.assign(
    {},
    plainResources(),
    ...parts.map(({ resources }) => resources),
  );
  const stacks = createStacks({ localAws, assembly, types, customResources });
  const { service: custom } = customResources;
  const operations = { ...custom.operations, ...stackOperations(localAws, stacks) };
  for (const { service } of [...parts, { service: { ...custom, operations } }])
    if (service) localAws.register(service);
  interceptFunctions();
  function stop(): void {
    plan.cancel();
    services.dynamodb.close();
    services.lambda.close();
    directPush.close();
  }
  try {
    await services.dynamodb.restore();
    await stacks.start();
    goOn(services, localAws);
    cloudWatch?.start();
    const { ivs, pinpoint, cognito, httpApi, appsync } = services;
    return {
      localAws,
      stackName: assembly.stackName,
      get outputs() {
        return stacks.first.outputs;
      },
      ivs,
      pinpoint,
      directPush,
      cognito,
      appsync,
      cloudWatch,
      http: (request) => (request.path === "/graphql" ? appsync : httpApi).handle(request),
      physicalId: (prefix) => physicalId(stacks.first, prefix),
      grantsUsed: () => iam.grantsUsed(),
      loadFunctions: (first) => services.lambda.load(first),
      stop,
    };
  } catch (error) {
    stop();
    throw error;
  }
}

/** The template stands: what an earlier run has left goes on, and schedules begin. */
function goOn(
  { states, events, lambda, sqs, scheduler }: ReturnType<typeof createServices>,
  localAws: LocalAws,
): void {
  localAws.store.begin();
  events.resume();
  lambda.resume();
  sqs.start();
  states.closeInterrupted();
  scheduler.start();
}

function measuring(localAws: LocalAws, { httpApi, sqs }: ReturnType<typeof createServices>): CloudWatch {
  return createCloudWatch(localAws, {
    apiId: () => httpApi.apis()[0]?.apiId,
    stateMachineArn: (name) => localAws.arn("states", `stateMachine:${name}`),
    gauges: () => sqs.gauges(),
  });
}

interface Part {
  readonly service?: Service | undefined;
  readonly resources?: ResourceTypes;
}

interface ServiceOptions extends RuntimeOptions {
  readonly networks: PushNetworks;
  readonly directPush: DirectPush;
}

function createServices(localAws: LocalAws, iam: Iam, options: ServiceOptions) {
  const {
    appEndpoint: endpoint = "http://127.0.0.1:4000",
    dynamodbEndpoint,
    networks,
    directPush,
    functionEnvironment,
  } = options;
  const account = { ...USUAL_ACCOUNT, ...options.account };
  const cognito = createCognito(localAws);
  const jwksOf: AppSyncOptions["jwksOf"] = (issuer) => cognito.jwksOf(issuer);
  const trusts: AppSyncOptions["trusts"] = (role, service) => iam.trusts(role, service);
  const lambda = createLambda(localAws, {
    trusts,
    environment: async (variables) =>
      (await functionEnvironment?.(variables, { localAws, directPush })) ?? {},
    lazy: options.lazyFunctions ?? false,
    warm: options.warmFunctions ?? false,
    concurrency: account.lambdaConcurrency,
  });
  const admission = options.admission ? createAdmission(localAws.clock, () => lambda.running()) : undefined;
  return {
    cognito,
    appsync: createAppSync(localAws, { endpoint: `${endpoint}/graphql`, jwksOf, trusts }),
    lambda,
    dynamodb: createDynamodb(localAws, dynamodbEndpoint ? { endpoint: dynamodbEndpoint } : {}),
    s3: createS3(localAws),
    sqs: createSqs(localAws, { waits: true }),
    events: createEvents(localAws),
    logs: createLogs(localAws),
    scheduler: createScheduler(localAws),
    states: createStepFunctions(localAws),
    httpApi: createHttpApi(localAws, { jwksOf, endpoint, admission }),
    ivs: createIvsRealtime(localAws, options.ivsQuotas),
    pinpoint: createPinpoint(localAws, { networks }),
    secretsManager: createSecretsManager(localAws),
    serviceQuotas: createServiceQuotas(localAws, account),
    ses: createSes(account.ses),
    ssm: createSsm(localAws, account.parameters),
    sts: createSts(localAws),
  };
}

/** Services plan ahead for ever: schedules, deletion passes, waits. A stopped runtime must not go on. */
function stoppable(clock: Clock): { clock: Clock; plan: { cancel(): void } } {
  const planned = new Set<() => void>();
  let stopped = false;
  function after(delayMs: number, task: () => void): () => void {
    if (stopped) return () => undefined;
    const cancelTimer = clock.after(delayMs, () => {
      planned.delete(cancel);
      task();
    });
    const cancel = (): void => {
      planned.delete(cancel);
      cancelTimer();
    };
    planned.add(cancel);
    return cancel;
  }
  const plan = {
    cancel(): void {
      stopped = true;
      for (const cancel of planned) cancel();
    },
  };
  return { clock: { ...clock, after }, plan };
}

function physicalId({ resources }: Stack, prefix: string): string {
  const found = [...resources].filter(([logicalId]) => logicalId.startsWith(prefix));
  const exact = resources.get(prefix);
  if (exact !== undefined) return exact.ref;
  const [only] = found;
  if (only && found.length === 1) return only[1].ref;
  const which = found.map(([logicalId]) => logicalId).join(", ") || "none";
  throw new Error(`one resource must have a logical id that begins with ${prefix}, and these have: ${which}`);
}

function printLogs(localAws: LocalAws): void {
  localAws.observe((event) => {
    if (event.kind === "log") process.stdout.write(`${event.line}\n`);
  });
}
