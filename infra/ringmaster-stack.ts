/** The stack: a table of contents. */
import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { createBus } from "./bus.ts";
import { CleanUp } from "./clean-up.ts";
import { CallEvents } from "./call-events.ts";
import { CallWorkflow } from "./call-workflow.ts";
import { EventLog } from "./event-log.ts";
import type { Foundation } from "./foundation.ts";
import { createIvs } from "./ivs.ts";
import { createLiveKit } from "./livekit.ts";
import { LegWatch } from "./leg-watch.ts";
import { LiveState } from "./live-state.ts";
import { Operations } from "./operations.ts";
import { People } from "./people.ts";
import { pinpointApplication } from "./pinpoint.ts";
import { RestApi } from "./rest-api.ts";
import { Schedules } from "./schedules.ts";
import type { Settings } from "./settings.ts";
import { SignIn } from "./sign-in.ts";
import { StageRemoval } from "./stage-removal.ts";
import { Tables } from "./tables.ts";

export interface RingmasterStackProps extends StackProps {
  readonly settings: Settings;
  /** Holds `<function name>/index.mjs`. */
  readonly bundles: string;
}

export class RingmasterStack extends Stack {
  /** What an app needs to know to use it. */
  readonly addresses: Readonly<
    Record<"userPoolId" | "userPoolClientId" | "apiUrl" | "graphqlUrl", string>
  > & {
    readonly mediaUrl?: string;
  };

  constructor(scope: Construct, id: string, { settings, bundles, ...props }: RingmasterStackProps) {
    super(scope, id, props);
    const tables = new Tables(this, "tables", settings);
    const bus = createBus(this);
    const foundation: Foundation = { bundles, settings, tables, bus };
    const signIn = new SignIn(this, "sign-in", settings);
    const { livekit } = settings;
    const media = livekit ? createLiveKit(this, foundation, livekit) : createIvs(this, foundation);
    const pinpoint = pinpointApplication(this, settings);
    const removal = new StageRemoval(this, "stage-removal");
    const legWatch = new LegWatch(this, "leg-watch", { ...foundation, media, wakes: removal.wakes });
    const { doubts, ended } = legWatch;
    const remover = { function: removal.createRemover(foundation, media, doubts), failed: removal.failed };
    const workflow = new CallWorkflow(this, "call-workflow", { ...foundation, media, pinpoint, ended });
    const { stateMachine } = workflow;
    const callEvents = new CallEvents(this, "call-events", { ...foundation, stateMachine });
    const schedules = new Schedules(this, "schedules", {
      ...foundation,
      media,
      stateMachine,
      doubts,
      ended,
      remover,
    });
    const cleanUp = new CleanUp(this, "clean-up", foundation);
    const { api } = new RestApi(this, "rest-api", { ...foundation, media, signIn, cleanUp });
    media.addRoutes?.(api);
    const people = new People(this, "people", { tables, signIn });
    const liveState = new LiveState(this, "live-state", { api: people.api, bus });
    const eventLog = new EventLog(this, "event-log", { bus });
    const deadLetters = [
      ...workflow.deadLetters,
      callEvents.deadLetters,
      cleanUp.deadLetters,
      ...legWatch.deadLetters,
      ...removal.deadLetters,
      ...schedules.deadLetters,
      liveState.deadLetters,
      eventLog.deadLetters,
    ];
    const { alarmName } = new Operations(this, "operations", {
      settings,
      tables,
      stateMachine,
      cleanUp: cleanUp.stateMachine,
      api,
      graphqlApi: people.api,
      doubts,
      deadLetters,
    });

    this.addresses = {
      userPoolId: signIn.userPool.userPoolId,
      userPoolClientId: signIn.client.userPoolClientId,
      apiUrl: api.apiEndpoint,
      graphqlUrl: people.api.graphqlUrl,
      ...(livekit && { mediaUrl: livekit.url }),
    };
    const output = (name: string, value: string, description: string) =>
      new CfnOutput(this, name, { value, description });
    output("ApiUrl", this.addresses.apiUrl, "Where phones send their commands");
    output("GraphqlUrl", this.addresses.graphqlUrl, "Directory and live state of calls, for GraphQL clients");
    output("UserPoolId", this.addresses.userPoolId, "Cognito user pool that people sign in to");
    output("UserPoolClientId", this.addresses.userPoolClientId, "App client to sign in with");
    output("Region", this.region, "Region that all of it runs in");
    output("CallWorkflowArn", stateMachine.stateMachineArn, "State machine with one execution for each call");
    const { stateMachine: cleanUpMachine, bucket } = cleanUp;
    output("CleanUpWorkflowArn", cleanUpMachine.stateMachineArn, "State machine that deletes clients");
    output("CleanUpBucketName", bucket.bucketName, "Lists under deletions/ are deleted");
    output("BusName", bus.eventBusName, "Event bus that carries every event of calls and clients");
    output("EventLogGroupName", eventLog.logGroup.logGroupName, "Log of every event that the bus carried");
    output("AlarmName", alarmName, "Alarm that is raised while any of the stack's is");
    if (livekit) output("MediaUrl", livekit.url, "Media server that phones connect to");
    else output("MaxStages", String(settings.maxStages), "Stages that the pool may grow to");
    if (pinpoint) {
      output("PinpointAppId", pinpoint.applicationId, "Pinpoint application that pushes are sent with");
    }
  }
}
