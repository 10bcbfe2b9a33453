import { expect, test } from "vitest";
import { bundled } from "../../../../remote/copy/copyBundle";

const KiB = 1024;
const file = (bytes: number) => ({ name: `f${bytes}`, bytes, mode: 0o644 });
const sizes = (files: readonly { bytes: number }[]) => files.map(({ bytes }) => bytes);

test("small files travel together up to 128 KiB, larger ones alone", () => {
  const { bundles, large } = bundled([0, 100 * KiB, 28 * KiB, 1, 128 * KiB, 128 * KiB + 1].map(file));
  expect(bundles.map(sizes)).toEqual([[0, 100 * KiB, 28 * KiB], [1], [128 * KiB]]);
  expect(sizes(large)).toEqual([128 * KiB + 1]);
});

test("at most 200 names travel together, empty files too", () => {
  expect(bundled(Array.from({ length: 401 }, () => file(0))).bundles.map(({ length }) => length)).toEqual([
    200, 200, 1,
  ]);
  expect(bundled([])).toEqual({ bundles: [], large: [] });
});
