import { Process, type Run } from "../../../../host/process.ts";
import { Tty } from "../../../../host/tty.ts";
import { nestedShell } from "../../../nested.ts";
import { findProgram, runProgram } from "../../../spawn.ts";
import type { Kubectl, Verb } from "../context.ts";
import { KubectlError } from "../error.ts";
import { kubeletError } from "../reach.ts";
import { podFor } from "../targets.ts";

/** A process in the pod's container, with our terminal. */
function* run(k: Kubectl): Run {
  const { p } = k;
  const name = k.args[0];
  if (name === undefined)
    throw new KubectlError("error: pod, type/name or --filename must be specified");
  const argv = k.rest.length ? k.rest : k.args.slice(1);
  if (argv.length === 0)
    throw new KubectlError("error: you must specify at least one command for the container");
  if (k.rest.length === 0)
    yield* p.err(
      "kubectl exec [POD] [COMMAND] is DEPRECATED and will be removed in a future version. Use kubectl exec [POD] -- [COMMAND] instead.\n",
    );
  const pod = podFor(k, name);
  const { phase } = pod.status;
  if (phase === "Succeeded" || phase === "Failed")
    throw new KubectlError(
      `error: cannot exec into a container in a completed pod; current phase is ${phase}`,
    );
  const container = k.option("container") ?? pod.spec.containers[0]?.name ?? "";
  if (!pod.spec.containers.some((c) => c.name === container))
    throw new KubectlError(
      `Error from server (BadRequest): container ${container} is not valid for pod ${pod.metadata.name}`,
    );
  const others = pod.spec.containers.map((c) => c.name);
  if (!k.options.has("container") && others.length > 1 && !k.has("quiet"))
    yield* p.err(`Defaulted container "${container}" out of: ${others.join(", ")}\n`);
  const machine = k.cluster.machineOf(pod);
  if (!pod.spec.nodeName)
    throw new KubectlError(
      `Error from server (BadRequest): pod ${pod.metadata.name} does not have a host assigned`,
    );
  const unreachable = kubeletError(k.cluster, pod);
  if (unreachable) {
    yield* p.sleep(unreachable.after);
    throw new KubectlError(`Error from server: error dialing backend: ${unreachable.text}`);
  }
  const state = pod.status.containerStatuses?.find((c) => c.name === container)?.state;
  if (!machine || !state?.running)
    throw new KubectlError(
      `error: unable to upgrade connection: container not found ("${container}")`,
    );
  const tty = k.has("tty") && p.fds[0] instanceof Tty ? (p.fds[0] as Tty) : null;
  if (k.has("tty") && !tty)
    yield* p.err("Unable to use a TTY - input is not a terminal or the right kind of file\n");
  const shell = argv.length === 1 && /^(\/bin\/)?(ba)?sh$/.test(argv[0] as string);
  if (tty && shell)
    return yield* report(p, yield* nestedShell(p, tty, machine, { argv, cwd: "/" }));
  const child = new Process(machine, null, argv);
  const program = findProgram(child, argv[0] as string);
  if (program.kind === "missing" || program.kind === "denied") {
    child.exit(127);
    const id =
      "error executing command in container: failed to exec in container: failed to start exec";
    throw new KubectlError(
      `error: Internal error occurred: ${id}: OCI runtime exec failed: exec failed: unable to start container process: exec: "${argv[0]}": executable file not found in $PATH: unknown`,
    );
  }
  child.cwd = "/";
  const stdin = k.has("stdin")
    ? p.fds[0]
    : machine.fs.open("/dev/null", { read: true, write: true }, 0, child);
  child.fds = [stdin ?? null, p.fds[1] ?? null, p.fds[2] ?? null];
  for (const file of child.fds) if (file && p.fds.includes(file)) file.hold();
  child.tty = tty;
  // The terminal is ours: what it signals goes to the process in the pod.
  p.caught.add("SIGINT");
  p.caught.add("SIGTERM");
  child.start(runProgram(child, argv, program));
  while (child.status === null) {
    yield { on: [child.exited], until: Number.POSITIVE_INFINITY };
    if (p.took("SIGINT")) child.kill("SIGINT");
    if (p.took("SIGTERM")) child.kill("SIGTERM");
  }
  return yield* report(p, child.status);
}

function* report(p: Process, status: number): Run {
  if (status !== 0) yield* p.err(`command terminated with exit code ${status}\n`);
  return status;
}

export const exec: Verb = {
  name: "exec",
  summary: "Execute a command in a container",
  usage: "kubectl exec [-it] POD | TYPE/NAME [-n NS] [-c CONTAINER] -- COMMAND [ARG]...",
  flags: {
    stdin: { short: "i" },
    tty: { short: "t" },
    container: { short: "c", value: "text" },
    quiet: { short: "q" },
    "pod-running-timeout": { value: "duration" },
  },
  run,
};
