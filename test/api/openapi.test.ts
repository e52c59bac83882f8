/** The committed OpenAPI documents are the printed ones, and generators can make good clients of them. */
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

test("the document contains every route, and a document of its own contains the envelope", () => {
  expect(operations.map(({ operation }) => operation.operationId)).toEqual(
    commands.map(({ action }) => action),
  );
  expect(document.paths).not.toHaveProperty("/");
  for (const { action } of commands)
    expect(JSON.stringify(envelope.paths["/"]?.["post"]?.requestBody)).toContain(`"const":"${action}"`);
});

test("every schema that is referred to has a name, and every named schema is used", () => {
  const text = `${JSON.stringify(document)}${JSON.stringify(envelope)}`;
  const referred = [...text.matchAll(/#\/components\/schemas\/(\w+)/g)].map(([, name]) => String(name));
  expect([...new Set(referred)].toSorted()).toEqual(Object.keys(schemas).toSorted());
});

test("every object in a request or a reply has a named schema", () => {
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

test("each operation lists the problems that its command can give, and no others", () => {
  for (const { command, operation } of operations) {
    const told = Object.entries(operation.responses).flatMap(([status, { description }]) =>
      [...description.matchAll(/`(\w+)`/g)].map(([, code]) => `${status} ${code}`),
    );
    const listed = refusalsOf(command.action).map((code: ProblemCode) => `${statusOfProblem(code)} ${code}`);
    expect(told.toSorted()).toEqual(listed.toSorted());
  }
  expect(schemas["ProblemCode"]).toMatchObject({ enum: problemCodes });
});

test("each operation has its command's status and a tag", () => {
  for (const { command, operation } of operations) {
    const good = Object.keys(operation.responses).filter((status) => status < "300");
    expect(good).toEqual([String(statusOf(command))]);
    expect(operation.tags).toHaveLength(1);
  }
});

test("every time and duration has 64 bits, and each time has one name", () => {
  const members = Object.values(schemas).flatMap((schema) =>
    Object.entries((schema["properties"] ?? {}) as Json),
  );
  const times = members.filter(([name]) => name.endsWith("Ms"));
  expect(times.length).toBeGreaterThan(20);
  for (const [, schema] of times) expect(JSON.stringify(schema)).toContain('"format":"int64"');
  const old = members.filter(([, schema]) => (schema as Json)["deprecated"]);
  expect(new Set(old.map(([name]) => name))).toEqual(new Set(["ringExpiresAtMs"]));
});

test("a call goes to calleeId or to calleeIds, by a rule that validators know and generators ignore", () => {
  expect(schemas["InitiateCallRequest"]).toMatchObject({
    required: ["callerId"],
    properties: { calleeId: {}, calleeIds: {} },
  });
  const rule =
    '"if":{"required":["calleeId"]},"then":{"not":{"required":["calleeIds"]}},"else":{"required":["calleeIds"]}';
  expect(JSON.stringify(schemas["InitiateCallRequest"])).toContain(rule);
  // From these, generators for Kotlin make classes without members.
  expect(JSON.stringify(schemas)).not.toMatch(/"(oneOf|allOf)"/);
});
