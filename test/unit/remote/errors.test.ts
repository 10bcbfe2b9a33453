import { connect, type LookupFunction } from "node:net";
import { expect, test } from "vitest";
import { messageOf } from "../../../remote/errors";

test("a name with several addresses of which none answers: what each attempt said", async () => {
  const lookup = ((_name, _options, found) =>
    found(null, [
      { address: "127.0.0.1", family: 4 },
      { address: "127.0.0.2", family: 4 },
    ])) as LookupFunction;
  const error = await new Promise((resolve) =>
    connect({ host: "two.invalid", port: 1, lookup }).once("error", resolve),
  );
  expect(messageOf(error)).toBe("connect ECONNREFUSED 127.0.0.1:1; connect ECONNREFUSED 127.0.0.2:1");
});
