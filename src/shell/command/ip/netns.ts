import { type IpContext, IpError, pick, print, type Words } from "./context.ts";

/** `ip netns …` but exec (iproute2: ip/ipnetns.c). */
export function ipNetns(ctx: IpContext, words: Words): void {
  const kernel = ctx.p.machine.kernel;
  const verb = words.done ? "list" : words.next();
  const command = pick(verb, [
    "list",
    "show",
    "lst",
    "add",
    "set",
    "delete",
    "identify",
    "pids",
    "list-id",
  ]);
  const name = words.peek();
  switch (command) {
    case "list":
    case "show":
    case "lst":
      print(ctx);
      // Newest first, as readdir of the tmpfs gives them.
      for (const [label, ns] of [...kernel.named].reverse()) {
        const id = ctx.ns.nsids.indexOf(ns);
        print(
          ctx,
          () => (id >= 0 ? `${label} (id: ${id})\n` : `${label}\n`),
          () => (id >= 0 ? { name: label, id } : { name: label }),
        );
      }
      return;
    case "add":
      if (name === "") throw new IpError("No netns name specified\n", 1);
      if (kernel.named.has(name))
        throw new IpError(`Cannot create namespace file "/run/netns/${name}": File exists\n`, 1);
      kernel.named.set(name, kernel.createNetns(name));
      return;
    case "delete": {
      if (name === "") throw new IpError("No netns name specified\n", 1);
      const ns = kernel.named.get(name);
      if (!ns)
        throw new IpError(
          `Cannot remove namespace file "/run/netns/${name}": No such file or directory\n`,
          1,
        );
      kernel.named.delete(name);
      kernel.releaseNetns(ns);
      return;
    }
    case "identify": {
      for (const [label, ns] of kernel.named) if (ns === ctx.ns) ctx.out += `${label}\n`;
      if (ctx.out === "") ctx.out = "\n";
      return;
    }
    case "pids": {
      const ns = kernel.named.get(name);
      if (!ns)
        throw new IpError(
          `Cannot open network namespace "${name}": No such file or directory\n`,
          1,
        );
      for (const process of ctx.p.machine.processes.values())
        if (process.netns === ns) ctx.out += `${process.pid}\n`;
      return;
    }
    case "list-id":
      ctx.ns.nsids.forEach((ns, id) => {
        const label = [...kernel.named].find(([, other]) => other === ns)?.[0];
        ctx.out += label ? `nsid ${id} (iproute2 netns name: ${label})\n` : `nsid ${id} \n`;
      });
      return;
    default:
      throw new IpError(`Command "${verb}" is unknown, try "ip netns help".\n`, 255);
  }
}
