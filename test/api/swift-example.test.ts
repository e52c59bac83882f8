/** examples/swift, which no test can compile, has the types and routes of the OpenAPI document. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { openApi } from "../../api/openapi.ts";

type Schema = Readonly<Record<string, unknown>>;
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}
interface Operation {
  readonly requestBody?: { readonly content: Schema };
  readonly responses: Readonly<Record<string, { readonly content: Schema }>>;
}
const { paths, components } = openApi() as unknown as Document;
const swift = readFileSync(new URL("../../examples/swift/Phone.swift", import.meta.url), "utf8");

/** The structs of requests and replies, with their members. */
const structs = [...swift.matchAll(/^struct (\w+): Codable[^{]*\{\n([^}]*)\}/gm)].map(
  ([, name = "", body = ""]) => ({
    name,
    members: [...body.matchAll(/let (\w+): (\w+)(\??)$/gm)].map(([, member = "", type, optional]) => ({
      member,
      type,
      optional: optional === "?",
    })),
  }),
);

/** The Swift type of a schema. */
function swiftType(schema: Schema): string | undefined {
  const { $ref, type, format } = schema;
  if (typeof $ref === "string") {
    // Enums are read as text, because a newer back end may have further values.
    const named = components.schemas[$ref.split("/").at(-1) ?? ""] ?? {};
    return named["enum"] ? "String" : $ref.split("/").at(-1);
  }
  const types: Readonly<Record<string, string>> = { string: "String", boolean: "Bool", integer: "Int" };
  return format === "int64" ? "Int64" : types[String(type)];
}

test("the example has the types that a call needs", () => {
  expect(structs.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      "RegisterRequest",
      "InitiateCallRequest",
      "Call",
      "JoinedCall",
      "CallEnd",
      "Problem",
    ]),
  );
  expect(structs.flatMap(({ members }) => members).length).toBeGreaterThan(30);
});

test.each(structs)("$name has the names and types of the document", ({ name, members }) => {
  const schema = components.schemas[name] ?? {};
  const properties = (schema["properties"] ?? {}) as Readonly<Record<string, Schema>>;
  const required = (schema["required"] ?? []) as string[];
  expect(members).toEqual(
    members.map(({ member }) => ({
      member,
      type: swiftType(properties[member] ?? {}),
      optional: !required.includes(member),
    })),
  );
  // A request has every required member. An app reads only some members of a reply.
  const sent = name.endsWith("Request") ? required : [];
  expect(members.map(({ member }) => member)).toEqual(expect.arrayContaining(sent));
});

const functions = [
  ...swift.matchAll(/func \w+\((.*)\) async throws -> (\w+) \{\n\s+try await send\("(\w+)", "([^"]+)"/g),
].map(([, parameters = "", reply = "", method = "", path = ""]) => ({
  request: /: (\w+Request)/.exec(parameters)?.[1],
  reply,
  method: method.toLowerCase(),
  path: path.replace(/\\\((\w+)\)/g, "{$1}"),
}));

test.each(functions)(
  "$method $path is an operation, with its request and its reply",
  ({ request, reply, method, path }) => {
    const operation = paths[path]?.[method];
    const refIn = (content: unknown): string | undefined =>
      /schemas\/(\w+)"/.exec(JSON.stringify(content ?? {}))?.[1];
    expect([refIn(operation?.requestBody?.content), refIn(operation?.responses["200"]?.content)]).toEqual([
      request,
      reply,
    ]);
  },
);

test("the example registers, rings, answers, declines, calls and hangs up", () => {
  expect(functions).toHaveLength(8);
});
