/** What happens to data when its stack is deleted. */
import { RemovalPolicy } from "aws-cdk-lib";

/**
 * Data outlives the stack, unless `-c retain=false`. The rollback of a failed deployment deletes what it has made: that is
 * empty, and its names would block the next try.
 */
export const removalPolicy = (retain: boolean): RemovalPolicy =>
  retain ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;
