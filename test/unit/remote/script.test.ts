import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { call, script, scriptOf } from "../../../remote/script";

const root = join(__dirname, "../../..");
const files = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "leofs/*.sh", "remote/*.sh"], {
  cwd: root,
  encoding: "utf8",
})
  .split("\n")
  .filter((file) => file !== "" && !file.endsWith("/lib.sh"));

describe("a script", () => {
  const greet = scriptOf("greet", 'set -e\nnode=$1 word=$2; shift 2\nprintf "%s %s" "$word" "$@"');

  test("gets its values by name, in the order that its first line gives them", () => {
    expect(greet.names).toEqual(["node", "word"]);
    expect(call(greet, { word: "hail", node: "m@h" })).toMatchObject({ args: ["m@h", "hail"] });
  });

  test("gets nothing for a value that is not given, and a list behind the rest", () => {
    expect(call(greet, { word: "hail", list: ["a", "b"] }).args).toEqual(["", "hail", "a", "b"]);
  });

  test("takes no value that it does not name: it would be lost", () => {
    expect(() => call(greet, { wrod: "hail" })).toThrow('The script "greet" takes no wrod.');
  });

  test("is called by its name, and by whom it is for", () => {
    expect(call(greet, { node: "m@h" }).what).toBe("greet m@h");
    expect(call(greet).what).toBe("greet");
  });

  test("names more than nine values", () => {
    const many = scriptOf("many", `a=$1 b=$2 c=$3 d=$4 e=$5 f=$6 g=$7 h=$8 i=$9 j=\${10}`);
    expect(many.names.join("")).toBe("abcdefghij");
  });
});

describe("the scripts of the product", () => {
  test("travel without comments, and bring of their libraries what they name", () => {
    const { text } = script("remote/scripts/kill-tree.sh");
    expect(text).toMatch(/^# kill tree\nset .*\nunset .*\nPATH=.*\npid=\$1\n/);
    expect(text.match(/^\s*#/gm)).toHaveLength(1);
  });

  test("find what lies in an sbin, which a login may not have on its PATH", () => {
    const { text } = scriptOf(
      "where",
      "case :$PATH: in *:/usr/sbin:/sbin:) echo found ;; esac; command -v ls",
    );
    for (const PATH of ["/bin:/usr/bin", undefined])
      expect(execFileSync("/bin/sh", ["-c", text], { env: { PATH }, encoding: "utf8" })).toMatch(
        /^found\n\S+\/ls\n$/,
      );
  });

  test("are asked for the values that they name, not for those of a library", () => {
    const { names } = script("leofs/manager/scripts/start.sh");
    expect(names.slice(0, 2)).toEqual(["node", "home"]);
    expect(names.at(-1)).toBe("ready");
  });

  test("have a name each", () => {
    const names = files.map((file) => script(file).name);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  });

  test.each(files)("%s can be read by a shell", (file) => {
    execFileSync("sh", ["-n", "-c", script(file).text]);
  });
});
