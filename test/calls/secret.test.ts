import { format, inspect } from "node:util";
import { Logger } from "@aws-lambda-powertools/logger";
import { afterEach, describe, expect, test, vi } from "vitest";
import { secretSchema } from "../../calls/secret.ts";
import { device } from "../builders.ts";

const TOKEN = "very-private-device-token";
const secret = secretSchema.parse(TOKEN);
/** The secret inside a template, as a mistake would print it. */
const printable = secret as unknown as string;

afterEach(() => vi.restoreAllMocks());

describe("a secret is not printed", () => {
  test.each([
    ["as JSON", () => JSON.stringify({ secret, list: [secret] })],
    ["in a template string", () => `${String(secret)} ${printable}`],
    ["by an error message", () => new Error(`no such token: ${printable}`).message],
    ["by util.inspect", () => inspect({ secret }, { showHidden: true, depth: 9 })],
    ["by util.format", () => format("%s %o %j", secret, secret, secret)],
    ["as part of a device", () => inspect(device("phone", { GCM: TOKEN })) + JSON.stringify(device("phone"))],
    ["by its own fields", () => inspect(Object.entries(secret)) + JSON.stringify(Object.assign({}, secret))],
  ])("%s", (_how, print) => {
    expect(print()).not.toContain(TOKEN);
  });

  test("by the logger", () => {
    const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    const error = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    const logger = new Logger({ logLevel: "DEBUG" });
    logger.appendKeys({ secret });
    logger.info("pushed", { device: device("phone", { GCM: TOKEN }) });
    logger.error("failed", new Error("push failed", { cause: secret }));
    const printed = [...write.mock.calls, ...error.mock.calls].join("\n");
    expect(printed).toContain("pushed");
    expect(printed).toContain("failed");
    expect(printed).not.toContain(TOKEN);
  });
});

test("a secret reveals its value only by `reveal`", () => {
  expect(secret.reveal()).toBe(TOKEN);
});
