/** What becomes of data when its stack is deleted. */
import { RemovalPolicy } from "aws-cdk-lib";

/**
 * Data outlives the stack, unless `-c retain=false`. What a deployment has made that then fails goes with its rollback: it is empty, and
 * its name would block the next try.
 */
export const removalPolicy = (retain: boolean): RemovalPolicy =>
  retain ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;
