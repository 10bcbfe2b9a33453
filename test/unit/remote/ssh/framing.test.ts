import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FrameReader } from "../../../../remote/ssh/framing";

const token = "0123456789abcdef";

function feed(text: Buffer, cuts: number[]) {
  const reader = new FrameReader(token);
  const places = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b);
  let from = 0;
  for (const to of [...places, text.length]) {
    const framed = reader.push(text.subarray(from, to));
    from = to;
    if (framed) return { ...framed, rest: Buffer.concat([reader.rest, text.subarray(from)]) };
  }
  return undefined;
}

// Pieces of the marks themselves make the near misses that a reader could trip over.
const piece = fc.oneof(
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  fc.nat(token.length - 1).map((length) => Buffer.from(token.slice(0, length))),
  fc.constantFrom("\n", "<\n", ">", "0123456789abcde>3\n").map((text) => Buffer.from(text)),
);
const bytes = fc.array(piece, { maxLength: 8 }).map((pieces) => Buffer.concat(pieces));

describe("output between marks", () => {
  it("is exact however the stream is cut", () => {
    fc.assert(
      fc.property(
        bytes,
        bytes,
        bytes,
        fc.nat(255),
        fc.array(fc.nat(), { maxLength: 12 }),
        (noise, body, rest, code, cuts) => {
          fc.pre(!Buffer.concat([noise, body]).includes(token));
          const text = Buffer.concat([
            noise,
            Buffer.from(`${token}<\n`),
            body,
            Buffer.from(`${token}>${code}\n`),
            rest,
          ]);
          expect(feed(text, cuts)).toEqual({ body, number: code, rest });
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("is not there before the closing mark is whole", () => {
    expect(feed(Buffer.from(`${token}<\nbody${token}>12`), [])).toBeUndefined();
  });
});
