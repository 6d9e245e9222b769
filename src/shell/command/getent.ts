import { SysError } from "../../base/errno.ts";
import { fromUtf8 } from "../../base/text.ts";
import type { Process, Run } from "../../host/process.ts";
import { parseHostAddress } from "../../host/resolv.ts";
import { formatIpv4 } from "../../wire/address.ts";
import type { Command } from "../command.ts";
import { lookupAddress, lookupHost } from "../resolve.ts";

function* hosts(p: Process, name: string): Run<string> {
  const literal = parseHostAddress(name);
  if (literal !== null) {
    const known = yield* lookupAddress(p, literal);
    return known === null ? "" : `${formatIpv4(literal).padEnd(15)} ${known}\n`;
  }
  const found = yield* lookupHost(p, name);
  if (typeof found === "string") return "";
  const names = [found.canonical, ...found.aliases].join(" ");
  return found.addresses.map((a) => `${formatIpv4(a).padEnd(15)} ${names}\n`).join("");
}

function* ahosts(p: Process, name: string): Run<string> {
  const found = yield* lookupHost(p, name);
  if (typeof found === "string") return "";
  return found.addresses
    .flatMap((address, i) =>
      ["STREAM", "DGRAM", "RAW"].map((kind, j) => {
        const canonical = i === 0 && j === 0 ? found.canonical : "";
        return `${formatIpv4(address).padEnd(15)} ${kind.padEnd(6)} ${canonical}\n`;
      }),
    )
    .join("");
}

/** Lines of a file with colons whose first or third field is the key. */
function database(p: Process, file: string, keys: readonly string[]): string {
  let lines: string[];
  try {
    lines = fromUtf8(p.machine.fs.readFile(file)).split("\n").filter(Boolean);
  } catch (error) {
    if (error instanceof SysError) return "";
    throw error;
  }
  const found =
    keys.length === 0
      ? lines
      : keys.flatMap((key) =>
          lines
            .filter((line) => [line.split(":")[0], line.split(":")[2]].includes(key))
            .slice(0, 1),
        );
  return found.map((line) => `${line}\n`).join("");
}

export const getent: Command = {
  name: "getent",
  summary: "get entries from the name service switch libraries",
  group: "network",
  man: `getent hosts|ahosts|ahostsv4 NAME...
getent passwd|group [KEY...]

Look names up as programs do: /etc/hosts first, then the name servers of /etc/resolv.conf.

Example: getent hosts localhost`,
  *run(p, argv) {
    const [, kind, ...keys] = argv;
    if (kind === undefined) {
      yield* p.err(
        "getent: wrong number of arguments\nTry `getent --help' or `getent --usage' for more information.\n",
      );
      return 1;
    }
    if (kind === "passwd" || kind === "group") {
      const text = database(p, `/etc/${kind}`, keys);
      yield* p.out(text);
      return text === "" ? 2 : 0;
    }
    if (!["hosts", "ahosts", "ahostsv4"].includes(kind)) {
      yield* p.err(
        `Unknown database: ${kind}\nTry \`getent --help' or \`getent --usage' for more information.\n`,
      );
      return 1;
    }
    let status = 0;
    for (const key of keys) {
      const text = yield* kind === "hosts" ? hosts(p, key) : ahosts(p, key);
      if (text === "") status = 2;
      yield* p.out(text);
    }
    return status;
  },
};
