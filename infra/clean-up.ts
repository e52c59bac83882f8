/** Deleting clients: the bucket of lists and results, the state machine with its tasks, and what starts it. */
import { ArnFormat, Duration, RemovalPolicy, Stack, TimeZone } from "aws-cdk-lib";
import { EventField, Rule, RuleTargetInput } from "aws-cdk-lib/aws-events";
import { SfnStateMachine } from "aws-cdk-lib/aws-events-targets";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Key } from "aws-cdk-lib/aws-kms";
import type { Function } from "aws-cdk-lib/aws-lambda";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { BlockPublicAccess, Bucket, BucketEncryption, type CfnBucket } from "aws-cdk-lib/aws-s3";
import { Schedule, ScheduleExpression, ScheduleTargetInput } from "aws-cdk-lib/aws-scheduler";
import { StepFunctionsStartExecution } from "aws-cdk-lib/aws-scheduler-targets";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";
import { cleanUpWorkflow } from "../workflows/clean-up.ts";
import { acknowledge, acknowledgeVersions } from "./acknowledge.ts";
import { allow } from "./allow.ts";
import {
  createDeleteClients,
  createListClients,
  createReportCleanUp,
  grantObjects,
  UPLOADS,
} from "./clean-up-tasks.ts";
import { createDeadLetterQueue } from "./dead-letter-queue.ts";
import { emptyOnDeletion } from "./emptied-bucket.ts";
import type { Foundation } from "./foundation.ts";
import { setVariable } from "./function.ts";
import { fixLogicalId } from "./logical-id.ts";
import { physicalName } from "./physical-name.ts";
import { removalPolicy } from "./removal-policy.ts";
import { allowItems } from "./tables.ts";
import type { DeadLetters } from "./watched.ts";

export class CleanUp extends Construct {
  readonly bucket: Bucket;
  readonly stateMachine: StateMachine;
  readonly deadLetters: DeadLetters;
  /** Of the state machine. */
  readonly #name: string;
  /** Of a bucket that goes with its stack. */
  readonly #emptied: Construct | undefined;

  constructor(scope: Construct, id: string, foundation: Foundation) {
    super(scope, id);
    this.#name = physicalName(this, "clean-up");
    this.bucket = this.#createBucket(foundation);
    if (!foundation.settings.retain) this.#emptied = emptyOnDeletion(this.bucket, foundation.bundles);
    const tasks = {
      ListClients: createListClients(this, foundation, this.bucket),
      DeleteClients: createDeleteClients(this, foundation),
      ReportCleanUp: createReportCleanUp(this, foundation, this.bucket),
    };
    this.stateMachine = this.#createStateMachine(foundation, tasks);
    this.#grant(foundation, Object.values(tasks) as Function[]);
    for (const writer of [this.stateMachine, ...Object.values(tasks)]) this.#writes(writer);
    const queue = createDeadLetterQueue(this, "list-clients");
    this.deadLetters = { functionName: "list-clients", queue };
    this.#startOnUpload(queue);
    if (foundation.settings.cleanUp.nightly) this.#startNightly(foundation, queue);
  }

  /** Is gone before the bucket is emptied. */
  #writes(writer: Construct): void {
    if (this.#emptied) writer.node.addDependency(this.#emptied);
  }

  /** Tells a function the bucket and the state machine, and lets it start deletions and read how they go. */
  grantAsking(grantee: Function): void {
    this.#writes(grantee);
    setVariable(grantee, "CLEAN_UP_WORKFLOW_ARN", this.stateMachine.stateMachineArn);
    grantObjects(grantee, this.bucket, "operations/*", "s3:GetObject", "s3:PutObject");
    const executions = this.#arn("execution", `${this.#name}:*`);
    this.stateMachine.grantStartExecution(grantee);
    allow(grantee, ["states:DescribeExecution"], executions);
    if (!grantee.role) return;
    acknowledge(
      grantee.role,
      "Each operation has an execution of its own",
      `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:${this.#name}:*]`,
    );
  }

