/** SendTaskSuccess. */
import { AwsError, type Json, type Operation } from "../../local-aws.ts";
import { MAX_PAYLOAD_BYTES, isTooLarge } from "../engine/payload-limit.ts";
import type { Engine } from "../engine/visit.ts";
import { checkPresent } from "./constraints.ts";
import { TOKEN_QUOTA, tokenPermission } from "./task-token-permission.ts";

export const sendTaskSuccess = ({ tokens }: Engine): Operation => ({
  permissions: (input) => tokenPermission("states:SendTaskSuccess", input),
  quota: TOKEN_QUOTA,
  run({ taskToken, output }) {
    checkPresent("taskToken", taskToken);
    checkPresent("output", output);
    tokens.succeed(taskToken, parseOutput(output));
    return {};
  },
});

function parseOutput(output: unknown): Json {
  const text = String(output);
  if (isTooLarge(text)) {
    throw new AwsError(
      "ValidationException",
      "1 validation error detected: Value at 'output' failed to satisfy constraint: " +
        `Member must have length less than or equal to ${MAX_PAYLOAD_BYTES}`,
    );
  }
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new AwsError("InvalidOutput", "Invalid Output: 'Provided output is not valid JSON'");
  }
}
