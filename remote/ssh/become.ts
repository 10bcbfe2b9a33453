import { excerpt, RemoteError } from "../errors";
import { quote } from "../quote";

/**
 * Shell text that turns the current `sh` into one that runs `inner` as another user: root by `runuser`, which unlike `su` asks
 * nothing of an account that has expired, anybody else by `sudo` without a password prompt (a prompt would hang where nobody can type).
 *
 * It starts in the root directory: the login user's home may be closed to the other user, and tools like `find`
 * fail in a directory that they cannot come back to.
 */
export function becomeText(user: string, inner: string): string {
  const who = quote(user);
  return [
    "cd /",
    `if [ "$(id -un)" = ${who} ]; then exec sh -c ${quote(inner)}`,
    `elif [ "$(id -u)" = 0 ] && command -v runuser >/dev/null; then exec runuser -s /bin/sh ${who} -c ${quote(inner)}`,
    `elif [ "$(id -u)" = 0 ]; then exec su -s /bin/sh ${who} -c ${quote(inner)}`,
    `else exec sudo -n -H -u ${who} sh -c ${quote(inner)}; fi`,
    "",
  ].join("\n");
}

/** Whether a text can be the name of a user; what begins with a dash could be read as an option. */
export const isUserName = (name: string): boolean => /^[A-Za-z_][A-Za-z0-9_.-]{0,31}\$?$/.test(name);

/** Throws when this cannot be the name of a user. */
export function requireUserName(user: string): void {
  if (!isUserName(user))
    throw new Error(
      `${JSON.stringify(user)} is not the name of a user; use letters, digits, "_", "." and "-".`,
    );
}

/** The one error for every way in which another user's shell did not start. */
export function becomeFailure(label: string, login: string, user: string, said: string): RemoteError {
  if (login === "root")
    return new RemoteError(
      "sudo",
      label,
      `root could not become ${user} on ${label}: ${excerpt(said) || "no shell started, without a word"}. See that this user is there (id ${user}), and that its account has not expired (chage -l ${user}).`,
    );
  return new RemoteError(
    "sudo",
    label,
    `${login} may not act as ${user} on ${label} without being asked: ${excerpt(said) || "no shell started, without a word"}. ` +
      `Log in as ${user} or root, or allow it on that host with \`${login} ALL=(${user}) NOPASSWD: ALL\` and ` +
      `\`Defaults:${login} !requiretty\` in a file of /etc/sudoers.d.`,
  );
}
