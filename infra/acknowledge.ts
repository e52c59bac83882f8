/** Acknowledges a finding of cdk-nag or of the template validation on the one construct it concerns, with the reason. */
import type { IConstruct } from "constructs";
import { Validations } from "aws-cdk-lib";

export function acknowledge(on: IConstruct, reason: string, ...findings: string[]): void {
  Validations.of(on).acknowledge(...findings.map((id) => ({ id, reason })));
}
