import { provider } from "@pulumi/pulumi";
import { engineLog } from "./engineLog";
import { commandProvider } from "./provider";

const args = process.argv.slice(2);
const address = args.find((argument) => !argument.startsWith("-")) ?? "";

void provider.main(commandProvider(engineLog(address)), args);
