import { expect, test } from "vitest";
import { sh } from "../../../support/shell";
import { LocalHost } from "../../support/localHost";

const host = new LocalHost();
/** Answers each line `ID WORDS` by what the words say. */
const ECHO = `while read -r id what words; do
  case $what in
    say) printf 'noise\\n=%s %s\\n' "$id" "$words" ;;
    later) ( sleep 0.3; printf '=%s %s\\n' "$id" "$words" ) & ;;
    split) printf '=%s ' "$id"; sleep 0.1; printf '%s\\n' "$words" ;;
    die) echo "last words" >&2; exit 7 ;;
  esac
done`;

test("answers come to their questions, in whatever order and pieces, beside other lines", async () => {
  const talk = await host.converse(sh(ECHO));
  const answers = [
    talk.ask("later one", 5000),
    talk.ask("say two", 5000),
    talk.ask("split three four", 5000),
  ];
  expect(await Promise.all(answers)).toEqual(["one", "two", "three four"]);
  talk.close();
  await expect(talk.ask("say five", 5000)).rejects.toThrow("was closed");
});

test("the end of the process is told to every open question, with its last words", async () => {
  const talk = await host.converse(sh(ECHO));
  const open = talk.ask("nothing", 5000).catch((error) => error);
  const ended = new Promise<void>((resolve) => talk.onEnd(resolve));
  await expect(talk.ask("die", 5000)).rejects.toMatchObject({
    kind: "closed",
    message: /ended \(exit 7\); it said: .*last words/,
  });
  expect(await open).toMatchObject({ kind: "closed" });
  await ended;
});

test("a process that gives no answer in time is ended, and says so to what waits", async () => {
  const talk = await host.converse(sh(ECHO));
  await expect(talk.ask("nothing", 200)).rejects.toMatchObject({
    kind: "timeout",
    message: /gave no answer within 200 ms/,
  });
  await expect(talk.ask("say more", 5000)).rejects.toMatchObject({ kind: "timeout" });
});
