/** A setting of the stack on the command line, as `cdk -c key=value` takes it. */
export function settingOf(text: string): [string, string] {
  const [, name, value] = /^(\w+)=(.*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new Error(`-c: expected key=value, got "${text}"`);
  return [name, value];
}
