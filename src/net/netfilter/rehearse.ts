import { WaitQueue } from "../../sim/wait.ts";
import type { NetNs } from "../netns.ts";
import { Netfilter } from "./hook.ts";

function shallow<T extends object>(object: T): T {
  return Object.assign(Object.create(Object.getPrototypeOf(object)), object);
}

/**
 * The namespace as iptables sees it, to be thrown away: tables can be opened, checked and replaced in
 * it, the kernel can complain, and nothing of that is seen in the real one. Rules are shared, so no
 * table of it may be put in force (`commitTable`).
 */
export function rehearsalOf(ns: NetNs): NetNs {
  const copy = shallow(ns);
  copy.kernel = Object.assign(shallow(ns.kernel), {
    ids: { ...ns.kernel.ids },
    log: [],
    logging: new WaitQueue(),
  });
  copy.trace = shallow(ns.trace);
  copy.trace.catalogue = { ...ns.trace.catalogue, tables: new Map() };
  copy.sysctl = shallow(ns.sysctl);
  copy.sysctl.values = new Map(ns.sysctl.values);
  copy.netfilter = new Netfilter(copy);
  copy.netfilter.tables = new Map(ns.netfilter.tables);
  return copy;
}
