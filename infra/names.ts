/**
 * Physical names. A renamed resource is replaced, so those of the default stack never change; a test compares them with a list. Any
 * other stack puts its own name in front, so that it stands beside the default one in the same account and Region.
 */
export const DEFAULT_STACK = "Ringmaster";

/** The longest name, of a rule or a function, then has 60 of the 64 characters that AWS allows. */
export const LONGEST_STACK_NAME = 24;

export const nameIn = (stackName: string, name: string): string =>
  stackName === DEFAULT_STACK ? name : `${stackName}-${name}`;
