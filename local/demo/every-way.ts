/** `npm run demo -- --all`: every way a call can go, each scene in virtual time on a runtime of its own. */
import { scenes } from "./scenes.ts";
import { playScene } from "./stage.ts";

export interface EveryWay {
  readonly assembly: string;
  /** The same stack that pushes to FCM and APNs itself. */
  readonly directAssembly: string;
  readonly print: (text: string) => void;
}

export async function playEveryWay({ assembly, directAssembly, print }: EveryWay): Promise<string[]> {
  const problems: string[] = [];
  for (const [index, { title, push, play }] of scenes.entries()) {
    print(`\n${index + 1}. ${title}\n`);
    const off = await playScene({ assembly: push === "direct" ? directAssembly : assembly, print }, play);
    problems.push(...off.map((fact) => `${index + 1}. ${fact}`));
  }
  return problems;
}
