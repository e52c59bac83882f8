/** Plays through the foreign app by the unmodified SDK: what became of one order, an hour of virtual time later. */
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { listen, startRuntime, virtualClock } from "../../src/index.ts";

export interface Played {
  readonly status: string | undefined;
  readonly hours: number;
  readonly receipt: string | undefined;
  readonly message: unknown;
}

export async function play(assembly: string): Promise<Played> {
  const clock = virtualClock();
  const runtime = await startRuntime({ assembly, clock });
  const servers = await listen(runtime, { port: 0, awsPort: 0 });
  const settings = {
    endpoint: `http://127.0.0.1:${servers.awsPort}`,
    region: runtime.localAws.region,
    credentials: { accessKeyId: "any", secretAccessKey: "any" },
  };
  const sfn = new SFNClient(settings);
  const s3 = new S3Client({ ...settings, forcePathStyle: true });
  const sqs = new SQSClient(settings);
  try {
    const { OrderArn: stateMachineArn, BucketName: Bucket, QueueUrl } = runtime.outputs;
    const input = JSON.stringify({ orderId: "a-1", pieces: 3 });
    const startedAtMs = clock.now();
    const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn, input }));
    const execution = () => sfn.send(new DescribeExecutionCommand({ executionArn }));
    await clock.until(async () => (await execution()).status !== "RUNNING");
    const { status } = await execution();
    const receipt = await s3.send(new GetObjectCommand({ Bucket, Key: "a-1.txt" }));
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    return {
      status,
      hours: Math.floor((clock.now() - startedAtMs) / 3_600_000),
      receipt: await receipt.Body?.transformToString(),
      message: JSON.parse(Messages?.[0]?.Body ?? "null"),
    };
  } finally {
    for (const client of [sfn, s3, sqs]) client.destroy();
    await servers.close();
    runtime.stop();
    clock.dispose();
  }
}
