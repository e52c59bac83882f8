/** What is made from sources is used again while they are the same, and only then. F1 to F4 are in `local/made/made.ts`. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { boundCompileCache } from "../../local/compile-cache.ts";
import { type Made, made, type Making } from "../../local/made/made.ts";

const HOUR_MS = 3_600_000;

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "ringmaster-made-"));
  write("source.ts", "one");
});
afterEach(() => rmSync(root, { recursive: true }));

const write = (name: string, text: string): void => writeFileSync(join(root, name), text);
const read = (name: string): string => readFileSync(join(root, name), "utf8");
const built = (): string[] =>
  readdirSync(join(root, "build")).filter((name) => existsSync(join(root, "build", name)));

/** Copies the source, into one directory for each state of the inputs. */
const copying = (more: Partial<Making> = {}): Promise<Made> =>
  made({
    directory: (from) => join(root, "build", from),
    inputs: () => ({ root, paths: ["source.ts"] }),
    make: async (draft) => cpSync(join(root, "source.ts"), join(draft, "copy.ts")),
    ...more,
  });
const copyIn = ({ directory }: Made): string => readFileSync(join(directory, "copy.ts"), "utf8");

/** Always in the same directory, like the web pages. */
const inOnePlace = { directory: () => join(root, "build", "pages") };

describe("F1", () => {
  test("unchanged sources are used again, even after a touch", async () => {
    const first = await copying();
    utimesSync(join(root, "source.ts"), 1, 1);
    expect([first.reused, await copying()]).toEqual([false, { directory: first.directory, reused: true }]);
  });

  test.each([{}, inOnePlace])(
    "a changed source is made anew, and an earlier state again (%#)",
    async (place) => {
      await copying(place);
      write("source.ts", "two");
      const changed = await copying(place);
      expect([changed.reused, copyIn(changed)]).toEqual([false, "two"]);
      write("source.ts", "one");
      expect(copyIn(await copying(place))).toBe("one");
    },
  );

  test("other settings have a directory of their own, and neither replaces the other", async () => {
    const setting = (stages: string) => ({
      inputs: () => ({ root, paths: ["source.ts"], values: { stages } }),
    });
    const [four, two] = [await copying(setting("4")), await copying(setting("2"))];
    expect(four.directory).not.toBe(two.directory);
    expect([await copying(setting("4")), await copying(setting("2"))]).toEqual([
      { ...four, reused: true },
      { ...two, reused: true },
    ]);
  });
});

describe("F2", () => {
  test.each([
    ["edited", (directory: string) => writeFileSync(join(directory, "copy.ts"), "by hand")],
    ["added to", (directory: string) => writeFileSync(join(directory, "more.ts"), "by hand")],
    ["half deleted", (directory: string) => rmSync(join(directory, "copy.ts"))],
    ["deleted", (directory: string) => rmSync(directory, { recursive: true })],
    ["left without its record", (directory: string) => rmSync(join(directory, ".made.json"))],
    ["left with half a record", (directory: string) => writeFileSync(join(directory, ".made.json"), '{"inp')],
  ])("a result that is %s is made again", async (_what, damage) => {
    const { directory } = await copying();
    damage(directory);
    const again = await copying();
    expect([again.reused, copyIn(again), readdirSync(directory)]).toEqual([
      false,
      "one",
      [".made.json", "copy.ts"],
    ]);
    expect(built()).toHaveLength(1);
  });
});

describe("F3", () => {
  test("a build that fails leaves nothing", async () => {
    const failing = copying({
      make: async (draft) => {
        writeFileSync(join(draft, "copy.ts"), "half");
        throw new Error("interrupted");
      },
    });
    await expect(failing).rejects.toThrow("interrupted");
    expect(built()).toEqual([]);
    expect(copyIn(await copying())).toBe("one");
  });

  test.each([{}, inOnePlace])("two builds at the same time both get the whole result (%#)", async (place) => {
    const both = Promise.withResolvers<void>();
    let making = 0;
    const together: Partial<Making> = {
      ...place,
      make: async (draft) => {
        cpSync(join(root, "source.ts"), join(draft, "copy.ts"));
        if ((making += 1) === 2) both.resolve();
        await both.promise;
      },
    };
    const [one, other] = await Promise.all([copying(together), copying(together)]);
    expect([copyIn(one), copyIn(other), one.directory]).toEqual(["one", "one", other.directory]);
    expect(built()).toHaveLength(1);
    expect((await copying(place)).reused).toBe(true);
  });
});

describe("F4", () => {
  test("a source that changes during a build does not count as built", async () => {
    let makings = 0;
    const saved = await copying({
      make: async (draft) => {
        cpSync(join(root, "source.ts"), join(draft, "copy.ts"));
        if ((makings += 1) === 1) write("source.ts", "two");
      },
    });
    expect([makings, saved.reused, copyIn(saved)]).toEqual([2, false, "two"]);
    write("source.ts", "one");
    expect((await copying()).reused).toBe(false);
  });

  test("sources that change during every build are an error", async () => {
    const restless = copying({ make: async () => write("source.ts", `${read("source.ts")}.`) });
    await expect(restless).rejects.toThrow("sources changed during each of 3 builds");
  });
});

describe("an unused result", () => {
  const usedAgo = (directory: string, ms: number): void => {
    const at = new Date(Date.now() - ms);
    utimesSync(existsSync(join(directory, ".made.json")) ? join(directory, ".made.json") : directory, at, at);
  };

  test("is removed once there are enough newer ones, and one that was used lately stays", async () => {
    const places: string[] = [];
    for (let version = 0; version < 10; version += 1) {
      write("source.ts", `version ${version}`);
      const { directory } = await copying();
      usedAgo(directory, (30 - version) * HOUR_MS);
      places.push(directory);
    }
    write("source.ts", "version 1");
    expect((await copying()).reused).toBe(true);
    for (const text of ["newer", "newest"]) {
      write("source.ts", text);
      await copying();
    }
    const gone = places.flatMap((place, version) => (existsSync(place) ? [] : [version]));
    expect([gone, built().length]).toEqual([[0, 2], 10]);
  });

  test("is removed if its build was interrupted long ago, and a running build stays", async () => {
    const [abandoned, atWork] = [".draft-abandoned", ".draft-at-work"].map((name) =>
      join(root, "build", name),
    );
    for (const draft of [abandoned, atWork]) mkdirSync(String(draft), { recursive: true });
    usedAgo(String(abandoned), 2 * HOUR_MS);
    await copying();
    expect([existsSync(String(abandoned)), existsSync(String(atWork))]).toEqual([false, true]);
  });

  test("of compiled code is removed when there is too much of it", () => {
    boundCompileCache(join(root, "none"), 10);
    write("compiled", "0123456789");
    boundCompileCache(root, 1_000_000);
    expect(existsSync(join(root, "compiled"))).toBe(true);
    boundCompileCache(root, 5);
    expect(existsSync(root)).toBe(false);
    mkdirSync(root);
  });
});
