/** People with made-up names, as `createPerson` writes them: one is created that way, and the others are copies. */
import { PERSON, type Shape } from "../../packages/local-aws/src/local-aws.ts";
import { phone, request } from "../../local/phones.ts";
import type { Stack } from "../stack.ts";
import { type Counted, counted } from "./counted.ts";
import { plantRows } from "./planted-rows.ts";

const TIMES = 10;
const [FIRST, LAST] = ["Firstnamex", "Lastnamex"];
const CREATE = `mutation { createPerson(input: { firstName: "${FIRST}", lastName: "${LAST}" }) { id } }`;
const SEARCH = `query { searchPeople(name: "${FIRST.slice(0, 5)}", limit: 20) { items { id firstName } nextToken } }`;

export async function directory(stack: Stack, sizes: readonly number[]): Promise<Counted[]> {
  const { runtime } = stack;
  const { accessToken } = await phone(runtime, "alice");
  const ask = async (query: string): Promise<Record<string, unknown>> => {
    const { body } = await request(runtime, accessToken, JSON.stringify({ query }), { path: "/graphql" });
    if (body["errors"]) throw new Error(JSON.stringify(body["errors"]));
    return body["data"] as Record<string, unknown>;
  };
  const { createPerson } = await ask(CREATE);
  const { id } = createPerson as { id: string };
  const TableName = runtime.physicalId("PeopleTable");
  const get = { TableName, Key: { id: { S: id } } };
  const { Item } = await runtime.localAws.call({
    service: "dynamodb",
    operation: "GetItem",
    input: get,
    caller: PERSON,
  });
  const likes = likesOf(Item as Shape, id);
  const rows: Counted[] = [];
  let planted = 1;
  for (const size of sizes) {
    await plantRows(runtime, TableName, { from: planted, to: size }, likes);
    planted = size;
    rows.push(await counted(stack, size, { times: TIMES, act: () => ask(SEARCH) }));
  }
  return rows;
}

/** A copy of the row with another id and other names, in their original and in upper case. */
function likesOf(row: Shape, id: string): (index: number) => Shape {
  const text = JSON.stringify(row);
  return (index) => {
    const end = index.toString(36);
    const other = text
      .replaceAll(id, `${id.slice(0, -end.length - 1)}-${end}`)
      .replace(/(first|last)namex/gi, (name) => `${name}${end}`);
    return JSON.parse(other) as Shape;
  };
}