  #createBucket({ settings }: Foundation): Bucket {
    // The key's own policy says who may use it (docs/deploying.md).
    const { kmsKeyArn } = settings;
    const bucket = new Bucket(this, "bucket", {
      ...(kmsKeyArn
        ? {
            encryption: BucketEncryption.KMS,
            encryptionKey: Key.fromKeyArn(this, "key", kmsKeyArn),
            bucketKeyEnabled: true,
          }
        : { encryption: BucketEncryption.S3_MANAGED }),
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      lifecycleRules: [
        { expiration: Duration.days(30), abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
      removalPolicy: removalPolicy(settings.retain),
    });
    // CDK's own switch would need a function that sets it: CloudFormation can do so itself.
    const resource = bucket.node.defaultChild as CfnBucket; // an L2 bucket's default child is its L1
    resource.notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
    fixLogicalId(bucket, "CleanUpBucket");
    acknowledge(
      bucket,
      "Lists of ids for 30 days; each request is in the logs of its function",
      "AwsSolutions-S1",
    );
    return bucket;
  }

  #createStateMachine(
    { bus, settings, tables }: Foundation,
    tasks: Readonly<Record<string, Function>>,
  ): StateMachine {
    const { concurrency, toleratedPercent } = settings.cleanUp;
    const stateMachine = new StateMachine(this, "clean-up", {
      stateMachineName: this.#name,
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromString(
        JSON.stringify(cleanUpWorkflow({ concurrency, toleratedPercent })),
      ),
      definitionSubstitutions: {
        ...Object.fromEntries(Object.entries(tasks).map(([name, task]) => [name, task.functionArn])),
        Bucket: this.bucket.bucketName,
        Bus: bus.eventBusName,
        CallsTable: tables.calls.tableName,
      },
      tracingEnabled: true,
      logs: { destination: this.#createLogGroup(), level: LogLevel.ALL, includeExecutionData: false },
      removalPolicy: RemovalPolicy.DESTROY,
    });
    fixLogicalId(stateMachine, "CleanUpWorkflow");
    return stateMachine;
  }

  #createLogGroup(): LogGroup {
    return new LogGroup(this, "log", {
      logGroupName: `/aws/vendedlogs/states/${physicalName(this, "ringmaster-clean-up")}`,
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }

  #grant({ bus, tables }: Foundation, tasks: readonly Function[]): void {
    const { stateMachine, bucket } = this;
    for (const task of tasks) {
      task.grantInvoke(stateMachine);
      acknowledgeVersions(stateMachine.role, task);
    }
    bus.grantPutEventsTo(stateMachine);
    // The counts of a run that goes on.
    allowItems(stateMachine, tables.calls, "UpdateItem");
    // By name: the machine's own ARN in its role would be a circle.
    allow(stateMachine, ["states:StartExecution"], this.#arn("stateMachine", this.#name));
    const children = this.#arn("execution", `${this.#name}/*`);
    allow(stateMachine, ["states:DescribeExecution", "states:StopExecution"], children);
    allow(stateMachine, ["states:RedriveExecution"], children);
    // Operations that began before lists were copied read the operator's own.
    const reading = [`${bucket.bucketArn}/operations/*`, `${bucket.bucketArn}/${UPLOADS}*`];
    allow(stateMachine, ["s3:GetObject"], ...reading);
    // Results are written in parts.
    const writing = [
      "s3:PutObject",
      "s3:GetObject",
      "s3:ListMultipartUploadParts",
      "s3:AbortMultipartUpload",
    ];
    allow(stateMachine, writing, `${bucket.bucketArn}/results/*`);
    acknowledge(
      stateMachine.role,
      "X-Ray and log delivery have no resources to name; lists, results and batches are made at run time",
      "AwsSolutions-IAM5[Resource::*]",
      ...["operations", "deletions", "results"].map(
        (folder) => `AwsSolutions-IAM5[Resource::<CleanUpBucket.Arn>/${folder}/*]`,
      ),
      `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:${this.#name}/*]`,
    );
  }

  #arn(resource: string, resourceName: string): string {
    return Stack.of(this).formatArn({
      service: "states",
      resource,
      resourceName,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  }

  #startOnUpload(deadLetterQueue: Queue): void {
    new Rule(this, "list-uploaded", {
      ruleName: physicalName(this, "ringmaster-list-uploaded"),
      description: "Deletes the clients of a list that was put into the bucket",
      eventPattern: {
        source: ["aws.s3"],
        detailType: ["Object Created"],
        detail: { bucket: { name: [this.bucket.bucketName] }, object: { key: [{ prefix: UPLOADS }] } },
      },
      targets: [
        new SfnStateMachine(this.stateMachine, {
          input: RuleTargetInput.fromObject({ key: EventField.fromPath("$.detail.object.key") }),
          deadLetterQueue,
        }),
      ],
    });
  }

  #startNightly({ settings: { cleanUp } }: Foundation, deadLetterQueue: Queue): void {
    const role = new Role(this, "nightly-role", {
      // Only schedules of this account: knowing the role's ARN must not let another account use it.
      assumedBy: new ServicePrincipal("scheduler.amazonaws.com", {
        conditions: { StringEquals: { "aws:SourceAccount": Stack.of(this).account } },
      }),
    });
    new Schedule(this, "nightly", {
      scheduleName: physicalName(this, "ringmaster-clean-up"),
      description: "Deletes stale clients",
      schedule: ScheduleExpression.expression(cleanUp.cron, TimeZone.of(cleanUp.timeZone)),
      target: new StepFunctionsStartExecution(this.stateMachine, {
        role,
        deadLetterQueue,
        input: ScheduleTargetInput.fromObject({ stale: true, dryRun: cleanUp.dryRun }),
        maxEventAge: Duration.hours(2),
        retryAttempts: 5,
      }),
    });
  }
}
