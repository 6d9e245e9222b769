import { SysError } from "../../base/errno.ts";
import type { Command } from "../command.ts";
import { getopt } from "../lib/options.ts";

export const tee: Command = {
  name: "tee",
  summary: "read from standard input and write to standard output and files",
  group: "files",
  man: `tee [OPTION]... [FILE]...

Copy standard input to standard output and to each FILE.
  -a   append   -i   ignore interrupts

  echo 1 | tee /proc/sys/net/ipv4/ip_forward`,
  *run(p, argv) {
    const options = getopt(argv, "aip", { append: "a", "ignore-interrupts": "i" });
    if (options.error) {
      yield* p.err(options.error);
      return 1;
    }
    if (options.has("i")) p.ignored.add("SIGINT");
    let status = 0;
    const fds: [number, string][] = [];
    for (const name of options.operands) {
      const append = options.has("a");
      try {
        fds.push([p.open(name, { write: true, create: true, append, truncate: !append }), name]);
      } catch (error) {
        if (!(error instanceof SysError)) throw error;
        yield* p.err(`tee: ${name}: ${error.message}\n`);
        status = 1;
      }
    }
    for (;;) {
      const data = yield* p.read(0);
      if (data === null) return status;
      yield* p.write(1, data);
      for (const [fd, name] of fds)
        try {
          yield* p.write(fd, data);
        } catch (error) {
          if (!(error instanceof SysError)) throw error;
          yield* p.err(`tee: ${name}: ${error.message}\n`);
          status = 1;
        }
    }
  },
};
