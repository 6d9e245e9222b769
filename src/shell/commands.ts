import { cat } from "./command/cat.ts";
import { echo } from "./command/echo.ts";
import { grep } from "./command/grep.ts";
import ip from "./command/ip/ip.ts";
import { ping } from "./command/ping.ts";
import { printf } from "./command/printf.ts";
import { seq } from "./command/seq.ts";
import { sleep } from "./command/sleep.ts";
import { test } from "./command/test.ts";
import { yesno } from "./command/true.ts";
import type { Command } from "./command.ts";

/** Every program of the machines: adding one is one file and a line here. */
export const commands: readonly Command[] = [cat, echo, grep, ip, ping, printf, seq, sleep, test, ...yesno];
