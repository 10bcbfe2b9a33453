import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { COOKIE_FUNCTIONS } from "../../../../leofs/erlang/cookie";
import { cleanUp, temporary } from "../../support/fakeHome";
import { shells } from "../../support/shells";

cleanUp();

/** Says what it was called with, what its input is and which cookie it finds, as erl_call would look for it. */
const TOOL = `#!/bin/sh
tr '\\000' ' ' < /proc/$$/cmdline; echo; echo "input $(cat)"; printf 'cookie <%s>\\n' "$(cat "$HOME/.erlang.cookie")"; exit 7
`;

describe.each(shells)("with_cookie in $name", ({ command: [program, ...words] }) => {
  it.each(["401321b4", `a"b'c$(id)\\n%s-`])("gives %s to the tool and to nobody else", async (cookie) => {
    const directory = await temporary();
    writeFileSync(join(directory, "tool"), TOOL, { mode: 0o755 });
    mkdirSync(join(directory, "tmp"));
    const script = `${COOKIE_FUNCTIONS}\nset -e\nwith_cookie "$1" "$2" -e 'two words' || echo "code $?"; ls -A "$TMPDIR"`;
    const said = execFileSync(program, [...words, "-c", script, "sh", cookie, join(directory, "tool")], {
      input: "the expression",
      encoding: "utf8",
      env: { PATH: process.env.PATH, HOME: directory, TMPDIR: join(directory, "tmp") },
    });
    const [called, ...rest] = said.trimEnd().split("\n");
    expect(called).toBe(`/bin/sh ${join(directory, "tool")} -e two words `);
    expect(rest).toEqual(["input the expression", `cookie <${cookie}>`, "code 7"]);
    expect(readdirSync(join(directory, "tmp"))).toEqual([]);
  });
});
