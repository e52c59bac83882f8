/** Commands with the settings, profile and Region that the doctor was given, to be pasted into a terminal. */
import type { DoctorOptions } from "./options.ts";

interface Otherwise {
  /** Beside the settings that the doctor was given. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly region?: string;
}

/** `deploy` and `doctor` take the same options. */
export type NpmCommand = (script: "deploy" | "doctor", otherwise?: Otherwise) => string;

type Given = Pick<DoctorOptions, "profile" | "region" | "context">;

export const npmCommand =
  (given: Given): NpmCommand =>
  (script, { settings = {}, region = given.region } = {}) => {
    const options = [
      ...Object.entries({ ...given.context, ...settings }).map(([name, value]) => ["-c", `${name}=${value}`]),
      ...(given.profile === undefined ? [] : [["--profile", given.profile]]),
      ...(region === undefined ? [] : [["--region", region]]),
    ];
    return ["npm run", script, ...(options.length === 0 ? [] : ["--", ...options.flat().map(quoted)])].join(
      " ",
    );
  };

const quoted = (text: string): string =>
  /^[\w=.,:/@+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
