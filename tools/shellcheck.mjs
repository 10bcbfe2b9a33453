/** Part of `npm run lint`: shellcheck over every script of the product. Fails in CI where it is not installed. */
import { spawnSync } from "node:child_process";

const files = spawnSync("git", ["ls-files", "-co", "--exclude-standard", "leofs/*.sh", "remote/*.sh", "cli/*.sh", "bench/*.sh"], {
  encoding: "utf8",
})
  .stdout.split("\n")
  .filter(Boolean);
const { status, error } = spawnSync("shellcheck", ["--shell=sh", ...files], { stdio: "inherit" });
if (error) {
  console.error("shellcheck is not installed: scripts are not checked (apt-get install shellcheck)");
  process.exit(process.env.CI ? 1 : 0);
}
process.exit(status ?? 1);
