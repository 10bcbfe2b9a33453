import { z } from "zod";
import { connectionProblems } from "../../remote/ssh/connectionProblems";
import { readableKey } from "./keyFile";
import { mapping, optional } from "./kinds";

/** What `remote` itself checks, because resources of a program of one's own are given it too. */
const ofConnection = () => z.unknown();

/** What a connection takes, for the documentation. */
export const connectionKeys = mapping({
  host: ofConnection().meta({ description: "address or name of the host" }),
  port: ofConnection().meta({ description: "port of `sshd`", fallback: "22" }),
  user: ofConnection().meta({
    description:
      "log in as the user LeoFS runs as, as root, or as one who may `sudo` to that user without a password",
    fallback: "root",
  }),
  privateKeyFile: ofConnection().meta({
    description: "path on this machine; only the path is kept in the state",
    fallback:
      "`~/.ssh/id_ed25519`, `id_ecdsa`, `id_rsa`, if nothing else is given; after the keys of an agent that the environment names",
  }),
  privateKey: ofConnection().meta({
    description: "text of a private key: set it as a secret",
    fallback: "none",
  }),
  privateKeyPassword: ofConnection().meta({
    description: "what opens that key, or the file's: set it as a secret",
    fallback: "none",
  }),
  password: ofConnection().meta({
    description: "password of the user: set it as a secret",
    fallback: "none",
  }),
  agentSocketPath: ofConnection().meta({ description: "SSH agent", fallback: "`SSH_AUTH_SOCK`" }),
  hostKey: ofConnection().meta({
    description: "the server's key, `ssh-ed25519 AAAA...`; nothing is sent to a host with another",
    fallback: "what known_hosts says; an unknown host is refused",
  }),
  proxy: ofConnection().meta({
    description:
      "jump host, with the same settings but `privateKeyFile` and `proxy`. Without a login of its own, and without an agent, it is given the key of the host",
    fallback: "none",
  }),
  dialErrorLimit: ofConnection().meta({ description: "attempts to connect; -1: no limit", fallback: "10" }),
  perDialTimeout: ofConnection().meta({ description: "seconds for each; 0: no limit", fallback: "15" }),
});

/** How a host is reached, as it is written: the key may be a path. */
export const connectionSetting = () =>
  z
    .looseObject({ privateKeyFile: optional(z.string()) })
    .superRefine(({ privateKeyFile: _, ...rest }, context) => {
      for (const problem of connectionProblems(rest, "", ["privateKeyFile"]))
        context.addIssue({ code: "custom", message: problem });
    })
    .transform(readableKey)
    .meta({ description: "how its host is reached ([connection](#connection))" });
