/** SendTaskFailure. */
import type { Operation } from "../../local-aws.ts";
import { StateError } from "../engine/state-error.ts";
import type { Engine } from "../engine/visit.ts";
import { checkLength, checkPresent } from "./constraints.ts";
import { TOKEN_QUOTA, tokenPermission } from "./task-token-permission.ts";
import { textOf } from "../wire-text.ts";

const text = (value: unknown): string | undefined => (value === undefined ? undefined : textOf(value));

export const sendTaskFailure = ({ tokens }: Engine): Operation => ({
  permissions: (input) => tokenPermission("states:SendTaskFailure", input),
  quota: TOKEN_QUOTA,
  run({ taskToken, error, cause }) {
    checkPresent("taskToken", taskToken);
    checkLength("error", error, 256);
    checkLength("cause", cause, 32_768);
    tokens.fail(taskToken, new StateError(text(error), text(cause)));
    return {};
  },
});
