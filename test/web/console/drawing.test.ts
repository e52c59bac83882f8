/** A definition as a graph, and the place of each state. */
import { expect, test } from "vitest";
import callWorkflow from "../../../workflows/call.asl.json" with { type: "json" };
import cleanUpWorkflow from "../../../workflows/clean-up.asl.json" with { type: "json" };
import { type Graph, graphOf } from "../../../web/console/state/graph.ts";
import type { PlacedNode } from "../../../web/console/state/lanes.ts";
import { layoutOf } from "../../../web/console/state/layout.ts";
import { orderOf } from "../../../web/console/state/spine.ts";

function drawn(definition: unknown): Graph {
  const graph = graphOf(definition);
  if (!graph) throw new Error("no state machine");
  return graph;
}

test("the spine of a call is its ordinary course", () => {
  const { nodes, edges } = drawn(callWorkflow);
  expect(orderOf(nodes, edges).spine).toEqual([
    "Push sent",
    "Token issued",
    "Ringing",
    "Answered",
    "In call",
    "Leg ended",
    "Clean up",
    "Call ended",
  ]);
});

test("other ends are to the right of the spine, and errors and ways back to the left", () => {
  const { nodes, edges } = drawn(callWorkflow);
  const { asides } = orderOf(nodes, edges);
  const on = (side: string): string[] =>
    asides.filter((aside) => aside.side === side).map(({ name }) => name);
  expect(on("right")).toEqual(["Declined", "Cancelled", "Missed", "Is it over?", "Busy", "Dropped"]);
  expect(on("left")).toEqual(
    expect.arrayContaining([
      "How did ringing end?",
      "Kept silent",
      "Unreachable",
      "Look again",
      "Some phones told",
      "Still talking?",
      "Others told",
      "Failed",
      "Not finished",
    ]),
  );
});

test("waits, choices and tasks differ, and a task names what it calls", () => {
  const { nodes } = drawn(callWorkflow);
  const named = (name: string) => nodes.find((node) => node.name === name);
  expect(named("Ringing")).toMatchObject({
    kind: "wait",
    calls: "aws-sdk:dynamodb:updateItem.waitForTaskToken",
  });
  expect(named("How did ringing end?")).toMatchObject({ kind: "choice" });
  expect(named("Push sent")).toMatchObject({ kind: "task", calls: "SendPush" });
  expect(named("Not finished")).toMatchObject({ kind: "fail" });
});

test("every transition of the definition is a line: choices with their condition, catches with their errors", () => {
  const { edges } = drawn(callWorkflow);
  const between = (from: string, to: string) => edges.filter((edge) => edge.from === from && edge.to === to);
  expect(between("How did ringing end?", "Ringing")).toMatchObject([{ kind: "default" }]);
  expect(between("How did ringing end?", "Answered")).toMatchObject([
    { kind: "choice", label: "$call.snapshot.status = 'answered'" },
  ]);
  expect(between("Ringing", "Look again")).toMatchObject([
    { kind: "catch", label: "DynamoDb.ConditionalCheckFailedException" },
  ]);
  expect(between("In call", "Still talking?")).toMatchObject([
    { kind: "catch", label: "States.Timeout, DynamoDb.ConditionalCheckFailedException" },
  ]);
  // These errors tell a wait what has happened to the call, and are no failures.
  expect(between("Ringing", "Declined")).toMatchObject([{ kind: "turn", label: "declined" }]);
  expect(between("In call", "Dropped")).toMatchObject([{ kind: "turn", label: "dropped" }]);
});

test("the states inside a distributed Map are marked as parts of other executions", () => {
  const { nodes } = drawn(cleanUpWorkflow);
  const marked = nodes.filter(({ inChildren }) => inChildren).map(({ name }) => name);
  expect(marked).toEqual(["Delete batch", "Count batch", "Batch deleted"]);
  expect(drawn(callWorkflow).nodes.filter(({ inChildren }) => inChildren)).toEqual([]);
});

test("a value that is no state machine is not drawn", () => {
  expect(graphOf({ States: {} })).toBeUndefined();
  expect(graphOf("nonsense")).toBeUndefined();
});

const overlaps = (one: PlacedNode, other: PlacedNode): boolean =>
  Math.abs(one.x - other.x) < (one.width + other.width) / 2 &&
  Math.abs(one.y - other.y) < (one.height + other.height) / 2;

const parallel = {
  StartAt: "Both",
  States: {
    Both: {
      Type: "Parallel",
      Branches: [
        {
          StartAt: "Left",
          States: { Left: { Type: "Pass", Next: "Left again" }, "Left again": { Type: "Pass", End: true } },
        },
        { StartAt: "Right", States: { Right: { Type: "Wait", Seconds: 1, End: true } } },
      ],
      Next: "Done",
    },
    Done: { Type: "Succeed" },
  },
};

test.each([
  ["call", callWorkflow],
  ["clean-up", cleanUpWorkflow],
  ["parallel", parallel],
])("no two states of %s overlap, and all are within the drawing", (_name, definition) => {
  const { nodes, width, height } = layoutOf(drawn(definition));
  for (const one of nodes) {
    const others = nodes.filter((other) => other !== one && other.inside === one.inside);
    expect(others.filter((other) => overlaps(one, other))).toEqual([]);
    expect(one.x - one.width / 2).toBeGreaterThanOrEqual(0);
    expect(one.x + one.width / 2).toBeLessThanOrEqual(width);
    expect(one.y + one.height / 2).toBeLessThanOrEqual(height);
  }
});

test("the states inside a Map or a Parallel are in its frame", () => {
  const found = [cleanUpWorkflow, parallel].flatMap((definition) => {
    const { nodes } = layoutOf(drawn(definition));
    return nodes.filter(({ inside }) => inside !== undefined).map((node) => ({ node, nodes }));
  });
  expect(found.map(({ node }) => node.name)).toEqual([
    "Delete batch",
    "Count batch",
    "Batch deleted",
    "Left",
    "Left again",
    "Right",
  ]);
  for (const { node, nodes } of found) {
    const frame = nodes.find(({ name }) => name === node.inside);
    expect(Math.abs(node.x - (frame?.x ?? 0)) + node.width / 2).toBeLessThanOrEqual((frame?.width ?? 0) / 2);
    expect(node.y + node.height / 2).toBeLessThanOrEqual((frame?.y ?? 0) + (frame?.height ?? 0) / 2);
  }
});
