/** The command that deploys what the doctor looked at, to be pasted into a terminal. */
import type { DoctorOptions } from "./options.ts";

/** `settings` come beside those that the doctor was given. */
export type DeployCommand = (settings?: Readonly<Record<string, string>>) => string;

export const deployCommand =
  ({ profile, region, context }: Pick<DoctorOptions, "profile" | "region" | "context">): DeployCommand =>
  (settings = {}) => {
    const options = [
      ...Object.entries({ ...context, ...settings }).map(
        ([name, value]) => `-c ${quoted(`${name}=${value}`)}`,
      ),
      ...(profile === undefined ? [] : [`--profile ${quoted(profile)}`]),
      ...(region === undefined ? [] : [`--region ${quoted(region)}`]),
    ];
    return `npm run deploy${options.length === 0 ? "" : ` -- ${options.join(" ")}`}`;
  };

const quoted = (text: string): string =>
  /^[\w=.,:/@+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
