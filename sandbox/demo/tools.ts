import type { CommandPlugin } from "../../tools/commandPlugin";
import { COMMAND_VERSION, ensureCommandPlugin } from "../../tools/commandPlugin";
import type { Engine } from "../../tools/engine";
import { ensureEngine } from "../../tools/engine";
import type { Screen } from "./screen";

const ENGINE_FROM: Record<Engine["how"], string> = {
  path: "found on the PATH",
  installer: "fetched by Pulumi's installer",
  built: "built from its Go module",
};

const PLUGIN_FROM: Record<CommandPlugin["how"], string> = {
  installed: "the official one, installed",
  downloaded: "the official one, downloaded",
  "stand-in":
    "this project's STAND-IN, since the official one cannot be downloaded here. For the demo and the tests only; a stack of yours uses the official one",
};

/** Finds the engine and the command plugin, and says which they are. Throws with what to install. */
export async function findTools(screen: Screen): Promise<{ engine: Engine; plugin: CommandPlugin }> {
  const engine = await ensureEngine((line) => {
    // Only a wait is worth a line: when all ways fail, the error tells each.
    if (!/^(no )?Pulumi engine /.test(line)) screen.line("engine", line);
  });
  screen.line("engine", `Pulumi ${engine.version}, ${ENGINE_FROM[engine.how]} (${engine.directory})`);
  const plugin = await ensureCommandPlugin(engine, () => undefined);
  screen.line(
    "plugin",
    `command ${COMMAND_VERSION}: ${PLUGIN_FROM[plugin.how]}`,
    10,
    plugin.how === "stand-in" ? "note" : undefined,
  );
  return { engine, plugin };
}
