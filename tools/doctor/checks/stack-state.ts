/** Whether CloudFormation takes a deployment of the stack as it stands. */
import type { Check, Place } from "../check.ts";
import { good, type Seen } from "../finding.ts";

export const stackState: Check = {
  title: "Stack",
  needs: ["cloudformation:DescribeStacks", "cloudformation:ListStackResources"],
  async look(place) {
    const { stackName } = place.deployment;
    const stack = await place.stack();
    if (!stack) return good(`There is no stack ${stackName} yet: this is its first deployment.`);
    return (
      stateOf(stack.status, place) ??
      good(`Stack ${stackName} is there (${stack.status}): ${next(stack.status)}.`)
    );
  },
};

/** The CDK CLI deletes by itself what a creation has left that was taken back whole, and a stack that nothing was made of. */
function next(status: string): string {
  if (status === "ROLLBACK_COMPLETE") return "its creation failed, and the deployment deletes it first";
  return status === "REVIEW_IN_PROGRESS" ? "nothing of it was made yet" : "it is updated";
}

function stateOf(status: string, { deployment: { stackName }, awsOptions }: Place): Seen | undefined {
  const what = `Stack ${stackName} is ${status}.`;
  const command = (operation: string) =>
    `aws cloudformation ${operation} --stack-name ${stackName}${awsOptions}`;
  // A create that failed, and was not taken back whole, leaves a stack that can only be deleted.
  if (/^(ROLLBACK_FAILED|CREATE_FAILED|DELETE_FAILED)$/.test(status))
    return {
      verdict: "fails",
      what,
      why: "CloudFormation does not update it: it has to go before the next deployment makes it anew.",
      mend: [
        command("describe-stack-events"),
        command("delete-stack"),
        command("wait stack-delete-complete"),
      ],
    };
  if (status === "UPDATE_ROLLBACK_FAILED")
    return {
      verdict: "fails",
      what,
      why: "CloudFormation takes no update until the rollback has been completed.",
      mend: [command("continue-update-rollback")],
    };
  if (status === "UPDATE_FAILED")
    return {
      verdict: "fails",
      what,
      why: "An update without rollback has stopped half-way: it is taken back first.",
      mend: [command("rollback-stack"), command("wait stack-rollback-complete")],
    };
  if (status.endsWith("_IN_PROGRESS") && status !== "REVIEW_IN_PROGRESS")
    return {
      verdict: "fails",
      what,
      why: "CloudFormation takes one change of a stack at a time.",
      mend: [command(`wait ${waiterOf(status)}`)],
    };
  return undefined;
}

function waiterOf(status: string): string {
  if (status.startsWith("DELETE")) return "stack-delete-complete";
  if (status.startsWith("CREATE")) return "stack-create-complete";
  return status.includes("ROLLBACK") ? "stack-rollback-complete" : "stack-update-complete";
}
