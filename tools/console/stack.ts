/** `stack`: what is looked at, and where to sign in to it. */
import type { FoundStack } from "./found-stack.ts";
import type { StackView } from "./views.ts";

/** Account of every local runtime; AWS never assigns it. */
const LOCAL_ACCOUNT = "000000000000";

export const isLocal = ({ account }: FoundStack): boolean => account === LOCAL_ACCOUNT;

export interface ViewOptions {
  /** Where AWS's APIs are, of a local runtime. */
  readonly endpoint?: string | undefined;
  /** Dead letters may be sent again and deleted. */
  readonly canWrite?: boolean;
}

export function stackView(found: FoundStack, { endpoint, canWrite = false }: ViewOptions): StackView {
  const {
    name: stack,
    region,
    account,
    callWorkflowArn,
    cleanUpWorkflowArn,
    userPoolId,
    userPoolClientId,
  } = found;
  return {
    stack,
    region,
    account,
    isLocal: isLocal(found),
    callWorkflowArn,
    cleanUpWorkflowArn,
    signIn: { userPoolId, userPoolClientId, ...(endpoint !== undefined && { endpoint }) },
    apiUrl: found.apiUrl,
    canWrite,
  };
}
