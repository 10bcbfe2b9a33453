import { provider } from "@pulumi/pulumi";
import { whenEngineGone } from "../../providers/contract/engineGone";
import { engineLog } from "./engineLog";
import { commandProvider } from "./provider";

const args = process.argv.slice(2);
const address = args.find((argument) => !argument.startsWith("-")) ?? "";

void provider.main(commandProvider(engineLog(address)), args);

// As the official plugin, which asks its engine for life every five minutes. What it began on a host comes to its end there.
if (address) whenEngineGone(address, () => process.exit(1));
