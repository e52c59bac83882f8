/** The OpenAPI documents that are committed are the ones that the schemas print, and such that generators make good clients of them. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { commands, statusOf } from "../../api/commands.ts";
import { openApi, printed } from "../../api/openapi.ts";
import { type ProblemCode, problemCodes, statusOfProblem } from "../../api/problems.ts";
import { refusalsOf } from "../../api/refusals.ts";

type Json = Record<string, unknown>;
interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Json }>> };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content: Json }>>;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Json>> };
}
const document = openApi() as unknown as Document;
const envelope = JSON.parse(printed()["openapi-envelope.json"] ?? "") as Document;
const operations = commands.map((command) => {
  const { method, path } = command.route;
  const operation = document.paths[path]?.[method.toLowerCase()];
  if (!operation) throw new Error(`${command.action} has no route in the document`);
  return { command, operation };
});
const { schemas } = document.components;

test.each(Object.entries(printed()))("docs/%s is what npm run openapi:print prints", (file, text) => {
  expect(readFileSync(new URL(`../../docs/${file}`, import.meta.url), "utf8")).toBe(text);
});

test("every command is there in both spellings, and the envelope in a document of its own", () => {
  expect(operations.map(({ operation }) => operation.operationId)).toEqual(
    commands.map(({ action }) => action),
  );
  expect(document.paths).not.toHaveProperty("/");
  for (const { action } of commands)
    expect(JSON.stringify(envelope.paths["/"]?.["post"]?.requestBody)).toContain(`"const":"${action}"`);
});

test("every schema that is referred to has a name in the document, and every name is used", () => {
  const text = `${JSON.stringify(document)}${JSON.stringify(envelope)}`;
  const referred = [...text.matchAll(/#\/components\/schemas\/(\w+)/g)].map(([, name]) => String(name));
  expect([...new Set(referred)].toSorted()).toEqual(Object.keys(schemas).toSorted());
});

test("requests, replies and what is in them are classes: no object without a name", () => {
  const nameless: string[] = [];
  const walk = (node: unknown, path: string): void => {
    if (typeof node !== "object" || node === null) return;
    const { properties, enum: words } = node as Json;
    if ((properties ?? words) !== undefined && !/^\/components\/schemas\/\w+$/.test(path))
      nameless.push(path);
    for (const [key, value] of Object.entries(node)) if (key !== "example") walk(value, `${path}/${key}`);
  };
  walk(document, "");
  expect(nameless).toEqual([]);
});

test("each operation lists the problems that it can give, and no others", () => {
  for (const { command, operation } of operations) {
    const told = Object.entries(operation.responses).flatMap(([status, { description }]) =>
      [...description.matchAll(/`(\w+)`/g)].map(([, code]) => `${status} ${code}`),
    );
    const listed = refusalsOf(command.action).map((code: ProblemCode) => `${statusOfProblem(code)} ${code}`);
    expect(told.toSorted()).toEqual(listed.toSorted());
  }
  expect(schemas["ProblemCode"]).toMatchObject({ enum: problemCodes });
});

test("each operation has the status that it replies with, and a tag", () => {
  for (const { command, operation } of operations) {
    const good = Object.keys(operation.responses).filter((status) => status < "300");
    expect(good).toEqual([String(statusOf(command))]);
    expect(operation.tags).toHaveLength(1);
  }
});

test("what is a time or a duration has 64 bits, and one time one name", () => {
  const members = Object.values(schemas).flatMap((schema) =>
    Object.entries((schema["properties"] ?? {}) as Json),
  );
  const times = members.filter(([name]) => name.endsWith("Ms"));
  expect(times.length).toBeGreaterThan(20);
  for (const [, schema] of times) expect(JSON.stringify(schema)).toContain('"format":"int64"');
  const old = members.filter(([, schema]) => (schema as Json)["deprecated"]);
  expect(new Set(old.map(([name]) => name))).toEqual(new Set(["ringExpiresAtMs"]));
});

test("a call is to calleeId or to calleeIds, in words that validators understand and generators pass over", () => {
  expect(schemas["InitiateCallRequest"]).toMatchObject({
    required: ["callerId"],
    properties: { calleeId: {}, calleeIds: {} },
  });
  const rule =
    '"if":{"required":["calleeId"]},"then":{"not":{"required":["calleeIds"]}},"else":{"required":["calleeIds"]}';
  expect(JSON.stringify(schemas["InitiateCallRequest"])).toContain(rule);
  // Of these, generators of Kotlin make classes without members.
  expect(JSON.stringify(schemas)).not.toMatch(/"(oneOf|allOf)"/);
});
