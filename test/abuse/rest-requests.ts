/** Requests as the OpenAPI document describes them, and some that it does not. */
import fc from "fast-check";
import { openApi } from "../../api/openapi.ts";
import type { HttpRequest } from "../../packages/local-aws/src/http-api/http-message.ts";
import { objectBy, type Schema, type Sources, valueOf } from "./by-schema.ts";
import { oddText } from "./odd-json.ts";

export type Sent = Omit<HttpRequest, "sourceIp">;

interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly schema: Schema;
}

export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly operationId: string;
  readonly parameters: readonly Parameter[];
  readonly body: Schema | undefined;
  /** Status → media types. */
  readonly responses: ReadonlyMap<number, readonly string[]>;
}

const document = openApi() as unknown as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Schema>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
};

export const resolve: Sources["resolve"] = (ref) => {
  const found = document.components.schemas[ref.replace("#/components/schemas/", "")];
  if (!found) throw new Error(`the document has no ${ref}`);
  return found;
};

type Content = Readonly<Record<string, { readonly schema?: Schema }>>;

export const operations: readonly Operation[] = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => {
    const body = operation["requestBody"] as { content: Content } | undefined;
    const responses = operation["responses"] as Readonly<Record<string, { readonly content: Content }>>;
    return {
      method: method.toUpperCase(),
      path,
      operationId: String(operation["operationId"]),
      parameters: (operation["parameters"] ?? []) as Parameter[],
      body: body?.content["application/json"]?.schema,
      responses: new Map(
        Object.entries(responses).map(([status, { content }]) => [Number(status), Object.keys(content)]),
      ),
    };
  }),
);

/** Of a value that is no text, its JSON: what an app would put into an address. */
const textIn = (json: string): string => {
  const value: unknown = JSON.parse(json);
  return typeof value === "string" ? value : json;
};

const inAddress = (text: string): string => encodeURIComponent(text.toWellFormed());

/** What no encoder writes. */
const BROKEN = ["%", "%zz", "%C0%AF", "%ed%a0%80", "%00", "..", "%2e%2e", "%252e", "a%2Fb", "{callId}"];

type Given = readonly (readonly [parameter: Parameter, value: string | undefined])[];

function given(parameters: readonly Parameter[], sources: Sources): fc.Arbitrary<Given> {
  const each = parameters.map((parameter) => {
    const value = fc.oneof(
      { weight: 6, arbitrary: valueOf(parameter.schema, parameter.name, sources).map(textIn) },
      { weight: 1, arbitrary: oddText },
    );
    const maybe = parameter.required ? value : fc.option(value, { nil: undefined });
    return maybe.map((text) => [parameter, text] as const);
  });
  return fc.tuple(...each);
}

const ofPlace = (all: Given, place: Parameter["in"]): [string, string][] =>
  all.flatMap(([parameter, value]) =>
    parameter.in === place && value !== undefined ? [[parameter.name, value] as [string, string]] : [],
  );

/** A header's value has no control characters; HTTP would not carry them. */
const inHeader = (text: string): string => text.replaceAll(/[^\x20-\x7e\x80-\xff]/g, "?");

export function requestsFor(operation: Operation, sources: Sources): fc.Arbitrary<Sent> {
  const body = operation.body ? bodyBy(operation.body, sources) : fc.constant(undefined);
  const broken = fc.oneof(
    { weight: 12, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom(...BROKEN) },
  );
  return fc.tuple(given(operation.parameters, sources), body, broken).map(([all, content, instead]) => {
    const inPath = new Map(ofPlace(all, "path"));
    const path = operation.path.replaceAll(
      /\{(\w+)\}/g,
      (_, name: string) => instead ?? inAddress(inPath.get(name) ?? ""),
    );
    const query = ofPlace(all, "query")
      .map(([name, value]) => `${name}=${inAddress(value)}`)
      .join("&");
    const headers = Object.fromEntries(
      ofPlace(all, "header").map(([name, value]) => [name.toLowerCase(), inHeader(value)]),
    );
    return {
      method: operation.method,
      path,
      query,
      headers: { "content-type": "application/json", ...headers },
      ...(content !== undefined && { body: Buffer.from(content) }),
    };
  });
}

const bodyBy = (schema: Schema, sources: Sources): fc.Arbitrary<string> =>
  objectBy("$ref" in schema ? resolve(String(schema["$ref"])) : schema, sources);
