/** The OpenAPI document that is committed is the one that the schemas print. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { commands } from "../../api/commands.ts";
import { openApi, printed } from "../../api/openapi.ts";

test("docs/openapi.json is what npm run openapi:print prints", () => {
  expect(readFileSync(new URL("../../docs/openapi.json", import.meta.url), "utf8")).toBe(printed());
});

test("every command is there in both spellings", () => {
  const paths = openApi()["paths"] as Record<
    string,
    Record<string, { operationId: string; requestBody?: unknown }>
  >;
  for (const { action, route } of commands) {
    expect(paths[route.path]?.[route.method.toLowerCase()]?.operationId).toBe(action);
    expect(JSON.stringify(paths["/"]?.["post"]?.requestBody)).toContain(`"const":"${action}"`);
  }
});
