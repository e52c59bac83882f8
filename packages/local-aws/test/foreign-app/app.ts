/** A CDK app that knows nothing of this package: an order is priced, waits for an hour, gets a receipt, and is told to a queue. */
import { join } from "node:path";
import { App, CfnOutput, Duration, Stack } from "aws-cdk-lib";
import { Code, Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { Queue } from "aws-cdk-lib/aws-sqs";
import {
  DefinitionBody,
  QueryLanguage,
  StateMachine,
  TaskInput,
  Wait,
  WaitTime,
} from "aws-cdk-lib/aws-stepfunctions";
import { CallAwsService, LambdaInvoke, SqsSendMessage } from "aws-cdk-lib/aws-stepfunctions-tasks";

const stack = new Stack(new App(), "Shop");
const receipts = new Bucket(stack, "Receipts");
const paid = new Queue(stack, "Paid", { visibilityTimeout: Duration.seconds(30) });
const price = new LambdaFunction(stack, "Price", {
  runtime: Runtime.NODEJS_22_X,
  handler: "index.handler",
  code: Code.fromAsset(join(import.meta.dirname, "price")),
  environment: { CENTS_EACH: "250" },
});

const priced = LambdaInvoke.jsonata(stack, "Priced", {
  lambdaFunction: price,
  payload: TaskInput.fromText("{% $states.input %}"),
  outputs: "{% $states.result.Payload %}",
});
const rested = Wait.jsonata(stack, "Rested", { time: WaitTime.duration(Duration.hours(1)) });
const receipted = CallAwsService.jsonata(stack, "Receipted", {
  service: "s3",
  action: "putObject",
  parameters: {
    Bucket: receipts.bucketName,
    Key: "{% $states.input.orderId & '.txt' %}",
    Body: "{% 'cents: ' & $string($states.input.cents) %}",
  },
  iamResources: [receipts.arnForObjects("*")],
  outputs: "{% $states.input %}",
});
const told = SqsSendMessage.jsonata(stack, "Told", {
  queue: paid,
  messageBody: TaskInput.fromText("{% $string($states.input) %}"),
});
const order = new StateMachine(stack, "Order", {
  queryLanguage: QueryLanguage.JSONATA,
  definitionBody: DefinitionBody.fromChainable(priced.next(rested).next(receipted).next(told)),
});

const outputs = { OrderArn: order.stateMachineArn, BucketName: receipts.bucketName, QueueUrl: paid.queueUrl };
for (const [name, value] of Object.entries(outputs)) new CfnOutput(stack, name, { value });
