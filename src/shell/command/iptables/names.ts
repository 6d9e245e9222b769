import { fromUtf8 } from "../../../base/text.ts";
import type { Process } from "../../../host/process.ts";
import type { NameService } from "../../../net/netfilter/extension.ts";
import { isLoopback, parseIpv4 } from "../../../wire/address.ts";

/** Debian's /etc/networks; asked for addresses that are no host's. */
const NETWORKS: readonly (readonly [number, string])[] = [
  [0, "default"],
  [0x7f000000, "loopback"],
  [0xa9fe0000, "link-local"],
];

/** The name files of the machine that a command runs on, read when somebody asks. */
export class MachineNames implements NameService {
  process: Process;

  constructor(process: Process) {
    this.process = process;
  }

  lines(path: string): string[] {
    const fs = this.process.machine.fs;
    if (!fs.exists(path)) return [];
    return fromUtf8(fs.readFile(path)).split("\n");
  }

  idByName(path: string, name: string): number | null {
    for (const line of this.lines(path)) {
      const fields = line.split(":");
      if (fields[0] === name && fields[2]) return Number(fields[2]);
    }
    return null;
  }

  nameById(path: string, id: number): string | null {
    for (const line of this.lines(path)) {
      const fields = line.split(":");
      if (fields[2] === String(id)) return fields[0] ?? null;
    }
    return null;
  }

  userId(name: string): number | null {
    return this.idByName("/etc/passwd", name);
  }

  groupId(name: string): number | null {
    return this.idByName("/etc/group", name);
  }

  userName(id: number): string | null {
    return this.nameById("/etc/passwd", id);
  }

  groupName(id: number): string | null {
    return this.nameById("/etc/group", id);
  }

  hosts(): { address: number; names: string[] }[] {
    const entries: { address: number; names: string[] }[] = [];
    for (const line of this.lines("/etc/hosts")) {
      const [text = "", ...names] = line.replace(/#.*/, "").trim().split(/\s+/);
      const address = parseIpv4(text);
      if (address !== null) entries.push({ address, names });
    }
    return entries;
  }

  addresses(host: string): number[] {
    const found = this.hosts().filter(({ names }) => names.includes(host));
    return found.map(({ address }) => address);
  }

  hostName(address: number): string | null {
    const host = this.hosts().find((entry) => entry.address === address)?.names[0];
    if (host !== undefined) return host;
    if (isLoopback(address) && address !== 0x7f000000) return null;
    return NETWORKS.find(([known]) => known === address)?.[1] ?? null;
  }
}
