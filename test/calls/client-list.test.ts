/** A list of clients to delete, as people write it. */
import { expect, test } from "vitest";
import { clientIdIn, listedClients, namedIn } from "../../calls/client-list.ts";
import { ALICE, BOB, CAROL } from "../builders.ts";

test.each([
  ["bare ids", `${ALICE}\n${BOB}\n`],
  ["bare ids with Windows line ends, without one on the last line", `\uFEFF${ALICE}\r\n${BOB}`],
  ["JSON strings", `"${ALICE}"\n"${BOB}"`],
  ["objects", `{"clientId":"${ALICE}"}\n{"clientId":"${BOB}","note":"x"}`],
  [
    "ids and objects mixed, with blank lines and spaces",
    `\n  ${ALICE.toUpperCase()} \r\n\t\n\n{"clientId":"${BOB}"}\n\n`,
  ],
  ["a header line and ids", `client_id\r\n${ALICE}\r\n${BOB}\r\n`],
  ["a quoted header line and quoted ids", `"clientId"\n"${ALICE}"\n"${BOB}"`],
])("a list may be %s", (_what, text) => {
  expect(listedClients(text)).toEqual([{ clientId: ALICE }, { clientId: BOB }]);
});

test("a line without a client is reported by its number and its beginning, and the other lines count", () => {
  const long = "x".repeat(200);
  expect(listedClients(`${ALICE}\nnobody\n{\n\n{"id":5}\n["${BOB}"]\n${long}\nid\n${CAROL}`)).toEqual([
    { clientId: ALICE },
    { line: 2, text: "nobody" },
    { line: 3, text: "{" },
    { line: 5, text: '{"id":5}' },
    { line: 6, text: `["${BOB}"]` },
    { line: 7, text: "x".repeat(60) },
    { line: 8, text: "id" },
    { clientId: CAROL },
  ]);
});

test("an item of a list is an id, an object with one, or the text of its line", () => {
  expect(clientIdIn(ALICE)).toBe(ALICE);
  expect(clientIdIn({ clientId: BOB, note: "x" })).toBe(BOB);
  for (const item of ["nobody", {}, null, 5, [ALICE], { line: 1, text: ALICE }]) {
    expect(clientIdIn(item)).toBeUndefined();
  }
  expect(namedIn({ clientId: BOB })).toEqual({ clientId: BOB });
  expect(namedIn({ line: 3, text: "nobody" })).toEqual({ clientId: "nobody", line: 3 });
  expect(namedIn("nobody")).toEqual({ clientId: "nobody" });
  expect(namedIn({ other: "x".repeat(200) }).clientId).toHaveLength(60);
});
