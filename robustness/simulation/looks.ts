import { section } from "./journalNotes";
import type { SimulatedMachine } from "./world";

/** What a look at its host prints. */
export function lookText(machine: SimulatedMachine): string {
  const { manager, conf } = machine;
  const { startedWith } = manager;
  const generated =
    startedWith === undefined
      ? ""
      : section(
          "app.config",
          `[{leo_manager,[{manager_mode,${manager.role}},{manager_partners,['${startedWith}']}]}].`,
        ) + section("vm.args", `-setcookie biscuit\n-name ${manager.node}`);
  return (
    `@= user leofs\n@= now 1000\n@= home yes\n@= owner leofs\n@= script yes\n${section("conf", conf)}${generated}` +
    `${section("start_erl.data", "11.1.8 1")}@= application 1.4.4\n@= beams ${manager.vm?.pid ?? ""}\n@= erlang yes\n`
  );
}
