import { daemon } from "../daemon.ts";
import { serveSite } from "./http.ts";
import { bookinfoPage } from "./page.ts";
import type { App } from "./registry.ts";

/** The client: a shell to work in, and nothing that runs. */
export const sleep: App = {
  name: "sleep",
  deaf: true,
  start({ machine }) {
    daemon(machine, ["/bin/sleep", "infinity"]);
    return null;
  },
};

export const productpage: App = {
  name: "productpage",
  deaf: true,
  start({ machine, spec, status }) {
    const process = daemon(machine, ["python", "productpage.py", String(spec.port)]);
    const type = "text/html; charset=utf-8";
    return serveSite(machine, process, spec.port, bookinfoPage(), type, status);
  },
};

/** A server that answers what its world file says. */
export const json: App = {
  name: "json",
  start({ machine, spec, status }) {
    const process = daemon(machine, [`/opt/${spec.container}`]);
    return serveSite(machine, process, spec.port, spec.answer, "application/json", status);
  },
};
