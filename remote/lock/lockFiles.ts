import { excerpt } from "../errors";
import type { Host, RunOptions, RunResult } from "../host";
import { script } from "../script";
import { type LockHolder, parseHolder } from "./lockOwner";

/*
 * A lock is a chain of files. PATH is the first holder; whoever takes over from the holder with id X creates
 * PATH.X.next. Each file comes into being whole, by a hard link, so exactly one process can create it, and a
 * file is never changed but for its time stamp. The last file of the chain tells the holder. Giving back first
 * occupies the holder's own successor (nobody can take over then), then removes PATH, then the rest. So no
 * moment exists in which two processes hold the lock, wherever one of them is stopped or how long it sleeps.
 */

/** One file of the chain. */
export interface LockFile {
  file: string;
  /** Name of this taking of the lock. */
  id: string;
  /** Undefined when the file says nothing that can be read. */
  holder: LockHolder | undefined;
  /** Milliseconds since its holder's last sign of life, both by the clock of the host's file system. */
  ageMs: number;
}

/** A lock file is two lines, its id and its holder; the walk prints each as `file`, `age`, `id`, `=holder`. */
const WALK = `
seconds() { stat -c %Y "$1" 2>/dev/null || stat -f %m "$1"; }
walk() {
  file=$path
  while [ -f "$file" ]; do
    id= holder=
    { read -r id; read -r holder; } <"$file" 2>/dev/null || [ -f "$file" ] || break
    case $id in *[!0-9a-f]*) id= ;; esac
    seen=$(seconds "$file" 2>/dev/null) || break
    printf '%s\\n' "$file" "$((now - seen))" "$id" "=$holder"
    [ "$id" ] || break
    file=$path.$id.next
  done
}`;

const STAGE = `
umask 077
path=$1
stage=$path.$2.stage
mkdir -p -- "$(dirname -- "$path")" || exit 1
if [ -L "$path" ] || { [ -e "$path" ] && [ ! -f "$path" ]; }; then
  printf '%s is not a plain file\\n' "$path" >&2
  exit 1
fi
printf '%s\\n%s\\n' "$2" "$3" >"$stage" || { rm -f -- "$stage"; exit 1; }
now=$(seconds "$stage") || exit 1`;

/** Takes the place `$4` unless it is taken, and prints the chain as it then is. */
const CLAIM = `${WALK}${STAGE}
ln -- "$stage" "$4" 2>/dev/null && made=yes || made=
rm -f -- "$stage"
chain=$(walk)
printf '%s\\n' "$chain"
case $chain in *"$2"*) exit 0 ;; esac
# Not part of the chain: the chain was given back meanwhile, and this file with it means nothing.
[ "$made" ] && rm -f -- "$4"
if [ -z "$chain" ] && [ -z "$made" ] && [ ! -e "$4" ]; then
  printf 'cannot create %s\\n' "$4" >&2
  exit 1
fi
exit 0`;

/** Prints the chain as it is and changes nothing; its ages are by the host's clock. */
const LOOK = `${WALK}
path=$1 now=$(date +%s)
walk
exit 0`;

/** Shows life: a new time stamp on the holder's own file. Exit 3 when the lock is no longer the holder's. */
const REFRESH = `${WALK}
path=$1 now=0
last=$(walk | tail -n 4)
case $last in *"
$2
"*) ;; *) exit 3 ;; esac
touch -c -- "$3"`;

/** Gives back. Exit 3 when the lock is no longer the holder's. */
const RELEASE = `${WALK}${STAGE}
own=$4
chain=$(walk)
case $(printf '%s\\n' "$chain" | tail -n 4) in *"
$own
"*) ;; *) rm -f -- "$stage"; exit 3 ;; esac
ln -- "$stage" "$path.$own.next" 2>/dev/null || { rm -f -- "$stage"; exit 3; }
rm -f -- "$stage"
first=$(printf '%s\\n' "$chain" | sed -n 3p)
read -r id <"$path" && [ "$id" = "$first" ] && rm -f -- "$path"
printf '%s\\n' "$chain" | while IFS= read -r file; read -r age; read -r id; read -r holder; do
  [ "$file" = "$path" ] || rm -f -- "$file"
done
rm -f -- "$path.$own.next"
exit 0`;

const AT_WORK = script("remote/scripts/at-work.sh");

/** The files of one lock on one host. */
export class LockFiles {
  constructor(
    private readonly host: Host,
    readonly path: string,
    private readonly options: RunOptions,
  ) {
    // The files are told apart by lines.
    if (!path.startsWith("/") || path.includes("\n"))
      throw new Error(`The path of a lock must be absolute and on one line: ${JSON.stringify(path)}`);
  }

  /** Where the successor of a holder goes. */
  successorOf(id: string): string {
    return `${this.path}.${id}.next`;
  }

  /** Tries to create one file of the chain; gives the chain as it is then. */
  async claim(id: string, holder: LockHolder, place: string): Promise<LockFile[]> {
    const result = await this.host.run(CLAIM, [this.path, id, JSON.stringify(holder), place], this.options);
    if (result.code !== 0) throw this.failure("taken", result);
    return parseChain(result.stdout);
  }

  /** The chain as it is now; read-only. */
  async look(): Promise<LockFile[]> {
    return parseChain((await this.host.run(LOOK, [this.path], this.options)).stdout);
  }

  /**
   * Processes on the host of scripts that are not over: of these runs, and service steps that respect this lock.
   *
   * @param marks names of the runs' shells
   */
  async atWork(marks: readonly string[]): Promise<number[]> {
    const { stdout } = await this.host.run(AT_WORK, { path: this.path, list: marks }, this.atTheEnd);
    return stdout.split("\n").filter(Boolean).map(Number);
  }

  /** Shows life; false when the lock is no longer this holder's. */
  async refresh(id: string, file: string): Promise<boolean> {
    const result = await this.host.run(REFRESH, [this.path, id, file], this.atTheEnd);
    if (result.code !== 0 && result.code !== 3) throw this.failure("refreshed", result);
    return result.code === 0;
  }

  /** Gives back; false when the lock was no longer this holder's. `tombId` is a new id. */
  async release(id: string, tombId: string): Promise<boolean> {
    const args = [this.path, tombId, '{"released":true}', id];
    const result = await this.host.run(RELEASE, args, this.atTheEnd);
    if (result.code !== 0 && result.code !== 3) throw this.failure("given back", result);
    return result.code === 0;
  }

  private get atTheEnd(): RunOptions {
    return { ...this.options, atTheEnd: true };
  }

  private failure(what: string, result: RunResult): Error {
    return new Error(
      `The lock ${this.path} on ${this.host.label} cannot be ${what}: ${excerpt(result.stderr) || `exit code ${result.code}`}. ` +
        `Check that its directory exists, has space and is writable for the login user.`,
    );
  }
}

function parseChain(text: string): LockFile[] {
  const lines = text.split("\n");
  const chain: LockFile[] = [];
  for (let at = 0; at + 3 < lines.length; at += 4) {
    const [file, age, id, holder] = lines.slice(at, at + 4) as [string, string, string, string];
    chain.push({ file, id, holder: parseHolder(holder.slice(1)), ageMs: Number(age) * 1000 });
  }
  return chain;
}
