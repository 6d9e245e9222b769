import { daemon } from "../daemon.ts";
import { serveSite } from "./http.ts";
import { bookinfoPage } from "./page.ts";
import type { App } from "./registry.ts";

/** The client: a shell to work in, and nothing that runs. */
export const sleep: App = {
  name: "sleep",
  deaf: true,
  command: ["/bin/sleep", "infinity"],
  start({ machine }) {
    daemon(machine, ["/bin/sleep", "infinity"]);
    return null;
  },
};

export const productpage: App = {
  name: "productpage",
  deaf: true,
  start({ machine, program, log }) {
    const process = daemon(machine, ["python", "productpage.py", String(program.port)]);
    const type = "text/html; charset=utf-8";
    return serveSite(machine, process, program.port, bookinfoPage(), type, log);
  },
};

/** A server that answers what its world file says. */
export const json: App = {
  name: "json",
  start({ machine, program, container, log }) {
    const process = daemon(machine, [`/opt/${container}`]);
    const { port, answer, type = "application/json", server } = program;
    return serveSite(machine, process, port, answer, type, log, server);
  },
};
