import type { Command } from "../command.ts";

/** The terminal itself: clear, reset, stty. */

const clear: Command = {
  name: "clear",
  summary: "clear the terminal screen",
  group: "shell",
  man: "clear\n\nClear the screen (also Ctrl-L).",
  *run(p) {
    yield* p.out("\x1b[H\x1b[2J\x1b[3J");
    return 0;
  },
};

const reset: Command = {
  name: "reset",
  summary: "initialize or reset terminal state",
  group: "shell",
  man: "reset\n\nPut the terminal into its first state.",
  *run(p) {
    yield* p.out("\x1bc");
    return 0;
  },
};

const stty: Command = {
  name: "stty",
  summary: "change and print terminal line settings",
  group: "shell",
  man: "stty [-a] [size] [[-]echo] [raw|sane|cooked] [[-]icanon] [[-]isig]\n\nPrint or change how the terminal treats what is typed.",
  *run(p, argv) {
    const tty = p.isTty(0) ? p.tty : null;
    if (!tty) {
      yield* p.err("stty: 'standard input': Inappropriate ioctl for device\n");
      return 1;
    }
    const words = argv.slice(1);
    if (words[0] === "size") {
      yield* p.out(`${tty.rows} ${tty.columns}\n`);
      return 0;
    }
    const flag = (on: boolean, name: string) => (on ? name : `-${name}`);
    if (words.length === 0) {
      yield* p.out(
        `speed 38400 baud; line = 0;\n${flag(tty.icrnl, "icrnl")} ${flag(tty.echo, "echo")}\n`,
      );
      return 0;
    }
    if (words[0] === "-a" || words[0] === "--all") {
      yield* p.out(
        `speed 38400 baud; rows ${tty.rows}; columns ${tty.columns}; line = 0;\n` +
          "intr = ^C; quit = ^\\; erase = ^?; kill = ^U; eof = ^D; eol = <undef>; susp = ^Z; werase = ^W;\n" +
          `${flag(tty.icrnl, "icrnl")} opost ${flag(tty.onlcr, "onlcr")}\n` +
          `${flag(tty.signals, "isig")} ${flag(tty.canonical, "icanon")} iexten ${flag(tty.echo, "echo")} echoe echok echoctl\n`,
      );
      return 0;
    }
    for (let i = 0; i < words.length; i++) {
      const word = words[i] as string;
      const on = !word.startsWith("-");
      switch (word.replace(/^-/, "")) {
        case "echo":
          tty.setMode(tty.canonical, on, tty.signals, tty.icrnl);
          break;
        case "icanon":
          tty.setMode(on, tty.echo, tty.signals, tty.icrnl);
          break;
        case "isig":
          tty.setMode(tty.canonical, tty.echo, on, tty.icrnl);
          break;
        case "icrnl":
          tty.setMode(tty.canonical, tty.echo, tty.signals, on);
          break;
        case "onlcr":
          tty.onlcr = on;
          break;
        case "raw":
          tty.setMode(!on, tty.echo, !on, !on);
          break;
        case "cooked":
          tty.setMode(on, tty.echo, on, on);
          break;
        case "sane":
          tty.setMode(true, true, true);
          tty.onlcr = true;
          break;
        case "rows":
        case "cols":
        case "columns": {
          const n = Number(words[++i]);
          if (word === "rows") tty.resize(n, tty.columns);
          else tty.resize(tty.rows, n);
          break;
        }
        default:
          yield* p.err(
            `stty: invalid argument ‘${word}’\nTry 'stty --help' for more information.\n`,
          );
          return 1;
      }
    }
    return 0;
  },
};

export const terminal: readonly Command[] = [clear, reset, stty];
