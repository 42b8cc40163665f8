import metadata from "libphonenumber-js/metadata.max.json";
import { expect, test } from "vitest";
import { type Metadata, starterDeckOf } from "../../../.scripts/starter-deck";
import table from "../../../src/pricing/starter/closed-ranges.json";

const { table: made, overlaps } = starterDeckOf(metadata as unknown as Metadata);

test("the table is what its script makes of the installed library", () => {
  expect(made).toEqual(table);
});

test("every closed number is told from every other, by how it begins or by how many digits it has", () => {
  expect(overlaps).toEqual([]);
});

test("it has 741 ranges under 118 calling codes, in 2.5 kB of the bundle at most", async () => {
  const kinds = Object.values(table.ranges).flatMap((each) => Object.values(each));
  expect(kinds.join(" ").split(" ")).toHaveLength(741);
  expect(Object.keys(table.ranges)).toHaveLength(118);
  const compressed = new Blob([JSON.stringify(table)]).stream().pipeThrough(new CompressionStream("gzip"));
  expect((await new Response(compressed).arrayBuffer()).byteLength).toBeLessThan(2_500);
});
