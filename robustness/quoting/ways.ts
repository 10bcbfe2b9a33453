import { randomBytes } from "node:crypto";
import { commandLine, quote } from "../../remote/quote";
import { becomeText } from "../../remote/ssh/become";
import { FrameReader, frame } from "../../remote/ssh/framing";

/** One of the ways by which values reach a script on a host. */
export interface Way {
  name: string;
  /** Shell text that prints each value, followed by a NUL, and nothing else but its frame. */
  text(values: readonly string[]): string;
  /** What was printed for the values, taken out of all that came. */
  printed(output: Buffer): Buffer;
}

const PRINT = `printf '%s\\000' "$@"`;
const whole = (output: Buffer): Buffer => output;

/** Through the long-lived shell, half of the values as arguments and half as standard input. */
function framed(): Way {
  const token = randomBytes(16).toString("hex");
  return {
    name: "arguments and input of a framed script",
    text(values) {
      const half = Math.ceil(values.length / 2);
      const stdin = Buffer.from(values.slice(half).join("\0") + (values.length > half ? "\0" : ""));
      return frame(token, { script: `${PRINT}; cat`, args: values.slice(0, half), stdin });
    },
    printed(output) {
      return new FrameReader(token).push(output)?.body ?? Buffer.from("no closing mark");
    },
  };
}

/** Through the shell of another user: by `su` as root, by `sudo` else, or by none of them for oneself. */
const become = (name: string, user: string): Way => ({
  name,
  text: (values) => becomeText(user, commandLine(PRINT, values)),
  printed: whole,
});

/** Every way; `self` is the user that the shells run as, `other` another one of this machine. */
export const ways = (self: string, other: string): Way[] => [
  { name: "quote", text: (values) => `printf '%s\\000' ${values.map(quote).join(" ")}\n`, printed: whole },
  {
    name: "a command line, as @pulumi/command gets it",
    text: (values) => commandLine(PRINT, values),
    printed: whole,
  },
  framed(),
  become("a shell as oneself", self),
  become("a shell as another user, by su or sudo", other),
];
