import { type Sections, valuesOf } from "../../remote/sections";
import { defaultValue, settingOf } from "../conf/conf";
import type { Manager } from "../manager/manager";
import type { ManagerSettings } from "../manager/settings";

/** A port that a manager's next start takes. */
interface WantedPort {
  use: "console" | "rpc" | "snmp";
  protocol: "tcp" | "udp";
  /** `any`, or the address that it listens on. */
  address: string;
  port: number;
}

/** Such a port while something else has it. */
export interface TakenPort extends WantedPort {
  /** Its program and process id; undefined where the user who looks does not see that. */
  holder: string | undefined;
}

/** Something that listens on a host. */
interface Listener {
  protocol: "tcp" | "udp";
  /** `any`, or an address. */
  address: string;
  port: number;
  holder: string | undefined;
}

const EVERYWHERE = ["any", "0.0.0.0", "::"];
const addressOf = (bind: string): string =>
  EVERYWHERE.includes(bind) ? "any" : ["localhost", "loopback"].includes(bind) ? "127.0.0.1" : bind;

/** The ports over TCP that the next start takes, without those that the manager itself has while it runs. */
export function portsToTake({ facts, settings }: Pick<Manager, "facts" | "settings">): WantedPort[] {
  const { conf, role, generated } = settings;
  const number = (key: string) => Number(settingOf(conf, key, role));
  const address = addressOf(settingOf(conf, "console.bind_address", role) ?? "localhost");
  const usual = Number(defaultValue("rpc.server.listen_port", role));
  const own =
    facts.beams.length > 0 ? [settings.consolePort, settings.jsonPort, generated.rpcPort ?? usual] : [];
  const console = [number("console.port.cui"), number("console.port.json")].map((port) => ({
    use: "console" as const,
    protocol: "tcp" as const,
    address,
    port,
  }));
  const port = number("rpc.server.listen_port");
  const rpc = { use: "rpc", protocol: "tcp", address: "any", port } as const;
  return [...console, rpc].filter(({ port }) => port > 0 && !own.includes(port));
}

/** Where the conf of the manager's SNMP agent is, without its suffix, as `snmp_conf` names it. */
export const snmpConfOf = ({ conf, role }: Pick<ManagerSettings, "conf" | "role">): string =>
  conf.values.get("snmp_conf")?.value ?? `./snmp/snmpa_manager_${role === "master" ? 0 : 1}/leo_manager_snmp`;

/** What of these ports is taken, by what `look-at-places.sh` printed of them and of the SNMP agent. */
export function takenIn(sections: Sections, wanted: readonly WantedPort[]): TakenPort[] {
  const [port, bytes] = (sections.values.get("snmp") ?? "").split(" ");
  const snmp: WantedPort[] =
    Number(port) > 0
      ? [
          {
            use: "snmp",
            protocol: "udp",
            address: addressOf((bytes || "any").replaceAll(",", ".")),
            port: Number(port),
          },
        ]
      : [];
  const listeners = valuesOf(sections, "listener").map(listenerIn);
  return [...wanted, ...snmp].flatMap((one) => {
    const other = listeners.find((listener) => collide(one, listener));
    return other ? [{ ...one, holder: other.holder }] : [];
  });
}

function listenerIn(line: string): Listener {
  const [kind = "", hex = "", port = "", ...holder] = line.split(" ");
  return {
    protocol: kind.startsWith("udp") ? "udp" : "tcp",
    address: linuxAddress(hex),
    port: Number(port),
    holder: holder.length > 0 ? holder.join(" ") : undefined,
  };
}

/** `0100007F` is 127.0.0.1: Linux prints the words of an address as this machine has them in memory, mostly the last byte first. */
function linuxAddress(hex: string): string {
  if (/^0+$/.test(hex)) return "any";
  const mapped = /^0{16}FFFF0000([0-9A-F]{8})$/i.exec(hex)?.[1] ?? hex;
  if (mapped.length !== 8) return hex;
  return [6, 4, 2, 0].map((at) => Number.parseInt(mapped.slice(at, at + 2), 16)).join(".");
}

const collide = (one: WantedPort, other: Listener): boolean =>
  one.protocol === other.protocol &&
  one.port === other.port &&
  (one.address === "any" || other.address === "any" || one.address === other.address);
