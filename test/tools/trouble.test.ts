/** What operators read if a command cannot reach their stack. */
import { ListStateMachinesCommand, SFNClient, type SFNClientConfig } from "@aws-sdk/client-sfn";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { troubleOf } from "../../tools/trouble.ts";

beforeEach(() => {
  for (const name of ["AWS_REGION", "AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
    vi.stubEnv(name, undefined);
  // The SDK reads neither this machine's files nor its metadata service.
  for (const name of ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"]) vi.stubEnv(name, "/dev/null");
  vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
});
afterEach(() => void vi.unstubAllEnvs());

const credentials = { accessKeyId: "a", secretAccessKey: "b" };

test.each<[string, SFNClientConfig, string]>([
  ["a region", { credentials }, "no region: name one with --region, or set AWS_REGION"],
  ["credentials", { region: "us-east-1" }, "no credentials: sign in, and name the profile with AWS_PROFILE"],
  [
    "an endpoint that answers",
    { region: "us-east-1", credentials, endpoint: "http://127.0.0.1:1", maxAttempts: 1 },
    "the endpoint does not answer: is npm start running there?",
  ],
  [
    "a host of that name",
    { region: "us-east-1", credentials, endpoint: "http://nowhere.invalid", maxAttempts: 1 },
    "no such host: is the endpoint right, or the Region, and is there a network?",
  ],
])("without %s they read what to do", async (_what, settings, words) => {
  const client = new SFNClient(settings);
  const trouble = await client.send(new ListStateMachinesCommand({})).catch((error: unknown) => error);
  expect(trouble).toBeInstanceOf(Error);
  expect(troubleOf(trouble)).toContain(words);
});

test("AWS's own message is shown as it is", () => {
  expect(troubleOf(new Error("Stack with id Ringmaster does not exist"))).toBe(
    "Stack with id Ringmaster does not exist",
  );
});
