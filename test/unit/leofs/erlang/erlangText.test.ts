import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { bindingsText, expressions } from "../../../../leofs/erlang/expressions";
import { NodeUnreachable, whyNot } from "../../../../leofs/erlang/noAnswer";
import { atom, integer, list, tuple } from "../../../../leofs/erlang/terms";
import { text } from "../../support/terms";

const ROOT = join(__dirname, "../../../..");
const files = readdirSync(join(ROOT, "leofs"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".erl"))
  .map((file) => `leofs/${file}`);

/** What OTP 18.3, with which the oldest packages are built, or OTP 28 does not know. */
const UNKNOWN = [
  /\b(?:milli|micro|nano)?seconds?\s*\)/,
  /\bmilli_seconds\b|\bmillisecond\b/,
  /\berpc:|\bpersistent_term:|\batomics:|\bcounters:|\blogger:/,
  /\bmaps:(?:iterator|next|filtermap|merge_with|from_keys|intersect|foreach|take|update_with|groups_from_list)\b/,
  /\bstring:(?:split|trim|find|lexemes|replace|uppercase|lowercase|titlecase|slice|length|is_empty|prefix|pad|equal|to_graphemes)\b/,
  /\blists:(?:join|search|uniq|enumerate|zip3?with_pad)\b/,
  /\bos:(?:set_signal|env|perf_counter)\b|\bos:cmd\([^()]*,/,
  /\bets:whereis\b|\bbinary:(?:encode_hex|decode_hex|join)\b/,
  /\bterm_to_binary\([^()]*\bdeterministic\b/,
  /~0p|~kp/,
  /\bmaybe\b|"""|~[sSbB]?"|#\{[^}]*\|\|/,
  /\bcatch\s+\w+:\w+:\w+\b|\bget_stacktrace\b/,
  /\bdist_listen\b|\bstart_epmd\b/,
];

describe("Erlang text of the product", () => {
  it.each(files)("%s says for which OTP it is, and uses what every one of them knows", (file) => {
    const source = readFileSync(join(ROOT, file), "utf8");
    expect(source).toMatch(/^%[\s\S]*?OTP 18\.3 and\s+(?:%+\s*)?later/);
    const { text: code } = expressions(file);
    expect(code).not.toMatch(/%/);
    for (const unknown of UNKNOWN) expect(code).not.toMatch(unknown);
  });

  it("refuses what an old or a new one does not know", () => {
    const refused = [
      "erlang:monotonic_time(millisecond)",
      "string:split(S, X)",
      "lists:join(A, B)",
      "catch C:R:S -> S",
      "erpc:call(N, M, F, A)",
      '"~0p~n"',
    ];
    for (const bad of refused) expect(UNKNOWN.filter((one) => one.test(bad))).not.toEqual([]);
  });

  it("is in no TypeScript of its own: no -eval but of a file", () => {
    const sources = readdirSync(join(ROOT, "leofs"), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .filter((file) =>
        // Messages may give an operator these calls to put in by hand.
        /-eval|mnesia:(?!add_table_copy|del_table_copy|change_table_copy_type|uninstall_fallback)\w+\(|erlang:\w+\(/.test(
          readFileSync(join(ROOT, "leofs", file), "utf8"),
        ),
      );
    expect(sources).toEqual([]);
  });
});

describe("values of a question", () => {
  it("are one term, whatever they hold", () => {
    const values = { Node: atom("it's"), Rows: list([tuple(atom("t"), text('"]. halt().'))]) };
    expect(bindingsText(values)).toBe(`[{'Node','it\\'s'},{'Rows',[{t,"\\"]. halt()."}]}].`);
  });
});

describe("why a node does not answer", () => {
  const said = (kind: string, details: Parameters<typeof tuple>[0]) =>
    whyNot(tuple(atom("error"), atom(kind), details), "manager_0@10.0.0.11", "evidence", 8).why;
  const host = text("10.0.0.11");

  it("has a sentence of its own for every cause, and guesses none", () => {
    const sentences = [
      said("address", host),
      said("no_epmd", tuple(host, integer(4369), text("econnrefused"))),
      said("absent", tuple(host, integer(4369), list([text("storage_0"), text("recovery0123456789ab")]))),
      said("port", tuple(host, integer(40123), text("ehostunreach"))),
      said("cookie", tuple(host, integer(40123))),
      said("not_allowed", tuple(host, integer(40123))),
      said("mute", tuple(host, integer(40123))),
      said("accepted", tuple(host, integer(40123))),
      said("lost", list([])),
      said("timeout", atom("true")),
      said("timeout", atom("false")),
      said("alone", text("econnrefused")),
      said("failed", text("{badmatch,3}")),
    ];
    expect(new Set(sentences).size).toBe(sentences.length);
    expect(sentences.filter((one) => /refuses our cookie/.test(one))).toEqual([sentences[4]]);
    expect(said("closed", tuple(host, integer(40123)))).toContain("before it asks for a cookie");
    expect(sentences[2]).toBe(
      "manager_0 does not run there: epmd on 10.0.0.11 port 4369 answers and lists storage_0",
    );
    expect(sentences[1]).toContain("no epmd answers on 10.0.0.11 port 4369 (econnrefused)");
  });

  it("names the node and from where it was asked", () => {
    const error = new NodeUnreachable("manager_0@10.0.0.11", "asked from leofs@10.0.0.12:22: gone");
    expect(error.message).toBe("manager_0@10.0.0.11 does not answer (asked from leofs@10.0.0.12:22: gone)");
  });
});
